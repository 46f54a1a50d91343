import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findHints } from './hints/registry';
import { planRoutes } from './load/probe';
import { startLoad, type LoadSession } from './load/session';
import { summariseMetrics } from './metrics/summary';
import {
  CancelledError,
  ThroughlineError,
  throwIfCancelled,
  type ErrorCode,
  errorMessage,
} from './model/errors';
import { errorCount, type LoadResult, type ProbeResult, type Scenario } from './model/load';
import type { MetricSample, MetricsResult } from './model/metrics';
import type { Profile } from './model/profile';
import type { Environment, ProfileState, Run } from './model/run';
import type {
  CaptureFolder,
  CaptureOptions,
  LaunchSpec,
  Progress,
  RunningTarget,
  Stage,
} from './model/target';
import { Analysis } from './profile/analysis';
import type { RunDraft, RunStore } from './runs/store';
import { crashFailure } from './target/failure';
import { launchTarget } from './target/launch';

/** Larger files are bundles or data, whose lines no rule reads. */
const MAX_HINT_SOURCE_BYTES = 2e6;

/** What to measure. */
export interface MeasurePlan {
  /** An app to start, profile and end; or one that runs already, which gets load only. */
  readonly target:
    | { readonly kind: 'launch'; readonly spec: LaunchSpec; readonly readyTimeoutMs: number }
    | { readonly kind: 'url'; readonly url: string };
  /** Folder whose code counts as the app's own. */
  readonly appFolder: string;
  /** Further folders of the workspace, e.g. a monorepo's root: their code is the app's own too. */
  readonly workspaceFolders?: readonly string[];
  readonly scenario: Scenario;
  readonly capture: CaptureOptions;
}

export interface MeasureOptions {
  /** Folder with the bundles of the agent, supervisor, generator and analysis worker. */
  readonly dist: string;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** The run is saved; the app may still be ending, which `measure` waits for. */
  readonly onRun?: (run: Run) => void;
}

/**
 * Starts the target, loads it, profiles its steady window, maps the samples to lines and saves the run.
 * The only place that knows the order. Whatever happens, the processes it started are ended before it
 * settles. Rejects with `CancelledError` or `ThroughlineError`.
 */
export async function measure(plan: MeasurePlan, options: MeasureOptions): Promise<Run> {
  const { store, onProgress } = options;
  const warnings: string[] = [];
  const stage = (name: Stage, message: string) => {
    throwIfCancelled(options.signal);
    onProgress({ type: 'stage', stage: name, message });
  };
  const warn = (message: string) => {
    if (warnings.includes(message)) return;
    warnings.push(message);
    onProgress({ type: 'warning', message });
  };

  const draft = await store.begin();
  const endings: Promise<unknown>[] = [];
  let saved = false;
  try {
    const stageOptions = { ...options, stage, warn, endings };
    const measured =
      plan.target.kind === 'launch'
        ? await measureLaunched(plan, plan.target, draft, stageOptions)
        : await measureUrl(plan, plan.target.url, stageOptions);
    stage('analyse', 'Mapping samples to lines');
    const profile = await analyse(plan, measured, draft, options, warn);
    explainLoad(measured.load, warn);

    const okProfile = profile.state === 'ok' ? profile : undefined;
    const hints = findHints({
      ...(okProfile && { profile: okProfile.profile }),
      cpuScale: okProfile?.cpuScale ?? 1,
      load: measured.load,
      ...(measured.metrics && { metrics: measured.metrics }),
      scenario: plan.scenario,
      sourceLine: okProfile ? await readHotSources(okProfile.profile) : () => undefined,
    });

    stage('save', 'Saving the run');
    const run = await draft.commit({
      createdAt: new Date().toISOString(),
      target: measured.target,
      environment: environment(),
      scenario: withoutSecrets(plan.scenario),
      ...(measured.captures.state === 'ok' && { capture: plan.capture }),
      probes: measured.probes,
      load: measured.load,
      ...(measured.metrics && { metrics: measured.metrics }),
      profile,
      hints,
      warnings,
    });
    saved = true;
    options.onRun?.(run);
    return run;
  } finally {
    await Promise.all(endings);
    if (!saved) await draft.discard();
  }
}

interface Measured {
  readonly target: Run['target'];
  readonly probes: readonly ProbeResult[];
  readonly load: LoadResult;
  readonly metrics: MetricsResult | undefined;
  readonly captures: CaptureOutcome;
}

type CaptureOutcome =
  | { readonly state: 'ok'; readonly folders: readonly CaptureFolder[] }
  | { readonly state: 'none'; readonly reason: string };

interface StageOptions extends MeasureOptions {
  readonly stage: (name: Stage, message: string) => void;
  readonly warn: (message: string) => void;
  /** Ends of processes that are under way; the run settles after them. */
  readonly endings: Promise<unknown>[];
}

async function measureLaunched(
  plan: MeasurePlan,
  launch: { readonly spec: LaunchSpec; readonly readyTimeoutMs: number },
  draft: RunDraft,
  options: StageOptions,
): Promise<Measured> {
  const { dist, signal, onProgress, stage, warn, endings } = options;
  stage('start', `Starting ${launch.spec.label}`);
  const target = await launchTarget(launch.spec, {
    dist,
    capture: plan.capture,
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
    try {
      await unlessEnded(target, settle(session, plan.scenario.warmupSeconds, signal));
      stage('measure', `Measuring for ${plan.scenario.durationSeconds} s`);
      // The profile's window encloses the load's, and is cut to it by timestamps in the analysis. Where no
      // profile is wanted, the calls still part the metrics at the window's bounds.
      let captureError = await attempt(unlessEnded(target, target.startWindow(signal)));
      await session.beginWindow();
      await unlessEnded(target, settle(session, plan.scenario.durationSeconds, signal));
      load = await unlessEnded(target, session.endWindow());
      // The load goes on until the profile has ended, so that the window's end is under load too.
      try {
        const written = target.stopWindow(path.join(draft.folder, 'captures'), signal);
        const folders = await unlessEnded(target, written);
        if (plan.capture.cpu) captures = { state: 'ok', folders };
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
    const nodeVersion = (serving[0] ?? processes[0])?.nodeVersion;
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
    };
  } catch (error) {
    throw withOutput(error, target);
  } finally {
    // The app may take seconds to end; the analysis does not wait for it.
    endings.push(target.stop());
  }
}

async function measureUrl(plan: MeasurePlan, url: string, options: StageOptions): Promise<Measured> {
  const { dist, signal, onProgress, stage, warn } = options;
  const { origin, pathname, search } = new URL(url);
  const chosen = plan.scenario.routes;
  const routes =
    chosen.length > 0 || pathname + search === '/' ? chosen : [{ method: 'GET', path: pathname + search }];
  stage('probe', `Probing ${origin}`);
  const routePlan = await probeRoutes(
    { ...plan, scenario: { ...plan.scenario, routes } },
    origin,
    [],
    signal,
  );
  routePlan.warnings.forEach(warn);
  stage('warmup', `Warming up for ${plan.scenario.warmupSeconds} s`);
  const session = await startLoad({
    dist,
    origin,
    scenario: plan.scenario,
    routes: routePlan.routes,
    signal,
    onProgress: (load) => onProgress({ type: 'load', load }),
  });
  try {
    await settle(session, plan.scenario.warmupSeconds, signal);
    stage('measure', `Measuring for ${plan.scenario.durationSeconds} s`);
    await session.beginWindow();
    await settle(session, plan.scenario.durationSeconds, signal);
    const load = await session.endWindow();
    return {
      target: { label: url, origin, pids: [] },
      probes: routePlan.probes,
      load,
      metrics: undefined,
      captures: {
        state: 'none',
        reason:
          'An app that was started elsewhere is loaded but not profiled; let Throughline start it to see lines.',
      },
    };
  } finally {
    await session.stop();
  }
}

function probeRoutes(
  plan: MeasurePlan,
  origin: string,
  seen: Parameters<typeof planRoutes>[0]['seen'],
  signal: AbortSignal,
) {
  return planRoutes({
    origin,
    chosen: plan.scenario.routes,
    seen,
    timeoutMs: plan.scenario.timeoutSeconds * 1000,
    ...(plan.scenario.headers && { headers: plan.scenario.headers }),
    signal,
  });
}

async function analyse(
  plan: MeasurePlan,
  measured: Measured,
  draft: RunDraft,
  options: MeasureOptions,
  warn: (message: string) => void,
): Promise<ProfileState> {
  const { captures, load, metrics } = measured;
  if (captures.state === 'none') return captures;
  if (captures.folders.length === 0)
    return { state: 'none', reason: 'No process that served requests was profiled.' };
  const analysis = new Analysis(options.dist);
  try {
    const profile = await analysis.analyse(
      {
        captures: captures.folders,
        window: { startMicros: load.startMicros, endMicros: load.endMicros },
        appFolder: plan.appFolder,
        ...(plan.workspaceFolders && { workspaceFolders: plan.workspaceFolders }),
        treeFile: path.join(draft.folder, 'calltree.json'),
      },
      { signal: options.signal },
    );
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

function explainLoad(load: LoadResult, warn: (message: string) => void): void {
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

/** Waits, unless the load fails or the user cancels first. */
async function settle(session: LoadSession, seconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, seconds * 1000)));
  try {
    await unlessCancelled(Promise.race([session.failed, passed]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with `CancelledError` at once on the signal; `work` is left to end by itself. */
async function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined); // the loser of the race must not be an unhandled rejection
  throwIfCancelled(signal);
  let onAbort: (() => void) | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    onAbort = () => reject(new CancelledError());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/** Rejects with `TARGET_CRASHED` when the app ends before `work` does. */
async function unlessEnded<T>(target: RunningTarget, work: Promise<T>): Promise<T> {
  work.catch(() => undefined); // the loser of the race must not be an unhandled rejection
  let exitFirst = false;
  const ended = target.exited.then((exit) => {
    exitFirst = true;
    throw crashFailure(target.spec, exit);
  });
  ended.catch(() => undefined);
  try {
    return await Promise.race([work, ended]);
  } catch (error) {
    if (exitFirst || error instanceof CancelledError) throw error;
    // A refused connection is often the first sign of a crash: prefer the cause, when it arrives at once.
    const exit = await Promise.race([target.exited, delay(500)]);
    throw exit ? crashFailure(target.spec, exit) : error;
  }
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

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}

async function attempt(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Text of the lines that rules may have to read: of files with a hot line or a function worth a hint. */
async function readHotSources(profile: Profile): Promise<(file: string, line: number) => string | undefined> {
  const files = new Set(profile.lines.slice(0, 200).map((line) => line.file));
  for (const { frame, totalMicros } of profile.functions) {
    const { kind, source } = profile.frames[frame] ?? {};
    if (kind === 'app' && source && totalMicros >= 0.01 * profile.totals.activeMicros) files.add(source.file);
  }
  const texts = new Map<string, string[]>();
  await Promise.all(
    [...files].map(async (file) => {
      const size = (await fs.stat(file).catch(() => undefined))?.size ?? Infinity;
      if (size > MAX_HINT_SOURCE_BYTES) return;
      const text = await fs.readFile(file, 'utf8').catch(() => undefined);
      if (text !== undefined) texts.set(file, text.split(/\r?\n/));
    }),
  );
  return (file, line) => texts.get(file)?.[line - 1];
}

/** Headers may hold credentials: a run keeps their names. */
function withoutSecrets(scenario: Scenario): Scenario {
  if (!scenario.headers) return scenario;
  const masked = Object.fromEntries(Object.keys(scenario.headers).map((name) => [name, '***']));
  return { ...scenario, headers: masked };
}

function environment(): Environment {
  const cpus = os.cpus();
  return {
    platform: process.platform,
    arch: process.arch,
    cpuModel: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    throughlineVersion: process.env.THROUGHLINE_VERSION ?? '0.0.0',
  };
}
