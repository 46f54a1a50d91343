import { build, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary } from '../model/load';

/** Response times of one route, in microseconds, to three significant digits. */
export class RouteRecorder {
  readonly histogram: Histogram = microsHistogram(3);
  maxMicros = 0;
  private sumMicros = 0;

  record(micros: number): void {
    this.sumMicros += micros;
    if (micros > this.maxMicros) this.maxMicros = micros;
    this.histogram.recordValue(toValue(micros));
  }

  add(other: RouteRecorder): void {
    this.histogram.add(other.histogram);
    this.sumMicros += other.sumMicros;
    this.maxMicros = Math.max(this.maxMicros, other.maxMicros);
  }

  get count(): number {
    return this.histogram.totalCount;
  }

  summary(): LatencySummary {
    const { histogram, count } = this;
    const maxMicros = Math.round(this.maxMicros);
    // A bucket's upper end may lie beyond the longest time that is in it.
    const at = (percentile: number) =>
      count === 0 ? 0 : Math.min(maxMicros, histogram.getValueAtPercentile(percentile));
    return {
      count,
      meanMicros: count === 0 ? 0 : this.sumMicros / count,
      p50Micros: at(50),
      p90Micros: at(90),
      p95Micros: at(95),
      p99Micros: at(99),
      p999Micros: at(99.9),
      maxMicros,
    };
  }
}

/** Response times since the last look, to two digits. */
export class IntervalRecorder {
  private readonly histogram = microsHistogram(2);

  record(micros: number): void {
    this.histogram.recordValue(toValue(micros));
  }

  /** Begins the next interval. */
  take(): { readonly count: number; readonly p50Micros: number; readonly p99Micros: number } {
    const count = this.histogram.totalCount;
    if (count === 0) return { count, p50Micros: 0, p99Micros: 0 };
    const p50Micros = this.histogram.getValueAtPercentile(50);
    const p99Micros = this.histogram.getValueAtPercentile(99);
    this.histogram.reset();
    return { count, p50Micros, p99Micros };
  }
}

/** Longer times than this are recorded as this: an hour, autocannon's longest timeout here. */
const LONGEST_MICROS = 3600e6;

function microsHistogram(digits: 2 | 3): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_MICROS,
    numberOfSignificantValueDigits: digits,
    useWebAssembly: false,
  });
}

function toValue(micros: number): number {
  return Math.min(LONGEST_MICROS, Math.max(1, Math.round(micros)));
}
