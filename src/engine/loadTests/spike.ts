import type { LoadLimits, SchedulerSession } from '../model/loadSession';
import type { Executor, Flow } from '../model/loadTest';
import type { SpikeResult, Verdict } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import type { Objective } from '../model/objective';
import { ThroughlineError } from '../model/errors';
import { formatMicros } from '../model/units';
import { MergedTimes, quantileMicros } from './histograms';
import { requestsPerIteration } from './search';
import { spikePlan, type SpikePlan } from './spikePlan';
import { formatObjective, formatPercent, formatQuantile, formatRate } from './text';
import { median } from './trend';
import { attemptsOf, errorShare, generatorWasLate } from './trial';
import { WindowFeed } from './windowFeed';

export interface SpikeOptions {
  readonly session: SchedulerSession;
  readonly objective: Objective;
  /** Of the test; see `spikePlan`. */
  readonly executor: Executor;
  readonly limits: LoadLimits;
  readonly signal: AbortSignal;
  readonly flows?: readonly Flow[];
  /** At the baseline's rate, discarded; 3 unless given. */
  readonly warmupSeconds?: number;
  /** The monotonic clock that windows are told by, in microseconds. */
  readonly nowMicros?: () => number;
}

export interface SpikeOutcome {
  readonly result: SpikeResult;
  readonly verdict: Verdict;
  /** The stretch of the spike, of the monotonic clock. */
  readonly spike: { readonly startMicros: number; readonly endMicros: number };
}

const DEFAULT_WARMUP_SECONDS = 3;
/** The app has recovered with so many windows in the baseline's band one after another ... */
const BACK_WINDOWS = 4;
/** ... and has not, when so many in a row are out of it again. */
const AWAY_WINDOWS = 2;
/** The band ends so many robust standard deviations above the median of the baseline's windows, ... */
const BAND_DEVIATIONS = 3;
/** ... and no closer to it than this: the median's quarter, or a millisecond. */
const BAND_SHARE = 0.25;
const BAND_MICROS = 1000;
/** Of the median absolute deviation, of the normal distribution. */
const DEVIATION_OF_MAD = 1.4826;

/**
 * Baseline, spike, baseline (see `spikePlan`), and how long it takes until response times are as before.
 *
 * Recovered is told with hysteresis: from the first of four windows in a row in the band of the baseline's windows
 * (the objective's quantile, and no more errors than the objective allows), unless two in a row leave it again later.
 * The test passes when the baseline met the objective, no more requests failed in the spike than the objective
 * allows, and the app recovered within the test. Response times of the spike itself are told and not judged.
 *
 * Rejects with `BAD_USAGE` for executors that have no spike, with `CancelledError`, and as `SchedulerSession.failed`.
 */
export async function runSpike(options: SpikeOptions): Promise<SpikeOutcome> {
  const plan = spikePlan(options.executor);
  if (plan.spikeRate > options.limits.maxRate)
    throw new ThroughlineError(
      'BAD_USAGE',
      `The spike of ${formatRate(plan.spikeRate, 'iterations')} is beyond the limit of ${formatRate(options.limits.maxRate, 'iterations')}.`,
    );
  const feed = new WindowFeed(options.session, options.signal);
  try {
    await warmUp(options, plan, feed);
    const { phase } = await options.session.run(plan.executor);
    const startMicros = (options.nowMicros ?? monotonicMicros)();
    const endMicros = startMicros + plan.endSeconds * 1e6;
    const windows: LoadWindow[] = [];
    for (;;) {
      const window = await feed.next();
      if (window.phase !== phase) continue;
      if (window.endMicros > endMicros) break;
      windows.push(window);
    }
    return conclude(options, plan, startMicros, windows);
  } finally {
    feed.dispose();
  }
}

async function warmUp(
  { session, warmupSeconds = DEFAULT_WARMUP_SECONDS }: SpikeOptions,
  { executor: { stages: _stages, startRate: _startRate, ...open }, baselineRate }: SpikePlan,
  feed: WindowFeed,
): Promise<void> {
  if (warmupSeconds <= 0) return;
  const duration = warmupSeconds + 10;
  const rate = baselineRate * open.timeUnit;
  const { phase } = await session.run({ ...open, executor: 'constant-arrival-rate', rate, duration });
  let until: number | undefined;
  for (;;) {
    const window = await feed.next();
    if (window.phase !== phase) continue;
    until ??= window.startMicros + warmupSeconds * 1e6;
    if (window.endMicros >= until) return;
  }
}

function conclude(
  { objective, flows = [] }: SpikeOptions,
  plan: SpikePlan,
  startMicros: number,
  windows: readonly LoadWindow[],
): SpikeOutcome {
  const between = (from: number, to: number) =>
    windows.filter(
      (window) =>
        window.startMicros >= startMicros + from * 1e6 && window.endMicros <= startMicros + to * 1e6,
    );
  const perIteration = requestsPerIteration(flows);
  const baseline = stretch(between(plan.baselineSeconds, plan.riseSeconds), objective);
  const spike = stretch(between(plan.spikeSeconds, plan.fallSeconds), objective);
  const after = between(plan.fallSeconds, plan.endSeconds);
  const fallMicros = startMicros + plan.fallSeconds * 1e6;
  const band = baselineBand(baseline.windows, objective);
  const recoverySeconds = band === undefined ? undefined : recovery(after, band, objective, fallMicros);
  const result: SpikeResult = {
    baselineRate: plan.baselineRate * perIteration,
    spikeRate: plan.spikeRate * perIteration,
    baselineLatencyMicros: baseline.latencyMicros,
    spikeLatencyMicros: spike.latencyMicros,
    spikeErrorRate: spike.errorRate,
    ...(recoverySeconds !== undefined && { recoverySeconds }),
  };
  return {
    result,
    verdict: verdictOf(objective, result, {
      baseline,
      spike,
      band,
      seconds: plan.endSeconds - plan.fallSeconds,
    }),
    spike: { startMicros: startMicros + plan.spikeSeconds * 1e6, endMicros: fallMicros },
  };
}

interface Stretch {
  /** Those in which the generator was on time. */
  readonly windows: readonly LoadWindow[];
  readonly discarded: number;
  readonly latencyMicros: number;
  readonly errorRate: number;
  readonly unstarted: number;
  /** Completed requests a second. */
  readonly throughput: number;
}

function stretch(all: readonly LoadWindow[], objective: Objective): Stretch {
  const windows = all.filter((window) => !generatorWasLate(window, objective));
  const times = new MergedTimes();
  for (const window of windows) times.add(window);
  const sum = (of: (window: LoadWindow) => number) =>
    windows.reduce((total, window) => total + of(window), 0);
  const attempts = sum(attemptsOf);
  const micros = sum(({ startMicros, endMicros }) => endMicros - startMicros);
  return {
    windows,
    discarded: all.length - windows.length,
    latencyMicros: times.quantile(objective.quantile) ?? 0,
    errorRate: attempts > 0 ? sum(({ failed }) => failed) / attempts : 0,
    unstarted: sum(({ unstarted }) => unstarted),
    throughput: micros > 0 ? (times.count / micros) * 1e6 : 0,
  };
}

/** Where the baseline's windows end, in microseconds of the objective's quantile; undefined for too few of them. */
function baselineBand(windows: readonly LoadWindow[], { quantile }: Objective): number | undefined {
  const values = windows.flatMap((window) => quantileMicros(window, quantile) ?? []);
  if (values.length < BACK_WINDOWS) return undefined;
  const middle = median(values);
  const mad = median(values.map((value) => Math.abs(value - middle)));
  return middle + Math.max(BAND_DEVIATIONS * DEVIATION_OF_MAD * mad, BAND_SHARE * middle, BAND_MICROS);
}

/** Seconds from the spike's end to the begin of the windows that are as before it; undefined where it did not recover. */
export function recovery(
  windows: readonly LoadWindow[],
  bandMicros: number,
  objective: Objective,
  spikeEndMicros: number,
): number | undefined {
  let since: number | undefined;
  let recovered = false;
  let back = 0;
  let away = 0;
  for (const window of windows) {
    if (generatorWasLate(window, objective)) continue;
    const micros = quantileMicros(window, objective.quantile);
    // Nothing came back, and something was waiting: it is not over.
    const within = micros === undefined ? window.vusBusy === 0 : micros <= bandMicros;
    if (within && errorShare(window) <= objective.errorRate) {
      back++;
      away = 0;
      if (back === 1 && !recovered) since = window.startMicros;
      if (back >= BACK_WINDOWS) recovered = true;
    } else {
      back = 0;
      away++;
      if (away >= AWAY_WINDOWS) recovered = false;
    }
  }
  return recovered && since !== undefined ? Math.max(0, (since - spikeEndMicros) / 1e6) : undefined;
}

function verdictOf(
  objective: Objective,
  result: SpikeResult,
  found: {
    readonly baseline: Stretch;
    readonly spike: Stretch;
    readonly band: number | undefined;
    readonly seconds: number;
  },
): Verdict {
  const { baseline, spike, band, seconds } = found;
  const q = formatQuantile(objective.quantile);
  const evidence = [
    `Baseline of ${formatRate(result.baselineRate)}: ${q} ${formatMicros(baseline.latencyMicros)}, ${formatPercent(baseline.errorRate)} failed.`,
    `Spike of ${formatRate(result.spikeRate)}: ${formatRate(spike.throughput)} completed, ${q} ${formatMicros(spike.latencyMicros)}, ${formatPercent(spike.errorRate)} failed.`,
  ];
  if (spike.unstarted > 0)
    evidence.push(
      `${spike.unstarted} iterations of the spike never started, since every virtual user was busy: its response times are those of the others.`,
    );
  const discarded = baseline.discarded + spike.discarded;
  if (discarded > 0)
    evidence.push(`${discarded} windows were discarded, since the generator itself was late in them.`);
  if (band !== undefined)
    evidence.push(
      result.recoverySeconds === undefined
        ? `Response times were not back within ${formatMicros(band)} in the ${seconds.toFixed(0)} s after the spike.`
        : `Response times were back within ${formatMicros(band)}, and stayed so, ${result.recoverySeconds.toFixed(1)} s after the spike.`,
    );
  if (band === undefined || spike.windows.length === 0)
    return {
      state: 'inconclusive',
      sentence: `Inconclusive: too few windows of the ${band === undefined ? 'baseline' : 'spike'} could be measured.`,
      evidence,
    };
  const spiked = `the spike from ${formatRate(result.baselineRate)} to ${formatRate(result.spikeRate)}`;
  if (baseline.latencyMicros > objective.latencyMicros || baseline.errorRate > objective.errorRate)
    return {
      state: 'fail',
      sentence: `Does not hold ${formatObjective(objective)} even before ${spiked}.`,
      evidence,
    };
  if (spike.errorRate > objective.errorRate)
    return {
      state: 'fail',
      sentence: `${formatPercent(spike.errorRate)} of the requests failed in ${spiked}.`,
      evidence,
    };
  if (result.recoverySeconds === undefined)
    return {
      state: 'fail',
      sentence: `Did not recover from ${spiked} within ${seconds.toFixed(0)} s.`,
      evidence,
    };
  return {
    state: 'pass',
    sentence: `Recovered from ${spiked} in ${result.recoverySeconds.toFixed(1)} s.`,
    evidence,
  };
}

function monotonicMicros(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + nanos / 1e3;
}
