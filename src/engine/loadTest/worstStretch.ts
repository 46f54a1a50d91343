import { MergedTimes } from '../loadTests/histograms';
import type { LoadWindow } from '../model/loadWindow';

/** A stretch of a test with its response times. */
export interface Stretch {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly p99Micros: number;
}

/** Fewer replies say nothing of a p99. */
const FEWEST = 100;

/** Finds the stretch of a given length with the highest response times. Its memory does not grow. */
export class WorstStretch {
  private group: LoadWindow[] = [];
  private found: Stretch | undefined;
  private best: Stretch | undefined;

  constructor(private readonly seconds: number) {}

  add(window: LoadWindow): void {
    this.group.push(window);
    const first = this.group[0]!;
    if ((window.endMicros - first.startMicros) / 1e6 < 0.95 * this.seconds) return;
    this.consider(stretchOf(this.group));
    this.group = [];
  }

  /** Stretches of few replies count only where there are no others. */
  result(): Stretch | undefined {
    if (!this.found && !this.best) this.consider(stretchOf(this.group));
    return this.found ?? this.best;
  }

  private consider(stretch: (Stretch & { readonly count: number }) | undefined): void {
    if (!stretch) return;
    const { count, ...plain } = stretch;
    if (count >= FEWEST && plain.p99Micros > (this.found?.p99Micros ?? -1)) this.found = plain;
    if (plain.p99Micros > (this.best?.p99Micros ?? -1)) this.best = plain;
  }
}

/** Undefined where nothing was replied to. */
export function stretchOf(
  windows: readonly LoadWindow[],
): (Stretch & { readonly count: number }) | undefined {
  const [first] = windows;
  const times = new MergedTimes();
  for (const window of windows) times.add(window);
  const p99Micros = times.quantile(0.99);
  if (!first || p99Micros === undefined) return undefined;
  return {
    startMicros: first.startMicros,
    endMicros: windows.at(-1)!.endMicros,
    p99Micros,
    count: times.count,
  };
}

/** Requests that completed between two times, by the part of each window that lies between. */
export function requestsBetween(
  windows: readonly LoadWindow[],
  { startMicros, endMicros }: { readonly startMicros: number; readonly endMicros: number },
): number {
  let requests = 0;
  for (const window of windows) {
    const length = window.endMicros - window.startMicros;
    const inside = Math.min(window.endMicros, endMicros) - Math.max(window.startMicros, startMicros);
    if (inside > 0 && length > 0) requests += window.latency.count * Math.min(1, inside / length);
  }
  return Math.round(requests);
}
