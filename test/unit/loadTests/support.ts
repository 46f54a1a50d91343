import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary, LoadResult } from '../../../src/engine/model/load';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';
import { parseThreshold, type Threshold, type ThresholdMetric } from '../../../src/engine/model/thresholds';

/** Response times in milliseconds, as the engines tell them. */
export function timesOf(timesMs: readonly number[]): { latency: LatencySummary; histogram: string } {
  const histogram = microsHistogram(timesMs);
  const at = (percentile: number) => (timesMs.length === 0 ? 0 : histogram.getValueAtPercentile(percentile));
  const sum = timesMs.reduce((total, time) => total + time, 0);
  return {
    latency: {
      count: timesMs.length,
      meanMicros: timesMs.length === 0 ? 0 : (sum / timesMs.length) * 1000,
      p50Micros: at(50),
      p90Micros: at(90),
      p95Micros: at(95),
      p99Micros: at(99),
      p999Micros: at(99.9),
      maxMicros: at(100),
    },
    histogram: encodeIntoCompressedBase64(histogram),
  };
}

/** The n-th window of half a second, with replies that took these milliseconds. */
export function windowOf(n: number, timesMs: readonly number[], more: Partial<LoadWindow> = {}): LoadWindow {
  return {
    phase: 1,
    startMicros: n * 500_000,
    endMicros: (n + 1) * 500_000,
    intended: timesMs.length,
    started: timesMs.length,
    unstarted: 0,
    late: 0,
    ...timesOf(timesMs),
    failed: 0,
    unanswered: 0,
    bytes: 0,
    checksPassed: 0,
    checksFailed: 0,
    vusBusy: 1,
    lagP99Micros: 100,
    lagMaxMicros: 200,
    generator: { cpuShare: 0.2, eventLoopUtilization: 0.2, eventLoopDelayP99Ms: 1, saturated: false },
    ...more,
  };
}

export function same(count: number, timeMs: number): number[] {
  return new Array<number>(count).fill(timeMs);
}

/** A steady window of 20 s. */
export function loadOf(timesMs: readonly number[], more: Partial<LoadResult> = {}): LoadResult {
  const times = timesOf(timesMs);
  return {
    engine: 'throughline',
    model: 'open',
    origin: 'http://127.0.0.1:3000',
    routes: [{ method: 'GET', path: '/', requests: timesMs.length, latency: times.latency }],
    connections: 100,
    startMicros: 5e6,
    endMicros: 25e6,
    requests: timesMs.length,
    bytes: 0,
    throughput: { mean: timesMs.length / 20, perSecond: [] },
    ...times,
    errors: { byStatus: {}, timeouts: 0, connection: 0 },
    apdex: { targetMs: 100, score: 1 },
    generator: { cpuShare: 0.2, eventLoopUtilization: 0.2, eventLoopDelayP99Ms: 1, saturated: false },
    ...more,
  };
}

export function threshold(
  metric: ThresholdMetric,
  expression: string,
  more: Partial<Pick<Threshold, 'abortOnFail' | 'delayAbortEval'>> = {},
): Threshold {
  const parsed = parseThreshold(metric, expression, more);
  if (parsed.state === 'bad') throw new Error(parsed.message);
  return parsed.threshold;
}

function microsHistogram(timesMs: readonly number[]): Histogram {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3600e6,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  for (const time of timesMs) histogram.recordValue(Math.max(1, Math.round(time * 1000)));
  return histogram;
}
