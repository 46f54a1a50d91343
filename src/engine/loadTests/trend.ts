/** Slope of a line through points, with one-sided bounds of 95 % each. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/** Student's t, one-sided 95 %, for 1, 2, 3 ... degrees of freedom. */
const T95 = [6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86, 1.83, 1.81];
const T95_MANY = 1.75;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Least squares with one slope for all groups of points and a level of its own for each (analysis of covariance);
 * undefined for too few points to tell how sure it is.
 */
export function fitSlope(groups: readonly (readonly Point[])[]): Slope | undefined {
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let freedom = -1;
  for (const group of groups) {
    if (group.length < 2) continue;
    const meanX = mean(group.map(({ x }) => x));
    const meanY = mean(group.map(({ y }) => y));
    for (const { x, y } of group) {
      xx += (x - meanX) ** 2;
      xy += (x - meanX) * (y - meanY);
      yy += (y - meanY) ** 2;
    }
    freedom += group.length - 1;
  }
  if (freedom < 1 || xx === 0) return undefined;
  const slope = xy / xx;
  const residuals = Math.max(0, yy - slope * xy);
  const margin = (T95[freedom - 1] ?? T95_MANY) * Math.sqrt(residuals / freedom / xx);
  return { slope, low: slope - margin, high: slope + margin };
}

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 500;

/**
 * Mean of windows with its bootstrap interval of 95 % (percentile method). Windows are drawn, not requests: requests
 * that wait in one queue are not independent of each other. The same windows always give the same interval.
 */
export function bootstrapMean(windows: readonly number[]): Interval | undefined {
  const n = windows.length;
  if (n === 0) return undefined;
  const random = generator(n);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += windows[Math.floor(random() * n)]!;
    return sum / n;
  }).sort((a, b) => a - b);
  const at = (quantile: number) => means[Math.round(quantile * (RESAMPLES - 1))]!;
  return { mean: mean(windows), low: at(0.025), high: at(0.975) };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Numbers from 0 to 1 of a small generator (mulberry32), always the same ones. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
