import type { Executor } from '../../model/loadTest';
import type { Slice } from './arrivals';

export type RampingUsers = Extract<Executor, { readonly executor: 'ramping-vus' }>;

/**
 * When the number of virtual users changes, in seconds from the executor's start, and to what: as in k6, the whole
 * users of the line between the stages' levels. Begins with the level at 0.
 */
export function* userLevels(executor: RampingUsers): Generator<{ seconds: number; level: number }, void> {
  let level = executor.startVUs;
  yield { seconds: 0, level };
  let stageStart = 0;
  for (const { duration, target } of executor.stages) {
    const from = level;
    if (duration > 0)
      while (level !== target) {
        // A user begins when the line reaches its number, and ends as soon as the line is below it.
        const ends = target < from;
        const reached = ends ? level : level + 1;
        level += ends ? -1 : 1;
        yield { seconds: stageStart + (duration * (reached - from)) / (target - from), level };
      }
    else if (target !== from) yield { seconds: stageStart, level: (level = target) };
    stageStart += duration;
  }
}

/** How many of `total` users or connections fall to a slice; over all slices they come to `total`. */
export function shareOf(total: number, { index, count }: Slice): number {
  return Math.floor((total + count - 1 - index) / count);
}
