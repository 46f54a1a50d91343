import type { LatencySummary } from '../../model/load';
import type { RouteRecorder } from '../histograms';

/** Quantiles at which the generator's own lag is held against the response times. */
const QUANTILES = [0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999];
const MAX_SHARE = 1 / 4;
const HARMLESS_MICROS = 1000;

/**
 * Where the generator itself was late by more than a quarter of the response time at the same quantile, and by more
 * than a millisecond, that quantile shows the generator and not the target: it was not measured, nor are those above.
 */
export function limitByLag(
  summary: LatencySummary,
  times: RouteRecorder,
  lag: RouteRecorder,
): LatencySummary {
  const isLag = (quantile: number) => {
    const lagMicros = lag.valueAt(quantile);
    return lagMicros > HARMLESS_MICROS && lagMicros > MAX_SHARE * times.valueAt(quantile);
  };
  const at = QUANTILES.findIndex(isLag);
  if (at < 0 || summary.count === 0) return summary;
  const limit = QUANTILES[at - 1] ?? 0;
  if (limit >= (summary.measuredTo ?? 1)) return summary;
  return { ...summary, measuredTo: limit, limitedBy: 'generator' };
}
