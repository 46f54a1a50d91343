import type { Executor } from '../../model/loadTest';

export type OpenExecutor = Extract<
  Executor,
  { readonly executor: 'constant-arrival-rate' | 'ramping-arrival-rate' }
>;

/** Which part of the load a generator process takes: of every `count` arrivals or users that of its `index`. */
export interface Slice {
  readonly index: number;
  readonly count: number;
}

/**
 * When iterations are due, in seconds from the executor's start, in order: the slice's part of them. As in k6, a
 * constant rate begins with an arrival at 0, and a ramping one has its nth arrival when the integral of the rate
 * reaches n. They are computed from the schedule alone, so no lateness adds up.
 */
export function* arrivalSeconds(executor: OpenExecutor, { index, count }: Slice): Generator<number, void> {
  if (executor.executor === 'constant-arrival-rate') {
    const perSecond = executor.rate / executor.timeUnit;
    const total = Math.ceil(roundOff(perSecond * executor.duration));
    for (let number = index; number < total; number += count) yield number / perSecond;
    return;
  }
  let number = index + 1;
  let stageStart = 0;
  let areaBefore = 0;
  let from = executor.startRate / executor.timeUnit;
  for (const { duration, target } of executor.stages) {
    const to = target / executor.timeUnit;
    const areaAfter = areaBefore + ((from + to) / 2) * duration;
    for (; number <= roundOff(areaAfter); number += count)
      yield stageStart + Math.min(duration, timeOfArea(number - areaBefore, from, to, duration));
    stageStart += duration;
    areaBefore = areaAfter;
    from = to;
  }
}

/**
 * How long a rate that goes linearly from `from` to `to` in `duration` takes to come to `area` arrivals: the root
 * of `from t + (to - from) t² / (2 duration) = area`, in the form that loses no digits where the ramp is flat.
 */
function timeOfArea(area: number, from: number, to: number, duration: number): number {
  const slope = (to - from) / duration;
  return (2 * area) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * area)));
}

/** A whole number that floating point missed by a hair is that number. */
function roundOff(value: number): number {
  const whole = Math.round(value);
  return Math.abs(value - whole) < 1e-6 ? whole : value;
}

/** The highest rate of an executor, in iterations a second. */
export function peakRate(executor: OpenExecutor): number {
  if (executor.executor === 'constant-arrival-rate') return executor.rate / executor.timeUnit;
  const highest = Math.max(executor.startRate, ...executor.stages.map(({ target }) => target));
  return highest / executor.timeUnit;
}
