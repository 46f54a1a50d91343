/**
 * One sample of one process, taken by the agent about every 250 ms. Deltas are since the sample before.
 * `timeMicros` is of the monotonic clock.
 */
export interface MetricSample {
  readonly pid: number;
  readonly timeMicros: number;
  readonly intervalMicros: number;
  readonly cpuUserMicros: number;
  readonly cpuSystemMicros: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly heapLimitBytes: number;
  readonly externalBytes: number;
  /** Delay of the event loop in the interval: time a timer came late, in milliseconds. */
  readonly eventLoopDelayMeanMs: number;
  readonly eventLoopDelayP99Ms: number;
  readonly eventLoopDelayMaxMs: number;
  /** 0 to 1 in the interval. */
  readonly eventLoopUtilization: number;
  readonly gcMicros: number;
  readonly gcMajorMicros: number;
  readonly gcCount: number;
  readonly gcMajorCount: number;
  readonly activeHandles: number;
  /** Requests that the process's HTTP servers received in the interval. */
  readonly requests: number;
}

/** What a process holds right after all its garbage was collected, in bytes, by Node's names. */
export interface MemoryReading {
  /** Objects of JavaScript. */
  readonly heapUsed: number;
  /** What they hold outside V8's heap: buffers. */
  readonly external: number;
}

/** The samples of a run's steady window, and what they come to. */
export interface MetricsResult {
  readonly samples: readonly MetricSample[];
  readonly summary: MetricsSummary;
}

/** Over the steady window and all serving processes. */
export interface MetricsSummary {
  readonly processes: number;
  readonly cpuMicros: number;
  /** CPU over wall time: 1 is one core kept busy. */
  readonly cpuCores: number;
  readonly rssMaxBytes: number;
  readonly heapUsedMaxBytes: number;
  /** Of the busiest process. */
  readonly eventLoopUtilization: number;
  readonly eventLoopDelayMeanMs: number;
  readonly eventLoopDelayP99Ms: number;
  readonly eventLoopDelayMaxMs: number;
  /** GC pauses over wall time of the process with the most, 0 to 1. */
  readonly gcShare: number;
  readonly gcMajorCount: number;
  readonly activeHandlesMax: number;
  /** Cores of this machine that the run could use. */
  readonly coresAvailable: number;
}
