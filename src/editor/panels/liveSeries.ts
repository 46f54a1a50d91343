import type { MetricSample } from '../../engine/model/metrics';
import type { Progress, Stage } from '../../engine/model/target';
import { percentile } from '../../engine/model/percentiles';
import type { MetricSeries, MetricsState } from '../../protocol/metrics';

/** At four a second: ten minutes. Older points are dropped. */
const MAX_POINTS = 2400;
/** Closer points are joined: processes report at slightly different times. */
const MIN_STEP_SECONDS = 0.2;
/** A process that has been silent for so long has ended. */
const STALE_SECONDS = 1.5;

/** Gathers what a run reports into the series that the metrics view draws. */
export class LiveSeries {
  private stage: Stage = 'start';
  private message = '';
  private errors = 0;
  private readonly startSeconds: number;
  private readonly load = new Columns(['seconds', 'requestsPerSecond', 'p99Micros']);
  private readonly process = new ProcessSeries();

  /** @param now seconds of any monotonic clock */
  constructor(
    private readonly label: string,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.startSeconds = now();
  }

  add(progress: Progress): void {
    const seconds = this.now() - this.startSeconds;
    switch (progress.type) {
      case 'stage':
        this.stage = progress.stage;
        this.message = progress.message;
        break;
      case 'load': {
        const { requestsPerSecond, p99Micros, errors } = progress.load;
        this.errors = errors;
        // A phase that has no reply yet has no percentile.
        this.load.push({ seconds, requestsPerSecond, p99Micros: p99Micros > 0 ? p99Micros : NaN });
        break;
      }
      case 'loadWindow': {
        const { latency, failed, startMicros, endMicros } = progress.window;
        const length = (endMicros - startMicros) / 1e6;
        this.errors += failed;
        const p99 = percentile(latency, 0.99);
        this.load.push({
          seconds,
          requestsPerSecond: length > 0 ? latency.count / length : 0,
          p99Micros: p99.state === 'measured' ? p99.micros : NaN,
        });
        break;
      }
      case 'metrics':
        this.process.add(progress.sample, seconds);
        break;
      case 'output':
      case 'trial':
      case 'warning':
        break;
    }
  }

  state(): MetricsState {
    return {
      phase: 'live',
      label: this.label,
      stage: this.stage,
      message: this.message,
      errors: this.errors,
      series: { load: this.load.arrays(), process: this.process.arrays() },
    };
  }
}

/** The series of a finished run's steady window. */
export function recordedSeries(perSecond: readonly number[], samples: readonly MetricSample[]): MetricSeries {
  const process = new ProcessSeries();
  const ordered = [...samples].sort((a, b) => a.timeMicros - b.timeMicros);
  const start = ordered[0]?.timeMicros ?? 0;
  for (const sample of ordered) process.add(sample, (sample.timeMicros - start) / 1e6);
  const load = new Columns(['seconds', 'requestsPerSecond', 'p99Micros']);
  perSecond.forEach((requestsPerSecond, second) => {
    load.push({ seconds: second + 1, requestsPerSecond, p99Micros: NaN });
  });
  return { load: load.arrays(), process: process.arrays() };
}

/** Joins the samples of several processes: sums of CPU and memory, the busiest one's event loop. */
class ProcessSeries {
  private readonly columns = new Columns([
    'seconds',
    'cpuCores',
    'eventLoopUtilization',
    'eventLoopDelayP99Ms',
    'rssBytes',
    'heapUsedBytes',
  ]);
  private readonly latest = new Map<number, { readonly sample: MetricSample; readonly seconds: number }>();
  private readonly serving = new Set<number>();

  add(sample: MetricSample, seconds: number): void {
    this.latest.set(sample.pid, { sample, seconds });
    if (sample.requests > 0) this.serving.add(sample.pid);
    for (const [pid, entry] of this.latest) {
      if (seconds - entry.seconds > STALE_SECONDS) this.latest.delete(pid);
    }
    // A wrapper such as npm has an agent too; once one is known to serve, the others are left out.
    const counted = [...this.latest.values()]
      .map((entry) => entry.sample)
      .filter(({ pid }) => this.serving.size === 0 || this.serving.has(pid));
    if (counted.length === 0) return;
    const sum = (value: (of: MetricSample) => number) =>
      counted.reduce((total, one) => total + value(one), 0);
    const max = (value: (of: MetricSample) => number) => Math.max(...counted.map(value));
    const point = {
      seconds,
      cpuCores: sum(({ cpuUserMicros, cpuSystemMicros, intervalMicros }) =>
        intervalMicros > 0 ? (cpuUserMicros + cpuSystemMicros) / intervalMicros : 0,
      ),
      eventLoopUtilization: max((one) => one.eventLoopUtilization),
      eventLoopDelayP99Ms: max((one) => one.eventLoopDelayP99Ms),
      rssBytes: sum((one) => one.rssBytes),
      heapUsedBytes: sum((one) => one.heapUsedBytes),
    };
    const last = this.columns.last('seconds');
    if (last !== undefined && seconds - last < MIN_STEP_SECONDS) {
      this.columns.replaceLast({ ...point, seconds: last });
    } else {
      this.columns.push(point);
    }
  }

  arrays() {
    return this.columns.arrays();
  }
}

/** Named columns of numbers, of equal length, at most `MAX_POINTS` long. */
class Columns<K extends string> {
  private readonly values: Record<K, number[]>;

  constructor(private readonly keys: readonly K[]) {
    this.values = Object.fromEntries(keys.map((key) => [key, [] as number[]])) as Record<K, number[]>;
  }

  push(point: Readonly<Record<K, number>>): void {
    for (const key of this.keys) {
      const column = this.values[key];
      column.push(point[key]);
      if (column.length > MAX_POINTS) column.shift();
    }
  }

  replaceLast(point: Readonly<Record<K, number>>): void {
    for (const key of this.keys) this.values[key][this.values[key].length - 1] = point[key];
  }

  last(key: K): number | undefined {
    return this.values[key].at(-1);
  }

  arrays(): Record<K, Float64Array> {
    return Object.fromEntries(this.keys.map((key) => [key, Float64Array.from(this.values[key])])) as Record<
      K,
      Float64Array
    >;
  }
}
