import type { LoadWindow } from '../model/loadWindow';
import { MergedTimes } from './histograms';

/** The stretch with the highest p99; times in microseconds of the monotonic clock. */
export interface WorstWindow {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly p99Micros: number;
}

/** A p99 of fewer requests is their maximum. */
const LEAST_REQUESTS = 100;
/** Shorter stretches hold too few samples of a profile. */
const LEAST_SECONDS = 1;
/** Slow apps do not have so many requests in any useful time. */
const MOST_SECONDS = 5;
const LEAST_OF_SLOW = 10;

/**
 * Finds the worst stretch of a test while it runs: windows are joined until they hold a hundred requests and last a
 * second. Of an app too slow for that, five seconds with ten requests count.
 */
export class WorstWindowFinder {
  private worst: WorstWindow | undefined;
  private times = new MergedTimes();
  private startMicros: number | undefined;

  /** Windows in order of time. Returns the stretch that has just ended, where it is the worst so far. */
  add(window: LoadWindow): WorstWindow | undefined {
    this.startMicros ??= window.startMicros;
    this.times.add(window);
    const { startMicros, times } = this;
    const seconds = (window.endMicros - startMicros) / 1e6;
    const whole = times.count >= LEAST_REQUESTS && seconds >= LEAST_SECONDS;
    if (!whole && seconds < MOST_SECONDS) return undefined;
    this.startMicros = undefined;
    this.times = new MergedTimes();
    if (times.count < LEAST_OF_SLOW) return undefined;
    const p99Micros = times.quantile(0.99)!;
    if (this.worst && p99Micros <= this.worst.p99Micros) return undefined;
    this.worst = { startMicros, endMicros: window.endMicros, p99Micros };
    return this.worst;
  }

  get result(): WorstWindow | undefined {
    return this.worst;
  }
}
