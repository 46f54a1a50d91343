import type { MemoryReading } from '../model/metrics';
import { mannKendall } from './mannKendall';
import type { Point } from './trend';

/** What the app's processes held right after a collection, so many seconds after the test's begin. */
export interface SoakReading {
  readonly x: number;
  readonly processes: readonly { readonly pid: number; readonly memory: MemoryReading }[];
}

/** Bytes in use, of the processes that were there all the time: workers that come and go would look like a trend. */
export function memoryPoints(readings: readonly SoakReading[]): Point[] {
  const pids = lastingPids(readings);
  if (pids.length === 0) return [];
  return readings.map(({ x, processes }) => ({
    x,
    y: processes.reduce(
      (sum, { pid, memory }) => sum + (pids.includes(pid) ? memory.heapUsed + memory.external : 0),
      0,
    ),
  }));
}

/** Until the first process's heap is full, from the last reading on; undefined where none grows. */
export function hoursLeft(readings: readonly SoakReading[], heapLimitBytes: number): number | undefined {
  const hours = lastingPids(readings).flatMap((pid) => {
    const heap = readings.map(({ x, processes }) => ({
      x: x / 3600,
      y: processes.find((process) => process.pid === pid)!.memory.heapUsed,
    }));
    const slope = mannKendall(heap)?.slope ?? 0;
    return slope > 0 ? [Math.max(0, heapLimitBytes - heap.at(-1)!.y) / slope] : [];
  });
  return hours.length === 0 ? undefined : Math.min(...hours);
}

function lastingPids(readings: readonly SoakReading[]): number[] {
  const [first, ...others] = readings.map(({ processes }) => processes.map(({ pid }) => pid));
  return (first ?? []).filter((pid) => others.every((pids) => pids.includes(pid)));
}
