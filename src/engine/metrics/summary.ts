import type { MetricSample, MetricsResult, MetricsSummary } from '../model/metrics';

export interface MetricsWindow {
  /** Of the monotonic clock, as the samples' times are. */
  readonly startMicros: number;
  readonly endMicros: number;
}

/**
 * What the agents' samples come to in the steady window. Deltas of a sample that lies across an edge of the window
 * count by the part of its interval that is inside; maxima are of the samples that end in it. `servingPids` empty: all processes. Undefined when no sample
 * of theirs lies in the window.
 */
export function summariseMetrics(
  samples: readonly MetricSample[],
  options: MetricsWindow & {
    readonly servingPids: readonly number[];
    readonly coresAvailable: number;
  },
): MetricsResult | undefined {
  const { servingPids } = options;
  const serving = servingPids.length === 0 ? samples : samples.filter(({ pid }) => servingPids.includes(pid));
  const inWindow = windowSamples(serving, options);
  if (inWindow.length === 0) return undefined;

  const processes = [...groupByPid(serving).values()].flatMap((own) => summariseProcess(own, options) ?? []);
  const busiest = processes.reduce((a, b) => (b.eventLoopUtilization > a.eventLoopUtilization ? b : a));
  const sum = (of: (process: ProcessSummary) => number) =>
    processes.reduce((total, process) => total + of(process), 0);
  const max = (of: (process: ProcessSummary) => number) => Math.max(...processes.map(of));
  const cpuMicros = sum((process) => process.cpuMicros);
  const summary: MetricsSummary = {
    processes: processes.length,
    cpuMicros,
    cpuCores: cpuMicros / (options.endMicros - options.startMicros),
    rssMaxBytes: sum((process) => process.rssMaxBytes),
    heapUsedMaxBytes: sum((process) => process.heapUsedMaxBytes),
    eventLoopUtilization: busiest.eventLoopUtilization,
    eventLoopDelayMeanMs: busiest.eventLoopDelayMeanMs,
    eventLoopDelayP99Ms: busiest.eventLoopDelayP99Ms,
    eventLoopDelayMaxMs: busiest.eventLoopDelayMaxMs,
    gcShare: max((process) => process.gcShare),
    gcMajorCount: sum((process) => process.gcMajorCount),
    activeHandlesMax: max((process) => process.activeHandlesMax),
    coresAvailable: options.coresAvailable,
  };
  return { samples: inWindow, summary };
}

/**
 * The samples most of whose interval lies in the window, or that tell of most of the window (an app that blocks
 * is sampled late), in order of time.
 */
export function windowSamples(samples: readonly MetricSample[], window: MetricsWindow): MetricSample[] {
  const length = window.endMicros - window.startMicros;
  return samples
    .filter((sample) => {
      const inside = shareInside(sample, window) * sample.intervalMicros;
      return inside > 0 && inside >= 0.5 * Math.min(sample.intervalMicros, length);
    })
    .sort((a, b) => a.timeMicros - b.timeMicros);
}

/** The agent ends a sample when it is told of the window's end, which is a little later. */
const EDGE_MICROS = 50_000;

/** What a sample tells of its end, and a maximum that may lie after the window's, counts only when it ends in time. */
function endingInWindow(
  inside: readonly MetricSample[],
  { endMicros }: MetricsWindow,
): readonly MetricSample[] {
  const ending = inside.filter(({ timeMicros }) => timeMicros <= endMicros + EDGE_MICROS);
  return ending.length > 0 ? ending : inside;
}

type ProcessSummary = Omit<MetricsSummary, 'processes' | 'cpuCores' | 'coresAvailable'>;

/** With less of the window covered than this, a process came or went in it, and nothing is extrapolated. */
const NEARLY_ALL = 0.9;

/**
 * The window's p99 from the p99 of its intervals. An interval of 250 ms holds about 25 delays, so its p99 is about
 * the largest of them, and the largest of 25 is below the p99 of all with a chance of 0.99 ^ 25 = 0.78.
 */
const QUANTILE_OF_INTERVAL_P99 = 0.75;

function summariseProcess(
  samples: readonly MetricSample[],
  window: MetricsWindow,
): ProcessSummary | undefined {
  const inside = windowSamples(samples, window);
  if (inside.length === 0) return undefined;
  let covered = 0;
  let cpu = 0;
  let gc = 0;
  let utilization = 0;
  let delay = 0;
  let majorCount = 0;
  const delays: { value: number; weight: number }[] = [];
  for (const sample of samples) {
    const share = shareInside(sample, window);
    const micros = sample.intervalMicros * share;
    if (micros <= 0) continue;
    covered += micros;
    cpu += (sample.cpuUserMicros + sample.cpuSystemMicros) * share;
    gc += sample.gcMicros * share;
    majorCount += sample.gcMajorCount * share;
    utilization += sample.eventLoopUtilization * micros;
    delay += sample.eventLoopDelayMeanMs * micros;
    delays.push({ value: sample.eventLoopDelayP99Ms, weight: micros });
  }
  const ending = endingInWindow(inside, window);
  const length = window.endMicros - window.startMicros;
  const scale = covered >= NEARLY_ALL * length && covered < length ? length / covered : 1;
  const max = (of: (sample: MetricSample) => number) => Math.max(...ending.map(of));
  return {
    cpuMicros: cpu * scale,
    rssMaxBytes: max((sample) => sample.rssBytes),
    heapUsedMaxBytes: max((sample) => sample.heapUsedBytes),
    eventLoopUtilization: utilization / covered,
    eventLoopDelayMeanMs: delay / covered,
    eventLoopDelayP99Ms: weightedQuantile(delays, QUANTILE_OF_INTERVAL_P99),
    eventLoopDelayMaxMs: max((sample) => sample.eventLoopDelayMaxMs),
    gcShare: gc / covered,
    gcMajorCount: Math.round(majorCount),
    activeHandlesMax: max((sample) => sample.activeHandles),
  };
}

/** 0 to 1: how much of the sample's interval lies in the window. */
function shareInside({ timeMicros, intervalMicros }: MetricSample, window: MetricsWindow): number {
  if (!(intervalMicros > 0)) return 0;
  const from = Math.max(timeMicros - intervalMicros, window.startMicros);
  const to = Math.min(timeMicros, window.endMicros);
  return Math.max(0, to - from) / intervalMicros;
}

function weightedQuantile(items: readonly { value: number; weight: number }[], quantile: number): number {
  const sorted = [...items].sort((a, b) => a.value - b.value);
  const wanted = quantile * sorted.reduce((total, { weight }) => total + weight, 0);
  let passed = 0;
  for (const { value, weight } of sorted) {
    passed += weight;
    if (passed >= wanted) return value;
  }
  return sorted.at(-1)?.value ?? 0;
}

function groupByPid(samples: readonly MetricSample[]): Map<number, MetricSample[]> {
  const groups = new Map<number, MetricSample[]>();
  for (const sample of samples) {
    const group = groups.get(sample.pid);
    if (group) group.push(sample);
    else groups.set(sample.pid, [sample]);
  }
  return groups;
}
