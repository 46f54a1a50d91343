import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary, LoadErrors, LoadResult, Route, RouteResult } from '../model/load';

/** What replies and failures come to, from one moment on. `record` is the generator's hot path. */
export class Recorder {
  private readonly perRoute: RouteRecorder[];
  private readonly perSecond: number[] = [];
  private readonly byStatus: Record<string, number> = {};
  private readonly satisfiedMicros: number;
  private readonly toleratedMicros: number;
  private bytes = 0;
  private satisfied = 0;
  private tolerated = 0;
  timeouts = 0;
  connectionErrors = 0;
  requests = 0;
  failedReplies = 0;
  /** What the last failure of a connection was. */
  lastError: Error | undefined;

  constructor(
    private readonly routes: readonly Route[],
    private readonly apdexTargetMs: number,
    readonly startMicros: number,
  ) {
    this.perRoute = routes.map(() => new RouteRecorder());
    this.satisfiedMicros = apdexTargetMs * 1000;
    this.toleratedMicros = apdexTargetMs * 4000;
  }

  record(route: number, status: number, bytes: number, micros: number, completedMicros: number): void {
    this.requests++;
    this.bytes += bytes;
    this.perRoute[route]!.record(micros);
    const second = Math.floor((completedMicros - this.startMicros) / 1e6);
    while (this.perSecond.length <= second) this.perSecond.push(0);
    this.perSecond[second]!++;
    if (status >= 400) {
      this.failedReplies++;
      this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
    } else if (micros <= this.satisfiedMicros) this.satisfied++;
    else if (micros <= this.toleratedMicros) this.tolerated++;
  }

  get errors(): number {
    return this.failedReplies + this.timeouts + this.connectionErrors;
  }

  get maxMicros(): number {
    return Math.max(0, ...this.perRoute.map((route) => route.maxMicros));
  }

  result(endMicros: number): Omit<LoadResult, 'origin' | 'connections' | 'generator'> {
    const seconds = (endMicros - this.startMicros) / 1e6;
    const whole = Math.floor(seconds);
    const all = new RouteRecorder();
    for (const route of this.perRoute) all.add(route);
    const attempts = this.requests + this.timeouts + this.connectionErrors;
    const errors: LoadErrors = {
      byStatus: this.byStatus,
      timeouts: this.timeouts,
      connection: this.connectionErrors,
    };
    return {
      engine: 'autocannon',
      model: 'closed',
      routes: this.routes.map(({ method, path }, index): RouteResult => {
        const route = this.perRoute[index]!;
        return { method, path, requests: route.count, latency: route.summary() };
      }),
      startMicros: this.startMicros,
      endMicros,
      requests: this.requests,
      bytes: this.bytes,
      throughput: {
        mean: seconds > 0 ? this.requests / seconds : 0,
        perSecond: Array.from({ length: whole }, (_, second) => this.perSecond[second] ?? 0),
      },
      latency: all.summary(),
      histogram: encodeIntoCompressedBase64(all.histogram),
      errors,
      apdex: {
        targetMs: this.apdexTargetMs,
        // What failed satisfied nobody (Apdex specification 1.1, section 4.2).
        score: attempts > 0 ? (this.satisfied + this.tolerated / 2) / attempts : 0,
      },
    };
  }
}

/** Longer times than this are recorded as this: an hour, autocannon's longest timeout here. */
const LONGEST_MICROS = 3600e6;

/** Response times of one route, in microseconds, to three significant digits. */
class RouteRecorder {
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

/** For the figures shown while the load runs: response times since the last look, to two digits. */
export class IntervalRecorder {
  private readonly histogram = microsHistogram(2);

  record(micros: number): void {
    this.histogram.recordValue(toValue(micros));
  }

  /** Begins the next interval. */
  take(): { readonly count: number; readonly p99Micros: number } {
    const count = this.histogram.totalCount;
    const p99Micros = count === 0 ? 0 : this.histogram.getValueAtPercentile(99);
    this.histogram.reset();
    return { count, p99Micros };
  }
}

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
