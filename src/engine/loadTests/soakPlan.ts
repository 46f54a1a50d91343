import type { Executor } from '../model/loadTest';

/** Seconds from the executor's begin. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The longest time in which the executor keeps its level: a trend while the load changes would be the load's. Undefined
 * where it changes all the time.
 */
export function steadyStretch(executor: Executor): Stretch | undefined {
  if (!('stages' in executor))
    return { from: 0, to: 'duration' in executor ? executor.duration : executor.maxDuration };
  let level = executor.executor === 'ramping-vus' ? executor.startVUs : executor.startRate;
  let at = 0;
  let open: Stretch | undefined;
  let longest: Stretch | undefined;
  for (const { duration, target } of executor.stages) {
    const isHeld = target === level && target > 0;
    open = isHeld ? { from: open?.from ?? at, to: at + duration } : undefined;
    if (open && (!longest || open.to - open.from > longest.to - longest.from)) longest = open;
    at += duration;
    level = target;
  }
  return longest;
}
