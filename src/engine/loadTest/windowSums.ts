import { MergedTimes } from '../loadTests/histograms';
import type { WorstWindow } from '../loadTests/worstWindow';
import type { LoadWindow } from '../model/loadWindow';

/** Undefined where nothing was replied to. */
export function stretchOf(windows: readonly LoadWindow[]): WorstWindow | undefined {
  const [first] = windows;
  const times = new MergedTimes();
  for (const window of windows) times.add(window);
  const p99Micros = times.quantile(0.99);
  if (!first || p99Micros === undefined) return undefined;
  return {
    startMicros: first.startMicros,
    endMicros: windows.at(-1)!.endMicros,
    p99Micros,
  };
}

/** Requests that completed between two times, by the part of each window that lies between. */
export function requestsBetween(
  windows: readonly LoadWindow[],
  { startMicros, endMicros }: { readonly startMicros: number; readonly endMicros: number },
): number {
  let requests = 0;
  for (const window of windows) {
    const length = window.endMicros - window.startMicros;
    const inside = Math.min(window.endMicros, endMicros) - Math.max(window.startMicros, startMicros);
    if (inside > 0 && length > 0) requests += window.latency.count * Math.min(1, inside / length);
  }
  return Math.round(requests);
}
