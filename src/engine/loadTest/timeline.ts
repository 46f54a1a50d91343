import { MergedTimes } from '../loadTests/histograms';
import { MAX_TIMELINE_POINTS, type LoadTimeline } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import type { MetricSample } from '../model/metrics';
import { targetColumns } from './targetColumns';

/** One point of the timeline while it is made. */
interface Point {
  readonly startMicros: number;
  readonly endMicros: number;
  /** Iterations that were called for; undefined in closed models. */
  readonly intended: number | undefined;
  readonly completed: number;
  readonly failed: number;
  readonly p50Micros: number | null;
  readonly p95Micros: number | null;
  readonly p99Micros: number | null;
  readonly vus: number;
  readonly generatorCpu: number;
}

/**
 * The windows of a whole test as a timeline of bounded length. The interval follows from the length that is expected;
 * a test that turns out longer has neighbours made one, whose percentiles are then the higher of the two.
 */
export class TimelineRecorder {
  private points: Point[] = [];
  private group: LoadWindow[] = [];
  private groupMicros: number;

  /** @param isOpen whether the windows of a phase are of an open model. */
  constructor(
    expectedSeconds: number,
    private readonly isOpen: (phase: number) => boolean,
    private readonly maxPoints = MAX_TIMELINE_POINTS,
  ) {
    this.groupMicros = (expectedSeconds / maxPoints) * 1e6;
  }

  add(window: LoadWindow): void {
    const changed = this.group[0] && this.group[0].phase !== window.phase;
    if (changed) this.close();
    this.group.push(window);
    // A window's end varies by some milliseconds.
    if (window.endMicros - this.group[0]!.startMicros >= 0.9 * this.groupMicros) this.close();
  }

  /** Undefined before the first window. The samples are of any process; those of `pids` count, of all where it is empty. */
  result(samples: readonly MetricSample[], pids: readonly number[]): LoadTimeline | undefined {
    this.close();
    const { points } = this;
    const [first] = points;
    if (first === undefined) return undefined;
    const { startMicros } = first;
    const perSecond = (count: number, point: Point) =>
      (count * 1e6) / Math.max(1, point.endMicros - point.startMicros);
    const ends = points.map(({ endMicros }) => endMicros);
    const serving = pids.length === 0 ? samples : samples.filter(({ pid }) => pids.includes(pid));
    return {
      startMicros,
      endMicros: ends.map((end) => end - startMicros),
      intendedRate: points.map((point) =>
        point.intended === undefined ? null : perSecond(point.intended, point),
      ),
      rate: points.map((point) => perSecond(point.completed, point)),
      failedRate: points.map((point) => perSecond(point.failed, point)),
      p50Micros: points.map(({ p50Micros }) => p50Micros),
      p95Micros: points.map(({ p95Micros }) => p95Micros),
      p99Micros: points.map(({ p99Micros }) => p99Micros),
      vus: points.map(({ vus }) => vus),
      generatorCpu: points.map(({ generatorCpu }) => generatorCpu),
      ...targetColumns(serving, startMicros, ends),
    };
  }

  private close(): void {
    if (this.group.length === 0) return;
    this.points.push(this.pointOf(this.group));
    this.group = [];
    if (this.points.length > this.maxPoints) {
      this.points = joinPairs(this.points);
      this.groupMicros *= 2;
    }
  }

  private pointOf(windows: readonly LoadWindow[]): Point {
    const first = windows[0]!;
    const sum = (of: (window: LoadWindow) => number) => windows.reduce((all, window) => all + of(window), 0);
    const max = (of: (window: LoadWindow) => number) => Math.max(...windows.map(of));
    return {
      startMicros: first.startMicros,
      endMicros: windows.at(-1)!.endMicros,
      intended: this.isOpen(first.phase) ? sum(({ intended }) => intended) : undefined,
      completed: sum(({ latency }) => latency.count),
      failed: sum(({ failed }) => failed),
      ...percentilesOf(windows),
      vus: max(({ vusBusy }) => vusBusy),
      generatorCpu: max(({ generator }) => generator.cpuShare),
    };
  }
}

function percentilesOf(windows: readonly LoadWindow[]): Pick<Point, 'p50Micros' | 'p95Micros' | 'p99Micros'> {
  const [only] = windows;
  if (windows.length === 1 && only) {
    const { count, p50Micros, p95Micros, p99Micros } = only.latency;
    if (count > 0) return { p50Micros, p95Micros, p99Micros };
  }
  const times = new MergedTimes();
  for (const window of windows) times.add(window);
  const at = (quantile: number) => times.quantile(quantile) ?? null;
  return { p50Micros: at(0.5), p95Micros: at(0.95), p99Micros: at(0.99) };
}

function joinPairs(points: readonly Point[]): Point[] {
  const joined: Point[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const a = points[i]!;
    const b = points[i + 1];
    joined.push(b ? join(a, b) : a);
  }
  return joined;
}

function join(a: Point, b: Point): Point {
  const higher = (of: (point: Point) => number | null) => {
    const known = [of(a), of(b)].filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  const intended =
    a.intended === undefined && b.intended === undefined ? undefined : (a.intended ?? 0) + (b.intended ?? 0);
  return {
    startMicros: a.startMicros,
    endMicros: b.endMicros,
    intended,
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    p50Micros: higher(({ p50Micros }) => p50Micros),
    p95Micros: higher(({ p95Micros }) => p95Micros),
    p99Micros: higher(({ p99Micros }) => p99Micros),
    vus: Math.max(a.vus, b.vus),
    generatorCpu: Math.max(a.generatorCpu, b.generatorCpu),
  };
}
