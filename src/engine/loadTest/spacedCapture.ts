import fs from 'node:fs/promises';
import path from 'node:path';
import type { WindowCapture } from '../measure/appSession';
import type { WorstWindow } from '../loadTests/worstWindow';
import type { LoadWindow } from '../model/loadWindow';
import type { TimeWindow } from '../profile/weights';
import type { TestContext } from './context';
import { requestsBetween, stretchOf } from './windowSums';

/** Length of one window of the capture: V8 keeps its samples in the app's memory until it ends. */
export const SPACED_WINDOW_SECONDS = 20;
/** Windows are at least so far apart, so that what writing them costs stays out of the percentiles. */
const LEAST_PERIOD_SECONDS = 60;
const MOST_WINDOWS = 24;
/** A window that the test's end cut to less than this says little. */
const SHORTEST_SECONDS = 5;
/** What a window of the load comes late by. */
const WINDOW_DELAY_SECONDS = 1.2;

export interface KeptCapture {
  readonly captured: WindowCapture;
  readonly profiled: TimeWindow & { readonly requests: number };
  readonly stretch: WorstWindow;
}

/** Captures a long test in windows that are spaced out, and keeps the one with the highest response times. */
export class SpacedCapture {
  windowsCaptured = 0;
  private readonly periodSeconds: number;
  private readonly done: Promise<void>;
  private stopped = false;
  private wake: (() => void) | undefined;
  private open: LoadWindow[] = [];
  private kept: (KeptCapture & { readonly folder: string }) | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly context: TestContext,
    testSeconds: number,
  ) {
    this.periodSeconds = Math.max(LEAST_PERIOD_SECONDS, testSeconds / MOST_WINDOWS);
    this.done = this.loop().catch((error: unknown) => void (this.failure = { error }));
  }

  add(window: LoadWindow): void {
    this.open.push(window);
  }

  /** Ends the window that is open; undefined where none was long enough. Rejects with `CancelledError` alone. */
  async finish(): Promise<KeptCapture | undefined> {
    this.stopped = true;
    this.wake?.();
    await this.done;
    if (this.failure) throw this.failure.error;
    return this.kept;
  }

  private async loop(): Promise<void> {
    const { target, captureFolder } = this.context;
    for (let number = 1; ; number++) {
      await this.pause(this.periodSeconds - SPACED_WINDOW_SECONDS);
      if (this.stopped) return;
      const folder = path.join(captureFolder, `window-${number}`);
      await target.beginCapture(folder);
      this.open = [];
      const startMicros = nowMicros();
      await this.pause(SPACED_WINDOW_SECONDS);
      const endMicros = nowMicros();
      const captured = await target.endCapture(folder);
      if (!this.stopped) await this.pause(WINDOW_DELAY_SECONDS);
      await this.consider(folder, captured, { startMicros, endMicros });
    }
  }

  private async consider(folder: string, captured: WindowCapture, span: TimeWindow): Promise<void> {
    const inside = this.open.filter(
      ({ startMicros, endMicros }) =>
        (startMicros + endMicros) / 2 > span.startMicros && startMicros < span.endMicros,
    );
    const stretch = stretchOf(inside);
    const isTooShort = (span.endMicros - span.startMicros) / 1e6 < SHORTEST_SECONDS;
    const isWorse = stretch && stretch.p99Micros > (this.kept?.stretch.p99Micros ?? -1);
    if (!isWorse || isTooShort) return remove(folder);
    this.windowsCaptured++;
    if (this.kept) await remove(this.kept.folder);
    const { p99Micros } = stretch;
    const requests = requestsBetween(this.open, span);
    this.kept = { folder, captured, profiled: { ...span, requests }, stretch: { ...span, p99Micros } };
  }

  /** Ends early when the test does. */
  private async pause(seconds: number): Promise<void> {
    if (this.stopped) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, seconds * 1000);
    });
    clearTimeout(timer);
  }
}

function remove(folder: string): Promise<void> {
  return fs.rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
