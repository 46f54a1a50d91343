import { runCapacity } from '../loadTests/capacity';
import type { SearchOutcome } from '../loadTests/search';
import { runStress } from '../loadTests/stress';
import type { Executor } from '../model/loadTest';
import type { CapacityResult, StressResult, Trial } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import { pause, whileLoaded, type Procedure, type TestContext } from './context';
import { mostVUs } from './executors';
import { stretchOf } from './windowSums';

/** Of the stretch at the most load that held, which is measured and profiled once it is known. */
export const HELD_SECONDS = 10;
const SETTLE_SECONDS = 1.5;
/** What a search left waiting in the app is worked off in this time, or is part of the result. */
const DRAIN_SECONDS = 8;
const GRACE_SECONDS = 2;
/** Beyond what follows. */
const SPARE_SECONDS = 60;
const LEAST_VUS = 20;

/**
 * Searches for the most load that holds, then repeats that load for a while and measures and profiles it: a profile
 * that is written while levels are judged would hold the app up, and so change what is searched for. Kinds `stress`
 * and `capacity`.
 */
export async function runSearched(context: TestContext): Promise<Procedure> {
  const { plan, options } = context;
  options.stage(
    'measure',
    plan.test.kind === 'stress'
      ? 'Searching for the breaking point'
      : 'Searching for the most load that holds',
  );
  const { found, outcome } = await search(context);
  const executor =
    outcome.mostHeld ?? bestTried(outcome.result.trials, heldSeconds(context)) ?? lightLoad(context);
  return {
    ...(await measureAt(context, executor, outcome.mostHeld !== undefined)),
    ...found,
    verdict: outcome.verdict,
  };
}

async function search(context: TestContext): Promise<{
  readonly found: { readonly stress: StressResult } | { readonly capacity: CapacityResult };
  readonly outcome: SearchOutcome<StressResult | CapacityResult>;
}> {
  const { plan, session, limits, options } = context;
  const { test } = plan;
  const how = {
    session,
    objective: test.objective,
    maxVUs: mostVUs(test.executor),
    limits,
    flows: test.flows,
    signal: options.signal,
    onTrial: (trial: Trial) => {
      context.trials.push(trial);
      options.onProgress({ type: 'trial', trial });
    },
    ...(test.warmupSeconds > 0 && { warmupSeconds: test.warmupSeconds }),
  };
  if (test.kind === 'capacity') {
    const outcome = await context.target.unlessEnded(runCapacity(how));
    return { found: { capacity: outcome.result }, outcome };
  }
  const outcome = await context.target.unlessEnded(runStress(how));
  return { found: { stress: outcome.result }, outcome };
}

/** Of a search without a result: the highest level that passed a trial. */
function bestTried(trials: readonly Trial[], duration: number): Executor | undefined {
  const passed = trials.filter(({ decision }) => decision === 'pass');
  const highest = (model: Trial['model']) =>
    passed.filter((trial) => trial.model === model).sort((a, b) => b.level - a.level)[0];
  const open = highest('open');
  if (open) {
    // Little's law, with room for replies ten times as slow.
    const maxVUs = Math.ceil((open.level * open.latencyMicros * 10) / 1e6) + LEAST_VUS;
    return {
      ...{ executor: 'constant-arrival-rate', rate: open.level, timeUnit: 1, duration },
      ...{ preAllocatedVUs: maxVUs, maxVUs, gracefulStop: 0 },
    };
  }
  const closed = highest('closed');
  return closed && { executor: 'constant-vus', vus: closed.level, duration, gracefulStop: 0 };
}

/** Where nothing held, one virtual user's requests still show what they cost. */
function lightLoad(context: TestContext): Executor {
  return { executor: 'constant-vus', vus: 1, duration: heldSeconds(context), gracefulStop: 0 };
}

/** Each is ended by the next one, or with the session. */
function heldSeconds({ limits }: TestContext): number {
  return Math.min(HELD_SECONDS + SPARE_SECONDS, limits.maxDurationSeconds);
}

async function measureAt(
  context: TestContext,
  executor: Executor,
  held: boolean,
): Promise<Omit<Procedure, 'verdict'>> {
  const { target, session, options, captureFolder } = context;
  options.stage('measure', held ? 'Measuring the most load that held' : `Measuring ${levelOf(executor)}`);
  await drain(context);
  const { phase } = await whileLoaded(context, session.run(executor));
  await pause(context, SETTLE_SECONDS);
  await target.beginCapture(captureFolder);
  const windows: LoadWindow[] = [];
  const { startMicros } = await whileLoaded(context, session.beginWindow());
  const unsubscribe = session.onWindow((window) => {
    if (window.phase === phase && window.startMicros >= startMicros) windows.push(window);
  });
  try {
    await pause(context, HELD_SECONDS);
    const { load, checks } = await whileLoaded(
      context,
      session.endWindow({ gracefulStopSeconds: GRACE_SECONDS }),
    );
    const captured = await target.endCapture(captureFolder);
    const stretch = stretchOf(windows);
    return {
      load,
      checks,
      captured,
      ...(held &&
        stretch && {
          worstWindow: {
            startMicros: load.startMicros,
            endMicros: load.endMicros,
            p99Micros: stretch.p99Micros,
            profiled: context.captures,
          },
        }),
      misleading: held
        ? []
        : [
            `The search has no result: the figures and the profile are of ${levelOf(executor)}, not of a load that is known to hold.`,
          ],
    };
  } finally {
    unsubscribe();
  }
}

function levelOf(executor: Executor): string {
  if ('rate' in executor) return `${Number(executor.rate.toPrecision(3))} iterations/s`;
  return 'vus' in executor && executor.vus > 1 ? `${executor.vus} virtual users` : 'one virtual user';
}

/** Sends next to nothing until what the last trial left waiting is done. */
async function drain(context: TestContext): Promise<void> {
  const { session } = context;
  const { phase } = await whileLoaded(context, session.run(lightLoad(context)));
  let unsubscribe: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await whileLoaded(
      context,
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, DRAIN_SECONDS * 1000);
        unsubscribe = session.onWindow((window) => {
          if (window.phase === phase && window.vusBusy <= 1) resolve();
        });
      }),
    );
  } finally {
    clearTimeout(timer);
    unsubscribe?.();
  }
}
