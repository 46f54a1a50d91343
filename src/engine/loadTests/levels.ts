import type { TrialOutcome } from './trial';

/** What is known of one level of load. */
interface Tried {
  readonly level: number;
  passes: number;
  fails: number;
  undecided: number;
  /** Valid windows of the trials that passed. */
  passedWindows: number;
}

export interface LevelOptions {
  /** Iterations a second of the first trial. */
  readonly start: number;
  readonly maxRate: number;
  /** The bracket is narrow enough when the lowest rejected level is at most this times the highest held. */
  readonly tolerance: number;
  /** The same for a bracket whose narrower upper end cannot be decided. */
  readonly widest: number;
  /** Factors from the highest level held upwards, the last one again and again. */
  readonly up: readonly number[];
  /** Factors from the lowest level rejected downwards. */
  readonly down: readonly number[];
}

export type NextLevel =
  | { readonly type: 'try'; readonly level: number; readonly minWindows?: number }
  /** The bracket is narrow, its lower end held and its upper end was rejected twice. */
  | { readonly type: 'found' }
  /** Higher levels than the highest held cannot be sent. */
  | { readonly type: 'limit'; readonly by: 'generator' | 'virtualUsers' | 'maxRate' }
  /** Even the lowest level was rejected. */
  | { readonly type: 'nothingHolds' }
  /** A level could not be decided in any of several trials. */
  | { readonly type: 'undecided'; readonly level: number };

/** Windows in which the reported level must have held, over its trials. */
const CONFIRMED_WINDOWS = 8;
/** Nobody sends less than this part of the first level, or so few a second. */
const LOWEST_SHARE = 0.02;
const LOWEST_RATE = 0.5;
/** Between what held and what cannot be sent, less than this is not searched. */
const LIMIT_TOLERANCE = 1.1;
/** Trials of a level that cannot be decided, before the search gives up. */
const MAX_UNDECIDED = 5;
const MAX_UNDECIDED_AT_END = 2;

/**
 * Which level of load to try next: from `start` in growing steps until one holds and one does not, then by geometric
 * bisection (RFC 2544, section 26.1, whose single long trials are replaced by short ones, several at the level that
 * counts). One pass accepts a level. One failed trial only turns the search downwards; a level is rejected by two,
 * the second of which comes at the end, some time after the first, when a passing disturbance is over.
 */
export class LevelSearch {
  private readonly tried = new Map<number, Tried>();
  private limit: { level: number; by: 'generator' | 'virtualUsers' | 'maxRate' } | undefined;

  constructor(private readonly options: LevelOptions) {}

  record(level: number, { trial, limit }: TrialOutcome): void {
    const tried = this.at(level);
    if (trial.decision === 'pass') {
      tried.passes++;
      tried.passedWindows += trial.windows - trial.discarded;
    } else if (trial.decision === 'fail') tried.fails++;
    else if (limit !== undefined) {
      if (this.limit === undefined || level < this.limit.level) this.limit = { level, by: limit };
    } else tried.undecided++;
  }

  /** Highest level that held, below all that did not. */
  get held(): number | undefined {
    const below = this.failing ?? Infinity;
    const levels = this.levels((tried) => accepted(tried) && tried.level < below);
    return levels.at(-1);
  }

  /** Lowest level of which more trials failed than passed. */
  get failing(): number | undefined {
    return this.levels(({ passes, fails }) => fails > passes)[0];
  }

  /** Lowest level of which two trials failed; none that is further from what held than the widest bracket. */
  get rejected(): number | undefined {
    const { held } = this;
    const lowest = this.levels(({ passes, fails }) => fails > passes && fails >= 2)[0];
    return held === undefined || (lowest ?? 0) <= held * this.options.widest ? lowest : undefined;
  }

  next(): NextLevel {
    const { start, tolerance, maxRate } = this.options;
    const { held, failing } = this;
    const undecided = [...this.tried.values()].find((tried) => tried.undecided >= MAX_UNDECIDED);
    if (undecided && undecided.passes + undecided.fails === 0)
      return { type: 'undecided', level: undecided.level };
    if (held === undefined && failing === undefined && this.limit === undefined)
      return { type: 'try', level: Math.min(start, maxRate) };
    if (held === undefined) return this.below(Math.min(failing ?? Infinity, this.limit?.level ?? Infinity));
    if (failing === undefined) return this.above(held);
    if (failing / held > tolerance) return { type: 'try', level: Math.sqrt(held * failing) };
    if (this.rejected === undefined) return { type: 'try', level: this.upperEnd(held, failing) };
    return this.confirmed(held)
      ? { type: 'found' }
      : { type: 'try', level: held, minWindows: CONFIRMED_WINDOWS };
  }

  /** What is left to do when time runs out: the second trial of the upper end, the longer one of the lower. */
  get unconfirmed(): boolean {
    const { held } = this;
    return this.rejected === undefined || held === undefined || !this.confirmed(held);
  }

  /** What the bracket's upper end is over its lower one; of the level rejected, where there is one. */
  get ratio(): number {
    const { held, failing, rejected } = this;
    const end = rejected ?? failing;
    return held === undefined || end === undefined ? Infinity : end / held;
  }

  /** As `next`, for a bracket that is not to be narrowed any more. */
  confirm(): NextLevel {
    const { held, failing } = this;
    if (held === undefined || failing === undefined) return this.next();
    if (this.rejected === undefined) return { type: 'try', level: this.upperEnd(held, failing) };
    return this.confirmed(held)
      ? { type: 'found' }
      : { type: 'try', level: held, minWindows: CONFIRMED_WINDOWS };
  }

  /** Where the lowest level that failed cannot be decided again, more load than that is easier to tell from what holds. */
  private upperEnd(held: number, failing: number): number {
    const wide = held * this.options.widest;
    return this.at(failing).undecided >= MAX_UNDECIDED_AT_END && wide > failing ? wide : failing;
  }

  private confirmed(level: number): boolean {
    return this.at(level).passedWindows >= CONFIRMED_WINDOWS;
  }

  private above(held: number): NextLevel {
    const { up, maxRate } = this.options;
    // Where a trial has failed before, the end is near.
    const failed = this.levels(({ fails }) => fails > 0).length > 0;
    const steps = failed ? 0 : this.levels(accepted).length - 1;
    const wanted = held * up[Math.min(steps, up.length - 1)]!;
    const limit = this.limit ?? (wanted >= maxRate ? { level: maxRate, by: 'maxRate' as const } : undefined);
    if (limit === undefined) return { type: 'try', level: wanted };
    const sendable = limit.by === 'maxRate' ? maxRate : Math.sqrt(held * limit.level);
    if (limit.by === 'maxRate' ? held >= maxRate : limit.level / held <= LIMIT_TOLERANCE)
      return { type: 'limit', by: limit.by };
    return { type: 'try', level: Math.min(wanted, sendable) };
  }

  private below(failing: number): NextLevel {
    const { down, start } = this.options;
    const steps = this.tried.size - 1;
    const level = failing * down[Math.min(steps, down.length - 1)]!;
    if (level >= Math.max(LOWEST_RATE, start * LOWEST_SHARE)) return { type: 'try', level };
    if (this.failing !== undefined && this.rejected === undefined)
      return { type: 'try', level: this.failing };
    return this.failing === undefined && this.limit
      ? { type: 'limit', by: this.limit.by }
      : { type: 'nothingHolds' };
  }

  private levels(which: (tried: Tried) => boolean): number[] {
    return [...this.tried.values()]
      .filter(which)
      .map(({ level }) => level)
      .sort((a, b) => a - b);
  }

  private at(level: number): Tried {
    const known = this.tried.get(level);
    if (known) return known;
    const tried = { level, passes: 0, fails: 0, undecided: 0, passedWindows: 0 };
    this.tried.set(level, tried);
    return tried;
  }
}

function accepted({ passes, fails }: Tried): boolean {
  return passes > 0 && passes >= fails;
}
