import { ThroughlineError } from '../model/errors';
import type { Executor, Stage } from '../model/loadTest';

/** A spike test's schedule. Rates are iterations a second, times seconds from the schedule's start. */
export interface SpikePlan {
  readonly executor: Extract<Executor, { executor: 'ramping-arrival-rate' }>;
  readonly baselineRate: number;
  readonly spikeRate: number;
  /** The baseline is measured from here to `riseSeconds`. */
  readonly baselineSeconds: number;
  readonly riseSeconds: number;
  /** The rate is beyond the middle between baseline and spike. */
  readonly spikeSeconds: number;
  /** The rate is back at the baseline. */
  readonly fallSeconds: number;
  readonly endSeconds: number;
}

/** Of a plan made from a constant rate. */
const SPIKE_FACTOR = 3;
const BASELINE_SECONDS = 10;
const SPIKE_SECONDS = 10;
const RECOVERY_SECONDS = 30;
/** At least this much of baseline before and after the spike. */
const LEAST_SECONDS = 3;
/** The rate is back at the baseline within this share of it. */
const BACK = 1.05;

/**
 * From the test's executor. `ramping-arrival-rate` is sent as it is: its spike is its highest rate, its baseline the
 * first rate that it holds at half of that or less. Of `constant-arrival-rate` the rate is the baseline, for 10 s; then
 * three times the rate for 10 s, and the baseline again for 30 s. A closed model slows down with the app and has no
 * spike. Throws `BAD_USAGE` for other executors, and for stages without a baseline before and after the spike.
 */
export function spikePlan(executor: Executor): SpikePlan {
  if (executor.executor === 'constant-arrival-rate') return planOf(spikeOf(executor));
  if (executor.executor === 'ramping-arrival-rate') return planOf(executor);
  throw unusable(`"${executor.executor}" is a closed model, which slows down with the app`);
}

function spikeOf({
  duration: _duration,
  rate,
  ...constant
}: Extract<Executor, { executor: 'constant-arrival-rate' }>): SpikePlan['executor'] {
  return {
    ...constant,
    executor: 'ramping-arrival-rate',
    startRate: rate,
    stages: [
      { duration: BASELINE_SECONDS, target: rate },
      { duration: 0, target: rate * SPIKE_FACTOR },
      { duration: SPIKE_SECONDS, target: rate * SPIKE_FACTOR },
      { duration: 0, target: rate },
      { duration: RECOVERY_SECONDS, target: rate },
    ],
  };
}

/** A stage with where it begins. */
interface Piece extends Stage {
  readonly from: number;
  readonly startSeconds: number;
}

function planOf(executor: SpikePlan['executor']): SpikePlan {
  const pieces = piecesOf(executor);
  const endSeconds = pieces.reduce((sum, { duration }) => sum + duration, 0);
  const peak = Math.max(executor.startRate, ...executor.stages.map(({ target }) => target));
  const flat = pieces.findIndex(
    ({ from, target, duration }) =>
      from === target && target > 0 && target <= peak / 2 && duration >= LEAST_SECONDS,
  );
  if (flat === -1)
    throw unusable(`no stage before the spike holds half of its rate or less for ${LEAST_SECONDS} s`);
  const base = pieces[flat]!;
  const later = pieces.slice(flat + 1);
  const rise = later.find(({ target }) => target > base.target * BACK);
  const top = later.findIndex(({ target }) => target === peak);
  if (rise === undefined || top === -1) throw unusable('no stage rises to the spike after the baseline');
  const middle = (base.target + peak) / 2;
  const up = later.find(({ from, target }) => from < middle && target >= middle)!;
  const down = later
    .slice(top)
    .find(({ from, target }) => from > base.target * BACK && target <= base.target * BACK);
  const fallSeconds = down && reaches(down, base.target * BACK);
  if (fallSeconds === undefined || endSeconds - fallSeconds < LEAST_SECONDS)
    throw unusable(
      `the baseline does not follow the spike for ${LEAST_SECONDS} s, in which the app could recover`,
    );
  return {
    executor,
    baselineRate: base.target / executor.timeUnit,
    spikeRate: peak / executor.timeUnit,
    baselineSeconds: base.startSeconds,
    riseSeconds: rise.startSeconds,
    spikeSeconds: reaches(up, middle),
    fallSeconds,
    endSeconds,
  };
}

function piecesOf({ startRate, stages }: SpikePlan['executor']): Piece[] {
  let from = startRate;
  let startSeconds = 0;
  return stages.map((stage) => {
    const piece = { ...stage, from, startSeconds };
    from = stage.target;
    startSeconds += stage.duration;
    return piece;
  });
}

/** When the piece's rate, on its way, is this one. */
function reaches({ from, target, duration, startSeconds }: Piece, rate: number): number {
  return target === from ? startSeconds : startSeconds + (duration * (rate - from)) / (target - from);
}

function unusable(why: string): ThroughlineError {
  return new ThroughlineError(
    'BAD_USAGE',
    `A spike test needs "ramping-arrival-rate" with a baseline, a spike and the baseline again, or "constant-arrival-rate": ${why}.`,
  );
}
