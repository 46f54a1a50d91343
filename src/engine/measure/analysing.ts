import path from 'node:path';
import { CancelledError, errorMessage } from '../model/errors';
import { errorCount, type LoadResult } from '../model/load';
import type { MetricsResult } from '../model/metrics';
import type { Profile } from '../model/profile';
import type { HeapState, ProfileState } from '../model/run';
import { Analysis } from '../profile/analysis';
import type { RunDraft } from '../runs/store';
import type { Measured, MeasureOptions, MeasurePlan } from './plan';

/** What is read of a plan after the measurement. */
export type AnalysisPlan = Omit<MeasurePlan, 'scenario'>;

/** From the captures of CPU time to functions and lines. */
export async function analyseCpu(
  plan: AnalysisPlan,
  measured: Measured,
  draft: RunDraft,
  options: MeasureOptions,
  warn: (message: string) => void,
): Promise<ProfileState> {
  const { captures } = measured;
  const metrics = measured.profiled ? measured.profiled.metrics : measured.metrics;
  if (captures.state === 'none') return captures;
  if (captures.folders.length === 0 && !captures.log)
    return { state: 'none', reason: 'No process that served requests was profiled.' };
  const analysis = new Analysis(options.dist);
  try {
    const request = requestOf(plan, measured, path.join(draft.folder, 'calltree.json'));
    const { signal } = options;
    const profile = captures.log
      ? await analysis.analyseLog(captures.log, request, { signal })
      : await analysis.analyse({ ...request, captures: captures.folders }, { signal });
    const cpuScale = scaleToCpu(profile, metrics);
    const outside = cpuOutsideProfile(profile, metrics);
    if (outside > 1 / 3) {
      warn(
        `${Math.round(outside * 100)} % of the app's CPU time was spent outside the profiled threads (native threads of libuv or V8, or workers that ended): it is on no line.`,
      );
    }
    if (cpuScale < 0.9) {
      warn(
        `The app's threads were kept waiting for a core ${Math.round((1 - cpuScale) * 100)} % of their active time: this machine is crowded. Shares hold; throughput and latency would be better on a quiet one.`,
      );
    }
    return { state: 'ok', profile, cpuScale };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    warn(`The profile could not be analysed: ${errorMessage(error)}`);
    return { state: 'none', reason: errorMessage(error) };
  } finally {
    analysis.dispose();
  }
}

/** From the captures of allocations to functions and lines; undefined where none were wanted. */
export async function analyseHeap(
  plan: AnalysisPlan,
  measured: Measured,
  draft: RunDraft,
  options: MeasureOptions,
  warn: (message: string) => void,
): Promise<HeapState | undefined> {
  if (!plan.capture.heap || plan.target.kind !== 'launch') return undefined;
  const { captures, heapFolders } = measured;
  if (heapFolders.length === 0) {
    const reason =
      captures.state === 'none' ? captures.reason : 'No process that served requests was profiled.';
    return { state: 'none', reason };
  }
  const analysis = new Analysis(options.dist);
  try {
    const profile = await analysis.analyseHeap(
      { ...requestOf(plan, measured, path.join(draft.folder, 'heaptree.json')), captures: heapFolders },
      { signal: options.signal },
    );
    return { state: 'ok', profile, intervalBytes: measured.heapIntervalBytes };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    warn(`The allocations could not be analysed: ${errorMessage(error)}`);
    return { state: 'none', reason: errorMessage(error) };
  } finally {
    analysis.dispose();
  }
}

function requestOf(plan: AnalysisPlan, { load, profiled }: Measured, treeFile: string) {
  const { startMicros, endMicros } = profiled ?? load;
  return {
    window: { startMicros, endMicros },
    appFolder: plan.appFolder,
    ...(plan.workspaceFolders && { workspaceFolders: plan.workspaceFolders }),
    treeFile,
  };
}

/** See `ProfileState.cpuScale`. */
function scaleToCpu(profile: Profile, metrics: MetricsResult | undefined): number {
  const active = profile.totals.activeMicros;
  if (!metrics || active <= 0 || metrics.summary.cpuMicros <= 0) return 1;
  return Math.min(1, metrics.summary.cpuMicros / active);
}

/** Share of the process CPU that no profiled thread can account for. */
function cpuOutsideProfile(profile: Profile, metrics: MetricsResult | undefined): number {
  const cpu = metrics?.summary.cpuMicros ?? 0;
  return cpu > 0 ? Math.max(0, 1 - profile.totals.activeMicros / cpu) : 0;
}

export function explainLoad(load: LoadResult, warn: (message: string) => void): void {
  if (load.generator.saturated) {
    warn(
      `The load generator was itself the bottleneck (its event loop was busy ${Math.round(load.generator.eventLoopUtilization * 100)} % of the time): the app can take more than was measured.`,
    );
  }
  const failed = errorCount(load.errors);
  const attempts = load.requests + load.errors.timeouts + load.errors.connection;
  if (attempts > 0 && failed / attempts > 0.01) {
    warn(
      `${((failed / attempts) * 100).toFixed(1)} % of the requests failed: the figures describe a failing app.`,
    );
  }
}
