import type { MetricSample } from '../model/metrics';

/** The target's metrics over a point of a timeline; null where no sample was of it. */
export interface PointMetrics {
  /** Cores, of all processes. */
  readonly cpu: number | null;
  /** Of the busiest process. */
  readonly eventLoopUtilization: number | null;
  /** Of the worst process. */
  readonly eventLoopDelayP99Ms: number | null;
  /** Of all processes together. */
  readonly heapUsedBytes: number | null;
}

/** Gathers samples until the next point takes them. */
export class MetricColumns {
  private samples: MetricSample[] = [];

  add(sample: MetricSample): void {
    this.samples.push(sample);
  }

  /** Of the samples up to that time; later ones wait for the next point. */
  take(endMicros: number): PointMetrics {
    const own = this.samples.filter(({ timeMicros }) => timeMicros <= endMicros);
    this.samples = this.samples.filter(({ timeMicros }) => timeMicros > endMicros);
    if (own.length === 0)
      return { cpu: null, eventLoopUtilization: null, eventLoopDelayP99Ms: null, heapUsedBytes: null };
    const pids = new Set(own.map(({ pid }) => pid));
    const processes = [...pids].map((pid) => own.filter((sample) => sample.pid === pid));
    const sum = (of: (samples: readonly MetricSample[]) => number) =>
      processes.reduce((total, samples) => total + of(samples), 0);
    return {
      cpu: sum((samples) => overTime(samples, (sample) => cpuShare(sample))),
      eventLoopUtilization: Math.max(
        ...processes.map((samples) => overTime(samples, (sample) => sample.eventLoopUtilization)),
      ),
      eventLoopDelayP99Ms: Math.max(...own.map(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms)),
      heapUsedBytes: sum((samples) => Math.max(...samples.map(({ heapUsedBytes }) => heapUsedBytes))),
    };
  }
}

/** `share`: of the first in the time of both. */
export function mergeMetrics(a: PointMetrics, b: PointMetrics, share: number): PointMetrics {
  const mean = (first: number | null, second: number | null) =>
    first === null || second === null ? (first ?? second) : first * share + second * (1 - share);
  const max = (first: number | null, second: number | null) =>
    first === null || second === null ? (first ?? second) : Math.max(first, second);
  return {
    cpu: mean(a.cpu, b.cpu),
    eventLoopUtilization: mean(a.eventLoopUtilization, b.eventLoopUtilization),
    eventLoopDelayP99Ms: max(a.eventLoopDelayP99Ms, b.eventLoopDelayP99Ms),
    heapUsedBytes: max(a.heapUsedBytes, b.heapUsedBytes),
  };
}

function cpuShare({ cpuUserMicros, cpuSystemMicros, intervalMicros }: MetricSample): number {
  return intervalMicros > 0 ? (cpuUserMicros + cpuSystemMicros) / intervalMicros : 0;
}

/** Mean by the samples' intervals. */
function overTime(samples: readonly MetricSample[], of: (sample: MetricSample) => number): number {
  const micros = samples.reduce((sum, { intervalMicros }) => sum + intervalMicros, 0);
  if (micros === 0) return 0;
  return samples.reduce((sum, sample) => sum + of(sample) * sample.intervalMicros, 0) / micros;
}
