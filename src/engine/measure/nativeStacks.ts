import fs from 'node:fs';
import { perfAvailability } from '../capture/perf/availability';
import { planPerf, removePerfFiles, startPerf } from '../capture/perf/record';
import { ThroughlineError } from '../model/errors';
import type { LaunchSpec, RunningTarget } from '../model/target';

/** Out of step with what runs every millisecond; a higher rate slows the app more than the inspector does. */
const FREQUENCY_HZ = 499;

export interface NativeStacks {
  /** How the app is to be started. */
  readonly spec: LaunchSpec;
  /** What the stacks will lack, in sentences. */
  readonly warnings: readonly string[];
}

/** Rejects with `CAPTURE_FAILED` before anything is started where perf may not record here. */
export async function planNativeStacks(spec: LaunchSpec): Promise<NativeStacks> {
  const availability = await perfAvailability();
  if (availability.state === 'forbidden') throw new ThroughlineError('CAPTURE_FAILED', availability.reason);
  const note = availability.note === undefined ? [] : [availability.note];
  return {
    spec: planPerf(spec),
    warnings: [...note, 'perf names functions, not lines: inlined code is part of the function around it.'],
  };
}

/** Begins with the window. `stop` ends with it, while the app still runs, and resolves with the file of stacks. */
export async function recordNativeStacks(target: RunningTarget, folder: string, signal: AbortSignal) {
  const serving = target
    .processes()
    .filter(
      ({ listening, requests, clusterWorker }) => listening.length > 0 || requests > 0 || clusterWorker,
    );
  return startPerf({ pids: serving.map(({ pid }) => pid), folder, frequency: FREQUENCY_HZ, signal });
}

/** Once the app has ended: removes what V8 wrote for perf. */
export function removeNativeStackFiles(target: RunningTarget): void {
  const { folder } = target.spec;
  if (!fs.existsSync(folder)) return;
  removePerfFiles(
    target.processes().map(({ pid }) => pid),
    folder,
  );
}
