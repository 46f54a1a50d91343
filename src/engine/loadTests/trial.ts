import type { Trial } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import type { Objective } from '../model/objective';
import { MergedTimes, quantileMicros } from './histograms';
import { fitSlope, mean, type Point, type Slope } from './trend';

/** A trial is decided on no fewer valid windows. */
export const MIN_WINDOWS = 4;
/** A trial ends undecided when it has not been decided in so many seconds. */
const MAX_SECONDS = 6;
/** The same for objectives of seconds, where replies take long. */
const LONGEST_TRIAL_SECONDS = 20;
/** A window in which the generator was late by more than this part of the objective says nothing about the app. */
const LATE_SHARE = 1 / 4;

/**
 * Mean response times that rise by a second in a hundred seconds or faster: the app completes at least 1 % less than
 * arrives, and its queue grows for as long as the load lasts.
 */
const GROWING = 0.01;
/** The rise is known to be less than this: the app keeps pace. */
const KEEPS_PACE = 0.02;

export interface TrialLevel {
  readonly model: Trial['model'];
  /** Iterations a second, or virtual users. */
  readonly level: number;
}

export interface TrialOptions extends TrialLevel {
  readonly objective: Objective;
  /** Valid windows wanted before the trial is decided; `MIN_WINDOWS` unless given. */
  readonly minWindows?: number;
  /** There are virtual users for the load even when each reply takes as long as the objective allows. */
  readonly enoughVUs: boolean;
}

/** What was found at one level of load. */
export interface TrialOutcome {
  readonly trial: Trial;
  /** Of a trial that failed: what broke. */
  readonly broken?: 'latency' | 'errors' | 'queue';
  /** Of an undecided trial: what stood in the way. */
  readonly limit?: 'generator' | 'virtualUsers';
  /** Rise of the mean response time in seconds a second: the share of arrivals that queue up. Of open models. */
  readonly growth?: Slope;
  /** Of the windows that count: requests a second that did not fail. */
  readonly goodput: readonly number[];
  /** Seconds that an iteration takes with its think time, by Little's law. */
  readonly iterationSeconds?: number;
  readonly meanMicros: number;
  readonly p50Micros: number;
  readonly p90Micros: number;
}

/**
 * Judges one level of load by short windows, of which some may be bad (as in MLRsearch, RFC 9411 and draft-ietf-bmwg-
 * mlrsearch). It is fed with the windows of the level's phase. The first is discarded; it holds the change of level.
 *
 * A trial passes if at most half of its valid windows break the objective and, in the open model, the app keeps pace.
 * Just above an app's capacity the queue grows slowly: at 2 % too much each second adds 20 ms of waiting, and windows
 * of a short trial may all be within the objective. Little's law ties the queue to the mean response time, whose
 * slope over the windows, seconds a second, is the share of the load that the app does not complete. It is tested
 * as a slope is, by its standard error; while it is unclear the trial goes on until its time is over.
 *
 * Windows in which the generator was late are discarded. In the open model so are later ones that break the objective:
 * near its capacity an app takes many windows to work off a burst. Whether it does shows in their slope, which counts.
 */
export class TrialJudge {
  private readonly windows: LoadWindow[] = [];
  private readonly valid: LoadWindow[] = [];
  /** Middle and mean response time of the windows, in seconds, in groups between those in which the generator was late. */
  private readonly course: Point[][] = [[]];
  private readonly times = new MergedTimes();
  private discarded = 0;
  private bad = 0;
  private badByErrors = 0;
  /** Bad windows after one in which the generator was late. */
  private afterBurst = 0;
  private starved = 0;
  private saturated = 0;
  private lastReplyMicros: number | undefined;

  constructor(private readonly options: TrialOptions) {}

  /** Returns what the trial came to once it is decided. */
  add(window: LoadWindow): TrialOutcome | undefined {
    this.windows.push(window);
    if (this.windows.length === 1) {
      this.discarded++;
      this.lastReplyMicros = window.endMicros;
      if (generatorWasLate(window, this.options.objective)) this.course.push([]);
      return undefined;
    }
    if (window.generator.saturated) this.saturated++;
    if (generatorWasLate(window, this.options.objective)) {
      this.discarded++;
      this.course.push([]);
    } else this.judge(window);
    if (window.latency.count > 0) this.lastReplyMicros = window.endMicros;
    return this.decide();
  }

  private judge(window: LoadWindow): void {
    const { objective, enoughVUs } = this.options;
    const errors = errorShare(window);
    const latency = quantileMicros(window, objective.quantile);
    if (latency === undefined && window.failed === 0) {
      // Nothing came back: of slow replies some windows have none, but no reply may take longer than the objective.
      const waitedMicros = window.endMicros - this.lastReplyMicros!;
      if (window.vusBusy === 0 || waitedMicros <= objective.latencyMicros) {
        this.discarded++;
        return;
      }
    }
    const slow = latency === undefined ? window.failed === 0 : latency > objective.latencyMicros;
    const starved = window.unstarted > 0;
    const failing = errors > objective.errorRate;
    const bad = slow || failing || (starved && enoughVUs);
    if (latency !== undefined) {
      const x = (window.startMicros + window.endMicros) / 2e6;
      this.course.at(-1)!.push({ x, y: window.latency.meanMicros / 1e6 });
    }
    // What the generator sent late came as a burst, and the app is not to blame for what waits since.
    if (bad && this.course.length > 1 && this.options.model === 'open') {
      this.discarded++;
      this.afterBurst++;
      return;
    }
    this.valid.push(window);
    this.times.add(window);
    if (starved && !enoughVUs) this.starved++;
    if (failing) this.badByErrors++;
    if (bad) this.bad++;
  }

  private decide(): TrialOutcome | undefined {
    const { minWindows = MIN_WINDOWS, model } = this.options;
    const n = this.valid.length;
    const over = this.seconds >= this.maxSeconds;
    if (n < MIN_WINDOWS && this.afterBurst >= MIN_WINDOWS) {
      // Waiting for the burst to be worked off takes longer than another trial.
      const growth = fitSlope(this.course);
      return growth && isGrowing(growth)
        ? this.outcome('fail', { broken: 'queue', growth })
        : this.outcome('undecided', this.generatorLimit());
    }
    if (n < minWindows && !over) return undefined;
    if (n < MIN_WINDOWS) return this.outcome('undecided', this.generatorLimit());
    if (this.starved > n / 2) return this.outcome('undecided', { limit: 'virtualUsers' });
    if (this.bad > n / 2) {
      // Slow replies of a generator that could not keep up are its own.
      const limit = this.generatorLimit();
      if (limit.limit !== undefined) return this.outcome('undecided', limit);
      return this.outcome('fail', { broken: this.badByErrors > this.bad / 2 ? 'errors' : 'latency' });
    }
    if (model === 'closed') return this.outcome('pass');
    const growth = fitSlope(this.course);
    if (growth === undefined) return this.outcome('pass');
    if (isGrowing(growth)) return this.outcome('fail', { broken: 'queue', growth });
    if (growth.high < KEEPS_PACE) return this.outcome('pass', { growth });
    if (!over) return undefined;
    return this.outcome(growth.slope < GROWING ? 'pass' : 'undecided', { growth });
  }

  private generatorLimit(): Pick<TrialOutcome, 'limit'> {
    return this.saturated > (this.windows.length - 1) / 2 ? { limit: 'generator' } : {};
  }

  private get seconds(): number {
    const { windows } = this;
    return windows.length === 0 ? 0 : (windows.at(-1)!.endMicros - windows[0]!.endMicros) / 1e6;
  }

  private get maxSeconds(): number {
    const { objective, minWindows = MIN_WINDOWS } = this.options;
    const slow = (objective.latencyMicros * MIN_WINDOWS) / 1e6;
    return Math.min(LONGEST_TRIAL_SECONDS, Math.max(MAX_SECONDS, slow)) * Math.max(1, minWindows / 8);
  }

  private outcome(
    decision: Trial['decision'],
    more: Pick<TrialOutcome, 'limit' | 'broken' | 'growth'> = {},
  ): TrialOutcome {
    const { valid, windows, times } = this;
    const { model, level, objective } = this.options;
    const seconds = sum(valid, windowSeconds);
    const started = sum(valid, (window) => window.started);
    const attempts = sum(valid, attemptsOf);
    const at = (quantile: number) => times.quantile(quantile) ?? 0;
    return {
      trial: {
        model,
        level,
        decision,
        windows: windows.length,
        discarded: this.discarded,
        badWindows: this.bad,
        throughput: seconds > 0 ? times.count / seconds : 0,
        latencyMicros: at(objective.quantile),
        errorRate: attempts > 0 ? sum(valid, ({ failed }) => failed) / attempts : 0,
        startMicros: windows[0]!.startMicros,
        endMicros: windows.at(-1)!.endMicros,
      },
      ...more,
      goodput: valid.map((window) => Math.max(0, attemptsOf(window) - window.failed) / windowSeconds(window)),
      ...(started > 0 && {
        iterationSeconds: (mean(valid.map(({ vusBusy }) => vusBusy)) * seconds) / started,
      }),
      meanMicros: times.meanMicros ?? 0,
      p50Micros: at(0.5),
      p90Micros: at(0.9),
    };
  }
}

function isGrowing({ slope, low }: Slope): boolean {
  return slope >= GROWING && low > 0;
}

/** The window says nothing about the app: the generator was behind its schedule, or its event loop was blocked. */
export function generatorWasLate(
  { lagP99Micros, generator }: LoadWindow,
  { latencyMicros }: Objective,
): boolean {
  return Math.max(lagP99Micros, generator.eventLoopDelayP99Ms * 1000) > latencyMicros * LATE_SHARE;
}

export function windowSeconds({ startMicros, endMicros }: LoadWindow): number {
  return (endMicros - startMicros) / 1e6;
}

/** Of the window's requests, 0 to 1. */
export function errorShare(window: LoadWindow): number {
  const attempts = attemptsOf(window);
  return attempts === 0 ? 0 : window.failed / attempts;
}

/** Requests that ended in the window. Without the count of those that were not answered it is this many at least. */
export function attemptsOf({ latency, failed, unanswered }: LoadWindow): number {
  return unanswered === undefined ? Math.max(latency.count, failed) : latency.count + unanswered;
}

function sum(windows: readonly LoadWindow[], of: (window: LoadWindow) => number): number {
  return windows.reduce((total, window) => total + of(window), 0);
}
