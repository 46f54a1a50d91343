import { MAX_TIMELINE_POINTS, type LoadTimeline } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import type { MetricSample } from '../model/metrics';
import { MergedTimes, type RecordedTimes } from './histograms';
import { MetricColumns, mergeMetrics, type PointMetrics } from './timelineMetrics';

/** Some windows as one. Times in microseconds of the monotonic clock. */
interface Point {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly intended: number;
  readonly open: boolean;
  readonly failed: number;
  readonly times: RecordedTimes;
  readonly percentiles: readonly [p50: number, p95: number, p99: number] | undefined;
  readonly vus: number;
  readonly generatorCpu: number;
  readonly metrics: PointMetrics;
}

/**
 * The timeline of a test of any length in bounded memory: at most `MAX_TIMELINE_POINTS` points. Once there are so many,
 * each new window makes room by merging the two neighbours that cover the least time together, the oldest first; points
 * never differ in length by more than a factor of four, and percentiles of a point are of all its requests. Two
 * histograms are decoded for each window, so that no call takes long.
 */
export class TimelineRecorder {
  private readonly points: Point[] = [];
  private readonly metrics = new MetricColumns();

  /** `maxPoints`: fewer than `MAX_TIMELINE_POINTS`. */
  constructor(private readonly maxPoints = MAX_TIMELINE_POINTS) {}

  /** Windows in order of time, of the whole test. */
  addWindow(window: LoadWindow): void {
    const { latency, histogram, startMicros, endMicros } = window;
    const { count, measuredTo } = latency;
    this.points.push({
      ...{ startMicros, endMicros },
      intended: window.intended,
      open: window.intended > 0,
      failed: window.failed,
      times: { latency: { count, ...(measuredTo !== undefined && { measuredTo }) }, histogram },
      percentiles: count === 0 ? undefined : [latency.p50Micros, latency.p95Micros, latency.p99Micros],
      vus: window.vusBusy,
      generatorCpu: window.generator.cpuShare,
      metrics: this.metrics.take(endMicros),
    });
    if (this.points.length > this.maxPoints) this.mergeShortest();
  }

  /** Of all processes of the target. Those of a time count in the window that comes next. */
  addMetrics(sample: MetricSample): void {
    this.metrics.add(sample);
  }

  timeline(): LoadTimeline {
    const { points } = this;
    const startMicros = points[0]?.startMicros ?? 0;
    const column = <T>(of: (point: Point) => T): T[] => points.map(of);
    const perSecond = (count: number, point: Point) => (count / (point.endMicros - point.startMicros)) * 1e6;
    return {
      startMicros,
      endMicros: column(({ endMicros }) => endMicros - startMicros),
      intendedRate: column((point) => (point.open ? perSecond(point.intended, point) : null)),
      rate: column((point) => perSecond(point.times.latency.count, point)),
      failedRate: column((point) => perSecond(point.failed, point)),
      p50Micros: column(({ percentiles }) => percentiles?.[0] ?? null),
      p95Micros: column(({ percentiles }) => percentiles?.[1] ?? null),
      p99Micros: column(({ percentiles }) => percentiles?.[2] ?? null),
      vus: column(({ vus }) => vus),
      targetCpu: column(({ metrics }) => metrics.cpu),
      generatorCpu: column(({ generatorCpu }) => generatorCpu),
      eventLoopUtilization: column(({ metrics }) => metrics.eventLoopUtilization),
      eventLoopDelayP99Ms: column(({ metrics }) => metrics.eventLoopDelayP99Ms),
      heapUsedBytes: column(({ metrics }) => metrics.heapUsedBytes),
    };
  }

  private mergeShortest(): void {
    const { points } = this;
    let at = 0;
    let least = Infinity;
    for (let i = 0; i + 1 < points.length; i++) {
      const covered = points[i + 1]!.endMicros - points[i]!.startMicros;
      // Windows' bounds differ by a few microseconds.
      if (covered < least * 0.999) {
        least = covered;
        at = i;
      }
    }
    points.splice(at, 2, merge(points[at]!, points[at + 1]!));
  }
}

function merge(a: Point, b: Point): Point {
  const times = new MergedTimes();
  times.add(a.times);
  times.add(b.times);
  const at = (quantile: number) => times.quantile(quantile)!;
  const share = (a.endMicros - a.startMicros) / (b.endMicros - a.startMicros);
  return {
    startMicros: a.startMicros,
    endMicros: b.endMicros,
    intended: a.intended + b.intended,
    open: a.open || b.open,
    failed: a.failed + b.failed,
    times: times.encode(),
    percentiles: times.count === 0 ? undefined : [at(0.5), at(0.95), at(0.99)],
    vus: Math.max(a.vus, b.vus),
    generatorCpu: a.generatorCpu * share + b.generatorCpu * (1 - share),
    metrics: mergeMetrics(a.metrics, b.metrics, share),
  };
}
