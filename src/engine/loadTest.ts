import path from 'node:path';
import type { LoadTestOptions, LoadTestPlan } from './loadTestPlan';
import { assertAllowedHost } from './load/hosts';
import { EarlyStop } from './loadTest/earlyStop';
import { captureOf } from './loadTest/longCapture';
import { engineFor, startEngine } from './loadTest/engine';
import { sendFirstRequest } from './loadTest/firstRequest';
import type { Procedure, TestContext } from './loadTest/context';
import { judged } from './loadTest/judged';
import { keptOf } from './loadTest/loss';
import { masked, maskedError, maskedProgress } from './loadTest/masking';
import { Observed } from './loadTest/observed';
import { SampleRecorder } from './loadTest/sampleRecorder';
import { scenarioOf } from './loadTest/scenarioOf';
import { MeasuredSoFar } from './loadTest/soFar';
import { HELD_SECONDS, runSearched } from './loadTest/searched';
import { SPACED_WINDOW_SECONDS } from './loadTest/spacedCapture';
import { runSpiked } from './loadTest/spiked';
import { LONGEST_CAPTURE_SECONDS, runSteady } from './loadTest/steady';
import { openTarget } from './loadTest/target';
import { TimelineRecorder } from './loadTests/timelineRecorder';
import { heapInterval } from './measure/appSession';
import type { Measured, StageOptions } from './measure/plan';
import { recordRun } from './measure/record';
import { ThroughlineError } from './model/errors';
import { executorSeconds, SEARCHED_KINDS, type LoadTest } from './model/loadTest';
import type { Trial } from './model/loadTestResult';
import type { TemplateValues } from './model/loadSession';
import type { Run } from './model/run';
import { secretValues, valuesNeeded } from './model/secrets';
import type { RunDraft } from './runs/store';

export type { LoadTestOptions, LoadTestPlan } from './loadTestPlan';

/**
 * Runs a load test of any kind and saves what it found: starts the target or takes the one that runs, sends one
 * request, then the load of the test's kind, with metrics and a profile as `measure` does; judges it, maps the
 * samples to lines. With `measure.ts` the only place that knows the order. Whatever happens, the processes it
 * started are ended before it settles. A verdict, also of a test that a threshold ended, is a result and no error.
 *
 * Rejects with `CancelledError` or `ThroughlineError`, before anything is sent with `LOAD_HOST_NOT_ALLOWED`,
 * `LOAD_NEEDS_ENV` or `BAD_LOAD_TEST`. No error and nothing that is saved holds a secret.
 */
export async function runLoadTest(asked: LoadTestPlan, options: LoadTestOptions): Promise<Run> {
  const { test, target } = asked;
  const { capture, notes } = captureOf(test, asked.capture);
  const plan = { ...asked, capture };
  const secrets = secretValues(test, options.values);
  const early = new EarlyStop(options.signal, options.stopEarly);
  checkValues(test, options.values);
  checkCapture(plan);
  if (target.kind === 'url') await assertAllowedHost(new URL(target.url).origin, options.limits.allowedHosts);
  try {
    return await recordRun(
      { ...plan, scenario: scenarioOf(test) },
      {
        ...options,
        signal: early.signal,
        onProgress: (progress) => options.onProgress(maskedProgress(progress, secrets)),
      },
      async (draft, stageOptions) => {
        const warn = (message: string) => stageOptions.warn(masked(message, secrets));
        notes.forEach(warn);
        const measured = await conduct(plan, options, early, draft, { ...stageOptions, warn });
        const { probes, load, loadTest, captures } = measured;
        return {
          ...measured,
          probes: masked(probes, secrets),
          load: { ...load, routes: masked(load.routes, secrets) },
          // Why there is none may be told in the app's own words.
          captures: captures.state === 'none' ? masked(captures, secrets) : captures,
          ...(loadTest && { loadTest: masked(loadTest, secrets) }),
        };
      },
    );
  } catch (error) {
    throw maskedError(error, secrets);
  }
}

async function conduct(
  plan: LoadTestPlan,
  { values, limits }: LoadTestOptions,
  early: EarlyStop,
  draft: RunDraft,
  options: StageOptions,
): Promise<Measured> {
  const { test, capture } = plan;
  const { dist, signal, onProgress, stage, warn, endings } = options;
  const samples = new SampleRecorder();
  const timeline = new TimelineRecorder();
  const serving = new Set<number>();
  let heapLimitBytes: number | undefined;
  const captureFolder = path.join(draft.folder, 'captures');
  const captureSeconds = captureWindowSeconds(test);
  const target = await openTarget(plan, draft, {
    ...options,
    windowSeconds: captureSeconds,
    onSample: (sample) => {
      samples.add(sample);
      if (sample.requests > 0) serving.add(sample.pid);
      // A package manager that started the app is no part of it.
      if (!serving.has(sample.pid)) return;
      timeline.addMetrics(sample);
      heapLimitBytes = sample.heapLimitBytes;
    },
  });
  try {
    stage('probe', `Sending a first request to ${target.origin}`);
    const first = await target.unlessEnded(
      sendFirstRequest({ origin: target.origin, test, values, limits, signal }),
    );
    first.warnings.forEach(warn);

    const engine = engineFor(test, target.origin);
    const soFar = new MeasuredSoFar();
    const trials: Trial[] = [];
    const observed = new Observed(
      await startEngine(engine, {
        ...{ dist, origin: target.origin, test, values, limits, signal },
        windowSeconds: isSearched(test) ? HELD_SECONDS : executorSeconds(test.executor),
      }),
      (startMicros) => soFar.beginWindow(startMicros),
    );
    const { session } = observed;
    session.onWindow((window) => {
      soFar.add(window);
      timeline.addWindow(window);
      onProgress({ type: 'loadWindow', window });
      onProgress(observed.progressOf(window));
    });
    const context: TestContext = {
      ...{ plan, limits, target, engine, session, options, early, captureFolder },
      heapLimitBytes: () => heapLimitBytes,
      captures: (capture.cpu || capture.heap) && target.uncaptured === undefined,
      ...{ soFar, trials },
    };
    let procedure: Procedure;
    try {
      procedure = await runKind(context).catch((error: unknown) => keptOf(context, error));
    } finally {
      await session.stop();
    }
    const { load, captured } = procedure;
    if (procedure.stopped) {
      const { afterSeconds, ofSeconds } = procedure.stopped;
      warn(`Stopped after ${afterSeconds.toFixed(0)} s of ${ofSeconds.toFixed(0)} s.`);
    }
    const loadTest = judged(plan, procedure, timeline.timeline());
    const captures = await target.finishCapture(captured.captures, captureFolder);
    const isRecorded = captures.state === 'ok' || captured.heapFolders.length > 0;
    const { profiled } = procedure;
    return {
      target: target.describe(plan.appFolder),
      probes: [first.probe],
      load,
      metrics: target.metricsOf(samples.samples(), load),
      captures,
      heapFolders: captured.heapFolders,
      heapIntervalBytes: heapInterval(captureSeconds),
      ...(profiled &&
        isRecorded && {
          profiled: { ...profiled, metrics: target.metricsOf(samples.samples(), profiled) },
        }),
      loadTest,
    };
  } catch (error) {
    throw target.explained(error);
  } finally {
    endings.push(target.end());
  }
}

function runKind(context: TestContext): Promise<Procedure> {
  switch (context.plan.test.kind) {
    case 'stress':
    case 'capacity':
      return runSearched(context);
    case 'spike':
      return runSpiked(context);
    case 'smoke':
    case 'load':
    case 'soak':
      return runSteady(context);
  }
}

function isSearched({ kind }: LoadTest): boolean {
  return SEARCHED_KINDS.includes(kind);
}

function captureWindowSeconds(test: LoadTest): number {
  if (isSearched(test)) return HELD_SECONDS;
  const seconds = executorSeconds(test.executor);
  return seconds > LONGEST_CAPTURE_SECONDS ? SPACED_WINDOW_SECONDS : seconds;
}

/** Throws `LOAD_NEEDS_ENV` that names what is missing, before anything is started. */
function checkValues(test: LoadTest, values: TemplateValues): void {
  const needed = valuesNeeded(test);
  const missing = [
    ...needed.env.filter((name) => !Object.hasOwn(values.env, name)).map((name) => `\${env:${name}}`),
    ...needed.secrets
      .filter((name) => !Object.hasOwn(values.secrets, name))
      .map((name) => `\${secret:${name}}`),
  ];
  if (missing.length === 0) return;
  const have = missing.length === 1 ? 'has no value' : 'have no values';
  throw new ThroughlineError('LOAD_NEEDS_ENV', `${missing.join(', ')} ${have}.`);
}

/** 0x writes V8's log of the whole run. */
const LONGEST_LOG_SECONDS = 600;

function checkCapture({ test, capture, target }: LoadTestPlan): void {
  const isLogged = target.kind === 'launch' && capture.cpu && capture.backend === '0x';
  if (isLogged && !isSearched(test) && executorSeconds(test.executor) > LONGEST_LOG_SECONDS) {
    throw new ThroughlineError(
      'CAPTURE_FAILED',
      `0x logs a run from its begin to its end, so it takes tests of ${LONGEST_LOG_SECONDS / 60} minutes at most; the backend "inspector" takes longer ones.`,
    );
  }
}
