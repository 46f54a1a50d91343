import { MAX_SERIES_POINTS, type LoadSeries } from '../model/load';
import { IntervalRecorder } from './histograms';

/** Response times by interval of the window, told in order of time. `record` is on the generator's hot path. */
export class SeriesRecorder {
  private readonly times = new IntervalRecorder();
  private readonly columns = {
    endMicros: [] as number[],
    p50Micros: [] as number[],
    p99Micros: [] as number[],
    requests: [] as number[],
    errors: [] as number[],
  };
  private errors = 0;
  private intervalEnd: number;

  constructor(
    private readonly startMicros: number,
    private readonly intervalMicros: number,
  ) {
    this.intervalEnd = startMicros + intervalMicros;
  }

  record(micros: number, completedMicros: number): void {
    if (completedMicros >= this.intervalEnd) this.advance(completedMicros);
    this.times.record(micros);
  }

  recordError(atMicros: number): void {
    if (atMicros >= this.intervalEnd) this.advance(atMicros);
    this.errors++;
  }

  result(endMicros: number): LoadSeries {
    this.advance(endMicros);
    if (endMicros > this.intervalEnd - this.intervalMicros) this.close(endMicros);
    return { intervalMicros: this.intervalMicros, ...this.columns };
  }

  /** Closes the intervals that are over. */
  private advance(nowMicros: number): void {
    while (this.intervalEnd <= nowMicros) {
      this.close(this.intervalEnd);
      this.intervalEnd += this.intervalMicros;
    }
  }

  private close(endMicros: number): void {
    const { count, p50Micros, p99Micros } = this.times.take();
    const { columns, errors } = this;
    this.errors = 0;
    if (columns.endMicros.length >= MAX_SERIES_POINTS) return;
    columns.endMicros.push(endMicros - this.startMicros);
    columns.p50Micros.push(p50Micros);
    columns.p99Micros.push(p99Micros);
    columns.requests.push(count);
    columns.errors.push(errors);
  }
}
