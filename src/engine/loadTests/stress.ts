import type { StressResult, Verdict } from '../model/loadTestResult';
import type { Objective } from '../model/objective';
import { findBracket, WIDEST_BRACKET, type Bracket } from './bracket';
import { findCeiling, type Ceiling } from './ceiling';
import { Search, type SearchOptions, type SearchOutcome } from './search';
import { formatMicros } from '../model/units';
import { formatObjective, formatPercent, formatQuantile, formatRate } from './text';
import { limitText, trialEvidence } from './stressText';
import type { TrialOutcome } from './trial';
import { bootstrapMean, type Interval } from './trend';

/** The bracket of the breaking point is at most this wide. */
const TOLERANCE = 1.03;
/** As near to the widest bracket that is told as rounding allows. */
const WIDE_END = 1.048;
/** Of a session's windows. */
const WINDOW_SECONDS = 0.5;
/** First trial of the open model, of the closed model's ceiling; the next one upwards lies as far above it. */
const NEAR_CEILING = 0.975;
const STEPS_UP = [1.055, 1.15, 1.4, 2];
const STEPS_DOWN = [0.9, 0.75, 0.5, 0.25];
/** What held may differ by this much from what the saturated app completed, beyond the latter's own interval. */
const AGREEMENT = 0.05;
/** The closed model's plateau is a less exact measure of the open model's limit. */
const PLATEAU_AGREEMENT = 0.1;

/**
 * The most load that meets the objective, in about a minute. The levels are its own: of the test's executor only the
 * virtual users' bound is used.
 *
 * First the ceiling of the closed model; then bisection of the open model from near the ceiling (see `LevelSearch`
 * and `TrialJudge` for what holds). The result is checked against a second estimate that does not depend on any
 * decision about a level: a saturated app completes requests at the rate of its capacity, whatever is sent. Where the
 * two disagree, or the time runs out before the bracket is narrow and both its ends are confirmed, the search is
 * inconclusive.
 *
 * Rejects with `CancelledError`, and as `SchedulerSession.failed` does.
 */
export async function runStress(options: SearchOptions): Promise<SearchOutcome<StressResult>> {
  const search = new Search(options);
  try {
    await search.warmUp();
    const ceiling = await findCeiling(search);
    if (ceiling.best === undefined) return withoutCeiling(search, options.objective, ceiling);
    await search.drain();
    const bracket = await findBracket(search, {
      start: (NEAR_CEILING * ceiling.best.throughput) / search.requestsPerIteration,
      maxRate: options.limits.maxRate,
      tolerance: TOLERANCE,
      widest: WIDE_END,
      up: STEPS_UP,
      down: STEPS_DOWN,
    });
    return conclude(search, options.objective, ceiling, bracket);
  } finally {
    search.dispose();
  }
}

function conclude(
  search: Search,
  objective: Objective,
  ceiling: Ceiling,
  { end, levels, trials }: Bracket,
): SearchOutcome<StressResult> {
  const { held } = levels;
  const evidence = [...ceilingEvidence(ceiling)];
  const upper = levels.rejected ?? levels.failing;
  const saturated = saturatedRate(trials, upper);
  if (saturated)
    evidence.push(
      `With more load than it could complete, the app completed ${formatRate(saturated.mean)} (95 %: ${formatRate(saturated.low)} to ${formatRate(saturated.high)}).`,
    );
  const unknown = (sentence: string): SearchOutcome<StressResult> =>
    outcome(search, objective, ceiling, { state: 'inconclusive', sentence, evidence });

  const perIteration = search.requestsPerIteration;
  if (held !== undefined) evidence.push(...trialEvidence(trials, held, objective, 'held'));
  if (upper !== undefined) evidence.push(...trialEvidence(trials, upper, objective, 'did not hold'));
  if (end.type === 'nothingHolds')
    return outcome(search, objective, ceiling, {
      state: 'fail',
      sentence: `The app does not hold ${formatObjective(objective)} at any arrival rate that was tried, down to ${formatRate(lowest(trials) * perIteration)}.`,
      evidence,
    });
  if (end.type === 'undecided')
    return unknown(
      `Inconclusive: no decision at ${formatRate(end.level * perIteration)} in several trials; the generator was late or response times had no clear trend.`,
    );
  if (held === undefined)
    return unknown(
      end.type === 'limit'
        ? `Inconclusive: no load that could be judged; ${limitText(end.by)}.`
        : 'Inconclusive: the time was over before any level of load had held.',
    );

  const atHeld = lastPass(trials, held);
  if (atHeld.trial.latencyMicros > objective.latencyMicros)
    evidence.push(
      `A level holds while at most half of its windows break the objective; over all of them ${formatQuantile(objective.quantile)} was ${formatMicros(atHeld.trial.latencyMicros)}.`,
    );
  const inWindow = atHeld.trial.throughput * WINDOW_SECONDS;
  if (inWindow < 1 / (1 - objective.quantile))
    evidence.push(
      `A window held about ${inWindow.toFixed(0)} requests: too few for ${formatQuantile(objective.quantile)}, so that it is judged by its slowest.`,
    );
  const found = {
    rate: held * perIteration,
    latencyMicros: atHeld.trial.latencyMicros,
    concurrency: (atHeld.trial.throughput * atHeld.meanMicros) / 1e6,
  };
  if (end.type === 'limit')
    return outcome(
      search,
      objective,
      ceiling,
      {
        state: end.by === 'generator' ? 'inconclusive' : 'pass',
        sentence: `Holds at least ${formatRate(found.rate)} with ${formatObjective(objective)}; ${limitText(end.by)}.`,
        evidence,
      },
      { breakingPoint: found, held },
    );
  const narrow = levels.rejected !== undefined && levels.ratio <= WIDEST_BRACKET && !levels.unconfirmed;
  if (!narrow)
    return unknown(
      `Inconclusive: the time was over with the breaking point ${boundsText(held, upper, perIteration)}.`,
    );
  const conflict = disagreement(held * perIteration, ceiling, saturated, trials, upper);
  if (conflict !== undefined) return unknown(`Inconclusive: ${conflict}`);
  return outcome(
    search,
    objective,
    ceiling,
    {
      state: 'pass',
      sentence: `Holds ${formatRate(found.rate)} with ${formatObjective(objective)}.`,
      evidence,
    },
    { breakingPoint: { ...found, rejectedAt: levels.rejected * perIteration }, held },
  );
}

/** Why what held cannot be right; undefined where it can. */
function disagreement(
  rate: number,
  ceiling: Ceiling,
  saturated: Interval | undefined,
  trials: readonly TrialOutcome[],
  failing: number | undefined,
): string | undefined {
  if (saturated && rate > saturated.high * (1 + AGREEMENT))
    return `${formatRate(rate)} held, but the app completed no more than ${formatRate(saturated.high)} when it had more to do.`;
  const queued = trials.some(({ trial, broken }) => trial.level === failing && broken === 'queue');
  if (saturated && queued && rate < saturated.low * (1 - AGREEMENT))
    return `more than ${formatRate(rate)} did not hold, but the app completed ${formatRate(saturated.low)} when it had more to do; its speed changed in the test.`;
  if (ceiling.plateau && rate > ceiling.best!.throughput * (1 + PLATEAU_AGREEMENT))
    return `${formatRate(rate)} held, but ${ceiling.best!.vus} virtual users got no more than ${formatRate(ceiling.best!.throughput)}; the app's speed changed in the test.`;
  return undefined;
}

/** What the app completed while requests were waiting all the time, of the trials at the bracket's upper end. */
function saturatedRate(trials: readonly TrialOutcome[], failing: number | undefined): Interval | undefined {
  const full = trials.filter(
    ({ trial, broken }) => trial.level === failing && trial.decision === 'fail' && broken !== 'errors',
  );
  return bootstrapMean(full.flatMap(({ goodput }) => goodput));
}

function withoutCeiling(search: Search, objective: Objective, ceiling: Ceiling): SearchOutcome<StressResult> {
  const { rejectedAtOne, undecidedAtOne } = ceiling;
  if (rejectedAtOne) {
    const { trial, broken } = rejectedAtOne;
    const found =
      trial.throughput === 0
        ? 'no request was answered in time'
        : broken === 'errors'
          ? `${formatPercent(trial.errorRate)} of the requests failed`
          : `${formatQuantile(objective.quantile)} was ${formatMicros(trial.latencyMicros)}`;
    return outcome(search, objective, ceiling, {
      state: 'fail',
      sentence: `The app does not hold ${formatObjective(objective)} even for one virtual user.`,
      evidence: [
        `With one virtual user, ${found}: ${trial.badWindows} of ${trial.windows - trial.discarded} windows broke the objective, in each of two trials.`,
      ],
    });
  }
  const late =
    undecidedAtOne === undefined ? '' : ` ${undecidedAtOne.trial.discarded} windows were discarded.`;
  return outcome(search, objective, ceiling, {
    state: 'inconclusive',
    sentence: `Inconclusive: one virtual user could not be judged, since the generator itself was late or too few requests were answered.${late}`,
    evidence: [],
  });
}

function outcome(
  search: Search,
  objective: Objective,
  ceiling: Ceiling,
  verdict: Verdict,
  found?: { readonly breakingPoint: NonNullable<StressResult['breakingPoint']>; readonly held: number },
): SearchOutcome<StressResult> {
  return {
    result: {
      objective,
      ...(found && { breakingPoint: found.breakingPoint }),
      ...(ceiling.best && { ceiling: ceiling.best }),
      ...search.iterationSize,
      trials: search.trials.map(({ trial }) => trial),
      discardedWindows: search.discardedWindows,
      seconds: search.elapsedSeconds,
    },
    verdict,
    ...(found && { mostHeld: search.executorOf({ model: 'open', level: found.held }) }),
  };
}

function* ceilingEvidence({ best, plateau }: Ceiling): Generator<string> {
  if (best === undefined) return;
  const more = plateau ? '; more of them gained nothing' : '';
  yield `In the closed model ${best.vus} virtual ${best.vus === 1 ? 'user' : 'users'} got ${formatRate(best.throughput)}${more}.`;
}

function lastPass(trials: readonly TrialOutcome[], level: number): TrialOutcome {
  return trials.findLast(({ trial }) => trial.level === level && trial.decision === 'pass')!;
}

function lowest(trials: readonly TrialOutcome[]): number {
  return Math.min(...trials.map(({ trial }) => trial.level));
}

function boundsText(held: number, failing: number | undefined, perIteration: number): string {
  return failing === undefined
    ? `above ${formatRate(held * perIteration)}`
    : `between ${formatRate(held * perIteration)} and ${formatRate(failing * perIteration)}`;
}
