import type { Drift } from '../model/loadTestResult';
import { mannKendall } from './mannKendall';
import type { Point } from './trend';

/** `x` in seconds from the test's begin. */
export interface DriftOptions {
  /** Length of the test. */
  readonly seconds: number;
  /** Growth over the test that matters: both, the share of the value at the begin and the amount. */
  readonly leastShare: number;
  readonly leastGrowth: number;
}

/** Significant only beyond this: several things are tested, and hours of work follow a false alarm. */
const ALPHA = 0.01;
/** Of the test: code is compiled, caches fill, pools grow. */
export const SETTLING_SHARE = 0.2;
/** What levels off slows down; a leak keeps at least these shares of its slope in the later half and the last third. */
const GOES_ON = { later: 1 / 2, last: 1 / 3 } as const;
/** Fewer points of a test say nothing of its later parts. */
const LEAST_IN_TEST = 16;

/**
 * Whether a value grows over a test in a way that will not end: a significant trend once the app has settled, large
 * enough to matter, that is significant in the later half alone and goes on in the last third. So neither a cache that
 * fills up to its bound nor a step drifts. Undefined for too few points.
 */
export function driftOf(points: readonly Point[], options: DriftOptions): Drift | undefined {
  const { seconds, leastShare, leastGrowth } = options;
  const from = (share: number) => points.filter(({ x }) => x >= seconds * share);
  const settled = from(SETTLING_SHARE);
  const rest = 1 - SETTLING_SHARE;
  const later = from(SETTLING_SHARE + rest / 2);
  const last = from(SETTLING_SHARE + (rest * 2) / 3);
  const trend = settled.length < LEAST_IN_TEST ? undefined : mannKendall(settled);
  if (!trend) return undefined;
  const { slope, low, high, pValue } = trend;
  const start = levelAt(settled, slope);
  const growth = slope * seconds;
  const goesOn = (part: readonly Point[], share: number) => (median(pairSlopes(part)) ?? 0) >= slope * share;
  const drifts =
    slope > 0 &&
    pValue < ALPHA &&
    growth >= leastGrowth &&
    growth >= leastShare * start &&
    goesOn(later, GOES_ON.later) &&
    (mannKendall(later)?.pValue ?? 1) < ALPHA &&
    goesOn(last, GOES_ON.last);
  const perHour = (value: number) => value * 3600;
  return {
    slopePerHour: perHour(slope),
    low: perHour(low),
    high: perHour(high),
    start,
    points: settled.length,
    pValue,
    drifts,
  };
}

/** Of the line of that slope, at the test's begin: through the median of the points. */
function levelAt(points: readonly Point[], slope: number): number {
  return median(points.map(({ x, y }) => y - slope * x)) ?? 0;
}

function pairSlopes(points: readonly Point[]): number[] {
  return points.flatMap((a, i) =>
    points.slice(i + 1).flatMap((b) => (b.x > a.x ? [(b.y - a.y) / (b.x - a.x)] : [])),
  );
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
