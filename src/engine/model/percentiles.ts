import type { LatencySummary } from './load';
import { formatMicros } from './units';

/** The percentiles that a `LatencySummary` holds, as quantiles. */
export const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999] as const;
export type Quantile = (typeof QUANTILES)[number];

/** A percentile of response time, or why there is none. */
export type Percentile =
  | { readonly state: 'measured'; readonly micros: number }
  /** More requests than that had no reply whose time is known: it is at least `micros`. */
  | { readonly state: 'notMeasured'; readonly micros: number }
  /** Nothing was replied to. */
  | { readonly state: 'none' };

type Measured = Pick<LatencySummary, 'count' | 'measuredTo'>;

/** The percentile at `quantile`, as far as it was measured; see `LatencySummary.measuredTo`. */
export function percentile(latency: LatencySummary, quantile: Quantile): Percentile {
  return percentileOf(latency, quantile, microsAt(latency, quantile));
}

/** The longest response time. */
export function longest(latency: LatencySummary): Percentile {
  return percentileOf(latency, 1, latency.maxMicros);
}

/** For those who hold a single one: `micros` at `quantile`, as far as it was measured. */
export function percentileOf(latency: Measured, quantile: number, micros: number): Percentile {
  if (!isMeasured(latency, quantile)) return { state: 'notMeasured', micros };
  return latency.count === 0 ? { state: 'none' } : { state: 'measured', micros };
}

/** False where requests whose response time nobody knows would lie at or below `quantile`. */
export function isMeasured(latency: Pick<LatencySummary, 'measuredTo'>, quantile: number): boolean {
  return latency.measuredTo === undefined || quantile <= latency.measuredTo;
}

/** `58.4 ms`, `not measured`, or `–` where there was no reply. */
export function formatPercentile(of: Percentile): string {
  switch (of.state) {
    case 'measured':
      return formatMicros(of.micros);
    case 'notMeasured':
      return 'not measured';
    case 'none':
      return '–';
  }
}

/** Why percentiles end where they do; of those with a `measuredTo`. */
export function unmeasuredText({ measuredTo, limitedBy }: LatencySummary): string {
  // Rounded down: no more is claimed than is known.
  const upTo = `Measured up to ${quantileName(Math.floor((measuredTo ?? 0) * 1e4 + 1e-6) / 1e4)}`;
  return limitedBy === 'generator'
    ? `${upTo}: beyond, the times would show the generator’s own lateness.`
    : `${upTo}: beyond are requests that never started or were cut off, and nobody knows how long they would have taken.`;
}

/** `p99.9` of 0.999. */
export function quantileName(quantile: number): string {
  return `p${Number((quantile * 100).toFixed(4))}`;
}

function microsAt(latency: LatencySummary, quantile: Quantile): number {
  switch (quantile) {
    case 0.5:
      return latency.p50Micros;
    case 0.9:
      return latency.p90Micros;
    case 0.95:
      return latency.p95Micros;
    case 0.99:
      return latency.p99Micros;
    case 0.999:
      return latency.p999Micros;
  }
}
