import type { ResultSink, Sample } from '../handoff/results/sample';
import { IntervalRecorder, RouteRecorder } from '../load/histograms';
import { MAX_SERIES_POINTS, type LoadResult, type LoadSeries, type RouteResult } from '../model/load';
import type { CheckResult, LoadTimeline } from '../model/loadTestResult';

/** More names than these share one row: a tool that tells requests by their addresses may have millions. */
const MAX_ROUTES = 1000;
const OTHERS = 'other requests';
const MAX_CHECKS = 1000;
const MAX_THRESHOLDS = 200;

/** The first reading of a file: from when to when requests were sent, which the intervals of the second need. */
export class ResultRange implements ResultSink {
  startMs = Infinity;
  endMs = -Infinity;
  samples = 0;
  warmups = 0;

  sample({ endMs, durationMs }: Sample): void {
    this.samples++;
    this.startMs = Math.min(this.startMs, endMs - durationMs);
    this.endMs = Math.max(this.endMs, endMs);
  }
  warmup(): void {
    this.warmups++;
  }
  check(): void {}
  vus(): void {}
  dropped(): void {}
  bytes(): void {}
  threshold(): void {}
}

interface Interval {
  readonly times: IntervalRecorder;
  errors: number;
  vus: number;
}

interface Row {
  readonly method: string;
  readonly path: string;
  readonly times: RouteRecorder;
  failed: number;
}

/** The second reading: what all requests come to, in memory that does not grow with the file. */
export class ResultTotals implements ResultSink {
  readonly thresholds = new Map<string, { readonly metric: string; readonly expression: string }>();
  unstarted = 0;
  private readonly rows = new Map<string, Row>();
  private readonly checksByName = new Map<string, { passes: number; fails: number }>();
  private readonly intervals: (Interval | undefined)[];
  private readonly intervalMs: number;
  private readonly seconds: number;
  private readonly perSecond: number[];
  private readonly byStatus: Record<string, number> = {};
  private readonly errors = { timeouts: 0, connection: 0 };
  private byteCount = 0;
  private mostVUs = 0;
  private satisfied = 0;
  private tolerated = 0;

  constructor(
    private readonly range: { readonly startMs: number; readonly endMs: number },
    private readonly apdexTargetMs: number,
  ) {
    this.seconds = Math.max((range.endMs - range.startMs) / 1000, 0.001);
    this.intervalMs = 1000 * Math.max(1, Math.ceil(this.seconds / MAX_SERIES_POINTS));
    this.intervals = new Array<undefined>(Math.max(1, Math.ceil((this.seconds * 1000) / this.intervalMs)));
    this.perSecond = new Array<number>(Math.floor(this.seconds)).fill(0);
  }

  sample(sample: Sample): void {
    const { status, durationMs, endMs } = sample;
    const interval = this.intervalAt(endMs);
    const row = this.rowOf(sample);
    this.byteCount += sample.bytes;
    if (status === 0) {
      this.errors[sample.failure === 'timeout' ? 'timeouts' : 'connection']++;
      interval.errors++;
      row.failed++;
      return;
    }
    row.times.record(durationMs * 1000);
    interval.times.record(durationMs * 1000);
    const second = Math.floor((endMs - this.range.startMs) / 1000);
    if (second < this.perSecond.length) this.perSecond[second]!++;
    if (status >= 400) {
      this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
      interval.errors++;
      row.failed++;
    } else if (durationMs <= this.apdexTargetMs) this.satisfied++;
    else if (durationMs <= 4 * this.apdexTargetMs) this.tolerated++;
  }

  check(name: string, passed: boolean): void {
    if (!this.checksByName.has(name) && this.checksByName.size >= MAX_CHECKS) return;
    const counts = this.checksByName.get(name) ?? { passes: 0, fails: 0 };
    counts[passed ? 'passes' : 'fails']++;
    this.checksByName.set(name, counts);
  }

  vus(timeMs: number, count: number): void {
    const { startMs, endMs } = this.range;
    if (timeMs < startMs || timeMs > endMs) return;
    const interval = this.intervalAt(timeMs);
    interval.vus = Math.max(interval.vus, Math.round(count));
    this.mostVUs = Math.max(this.mostVUs, Math.round(count));
  }

  dropped(count: number): void {
    this.unstarted += Math.max(0, Math.round(count));
  }

  bytes(count: number): void {
    this.byteCount += Math.max(0, count);
  }

  threshold(metric: string, expression: string): void {
    if (this.thresholds.size < MAX_THRESHOLDS)
      this.thresholds.set(`${metric} ${expression}`, { metric, expression });
  }

  warmup(): void {}

  get checks(): CheckResult[] {
    return [...this.checksByName].map(([name, counts]) => ({ name, ...counts }));
  }

  /** @param all filled with every time, for quantiles that the result does not hold. */
  result(
    engine: 'k6' | 'jmeter',
    model: LoadResult['model'],
    origin: string,
    all: RouteRecorder,
  ): LoadResult {
    for (const { times } of this.rows.values()) all.add(times);
    const attempts = all.count + this.errors.timeouts + this.errors.connection;
    return {
      ...{ engine, model, origin },
      routes: [...this.rows].map(([name, { method, path, times, failed }]): RouteResult => {
        return { name, method, path, failed, requests: times.count, latency: times.summary() };
      }),
      connections: this.mostVUs,
      startMicros: 0,
      endMicros: this.seconds * 1e6,
      requests: all.count,
      bytes: this.byteCount,
      throughput: { mean: all.count / this.seconds, perSecond: this.perSecond },
      latency: all.summary(this.unstarted),
      histogram: all.encode().histogram,
      errors: { byStatus: this.byStatus, ...this.errors },
      apdex: {
        targetMs: this.apdexTargetMs,
        score: attempts > 0 ? (this.satisfied + this.tolerated / 2) / attempts : 0,
      },
      // What the tool itself took nobody wrote down.
      generator: { cpuShare: 0, eventLoopUtilization: 0, eventLoopDelayP99Ms: 0, saturated: false },
    };
  }

  /** Once: it empties the intervals. */
  course(): { readonly series: LoadSeries; readonly timeline: LoadTimeline } {
    const rows = Array.from({ length: this.intervals.length }, (_, index) => {
      const interval = this.intervals[index];
      const endMs = Math.min((index + 1) * this.intervalMs, this.seconds * 1000);
      const seconds = (endMs - index * this.intervalMs) / 1000;
      const { count, p50Micros, p99Micros } = interval?.times.take() ?? {
        count: 0,
        p50Micros: 0,
        p99Micros: 0,
      };
      const { errors, vus } = interval ?? { errors: 0, vus: 0 };
      return { endMicros: endMs * 1000, seconds, count, p50Micros, p99Micros, errors, vus };
    });
    const unknown = rows.map(() => null);
    const rate = (count: number, seconds: number) => (seconds > 0 ? count / seconds : 0);
    const endMicros = rows.map((row) => row.endMicros);
    return {
      series: {
        intervalMicros: this.intervalMs * 1000,
        endMicros,
        p50Micros: rows.map((row) => row.p50Micros),
        p99Micros: rows.map((row) => row.p99Micros),
        requests: rows.map((row) => row.count),
        errors: rows.map((row) => row.errors),
      },
      timeline: {
        startMicros: 0,
        endMicros,
        intendedRate: unknown,
        rate: rows.map(({ count, seconds }) => rate(count, seconds)),
        failedRate: rows.map(({ errors, seconds }) => rate(errors, seconds)),
        p50Micros: rows.map((row) => (row.count > 0 ? row.p50Micros : null)),
        p95Micros: unknown,
        p99Micros: rows.map((row) => (row.count > 0 ? row.p99Micros : null)),
        vus: rows.map((row) => row.vus),
        ...{ targetCpu: unknown, generatorCpu: unknown, eventLoopUtilization: unknown },
        ...{ eventLoopDelayP99Ms: unknown, heapUsedBytes: unknown },
      },
    };
  }

  private intervalAt(timeMs: number): Interval {
    const index = Math.floor((timeMs - this.range.startMs) / this.intervalMs);
    const at = Math.min(Math.max(index, 0), this.intervals.length - 1);
    return (this.intervals[at] ??= { times: new IntervalRecorder(), errors: 0, vus: 0 });
  }

  private rowOf({ name, method, path }: Sample): Row {
    const isFull = !this.rows.has(name) && this.rows.size >= MAX_ROUTES;
    const key = isFull ? OTHERS : name;
    let row = this.rows.get(key);
    if (!row) {
      const [, ownMethod, ownPath] = /^([A-Z]+) (\/\S*)$/.exec(key) ?? [];
      row = {
        method: isFull ? '' : (method ?? ownMethod ?? ''),
        path: isFull ? '' : (ownPath ?? path ?? ''),
        ...{ times: new RouteRecorder(), failed: 0 },
      };
      this.rows.set(key, row);
    }
    return row;
  }
}
