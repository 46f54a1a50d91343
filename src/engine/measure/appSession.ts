import os from 'node:os';
import path from 'node:path';
import { finishZeroX } from '../capture/zeroX/finish';
import { summariseMetrics } from '../metrics/summary';
import { CancelledError, ThroughlineError, errorMessage, type ErrorCode } from '../model/errors';
import type { Route } from '../model/load';
import type { MetricSample, MetricsResult } from '../model/metrics';
import type { Run } from '../model/run';
import {
  HEAP_INTERVAL_BYTES,
  type CaptureFolder,
  type CaptureOptions,
  type CollectOptions,
  type LaunchSpec,
  type ProcessMemory,
  type RunningTarget,
} from '../model/target';
import type { TimeWindow } from '../profile/weights';
import type { RunDraft } from '../runs/store';
import { launchTarget } from '../target/launch';
import { planZeroX } from '../zeroX';
import {
  planNativeStacks,
  recordNativeStacks,
  removeNativeStackFiles,
  type NativeStacks,
} from './nativeStacks';
import type { CaptureOutcome, StageOptions } from './plan';
import { attempt, unlessEnded } from './waiting';

export interface AppSessionOptions extends StageOptions {
  readonly launch: { readonly spec: LaunchSpec; readonly readyTimeoutMs: number };
  readonly capture: CaptureOptions;
  /** Length of a window of the capture; see `heapInterval`. */
  readonly windowSeconds: number;
  /** Takes the place of the list that is kept of every sample; long tests keep fewer. */
  readonly onSample: (sample: MetricSample) => void;
}

/** What was recorded of one window. */
export interface WindowCapture {
  readonly captures: CaptureOutcome;
  /** Of allocations; empty where they were not recorded. */
  readonly heapFolders: readonly CaptureFolder[];
}

/** An app that was started for a run: its metrics, its capture window by window, and its end. */
export class AppSession {
  private recording: ReturnType<typeof recordNativeStacks> | undefined;
  private captureError: unknown;

  private constructor(
    private readonly options: AppSessionOptions,
    private readonly target: RunningTarget,
    private readonly zeroX: ReturnType<typeof startZeroX> | undefined,
    private readonly perf: NativeStacks | undefined,
  ) {}

  /** Starts the app and waits until it listens. Rejects as `launchTarget` does, or with `CAPTURE_FAILED`. */
  static async start(draft: RunDraft, options: AppSessionOptions): Promise<AppSession> {
    const { launch, capture, dist, signal, warn, onProgress, stage } = options;
    stage('start', `Starting ${launch.spec.label}`);
    const zeroX = capture.cpu && capture.backend === '0x' ? startZeroX(launch.spec, draft, dist) : undefined;
    zeroX?.warnings.forEach(warn);
    const perf = capture.cpu && capture.backend === 'perf' ? await planNativeStacks(launch.spec) : undefined;
    perf?.warnings.forEach(warn);
    const target = await launchTarget(zeroX?.spec ?? perf?.spec ?? launch.spec, {
      dist,
      // One sampler at a time: two would see each other.
      capture: zeroX || perf ? { ...capture, cpu: false } : capture,
      heapIntervalBytes: heapInterval(options.windowSeconds),
      readyTimeoutMs: launch.readyTimeoutMs,
      signal,
      onOutput: (text) => onProgress({ type: 'output', text }),
    });
    target.onMetrics((sample) => {
      options.onSample(sample);
      onProgress({ type: 'metrics', sample });
    });
    return new AppSession(options, target, zeroX, perf);
  }

  get origin(): string {
    return this.target.origin;
  }

  routesSeen(): readonly Route[] {
    return this.target.routesSeen();
  }

  /** Rejects with `TARGET_CRASHED` when the app ends before `work` does. */
  unlessEnded<T>(work: Promise<T>): Promise<T> {
    return unlessEnded(this.target, work);
  }

  /**
   * Begins a window of the profile. It has to enclose the load's, to which the analysis cuts it by timestamps. Where
   * no profile is wanted, it still parts the metrics. A failure is told by `endCapture`.
   */
  async beginCapture(folder: string): Promise<void> {
    const { target, options, perf } = this;
    this.recording = perf && recordNativeStacks(target, folder, options.signal);
    this.captureError = this.recording && (await attempt(this.unlessEnded(this.recording)));
    this.captureError ??= await attempt(this.unlessEnded(target.startWindow(options.signal)));
  }

  /** Ends the window and writes what was recorded below `folder`. Rejects with `CancelledError` alone. */
  async endCapture(folder: string): Promise<WindowCapture> {
    const { target, options, recording, perf, zeroX } = this;
    const { capture, signal, warn } = options;
    let captures: CaptureOutcome = { state: 'none', reason: 'CPU capture was turned off.' };
    let heapFolders: readonly CaptureFolder[] = [];
    let { captureError } = this;
    try {
      const folders = await this.unlessEnded(target.stopWindow(folder, signal));
      if (capture.cpu && !zeroX && !perf) captures = { state: 'ok', folders };
      if (capture.heap) heapFolders = folders;
      if (recording) {
        const file = await this.unlessEnded((await recording).stop());
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
    return { captures, heapFolders };
  }

  /** See `RunningTarget.collectGarbage`. */
  collectGarbage(options: CollectOptions): Promise<readonly ProcessMemory[]> {
    return this.unlessEnded(this.target.collectGarbage(options));
  }

  /** Processes that served requests. */
  private serving() {
    return this.target.processes().filter((info) => info.requests > 0);
  }

  metricsOf(
    samples: readonly MetricSample[],
    { startMicros, endMicros }: TimeWindow,
  ): MetricsResult | undefined {
    return summariseMetrics(samples, {
      startMicros,
      endMicros,
      servingPids: this.servingPids(),
      coresAvailable: os.availableParallelism(),
    });
  }

  servingPids(): readonly number[] {
    return this.serving().map(({ pid }) => pid);
  }

  describe(appFolder: string): Run['target'] {
    const processes = this.target.processes();
    const nodeVersion = (this.mainProcess() ?? processes[0])?.nodeVersion;
    return {
      folder: appFolder,
      label: this.options.launch.spec.label,
      origin: this.target.origin,
      ...(nodeVersion && { nodeVersion }),
      pids: this.servingPids(),
    };
  }

  /** Once the load has ended: what is recorded until the app's end replaces `captured`. Ends the app where it does. */
  async finishCapture(captured: CaptureOutcome, folder: string): Promise<CaptureOutcome> {
    const { zeroX, target, options } = this;
    const main = this.mainProcess();
    if (!zeroX || !main) return captured;
    try {
      const { v8log, htmlFailure } = await finishZeroX(zeroX.folder, {
        into: folder,
        node: main.argv[0] ?? options.launch.spec.program,
        stop: (graceMs) => target.stop(graceMs),
        signal: options.signal,
      });
      if (htmlFailure !== undefined) options.warn(htmlFailure);
      return { state: 'ok', folders: [], log: { format: 'v8log', file: v8log, pid: main.pid } };
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      options.warn(`The profile could not be captured: ${errorMessage(error)}`);
      return { state: 'none', reason: errorMessage(error) };
    }
  }

  private mainProcess() {
    const listening = () => this.target.processes().find((info) => info.listening.length > 0);
    return this.serving()[0] ?? listening();
  }

  /** A failure to reply is often explained by what the app printed. */
  explained(error: unknown): unknown {
    if (!(error instanceof ThroughlineError) || error.detail !== '' || !EXPLAINED_BY_OUTPUT.has(error.code))
      return error;
    return new ThroughlineError(error.code, error.message, this.target.output(), { cause: error });
  }

  /** Ends the app. It may take seconds; the analysis does not wait for it. */
  async end(): Promise<void> {
    await this.target.stop();
    if (this.perf) removeNativeStackFiles(this.target);
  }
}

/** Throws before anything is started where 0x cannot capture such an app. */
function startZeroX(spec: LaunchSpec, draft: RunDraft, dist: string) {
  const planned = planZeroX(spec, { dist, folder: path.join(draft.folder, '0x') });
  if (planned.state === 'refused') throw new ThroughlineError('CAPTURE_FAILED', planned.reason);
  return planned;
}

/** V8 keeps every sample until the window ends: longer windows have fewer for each second. */
export function heapInterval(windowSeconds: number): number {
  return HEAP_INTERVAL_BYTES * Math.max(1, Math.ceil(windowSeconds / 60));
}

const EXPLAINED_BY_OUTPUT: ReadonlySet<ErrorCode> = new Set([
  'TARGET_HANGS',
  'TARGET_CRASHED',
  'PROBE_NO_REPLY',
  'PROBE_REFUSED',
  'LOAD_NO_REQUESTS',
]);
