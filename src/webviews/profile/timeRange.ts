import type { TimeRange } from '../../engine/model/view';
import type { LatencyStrip } from '../../protocol/profile';

/** "Show me the p99 spike" is about a second, however fine the intervals are. */
const SPIKE_MICROS = 1_000_000;

/** The second whose slowest answers were slowest; undefined where nothing was answered. */
export function slowestSecond(latency: LatencyStrip, durationMicros: number): TimeRange | undefined {
  const { p99Micros, endMicros, intervalMicros } = latency;
  let slowest = -1;
  for (let at = 0; at < p99Micros.length; at++) {
    const value = p99Micros[at]!;
    const inside = endMicros[at]! > 0 && endMicros[at]! - intervalMicros < durationMicros;
    if (!inside || !Number.isFinite(value) || value <= 0) continue;
    if (slowest < 0 || value > p99Micros[slowest]!) slowest = at;
  }
  if (slowest < 0) return undefined;
  const middle = endMicros[slowest]! - intervalMicros / 2;
  const half = Math.max(intervalMicros, SPIKE_MICROS) / 2;
  return clampRange({ startMicros: middle - half, endMicros: middle + half }, durationMicros);
}

/** Ordered, within the profile; undefined where nothing is left. */
export function clampRange(range: TimeRange, durationMicros: number): TimeRange | undefined {
  const startMicros = Math.max(0, Math.min(range.startMicros, range.endMicros));
  const endMicros = Math.min(durationMicros, Math.max(range.startMicros, range.endMicros));
  return endMicros > startMicros ? { startMicros, endMicros } : undefined;
}

/** Marks of a ruler over `spanMicros`, about `count` of them, at round distances. */
export function rulerStep(spanMicros: number, count: number): number {
  const rough = spanMicros / Math.max(count, 1);
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10;
  return step * power;
}
