import { ThroughlineError } from '../model/errors';
import type { CapacityResult, Verdict } from '../model/loadTestResult';
import { formatMicros } from '../model/units';
import { findBracket, type Bracket } from './bracket';
import { Search, type SearchOptions, type SearchOutcome } from './search';
import { limitText, trialEvidence } from './stressText';
import { formatObjective, formatPercent, formatQuantile, formatRate } from './text';
import type { TrialOutcome } from './trial';

/** Windows of a trial at the expected rate: twice those of other trials. */
const EXPECTED_WINDOWS = 8;
/** Headroom is found to this, and told up to the wider one when time runs out. */
const TOLERANCE = 1.05;
const WIDEST_TOLD = 1.1;
const STEPS_UP = [1.25, 1.3, 1.5, 2];
const STEPS_DOWN = [0.8, 0.7, 0.5];

/**
 * Whether the app holds the objective's expected rate, and how much more (or less) it would hold, in about a minute.
 * The levels are its own: of the test's executor only the virtual users' bound is used. The expected rate is held
 * when one longer trial of the open model passes, and not when two failed (see `TrialJudge`); from there the most
 * load that holds is searched for, upwards or downwards (see `LevelSearch`).
 *
 * Rejects with `BAD_USAGE` without an expected rate or with one beyond the limits, with `CancelledError`, and as
 * `SchedulerSession.failed` does.
 */
export async function runCapacity(options: SearchOptions): Promise<SearchOutcome<CapacityResult>> {
  const { expectedRate } = options.objective;
  if (expectedRate === undefined)
    throw new ThroughlineError('BAD_USAGE', 'A capacity test needs "expectedRate" in its objective.');
  if (expectedRate > options.limits.maxRate)
    throw new ThroughlineError(
      'BAD_USAGE',
      `The expected rate of ${formatRate(expectedRate)} is beyond the limit of ${formatRate(options.limits.maxRate)}.`,
    );
  const search = new Search(options);
  try {
    await search.warmUp();
    await search.trial({ model: 'closed', level: 1 });
    const level = expectedRate / search.requestsPerIteration;
    const { holds, trials } = await judgeExpected(search, level);
    if (holds === undefined) return undecided(search, options, expectedRate, trials);
    const bracket = await findBracket(
      search,
      {
        start: level,
        maxRate: options.limits.maxRate,
        tolerance: TOLERANCE,
        widest: WIDEST_TOLD,
        up: STEPS_UP,
        down: STEPS_DOWN,
      },
      trials,
    );
    return conclude(search, options, expectedRate, holds, bracket);
  } finally {
    search.dispose();
  }
}

async function judgeExpected(
  search: Search,
  level: number,
): Promise<{ readonly holds: boolean | undefined; readonly trials: readonly TrialOutcome[] }> {
  const trials: TrialOutcome[] = [];
  const count = (decision: string) => trials.filter(({ trial }) => trial.decision === decision).length;
  for (;;) {
    const outcome = await search.trial({ model: 'open', level }, EXPECTED_WINDOWS);
    trials.push(outcome);
    if (outcome.trial.decision !== 'pass') await search.drain();
    if (count('pass') > 0) return { holds: true, trials };
    if (count('fail') === 2) return { holds: false, trials };
    if (outcome.limit !== undefined || count('undecided') === 2) return { holds: undefined, trials };
  }
}

function conclude(
  search: Search,
  { objective, limits }: SearchOptions,
  expectedRate: number,
  holds: boolean,
  { end, levels, trials }: Bracket,
): SearchOutcome<CapacityResult> {
  const perIteration = search.requestsPerIteration;
  const { held } = levels;
  const rate = held === undefined ? undefined : held * perIteration;
  const narrow = levels.rejected !== undefined && levels.ratio <= WIDEST_TOLD;
  const found = rate !== undefined && narrow;
  const evidence = [
    ...trialEvidence(trials, expectedRate / perIteration, objective, holds ? 'held' : 'did not hold'),
  ];
  if (held !== undefined && rate !== expectedRate)
    evidence.push(...trialEvidence(trials, held, objective, 'held'));
  if (levels.failing !== undefined && levels.failing * perIteration !== expectedRate)
    evidence.push(...trialEvidence(trials, levels.failing, objective, 'did not hold'));
  if (end.type === 'limit')
    evidence.push(`More than ${formatRate(rate ?? 0)} was not tried: ${limitText(end.by)}.`);
  else if (!found && end.type !== 'nothingHolds')
    evidence.push('The time was over before the most load was found.');

  const change = rate === undefined ? undefined : rate / expectedRate - 1;
  const verdict: Verdict = {
    state: holds ? 'pass' : 'fail',
    sentence: sentence(),
    evidence,
  };
  return {
    result: {
      ...{ objective, expectedRate, holds },
      ...(found && { headroom: change! }),
      ...(rate !== undefined && { mostHeldRate: rate }),
      ...search.iterationSize,
      trials: search.trials.map(({ trial }) => trial),
    },
    verdict,
    ...(held !== undefined && {
      mostHeld: search.executorOf({ model: 'open', level: Math.min(held, limits.maxRate) }),
    }),
  };

  function sentence(): string {
    const expected = `the expected ${formatRate(expectedRate)}`;
    const within = formatObjective(objective);
    if (!holds) {
      const instead =
        rate === undefined
          ? ''
          : found
            ? `; it holds ${formatRate(rate)}`
            : `; it holds at least ${formatRate(rate)}`;
      return `Does not hold ${expected} with ${within}${instead}.`;
    }
    const least = found ? '' : 'at least ';
    return `Holds ${expected} with ${within}, with ${least}${formatPercent(change ?? 0)} headroom.`;
  }
}

function undecided(
  search: Search,
  { objective }: SearchOptions,
  expectedRate: number,
  trials: readonly TrialOutcome[],
): SearchOutcome<CapacityResult> {
  const last = trials.at(-1)!;
  const why =
    last.limit === undefined
      ? 'the generator was late in too many windows, or response times had no clear trend'
      : limitText(last.limit);
  const { windows, discarded, latencyMicros, throughput } = last.trial;
  return {
    result: {
      ...{ objective, expectedRate, holds: undefined },
      ...search.iterationSize,
      trials: search.trials.map(({ trial }) => trial),
    },
    verdict: {
      state: 'inconclusive',
      sentence: `Inconclusive at the expected ${formatRate(expectedRate)}: ${why}.`,
      evidence: [
        `${discarded} of the last trial's ${windows} windows were discarded; the others completed ${formatRate(throughput)} with ${formatQuantile(objective.quantile)} ${formatMicros(latencyMicros)}.`,
      ],
    },
  };
}
