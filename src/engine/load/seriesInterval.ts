import { MAX_SERIES_POINTS } from '../model/load';

const SHORTEST_MICROS = 250_000;
/** What the window may last beyond its plan without a loss of points. */
const SPARE_SECONDS = 10;

/** Length of the intervals, in microseconds: a quarter of a second, or whole seconds where a window has too many of those. */
export function seriesInterval(durationSeconds: number): number {
  const seconds = durationSeconds + SPARE_SECONDS;
  if ((seconds * 1e6) / SHORTEST_MICROS <= MAX_SERIES_POINTS) return SHORTEST_MICROS;
  return Math.ceil(seconds / MAX_SERIES_POINTS) * 1e6;
}
