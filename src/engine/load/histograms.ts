import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
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

  /** What another process, or a file, can be told. */
  encode(): EncodedTimes {
    const { sumMicros, maxMicros } = this;
    return { histogram: encodeIntoCompressedBase64(this.histogram), sumMicros, maxMicros };
  }

  /** Throws where the text is not a histogram. */
  addEncoded({ histogram, sumMicros, maxMicros }: EncodedTimes): void {
    this.histogram.add(decodeFromCompressedBase64(histogram));
    this.sumMicros += sumMicros;
    this.maxMicros = Math.max(this.maxMicros, maxMicros);
  }

  /** In microseconds; at most the longest time. 0 of none. */
  valueAt(quantile: number): number {
    if (this.count === 0) return 0;
    // A bucket's upper end may lie beyond the longest time that is in it.
    return Math.min(Math.round(this.maxMicros), this.histogram.getValueAtPercentile(100 * quantile));
  }

  /** `unknown`: requests beside the recorded ones whose time nobody knows, but that it was long. */
  summary(unknown = 0): LatencySummary {
    const { count } = this;
    const at = (quantile: number) =>
      this.valueAt(
        unknown === 0 ? quantile : Math.min(1, (quantile * (count + unknown)) / Math.max(1, count)),
      );
    return {
      count,
      ...(unknown > 0 && { measuredTo: count / (count + unknown) }),
      meanMicros: count === 0 ? 0 : this.sumMicros / count,
      p50Micros: at(0.5),
      p90Micros: at(0.9),
      p95Micros: at(0.95),
      p99Micros: at(0.99),
      p999Micros: at(0.999),
      maxMicros: Math.round(this.maxMicros),
    };
  }
}

export interface EncodedTimes {
  /** HdrHistogram V2 compressed, base64, of microseconds. */
  readonly histogram: string;
  readonly sumMicros: number;
  readonly maxMicros: number;
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

  /** Begins the next interval. Empty where nothing was recorded. */
  takeEncoded(): string {
    if (this.histogram.totalCount === 0) return '';
    const encoded = encodeIntoCompressedBase64(this.histogram);
    this.histogram.reset();
    return encoded;
  }

  addEncoded(encoded: string): void {
    if (encoded !== '') this.histogram.add(decodeFromCompressedBase64(encoded));
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
