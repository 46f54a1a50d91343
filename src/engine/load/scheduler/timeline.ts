import { MAX_SERIES_POINTS } from '../../model/load';
import { IntervalRecorder } from '../histograms';

/** What was completed in the steady window, by time. */
export interface TimelineParts {
  readonly requests: number;
  readonly bytes: number;
  /** Of each second that has begun. */
  readonly perSecond: readonly number[];
  readonly intervals: readonly IntervalParts[];
}

export interface IntervalParts {
  /** HdrHistogram V2 compressed, base64, of microseconds; empty where nothing was completed. */
  readonly histogram: string;
  readonly errors: number;
}

/** Told in order of time. */
export class Timeline {
  requests = 0;
  private bytes = 0;
  private readonly perSecond: number[] = [];
  private readonly intervals: IntervalParts[] = [];
  private readonly times = new IntervalRecorder();
  private errors = 0;
  private intervalEnd: number;

  constructor(
    private readonly startMicros: number,
    private readonly intervalMicros: number,
  ) {
    this.intervalEnd = startMicros + intervalMicros;
  }

  reply(completedMicros: number, micros: number, bytes: number, failed: boolean): void {
    this.requests++;
    this.bytes += bytes;
    const second = Math.max(0, Math.floor((completedMicros - this.startMicros) / 1e6));
    while (this.perSecond.length <= second) this.perSecond.push(0);
    this.perSecond[second]!++;
    this.advance(completedMicros);
    this.times.record(micros);
    if (failed) this.errors++;
  }

  error(atMicros: number): void {
    this.advance(atMicros);
    this.errors++;
  }

  parts(endMicros: number): TimelineParts {
    this.advance(endMicros);
    if (endMicros > this.intervalEnd - this.intervalMicros) this.close();
    const { requests, bytes, perSecond, intervals } = this;
    return { requests, bytes, perSecond, intervals };
  }

  private advance(nowMicros: number): void {
    for (; this.intervalEnd <= nowMicros; this.intervalEnd += this.intervalMicros) this.close();
  }

  private close(): void {
    if (this.intervals.length < MAX_SERIES_POINTS)
      this.intervals.push({ histogram: this.times.takeEncoded(), errors: this.errors });
    this.errors = 0;
  }
}
