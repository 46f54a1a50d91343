import { LevelSearch, type LevelOptions, type NextLevel } from './levels';
import type { Search } from './search';
import type { TrialOutcome } from './trial';

/** A bracket this wide is still told when time runs out; wider ones are inconclusive. */
export const WIDEST_BRACKET = 1.05;
/** What the trials that confirm a bracket may take, in seconds: no new level is begun with less left. */
const CONFIRM_SECONDS = 15;
/** A trial is not begun with less left: its level's change, four windows and the telling of the last. */
const TRIAL_SECONDS = 4;

export interface Bracket {
  readonly end: Exclude<NextLevel, { type: 'try' }> | { readonly type: 'outOfTime' };
  readonly levels: LevelSearch;
  /** Of the open model, in order. */
  readonly trials: readonly TrialOutcome[];
}

/** Searches for the most load of the open model that holds, as long as there is time. `known`: trials of before. */
export async function findBracket(
  search: Search,
  options: LevelOptions,
  known: readonly TrialOutcome[] = [],
): Promise<Bracket> {
  const levels = new LevelSearch(options);
  for (const outcome of known) levels.record(outcome.trial.level, outcome);
  const trials = [...known];
  for (;;) {
    const hurry = search.remainingSeconds < CONFIRM_SECONDS && levels.ratio <= WIDEST_BRACKET;
    const next = hurry ? levels.confirm() : levels.next();
    if (next.type !== 'try') return { end: next, levels, trials };
    if (search.remainingSeconds < TRIAL_SECONDS) return { end: { type: 'outOfTime' }, levels, trials };
    const outcome = await search.trial({ model: 'open', level: next.level }, next.minWindows);
    trials.push(outcome);
    levels.record(next.level, outcome);
    if (outcome.trial.decision !== 'pass') await search.drain();
  }
}
