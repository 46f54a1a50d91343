import { encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { LoadWindow } from '../model/loadWindow';
import { HealthMeter } from './health';
import { RouteRecorder } from './histograms';

/** What a closed model did since the last look. `record` is on the generator's hot path. */
export class WindowRecorder {
  /** Iterations that began. */
  started = 0;
  /** Timeouts and failed connections. */
  unanswered = 0;
  private failedReplies = 0;
  private times = new RouteRecorder();
  private bytes = 0;
  private health = new HealthMeter();

  constructor(private startMicros: number) {}

  record(micros: number, status: number, bytes: number): void {
    this.times.record(micros);
    this.bytes += bytes;
    if (status >= 400) this.failedReplies++;
  }

  /** Begins the next window. */
  take(endMicros: number, vusBusy: number): Omit<LoadWindow, 'phase'> {
    const { startMicros, started, unanswered, bytes, times } = this;
    const window = {
      startMicros,
      endMicros,
      started,
      failed: this.failedReplies + unanswered,
      unanswered,
      bytes,
      vusBusy,
      latency: times.summary(),
      histogram: encodeIntoCompressedBase64(times.histogram),
      generator: this.health.end(),
      checksPassed: 0,
      checksFailed: 0,
      // A closed model has no schedule.
      intended: 0,
      unstarted: 0,
      late: 0,
      lagP99Micros: 0,
      lagMaxMicros: 0,
    };
    this.startMicros = endMicros;
    this.started = this.unanswered = this.failedReplies = this.bytes = 0;
    this.times = new RouteRecorder();
    this.health = new HealthMeter();
    return window;
  }
}
