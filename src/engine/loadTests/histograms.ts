import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import type { LatencySummary } from '../model/load';

/** What merging needs of an interval's response times. */
export interface RecordedTimes {
  readonly latency: Pick<LatencySummary, 'count' | 'measuredTo'>;
  /** HdrHistogram V2 compressed, base64, of microseconds; not read where nothing was recorded. */
  readonly histogram: string;
}

/**
 * Response times of several intervals or processes as one. Percentiles are of the merged counts, never means of
 * percentiles. Its memory does not grow with what is added.
 */
export class MergedTimes {
  private merged: Histogram | undefined;
  private unmeasured = 0;

  add({ latency, histogram }: RecordedTimes): void {
    this.unmeasured += unmeasuredCount(latency);
    if (latency.count === 0) return;
    const decoded = decodeFromCompressedBase64(histogram);
    if (this.merged === undefined) this.merged = decoded;
    else this.merged.add(decoded);
  }

  /** Of those whose time is known. */
  get count(): number {
    return this.merged?.totalCount ?? 0;
  }

  /** As `LatencySummary.measuredTo`; 1 where all times are known. */
  get measuredTo(): number {
    const all = this.count + this.unmeasured;
    return all === 0 ? 1 : this.count / all;
  }

  /** In microseconds; undefined where nothing was recorded. */
  quantile(quantile: number): number | undefined {
    return this.count === 0 ? undefined : this.merged!.getValueAtPercentile(quantile * 100);
  }

  get meanMicros(): number | undefined {
    return this.count === 0 ? undefined : this.merged!.mean;
  }

  get minMicros(): number | undefined {
    return this.count === 0 ? undefined : this.merged!.minNonZeroValue;
  }

  get maxMicros(): number | undefined {
    return this.count === 0 ? undefined : this.merged!.maxValue;
  }

  /** In the form that it was added in. */
  encode(): RecordedTimes {
    const { count, measuredTo } = this;
    return {
      latency: { count, ...(measuredTo < 1 && { measuredTo }) },
      histogram: encodeIntoCompressedBase64(this.merged ?? build()),
    };
  }
}

/** In microseconds; undefined where nothing was recorded. Decodes only where the summary does not know the quantile. */
export function quantileMicros(
  { latency, histogram }: { readonly latency: LatencySummary; readonly histogram: string },
  quantile: number,
): number | undefined {
  if (latency.count === 0) return undefined;
  const known: Readonly<Record<number, number>> = {
    0.5: latency.p50Micros,
    0.9: latency.p90Micros,
    0.95: latency.p95Micros,
    0.99: latency.p99Micros,
    0.999: latency.p999Micros,
    1: latency.maxMicros,
  };
  const micros = known[quantile];
  if (micros !== undefined) return micros;
  return Math.min(
    latency.maxMicros,
    decodeFromCompressedBase64(histogram).getValueAtPercentile(quantile * 100),
  );
}

/** How many there are beside those that were measured: the times beyond `measuredTo`. */
function unmeasuredCount({ count, measuredTo = 1 }: RecordedTimes['latency']): number {
  return measuredTo >= 1 || measuredTo <= 0 ? 0 : (count * (1 - measuredTo)) / measuredTo;
}
