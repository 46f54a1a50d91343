import type { MetricSample } from '../model/metrics';

/** Most samples that are kept of a test; an agent takes four a second. */
const MAX_SAMPLES = 6000;

/**
 * The agents' samples of a test of any length in bounded memory: when there are too many, neighbours of one process
 * become one of a longer interval. Sums and times stay what they were; a level is the higher of the two.
 */
export class SampleRecorder {
  private kept: MetricSample[] = [];
  private readonly pending = new Map<number, { readonly sample: MetricSample; readonly count: number }>();
  /** How many of the agent's samples one is made of. */
  private every = 1;

  constructor(private readonly maxSamples = MAX_SAMPLES) {}

  add(sample: MetricSample): void {
    const before = this.pending.get(sample.pid);
    const merged = before ? merge(before.sample, sample) : sample;
    const count = (before?.count ?? 0) + 1;
    if (count < this.every) {
      this.pending.set(sample.pid, { sample: merged, count });
      return;
    }
    this.pending.delete(sample.pid);
    this.kept.push(merged);
    if (this.kept.length > this.maxSamples) this.thin();
  }

  samples(): readonly MetricSample[] {
    return [...this.kept, ...[...this.pending.values()].map(({ sample }) => sample)];
  }

  private thin(): void {
    const open = new Map<number, number>();
    const thinned: (MetricSample | undefined)[] = [];
    for (const sample of this.kept) {
      const at = open.get(sample.pid);
      if (at === undefined) {
        open.set(sample.pid, thinned.push(sample) - 1);
      } else {
        thinned[at] = merge(thinned[at]!, sample);
        open.delete(sample.pid);
      }
    }
    // Processes come and go: with one sample each there is nothing to merge.
    this.kept = thinned.filter((sample) => sample !== undefined).slice(-this.maxSamples);
    this.every *= 2;
  }
}

function merge(a: MetricSample, b: MetricSample): MetricSample {
  const intervalMicros = a.intervalMicros + b.intervalMicros;
  const mean = (of: (sample: MetricSample) => number) =>
    intervalMicros > 0 ? (of(a) * a.intervalMicros + of(b) * b.intervalMicros) / intervalMicros : of(b);
  return {
    pid: b.pid,
    timeMicros: b.timeMicros,
    intervalMicros,
    cpuUserMicros: a.cpuUserMicros + b.cpuUserMicros,
    cpuSystemMicros: a.cpuSystemMicros + b.cpuSystemMicros,
    rssBytes: Math.max(a.rssBytes, b.rssBytes),
    heapUsedBytes: Math.max(a.heapUsedBytes, b.heapUsedBytes),
    heapTotalBytes: Math.max(a.heapTotalBytes, b.heapTotalBytes),
    heapLimitBytes: b.heapLimitBytes,
    externalBytes: Math.max(a.externalBytes, b.externalBytes),
    eventLoopDelayMeanMs: mean((sample) => sample.eventLoopDelayMeanMs),
    eventLoopDelayP99Ms: Math.max(a.eventLoopDelayP99Ms, b.eventLoopDelayP99Ms),
    eventLoopDelayMaxMs: Math.max(a.eventLoopDelayMaxMs, b.eventLoopDelayMaxMs),
    eventLoopUtilization: mean((sample) => sample.eventLoopUtilization),
    gcMicros: a.gcMicros + b.gcMicros,
    gcMajorMicros: a.gcMajorMicros + b.gcMajorMicros,
    gcCount: a.gcCount + b.gcCount,
    gcMajorCount: a.gcMajorCount + b.gcMajorCount,
    activeHandles: Math.max(a.activeHandles, b.activeHandles),
    requests: a.requests + b.requests,
  };
}
