import type { Point } from './trend';

/** Whether values rise or fall over time, however they do so. */
export interface Trend {
  /** Of no trend, two-sided, 0 to 1. */
  readonly pValue: number;
  /** Median of the slopes between all pairs of points (Theil and Sen): outliers do not move it. */
  readonly slope: number;
  /** Of the slope, 95 %. */
  readonly low: number;
  readonly high: number;
}

/** Of the standard normal distribution. */
const Z_95 = 1.959964;
/** Fewer points cannot be significant at one per cent. */
const LEAST_POINTS = 8;
/** As if every fourth point were independent of the others. */
const MOST_INFLATION = 4;

/**
 * Mann and Kendall's test of ranks, with the variance that Hamed and Rao (Journal of Hydrology 204, 1998) give it for
 * values that depend on their neighbours; what would make it smaller than that of independent values is left out. Sen's
 * interval of the slope takes the same variance. Undefined for fewer than `LEAST_POINTS`. Time and memory grow with the
 * square of the points.
 */
export function mannKendall(points: readonly Point[]): Trend | undefined {
  const n = points.length;
  if (n < LEAST_POINTS) return undefined;
  let sum = 0;
  const slopes: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const { x, y } = points[i]!;
      const rise = points[j]!.y - y;
      sum += Math.sign(rise);
      if (points[j]!.x > x) slopes.push(rise / (points[j]!.x - x));
    }
  if (slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const slope = quantileOf(slopes, 0.5);
  const deviation = Math.sqrt(varianceOf(points) * inflation(points, slope));
  const z = deviation === 0 ? 0 : (sum - Math.sign(sum)) / deviation;
  const margin = (Z_95 * deviation) / 2;
  const middle = (slopes.length - 1) / 2;
  const at = (index: number) => slopes[Math.max(0, Math.min(slopes.length - 1, Math.round(index)))]!;
  return { pValue: 2 * upperTail(Math.abs(z)), slope, low: at(middle - margin), high: at(middle + margin) };
}

/** Of the statistic, for independent values; equal ones make it smaller. */
function varianceOf(points: readonly Point[]): number {
  const times = new Map<number, number>();
  for (const { y } of points) times.set(y, (times.get(y) ?? 0) + 1);
  const term = (count: number) => count * (count - 1) * (2 * count + 5);
  let ties = 0;
  for (const count of times.values()) ties += term(count);
  return (term(points.length) - ties) / 18;
}

/**
 * How much larger dependence makes the variance; at least 1. What a curve leaves beside a straight line looks like
 * dependence without end, and must not hide that all values rise.
 */
function inflation(points: readonly Point[], slope: number): number {
  const n = points.length;
  const ranks = ranksOf(points.map(({ x, y }) => y - slope * x));
  const mean = (n + 1) / 2;
  const deviations = ranks.map((rank) => rank - mean);
  const square = deviations.reduce((total, value) => total + value * value, 0);
  if (square === 0) return 1;
  let weighted = 0;
  // Far lags are of few pairs, and would be noise.
  for (let lag = 1; lag <= n / 3; lag++) {
    let product = 0;
    for (let i = 0; i + lag < n; i++) product += deviations[i]! * deviations[i + lag]!;
    // What removing the trend takes from the correlation of few values (Kendall's bias) is put back.
    const found = product / square;
    const correlation = Math.min(0.95, found + (1 + 4 * found) / n);
    // Only what is significant, and only up to where dependence ends.
    if (found <= 1.645 / Math.sqrt(n)) break;
    weighted += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation;
  }
  return Math.min(MOST_INFLATION, 1 + (2 * weighted) / (n * (n - 1) * (n - 2)));
}

/** 1 is the smallest; equal values share the mean of their ranks. */
function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

function quantileOf(sorted: readonly number[], quantile: number): number {
  const at = (sorted.length - 1) * quantile;
  return (sorted[Math.floor(at)]! + sorted[Math.ceil(at)]!) / 2;
}

/** Of the standard normal distribution, beyond `z` >= 0: Abramowitz and Stegun 26.2.17, exact to 1e-7. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.min(0.5, (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial);
}
