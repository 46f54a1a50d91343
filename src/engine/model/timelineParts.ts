type Column = readonly (number | null)[];

/** In seconds from the test's start. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Smallest, largest and mean of the known values; undefined where none is known. */
export function extent(
  values: Column,
): { readonly low: number; readonly high: number; readonly mean: number } | undefined {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
    count++;
  }
  return count === 0 ? undefined : { low, high, mean: sum / count };
}

/** Neighbouring points joined, so that at most `most` groups remain: their bounds, the end exclusive. */
export function groups(length: number, most: number): readonly (readonly [number, number])[] {
  const size = Math.max(1, Math.ceil(length / most));
  const found: [number, number][] = [];
  for (let from = 0; from < length; from += size) found.push([from, Math.min(from + size, length)]);
  return found;
}

/** Stretches where requests were completed and whose p99 nobody knows. `seconds`: when each point ended. */
export function unmeasuredStretches(seconds: readonly number[], rate: Column, p99: Column): Stretch[] {
  const found: Stretch[] = [];
  for (const [index, to] of seconds.entries()) {
    if (p99[index] !== null || !((rate[index] ?? 0) > 0)) continue;
    const from = index === 0 ? 0 : seconds[index - 1]!;
    const last = found.at(-1);
    if (last?.to === from) found[found.length - 1] = { from: last.from, to };
    else found.push({ from, to });
  }
  return found;
}

/**
 * Where the schedule asked for more than halfway from its least to its most; undefined where it never did. Schedules
 * count iterations and `rates` requests, which stand in for them where there is no schedule.
 */
export function spikeStretch(
  points: { readonly seconds: readonly number[]; readonly intended: Column; readonly rate: Column },
  rates: { readonly baselineRate: number; readonly spikeRate: number },
): Stretch | undefined {
  const { seconds, intended, rate } = points;
  const asked = extent(intended);
  const half = asked ? (asked.low + asked.high) / 2 : (rates.baselineRate + rates.spikeRate) / 2;
  let from: number | undefined;
  let to = 0;
  for (const [index, end] of seconds.entries()) {
    if (((asked ? intended : rate)[index] ?? 0) <= half) continue;
    from ??= index === 0 ? 0 : seconds[index - 1]!;
    to = end;
  }
  return from === undefined ? undefined : { from, to };
}
