import os from 'node:os';
import path from 'node:path';
import { finishZeroX } from '../capture/zeroX/finish';
import { startLoad } from '../load/session';
import { summariseMetrics } from '../metrics/summary';
import { CancelledError, ThroughlineError, errorMessage, type ErrorCode } from '../model/errors';
import type { LoadResult } from '../model/load';
import type { MetricSample } from '../model/metrics';
import {
  HEAP_INTERVAL_BYTES,
  type CaptureFolder,
  type LaunchSpec,
  type RunningTarget,
} from '../model/target';
import type { RunDraft } from '../runs/store';
import { launchTarget } from '../target/launch';
import { planZeroX } from '../zeroX';
import type { CaptureOutcome, Measured, MeasurePlan, StageOptions } from './plan';
import { planNativeStacks, recordNativeStacks, removeNativeStackFiles } from './nativeStacks';
import { probeRoutes } from './routes';
import { attempt, settle, unlessEnded } from './waiting';

/** Starts an app, loads it and captures its steady window. */
export async function measureLaunched(
  plan: MeasurePlan,
  launch: { readonly spec: LaunchSpec; readonly readyTimeoutMs: number },
  draft: RunDraft,
  options: StageOptions,
): Promise<Measured> {
  const { dist, signal, onProgress, stage, warn, endings } = options;
  stage('start', `Starting ${launch.spec.label}`);
  const zeroX = wantsZeroX(plan) ? startZeroX(launch.spec, draft, dist) : undefined;
  zeroX?.warnings.forEach(warn);
  const captureFolder = path.join(draft.folder, 'captures');
  const isPerfWanted = plan.capture.cpu && plan.capture.backend === 'perf';
  const perf = isPerfWanted ? await planNativeStacks(launch.spec) : undefined;
  perf?.warnings.forEach(warn);
  const target = await launchTarget(zeroX?.spec ?? perf?.spec ?? launch.spec, {
    dist,
    // One sampler at a time: two would see each other.
    capture: zeroX || perf ? { ...plan.capture, cpu: false } : plan.capture,
    heapIntervalBytes: heapInterval(plan.scenario.durationSeconds),
    readyTimeoutMs: launch.readyTimeoutMs,
    signal,
    onOutput: (text) => onProgress({ type: 'output', text }),
  });
  try {
    const samples: MetricSample[] = [];
    target.onMetrics((sample) => {
      samples.push(sample);
      onProgress({ type: 'metrics', sample });
    });

    stage('probe', `Probing ${target.origin}`);
    const routePlan = await unlessEnded(
      target,
      probeRoutes(plan, target.origin, target.routesSeen(), signal),
    );
    routePlan.warnings.forEach(warn);

    stage('warmup', `Warming up for ${plan.scenario.warmupSeconds} s`);
    const session = await startLoad({
      dist,
      origin: target.origin,
      scenario: plan.scenario,
      routes: routePlan.routes,
      signal,
      onProgress: (load) => onProgress({ type: 'load', load }),
    });
    let load: LoadResult;
    let captures: CaptureOutcome = { state: 'none', reason: 'CPU capture was turned off.' };
    let heapFolders: readonly CaptureFolder[] = [];
    try {
      await unlessEnded(target, settle(session, plan.scenario.warmupSeconds, signal));
      stage('measure', `Measuring for ${plan.scenario.durationSeconds} s`);
      // The profile's window encloses the load's, and is cut to it by timestamps in the analysis. Where no
      // profile is wanted, the calls still part the metrics at the window's bounds.
      const recording = perf && recordNativeStacks(target, captureFolder, signal);
      let captureError = recording && (await attempt(unlessEnded(target, recording)));
      captureError ??= await attempt(unlessEnded(target, target.startWindow(signal)));
      await session.beginWindow();
      await unlessEnded(target, settle(session, plan.scenario.durationSeconds, signal));
      load = await unlessEnded(target, session.endWindow());
      // The load goes on until the profile has ended, so that the window's end is under load too.
      try {
        const written = target.stopWindow(captureFolder, signal);
        const folders = await unlessEnded(target, written);
        if (plan.capture.cpu && !zeroX && !perf) captures = { state: 'ok', folders };
        if (plan.capture.heap) heapFolders = folders;
        if (recording) {
          const file = await unlessEnded(target, (await recording).stop());
          captures = { state: 'ok', folders: [], log: { format: 'perfScript', file } };
        }
      } catch (error) {
        captureError ??= error;
      }
      if (captureError !== undefined) {
        if (captureError instanceof CancelledError) throw captureError;
        captures = { state: 'none', reason: errorMessage(captureError) };
        warn(`The profile could not be captured: ${errorMessage(captureError)}`);
      }
    } finally {
      await session.stop();
    }
    const processes = target.processes();
    const serving = processes.filter((info) => info.requests > 0);
    const pids = serving.map((info) => info.pid);
    const metrics = summariseMetrics(samples, {
      startMicros: load.startMicros,
      endMicros: load.endMicros,
      servingPids: pids,
      coresAvailable: os.availableParallelism(),
    });
    const main = serving[0] ?? processes.find(({ listening }) => listening.length > 0);
    const nodeVersion = (main ?? processes[0])?.nodeVersion;
    if (zeroX && main) {
      try {
        const { v8log, htmlFailure } = await finishZeroX(zeroX.folder, {
          into: captureFolder,
          node: main.argv[0] ?? launch.spec.program,
          stop: (graceMs) => target.stop(graceMs),
          signal,
        });
        if (htmlFailure !== undefined) warn(htmlFailure);
        captures = { state: 'ok', folders: [], log: { format: 'v8log', file: v8log, pid: main.pid } };
      } catch (error) {
        if (error instanceof CancelledError) throw error;
        captures = { state: 'none', reason: errorMessage(error) };
        warn(`The profile could not be captured: ${errorMessage(error)}`);
      }
    }
    return {
      target: {
        folder: plan.appFolder,
        label: launch.spec.label,
        origin: target.origin,
        ...(nodeVersion && { nodeVersion }),
        pids,
      },
      probes: routePlan.probes,
      load,
      metrics,
      captures,
      heapFolders,
    };
  } catch (error) {
    throw withOutput(error, target);
  } finally {
    // The app may take seconds to end; the analysis does not wait for it.
    endings.push(target.stop().then(() => perf && removeNativeStackFiles(target)));
  }
}

function wantsZeroX({ capture }: MeasurePlan): boolean {
  return capture.cpu && capture.backend === '0x';
}

/** Throws before anything is started where 0x cannot capture such an app. */
function startZeroX(spec: LaunchSpec, draft: RunDraft, dist: string) {
  const planned = planZeroX(spec, { dist, folder: path.join(draft.folder, '0x') });
  if (planned.state === 'refused') throw new ThroughlineError('CAPTURE_FAILED', planned.reason);
  return planned;
}

/** V8 keeps every sample until the window ends: longer windows have fewer for each second. */
export function heapInterval(durationSeconds: number): number {
  return HEAP_INTERVAL_BYTES * Math.max(1, Math.ceil(durationSeconds / 60));
}

/** A failure to reply is often explained by what the app printed. */
function withOutput(error: unknown, target: RunningTarget): unknown {
  if (!(error instanceof ThroughlineError) || error.detail !== '' || !EXPLAINED_BY_OUTPUT.has(error.code))
    return error;
  return new ThroughlineError(error.code, error.message, target.output(), { cause: error });
}

const EXPLAINED_BY_OUTPUT: ReadonlySet<ErrorCode> = new Set([
  'TARGET_HANGS',
  'TARGET_CRASHED',
  'PROBE_NO_REPLY',
  'PROBE_REFUSED',
  'LOAD_NO_REQUESTS',
]);
