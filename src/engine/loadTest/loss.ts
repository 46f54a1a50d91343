import { ThroughlineError } from '../model/errors';
import type { LoadResult } from '../model/load';
import { executorSeconds, SEARCHED_KINDS, type LoadTest } from '../model/loadTest';
import type { CheckResult, Trial } from '../model/loadTestResult';
import type { Loss, Procedure, TestContext } from './context';

type Measurement = { readonly load: LoadResult; readonly checks: readonly CheckResult[] };

/** Undefined where the error says that the test could not be done, or was cancelled. */
export function lossOf({ target }: TestContext, error: unknown): Loss | undefined {
  const explained = target.explained(error);
  if (!(explained instanceof ThroughlineError)) return undefined;
  const { code, message, detail } = explained;
  if (code !== 'TARGET_CRASHED' && code !== 'LOAD_GENERATOR_FAILED') return undefined;
  const byApp = code === 'TARGET_CRASHED';
  return { reason: message, byApp, output: byApp ? lastLines(detail) : '' };
}

const OUTPUT_LINES = 20;

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n');
}

/** What the open window has measured until the loss. Throws the error that told of it where nothing was completed. */
export async function measuredUntilLoss(context: TestContext, error: unknown): Promise<Measurement> {
  try {
    // Of an app that ended, the generator may not have seen it yet; of one that was lost, it still has its counts.
    return await context.session.endWindow({ gracefulStopSeconds: 0 });
  } catch {
    const measured = measuredByWindows(context);
    if (!measured) throw error;
    return measured;
  }
}

function measuredByWindows({ plan, engine, target, soFar }: TestContext): Measurement | undefined {
  const { http, apdexTargetMs } = plan.test;
  return soFar.result({ engine, origin: target.origin, connections: http.connections, apdexTargetMs });
}

/**
 * What is kept of a test that an error ended in a place where no procedure expects one. Throws the error where it is
 * no loss, or where there is nothing to keep.
 */
export async function keptOf(context: TestContext, error: unknown): Promise<Procedure> {
  const { plan, soFar, target, captureFolder } = context;
  const loss = lossOf(context, error);
  // A generator that fails before anything counts is no result: the test can be run again.
  const counts = soFar.isSteady || SEARCHED_KINDS.includes(plan.test.kind) || loss?.byApp === true;
  const measured = loss && counts ? measuredByWindows(context) : undefined;
  if (!loss || !measured) throw error;
  const captured =
    context.captures && soFar.isSteady && !loss.byApp
      ? await target.endCapture(captureFolder)
      : { captures: { state: 'none' as const, reason: NOT_CAPTURED }, heapFolders: [] };
  return {
    ...measured,
    captured,
    ...searchedPart(plan.test, context.trials),
    lost: { ...loss, afterSeconds: secondsOf(measured.load), ofSeconds: executorSeconds(plan.test.executor) },
    misleading: [BY_WINDOWS],
  };
}

const NOT_CAPTURED = 'The load ended before its profile could be written.';
const BY_WINDOWS =
  'The generator gave no result of its own: the figures are the sums of half-second windows, without routes, and failures without their kinds.';

export function secondsOf({ startMicros, endMicros }: LoadResult): number {
  return (endMicros - startMicros) / 1e6;
}

/** The levels that were judged before the loss. */
function searchedPart(
  { kind, objective }: LoadTest,
  trials: readonly Trial[],
): Pick<Procedure, 'stress' | 'capacity'> {
  const [first] = trials;
  if (kind === 'stress')
    return {
      stress: {
        objective,
        trials,
        discardedWindows: trials.reduce((sum, { discarded }) => sum + discarded, 0),
        seconds: first ? (trials.at(-1)!.endMicros - first.startMicros) / 1e6 : 0,
      },
    };
  const { expectedRate = 0 } = objective;
  return kind === 'capacity' ? { capacity: { objective, expectedRate, holds: undefined, trials } } : {};
}
