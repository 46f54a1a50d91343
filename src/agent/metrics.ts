import { constants, monitorEventLoopDelay, performance, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { MetricSample } from '../engine/model/metrics';
import { nowMicros } from './clock';

const INTERVAL_MS = 250;
/** Of the timer whose lateness is the event loop's delay. */
const RESOLUTION_MS = 10;

export interface Sampler {
  /** Runs work of the agent's own that blocks the loop: a sample ends before it and the next begins after it. */
  readonly leaveOut: (work: () => void) => void;
}

/** Samples this process until `send` returns false. Every handle is unreferenced. */
export function startMetrics(takeRequests: () => number, send: (sample: MetricSample) => boolean): Sampler {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  // The histogram holds the time between two firings, so an idle loop would show the resolution.
  const late = (nanos: number) => Math.max(0, nanos / 1e6 - RESOLUTION_MS) || 0;

  let gcMicros = 0;
  let gcMajorMicros = 0;
  let gcCount = 0;
  let gcMajorCount = 0;
  /** Of `performance.now()`: garbage collections are told later, each with its start. */
  let leftOutFrom = 0;
  let leftOutTo = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.startTime >= leftOutFrom && entry.startTime < leftOutTo) continue;
      const micros = entry.duration * 1000;
      gcMicros += micros;
      gcCount++;
      if ((entry as { detail?: { kind?: number } }).detail?.kind !== constants.NODE_PERFORMANCE_GC_MAJOR)
        continue;
      gcMajorMicros += micros;
      gcMajorCount++;
    }
  });
  observer.observe({ entryTypes: ['gc'] });

  let time = nowMicros();
  let cpu = process.cpuUsage();
  let utilization = performance.eventLoopUtilization();

  const restart = () => {
    delay.reset();
    time = nowMicros();
    cpu = process.cpuUsage();
    utilization = performance.eventLoopUtilization();
    gcMicros = gcMajorMicros = gcCount = gcMajorCount = 0;
  };
  const sampleOnce = () => {
    try {
      const timeMicros = nowMicros();
      const cpuNow = process.cpuUsage();
      const utilizationNow = performance.eventLoopUtilization();
      const memory = process.memoryUsage();
      const sample: MetricSample = {
        pid: process.pid,
        timeMicros,
        intervalMicros: timeMicros - time,
        cpuUserMicros: cpuNow.user - cpu.user,
        cpuSystemMicros: cpuNow.system - cpu.system,
        rssBytes: memory.rss,
        heapUsedBytes: memory.heapUsed,
        heapTotalBytes: memory.heapTotal,
        heapLimitBytes: getHeapStatistics().heap_size_limit,
        externalBytes: memory.external,
        eventLoopDelayMeanMs: late(delay.mean),
        eventLoopDelayP99Ms: late(delay.percentile(99)),
        eventLoopDelayMaxMs: late(delay.max),
        eventLoopUtilization: performance.eventLoopUtilization(utilizationNow, utilization).utilization,
        gcMicros,
        gcMajorMicros,
        gcCount,
        gcMajorCount,
        // Holds referenced handles only, so none of the agent's.
        activeHandles: process.getActiveResourcesInfo().length,
        requests: takeRequests(),
      };
      delay.reset();
      time = timeMicros;
      cpu = cpuNow;
      utilization = utilizationNow;
      gcMicros = gcMajorMicros = gcCount = gcMajorCount = 0;
      if (send(sample)) return;
    } catch {
      // Fall through: a process that cannot be sampled is not sampled again.
    }
    clearInterval(timer);
    delay.disable();
    observer.disconnect();
  };
  const timer = setInterval(sampleOnce, INTERVAL_MS);
  timer.unref();
  return {
    leaveOut(work) {
      sampleOnce();
      leftOutFrom = performance.now();
      work();
      leftOutTo = performance.now();
      restart();
    },
  };
}
