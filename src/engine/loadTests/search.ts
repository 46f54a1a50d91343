import { ThroughlineError } from '../model/errors';
import type { LoadLimits, SchedulerSession } from '../model/loadSession';
import type { Executor, Flow } from '../model/loadTest';
import type { Trial, Verdict } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import type { Objective } from '../model/objective';
import { formatRate, plural } from './text';
import { WindowFeed } from './windowFeed';
import { TrialJudge, type TrialLevel, type TrialOutcome } from './trial';

export interface SearchOptions {
  /** Sends nothing yet, or what is to be replaced. The search never stops it. */
  readonly session: SchedulerSession;
  readonly objective: Objective;
  /** Most virtual users of any level; the limits' apply as well. */
  readonly maxVUs: number;
  readonly limits: LoadLimits;
  readonly signal: AbortSignal;
  readonly onTrial?: (trial: Trial) => void;
  /** Of the test; absent: an iteration is one request. */
  readonly flows?: readonly Flow[];
  /** Discarded; 3 unless given. */
  readonly warmupSeconds?: number;
  /** From the first window to the last; 68 unless given. */
  readonly budgetSeconds?: number;
}

/** What a search came to. */
export interface SearchOutcome<Result> {
  readonly result: Result;
  readonly verdict: Verdict;
  /** Sends the most load that met the objective; absent where none is known. */
  readonly mostHeld?: Executor;
}

const DEFAULT_WARMUP_SECONDS = 3;
const DEFAULT_BUDGET_SECONDS = 68;
const WARMUP_VUS = 4;
/** An app that has not worked off what was left waiting in this time, or twice the objective's, is not waited for. */
const DRAIN_SECONDS = 8;
/** Virtual users of the open model, over those that the objective's response time calls for: a longer queue is not needed to see it broken, and takes as long to drain. */
const SPARE_VUS = 3;
const LEAST_VUS = 20;
/** Beyond any trial; each is ended by the next `run`. */
const LEVEL_SECONDS = 120;

/** What one search does to the session: warm up, trials, draining. Its owner must `dispose` it. */
export class Search {
  readonly trials: TrialOutcome[] = [];
  readonly maxVUs: number;
  readonly requestsPerIteration: number;
  private readonly feed: WindowFeed;
  /** Replies of an app with nothing to do but one virtual user's requests. */
  private unloaded: TrialOutcome | undefined;
  /** What the trial before left waiting could not be drained. */
  private backlog = false;

  constructor(private readonly options: SearchOptions) {
    this.maxVUs = Math.min(options.maxVUs, options.limits.maxVUs);
    this.requestsPerIteration = requestsPerIteration(options.flows ?? []);
    this.feed = new WindowFeed(options.session, options.signal);
  }

  get elapsedSeconds(): number {
    return this.feed.elapsedSeconds;
  }

  get remainingSeconds(): number {
    return (this.options.budgetSeconds ?? DEFAULT_BUDGET_SECONDS) - this.feed.elapsedSeconds;
  }

  get discardedWindows(): number {
    return this.trials.reduce((sum, { trial }) => sum + trial.discarded, 0);
  }

  /** What a result needs to tell its levels as requests. */
  get iterationSize(): { readonly requestsPerIteration?: number } {
    return this.requestsPerIteration === 1 ? {} : { requestsPerIteration: this.requestsPerIteration };
  }

  async warmUp(): Promise<void> {
    const seconds = this.options.warmupSeconds ?? DEFAULT_WARMUP_SECONDS;
    if (seconds <= 0) return;
    const vus = Math.min(WARMUP_VUS, this.maxVUs);
    const phase = await this.send(this.closedLevel(vus));
    let until: number | undefined;
    for (;;) {
      const window = await this.windowOf(phase);
      until ??= window.startMicros + seconds * 1e6;
      if (window.endMicros >= until) return;
    }
  }

  async trial(level: TrialLevel, minWindows?: number): Promise<TrialOutcome> {
    const { objective } = this.options;
    const executor = this.executorOf(level);
    const judge = new TrialJudge({
      ...level,
      objective,
      ...(minWindows !== undefined && { minWindows }),
      enoughVUs: 'maxVUs' in executor && executor.maxVUs >= this.vusFor(level.level, 1),
    });
    let outcome: TrialOutcome | undefined;
    try {
      const phase = await this.send(executor);
      while (outcome === undefined) outcome = judge.add(await this.windowOf(phase));
    } catch (error) {
      throw withLevel(error, level);
    }
    if (this.backlog && outcome.trial.decision === 'fail')
      outcome = { ...outcome, trial: { ...outcome.trial, decision: 'undecided' } };
    this.trials.push(outcome);
    if (level.model === 'closed' && level.level === 1) this.unloaded ??= outcome;
    this.options.onTrial?.(outcome.trial);
    return outcome;
  }

  /**
   * Sends next to nothing until the app has worked off what waits in it: no more virtual users are busy than send
   * now, or replies are as quick as those of the unloaded app.
   */
  async drain(): Promise<void> {
    const phase = await this.send(this.closedLevel(1));
    const quietMicros = this.quietMicros();
    const bound = Math.max(DRAIN_SECONDS, (2 * this.options.objective.latencyMicros) / 1e6);
    let first: LoadWindow | undefined;
    for (;;) {
      const window = await this.windowOf(phase);
      const mixed = first === undefined;
      first ??= window;
      const quick = !mixed && window.latency.count > 0 && window.latency.p90Micros <= quietMicros;
      this.backlog = window.vusBusy > 1 && !quick;
      if (!this.backlog || (window.endMicros - first.endMicros) / 1e6 >= bound) return;
    }
  }

  executorOf({ model, level }: TrialLevel): Executor {
    if (model === 'closed') return this.closedLevel(level);
    const maxVUs = Math.min(this.maxVUs, Math.max(LEAST_VUS, this.vusFor(level, SPARE_VUS)));
    return {
      executor: 'constant-arrival-rate',
      rate: level,
      timeUnit: 1,
      duration: this.levelSeconds,
      preAllocatedVUs: maxVUs,
      maxVUs,
      gracefulStop: 0,
    };
  }

  dispose(): void {
    this.feed.dispose();
  }

  /** Little's law: for replies that take so many times what the objective allows, beside think time. */
  private vusFor(rate: number, objectives: number): number {
    const perIteration = (this.options.objective.latencyMicros / 1e6) * this.requestsPerIteration;
    return Math.ceil(rate * ((this.unloaded?.iterationSeconds ?? 0) + objectives * perIteration)) + 1;
  }

  private quietMicros(): number {
    const tenth = this.options.objective.latencyMicros / 10;
    return this.unloaded ? Math.max(2 * this.unloaded.p90Micros, this.unloaded.p90Micros + tenth) : tenth;
  }

  private closedLevel(vus: number): Executor {
    return { executor: 'constant-vus', vus, duration: this.levelSeconds, gracefulStop: 0 };
  }

  private get levelSeconds(): number {
    return Math.min(LEVEL_SECONDS, this.options.limits.maxDurationSeconds);
  }

  private async send(executor: Executor): Promise<number> {
    return (await this.options.session.run(executor)).phase;
  }

  private async windowOf(phase: number): Promise<LoadWindow> {
    for (;;) {
      const window = await this.feed.next();
      if (window.phase === phase) return window;
    }
  }
}

/** An app that crashes under load has been broken by it: the error tells how much that was. */
function withLevel(error: unknown, { model, level }: TrialLevel): unknown {
  if (!(error instanceof ThroughlineError) || error.code !== 'TARGET_CRASHED') return error;
  const load = model === 'open' ? formatRate(level, 'iterations') : plural(level, 'virtual user');
  return new ThroughlineError(error.code, `${error.message} It was under ${load}.`, error.detail, {
    cause: error,
  });
}

/** By the weights of the flows. Levels count iterations, and what is told of them counts requests. */
export function requestsPerIteration(flows: readonly Flow[]): number {
  const weights = flows.reduce((sum, { weight }) => sum + weight, 0);
  const requests = flows.reduce(
    (sum, { weight, steps }) => sum + weight * steps.filter(({ type }) => type === 'request').length,
    0,
  );
  return weights > 0 && requests > 0 ? requests / weights : 1;
}
