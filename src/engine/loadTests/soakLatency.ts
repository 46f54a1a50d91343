import type { LoadWindow } from '../model/loadWindow';
import { MergedTimes } from './histograms';
import type { Point } from './trend';

/** Quantiles of fewer requests are made of single ones. */
const LEAST_REQUESTS = { p50: 10, p99: 100 } as const;

/** Response times of a test of any length, by intervals; `x` in seconds from the test's begin. */
export class SoakLatency {
  readonly p50: Point[] = [];
  readonly p99: Point[] = [];
  private times = new MergedTimes();
  private fromMicros: number | undefined;

  constructor(
    private readonly startMicros: number,
    private readonly intervalSeconds: number,
  ) {}

  /** Windows in order of time. */
  add(window: LoadWindow): void {
    this.fromMicros ??= window.startMicros;
    this.times.add(window);
    if ((window.endMicros - this.fromMicros) / 1e6 < this.intervalSeconds * 0.99) return;
    const { times } = this;
    const x = ((this.fromMicros + window.endMicros) / 2 - this.startMicros) / 1e6;
    if (times.count >= LEAST_REQUESTS.p50 && times.measuredTo >= 0.5)
      this.p50.push({ x, y: times.quantile(0.5)! });
    if (times.count >= LEAST_REQUESTS.p99 && times.measuredTo >= 0.99)
      this.p99.push({ x, y: times.quantile(0.99)! });
    this.times = new MergedTimes();
    this.fromMicros = undefined;
  }
}
