import path from 'node:path';
import { SETTLING_SHARE } from '../loadTests/drift';
import { leakSuspects } from '../loadTests/leaks';
import { judgeSoak, soakDrifts, type SoakObservations } from '../loadTests/soak';
import { SoakLatency } from '../loadTests/soakLatency';
import type { SoakReading } from '../loadTests/soakMemory';
import { steadyStretch } from '../loadTests/soakPlan';
import { CancelledError, errorMessage } from '../model/errors';
import type { LoadResult } from '../model/load';
import { executorSeconds } from '../model/loadTest';
import type { LeakSuspect } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import type { CaptureFolder, CollectOptions } from '../model/target';
import { Analysis } from '../profile/analysis';
import type { Procedure, TestContext } from './context';

/** Readings of a test; more of a short one would hold it up all the time. */
const READINGS = 40;
/** Of response times. */
const INTERVALS = 60;
/** Each reading holds the app up. */
const LEAST_PERIOD_SECONDS = 1;
const LEAST_PERIOD_LEFT_OUT_SECONDS = 5;
/** Between samples of live objects, on average: they are few, however long the test. */
const LIVE_INTERVAL_BYTES = 128 * 1024;
/** Of the test: half of what follows once the app has settled. */
const MIDDLE_SHARE = SETTLING_SHARE + (1 - SETTLING_SHARE) / 2;
/** Requests that a collection held up are answered within it. */
const AFTERMATH_MICROS = 250_000;
const HOLDS_KEPT = 5;

/**
 * Watches a soak test: has the app collect its garbage at long intervals and reads what is left, samples the objects
 * that stay, and gathers response times outside those moments. Memory in use is then free of garbage, which no reading
 * at an arbitrary moment is.
 */
export class SoakWatch {
  private readonly seconds: number;
  private readonly periodSeconds: number;
  private readonly startMicros = nowMicros();
  private readonly latency: SoakLatency;
  private readonly readings: SoakReading[] = [];
  private middle: readonly CaptureFolder[] = [];
  /** The last moments in which the app was held up: windows are told late. */
  private held: readonly { readonly from: number; readonly to: number }[] = [];
  private readonly misleading: string[] = [];
  private readonly done: Promise<void>;
  private stopped = false;
  private wake: (() => void) | undefined;

  constructor(private readonly context: TestContext) {
    this.seconds = executorSeconds(context.plan.test.executor);
    this.periodSeconds = Math.max(LEAST_PERIOD_SECONDS, this.seconds / READINGS);
    this.latency = new SoakLatency(this.startMicros, this.seconds / INTERVALS);
    this.done = this.isLaunched ? this.loop() : Promise.resolve();
  }

  add(window: LoadWindow): void {
    const isHeld =
      this.leavesOut &&
      this.held.some(({ from, to }) => window.endMicros > from && window.startMicros < to + AFTERMATH_MICROS);
    if (!isHeld && window.startMicros >= this.startMicros) this.latency.add(window);
  }

  /** No reading is begun any more. Never rejects. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake?.();
    await this.done;
  }

  /** Once the load has ended, and before the app does: what drifted, and where what stayed was allocated. */
  async finish(load: LoadResult): Promise<Pick<Procedure, 'soak' | 'verdict' | 'misleading'>> {
    await this.stop();
    const observed: SoakObservations = {
      stretch: this.stretch(),
      latency: this.latency,
      readings: this.isLaunched ? this.readings : undefined,
      heapLimitBytes: this.context.heapLimitBytes(),
    };
    const drifts = soakDrifts(observed);
    const leaks = drifts.memory?.drifts ? await this.leaks() : [];
    return { ...judgeSoak(drifts, observed, leaks, load), misleading: [...this.notes(), ...this.misleading] };
  }

  /** Of short tests hardly any time would be left; readings are then in each interval alike. */
  private get leavesOut(): boolean {
    return this.periodSeconds >= LEAST_PERIOD_LEFT_OUT_SECONDS;
  }

  private get isLaunched(): boolean {
    return this.context.plan.target.kind === 'launch';
  }

  /** Of what was run, also where it was stopped early. */
  private stretch() {
    const planned = steadyStretch(this.context.plan.test.executor);
    const ran = Math.min(this.seconds, (nowMicros() - this.startMicros) / 1e6);
    return planned && planned.from < ran ? { from: planned.from, to: Math.min(planned.to, ran) } : undefined;
  }

  private notes(): string[] {
    if (this.readings.length === 0) return [];
    return [
      `The app was made to collect its garbage ${this.readings.length} times, to read the memory in use: it was held up each time, and ran with less garbage than it would on its own.${this.leavesOut ? ' The trend of response times leaves those moments out; the other figures do not.' : ' Those moments are in the response times.'}`,
    ];
  }

  private async loop(): Promise<void> {
    const { captureFolder } = this.context;
    let samples = false;
    for (let number = 1; ; number++) {
      await this.pause(number * this.periodSeconds - this.elapsed());
      if (this.stopped) return;
      const share = this.elapsed() / this.seconds;
      const begins: boolean = !samples && share >= SETTLING_SHARE;
      const isMiddle = samples && this.middle.length === 0 && share >= MIDDLE_SHARE;
      const live = await this.read({
        ...(begins && { intervalBytes: LIVE_INTERVAL_BYTES }),
        ...(isMiddle && { folder: path.join(captureFolder, 'live-middle') }),
      });
      samples ||= begins;
      if (isMiddle) this.middle = live;
    }
  }

  private async read(options: CollectOptions): Promise<readonly CaptureFolder[]> {
    const { target } = this.context;
    const from = nowMicros();
    // Windows of this time may come while it goes on.
    const before = this.held.slice(1 - HOLDS_KEPT);
    this.held = [...before, { from, to: Infinity }];
    try {
      const { signal } = this.context.options;
      const processes = await target.collectGarbage({ ...options, signal });
      const x = (from - this.startMicros) / 1e6;
      // What the app holds once the load is over is not of the series.
      if (processes.length > 0 && !this.stopped) this.readings.push({ x, processes });
      return processes.flatMap(({ live }) => live ?? []);
    } catch (error) {
      if (!(error instanceof CancelledError)) this.note(`Memory could not be read: ${errorMessage(error)}`);
      return [];
    } finally {
      this.held = [...before, { from, to: nowMicros() }];
    }
  }

  private async leaks(): Promise<readonly LeakSuspect[]> {
    const { captureFolder, options, plan } = this.context;
    const end = await this.read({ folder: path.join(captureFolder, 'live-end') });
    const analysis = new Analysis(options.dist);
    const profileOf = (captures: readonly CaptureFolder[], tree: string) =>
      analysis.analyseHeap(
        {
          captures,
          appFolder: plan.appFolder,
          ...(plan.workspaceFolders && { workspaceFolders: plan.workspaceFolders }),
          treeFile: path.join(captureFolder, tree),
        },
        { signal: options.signal },
      );
    try {
      // Of an app that did not live to the end.
      if (end.length === 0 && this.middle.length > 0)
        return leakSuspects(await profileOf(this.middle, 'live-middle.json'));
      if (end.length === 0) return [];
      const last = await profileOf(end, 'live-end.json');
      const middle = this.middle.length > 0 ? await profileOf(this.middle, 'live-middle.json') : undefined;
      return leakSuspects(last, middle);
    } catch (error) {
      if (error instanceof CancelledError) throw error;
      this.note(`What stayed in memory could not be analysed: ${errorMessage(error)}`);
      return [];
    } finally {
      analysis.dispose();
    }
  }

  private note(sentence: string): void {
    if (!this.misleading.includes(sentence)) this.misleading.push(sentence);
  }

  private elapsed(): number {
    return (nowMicros() - this.startMicros) / 1e6;
  }

  /** Ends early when the test does. */
  private async pause(seconds: number): Promise<void> {
    if (this.stopped || seconds <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      timer = setTimeout(resolve, seconds * 1000);
    });
    clearTimeout(timer);
  }
}

function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
