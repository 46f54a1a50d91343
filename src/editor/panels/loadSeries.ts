import type { LoadProgress } from '../../engine/model/load';
import type { LoadWindow } from '../../engine/model/loadWindow';
import type { MetricSample } from '../../engine/model/metrics';
import { isMeasured } from '../../engine/model/percentiles';
import { LOAD_COLUMNS, type LivePoints, type LoadColumn, type LoadColumns } from '../../protocol/load';

/** Even. At two windows a second twenty minutes in full; then neighbours are joined. */
const MAX_POINTS = 2400;
/** A process that has been silent for so long has ended. */
const STALE_MICROS = 1_500_000;

/**
 * The points of a test's charts, as it runs: one for each window of the scheduler, or for each report of a generator
 * that has none. At `MAX_POINTS` two neighbours become one, so an hour costs no more to draw than twenty minutes.
 */
export class LoadSeries {
  private points: Point[] = [];
  /** What a point is made of, until `joined` windows are in it. */
  private open: Piece[] = [];
  private joined = 1;
  private revision = 0;
  private startMicros: number | undefined;
  private source: 'windows' | 'reports' | undefined;
  private readonly processes = new ProcessMeter();

  /** Where the points have changed since the last `changes`. */
  private changedFrom = 0;

  /** Points in all, with the one that is being made. */
  get length(): number {
    return this.points.length + (this.open.length > 0 ? 1 : 0);
  }

  addSample(sample: MetricSample): void {
    this.processes.add(sample);
  }

  addWindow(window: LoadWindow): void {
    if (this.source !== 'windows') this.restart('windows');
    this.startMicros ??= window.startMicros;
    const seconds = (window.endMicros - window.startMicros) / 1e6;
    if (!(seconds > 0)) return;
    const { latency } = window;
    const at = (quantile: number, micros: number) =>
      latency.count > 0 && isMeasured(latency, quantile) ? micros : NaN;
    this.add({
      seconds: (window.endMicros - this.startMicros) / 1e6,
      weight: seconds,
      values: {
        intendedRate: window.intended > 0 ? window.intended / seconds : NaN,
        rate: latency.count / seconds,
        failedRate: window.failed / seconds,
        p50Micros: at(0.5, latency.p50Micros),
        p95Micros: at(0.95, latency.p95Micros),
        p99Micros: at(0.99, latency.p99Micros),
        vus: window.vusBusy,
        generatorCpu: window.generator.cpuShare,
        ...this.processes.take(),
      },
    });
  }

  /** @param seconds since the test's start */
  addReport(report: LoadProgress, failed: number, seconds: number): void {
    if (this.source === 'windows') return;
    if (this.source === undefined) this.restart('reports');
    const before = this.open.at(-1)?.seconds ?? this.points.at(-1)?.seconds ?? 0;
    const weight = seconds - before;
    if (!(weight > 0)) return;
    this.add({
      seconds,
      weight,
      values: {
        intendedRate: NaN,
        rate: report.requestsPerSecond,
        failedRate: failed / weight,
        p50Micros: NaN,
        p95Micros: NaN,
        p99Micros: report.p99Micros > 0 ? report.p99Micros : NaN,
        vus: NaN,
        generatorCpu: NaN,
        ...this.processes.take(),
      },
    });
  }

  /** What the webview does not have yet. @param all it has nothing */
  changes(all: boolean): LivePoints {
    const points = this.open.length > 0 ? [...this.points, join(this.open)] : this.points;
    const from = all ? 0 : Math.min(this.changedFrom, points.length);
    this.changedFrom = this.points.length;
    return { revision: this.revision, from, columns: columnsOf(points.slice(from)), joined: this.joined };
  }

  private restart(source: 'windows' | 'reports'): void {
    this.source = source;
    if (this.length === 0) return;
    this.points = [];
    this.open = [];
    this.renew();
  }

  private renew(): void {
    this.revision++;
    this.changedFrom = 0;
  }

  private add(piece: Piece): void {
    this.open.push(piece);
    if (this.open.length < this.joined) return;
    this.points.push(join(this.open));
    this.open = [];
    if (this.points.length < MAX_POINTS) return;
    this.points = halved(this.points);
    this.joined *= 2;
    this.renew();
  }
}

type Values = Readonly<Record<Exclude<LoadColumn, 'seconds'>, number>>;

interface Piece {
  readonly seconds: number;
  /** Seconds that it stands for. */
  readonly weight: number;
  readonly values: Values;
}
type Point = Piece;

/** Rates and shares become their mean over time; of percentiles and delays the worst is kept: a stall stays visible. */
const KEPT_WORST: ReadonlySet<LoadColumn> = new Set<LoadColumn>([
  'p50Micros',
  'p95Micros',
  'p99Micros',
  'eventLoopDelayP99Ms',
]);

function join(pieces: readonly Piece[]): Point {
  const last = pieces.at(-1)!;
  if (pieces.length === 1) return last;
  const values = Object.fromEntries(
    LOAD_COLUMNS.filter((column) => column !== 'seconds').map((column) => {
      const known = pieces.filter(({ values }) => Number.isFinite(values[column]));
      if (known.length === 0) return [column, NaN];
      if (KEPT_WORST.has(column)) return [column, Math.max(...known.map(({ values }) => values[column]))];
      const weight = known.reduce((sum, piece) => sum + piece.weight, 0);
      return [column, known.reduce((sum, piece) => sum + piece.values[column] * piece.weight, 0) / weight];
    }),
  ) as Record<Exclude<LoadColumn, 'seconds'>, number>;
  return {
    seconds: last.seconds,
    weight: pieces.reduce((sum, { weight }) => sum + weight, 0),
    values,
  };
}

function halved(points: readonly Point[]): Point[] {
  const halves: Point[] = [];
  for (let at = 0; at < points.length; at += 2) halves.push(join(points.slice(at, at + 2)));
  return halves;
}

function columnsOf(points: readonly Point[]): LoadColumns {
  return Object.fromEntries(
    LOAD_COLUMNS.map((column) => [
      column,
      Float64Array.from(points, ({ seconds, values }) => (column === 'seconds' ? seconds : values[column])),
    ]),
  ) as Record<LoadColumn, Float64Array>;
}

/** Joins the samples of the app's processes between two points: sums of CPU and memory, the busiest event loop. */
class ProcessMeter {
  private readonly latest = new Map<number, MetricSample>();
  private readonly serving = new Set<number>();
  /** Worst since the last point. */
  private delayP99Ms = NaN;

  add(sample: MetricSample): void {
    this.latest.set(sample.pid, sample);
    if (sample.requests > 0) this.serving.add(sample.pid);
    for (const [pid, { timeMicros }] of this.latest) {
      if (sample.timeMicros - timeMicros > STALE_MICROS) this.latest.delete(pid);
    }
    if (this.serving.size > 0 && !this.serving.has(sample.pid)) return;
    const delay = sample.eventLoopDelayP99Ms;
    this.delayP99Ms = Number.isFinite(this.delayP99Ms) ? Math.max(this.delayP99Ms, delay) : delay;
  }

  take(): Pick<Values, 'targetCpu' | 'eventLoopUtilization' | 'eventLoopDelayP99Ms' | 'heapUsedBytes'> {
    // A wrapper such as npm has an agent too; once one is known to serve, the others are left out.
    const counted = [...this.latest.values()].filter(
      ({ pid }) => this.serving.size === 0 || this.serving.has(pid),
    );
    const eventLoopDelayP99Ms = this.delayP99Ms;
    this.delayP99Ms = NaN;
    if (counted.length === 0) {
      return { targetCpu: NaN, eventLoopUtilization: NaN, eventLoopDelayP99Ms, heapUsedBytes: NaN };
    }
    const sum = (value: (of: MetricSample) => number) => counted.reduce((all, one) => all + value(one), 0);
    return {
      targetCpu: sum(({ cpuUserMicros, cpuSystemMicros, intervalMicros }) =>
        intervalMicros > 0 ? (cpuUserMicros + cpuSystemMicros) / intervalMicros : 0,
      ),
      eventLoopUtilization: Math.max(...counted.map((one) => one.eventLoopUtilization)),
      eventLoopDelayP99Ms,
      heapUsedBytes: sum((one) => one.heapUsedBytes),
    };
  }
}
