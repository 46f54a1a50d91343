import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { LoadErrors, LoadResult, RouteResult } from '../model/load';
import { RouteRecorder } from './histograms';
import type { LoadRequest } from './routes';
import { SeriesRecorder } from './series';

/** What replies and failures come to, from one moment on. `record` is the generator's hot path. */
export class Recorder {
  private readonly perRoute: RouteRecorder[];
  private readonly failedPerRoute: number[];
  private readonly perSecond: number[] = [];
  private readonly byStatus: Record<string, number> = {};
  private readonly satisfiedMicros: number;
  private readonly toleratedMicros: number;
  private readonly series: SeriesRecorder;
  private bytes = 0;
  private satisfied = 0;
  private tolerated = 0;
  private failedReplies = 0;
  timeouts = 0;
  connectionErrors = 0;
  requests = 0;
  /** What the last failure of a connection was. */
  lastError: Error | undefined;

  constructor(
    private readonly routes: readonly LoadRequest[],
    private readonly apdexTargetMs: number,
    readonly startMicros: number,
    intervalMicros: number,
  ) {
    this.series = new SeriesRecorder(startMicros, intervalMicros);
    this.perRoute = routes.map(() => new RouteRecorder());
    this.failedPerRoute = routes.map(() => 0);
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
    this.series.record(micros, completedMicros);
    if (status >= 400) {
      this.failedReplies++;
      this.failedPerRoute[route]!++;
      this.series.recordError(completedMicros);
      this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
    } else if (micros <= this.satisfiedMicros) this.satisfied++;
    else if (micros <= this.toleratedMicros) this.tolerated++;
  }

  recordTimeout(route: number, atMicros: number): void {
    this.timeouts++;
    this.failedPerRoute[route]!++;
    this.series.recordError(atMicros);
  }

  recordConnectionError(route: number, error: Error, atMicros: number): void {
    this.connectionErrors++;
    this.failedPerRoute[route]!++;
    this.lastError = error;
    this.series.recordError(atMicros);
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
      routes: this.routes.map(({ name, method, path }, index): RouteResult => {
        const route = this.perRoute[index]!;
        const failed = this.failedPerRoute[index]!;
        return {
          method,
          path,
          ...(name !== undefined && { name }),
          requests: route.count,
          failed,
          latency: route.summary(),
        };
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
      series: this.series.result(endMicros),
    };
  }
}
