import type { Trial } from '../../engine/model/loadTestResult';
import type { LoadWindow } from '../../engine/model/loadWindow';
import { percentile } from '../../engine/model/percentiles';
import type { Progress, Stage } from '../../engine/model/target';
import type { LiveFigures, LivePoints, LiveTest, LiveTotals } from '../../protocol/load';
import type { LiveOptions } from './loadPanels';
import { LoadSeries } from './loadSeries';

/** More of them say nothing new. */
const MAX_WARNINGS = 20;

let tests = 0;

/** Gathers what a running test reports into what the panel's webview shows. */
export class LoadLive {
  private readonly id = ++tests;
  private readonly series = new LoadSeries();
  private readonly startSeconds: number;
  private loadStart: number | undefined;
  private stage: Stage = 'start';
  private message = '';
  private figures: LiveFigures | undefined;
  private totals: LiveTotals = { failed: 0, unstarted: 0, late: 0 };
  private readonly trials: Trial[] = [];
  private readonly warnings: string[] = [];
  private reportedErrors = 0;
  private reportedPhase = '';
  private hasWindows = false;
  stopping = false;

  /** @param now seconds of any monotonic clock */
  constructor(
    readonly options: LiveOptions,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.startSeconds = now();
  }

  /** Whether there is anything new to draw. */
  add(progress: Progress): boolean {
    switch (progress.type) {
      case 'stage':
        this.stage = progress.stage;
        if (progress.stage === 'warmup' || progress.stage === 'measure') this.loadStart ??= this.now();
        this.message = progress.message;
        return true;
      case 'loadWindow':
        this.addWindow(progress.window);
        return true;
      case 'load':
        return this.addReport(progress.load);
      case 'metrics':
        // Drawn with the point of the load that it falls into.
        this.series.addSample(progress.sample);
        return false;
      case 'trial':
        this.trials.push(progress.trial);
        return true;
      case 'warning':
        if (this.warnings.length < MAX_WARNINGS) this.warnings.push(progress.message);
        return true;
      case 'output':
        return false;
    }
  }

  test(): LiveTest {
    const { title, kind, file, expectedSeconds } = this.options;
    return {
      id: this.id,
      title,
      ...(kind !== undefined && { kind }),
      ...(file !== undefined && { file }),
      stage: this.stage,
      message: this.message,
      elapsedSeconds: this.elapsed(),
      ...(this.loadStart !== undefined && { loadSeconds: this.now() - this.loadStart }),
      ...(expectedSeconds !== undefined && { expectedSeconds }),
      ...(this.figures && { figures: this.figures }),
      totals: this.totals,
      trials: this.trials,
      warnings: this.warnings,
      stopping: this.stopping,
    };
  }

  /** @param all the webview has no points yet */
  points(all: boolean): LivePoints {
    return this.series.changes(all);
  }

  private elapsed(): number {
    return this.now() - this.startSeconds;
  }

  private addWindow(window: LoadWindow): void {
    this.hasWindows = true;
    this.series.addWindow(window);
    const seconds = (window.endMicros - window.startMicros) / 1e6;
    if (!(seconds > 0)) return;
    const p99 = percentile(window.latency, 0.99);
    this.figures = {
      rate: window.latency.count / seconds,
      ...(window.intended > 0 && { intendedRate: window.intended / seconds }),
      ...(p99.state !== 'none' && { p99: { micros: p99.micros, measured: p99.state === 'measured' } }),
      vus: window.vusBusy,
      lagP99Micros: window.lagP99Micros,
    };
    const { requests, failed, unstarted, late } = this.totals;
    this.totals = {
      requests: (requests ?? 0) + window.latency.count,
      failed: failed + window.failed,
      unstarted: unstarted + window.unstarted,
      late: late + window.late,
    };
  }

  /** Of the engine that reports no windows; with windows, its reports say nothing new. */
  private addReport(load: Extract<Progress, { type: 'load' }>['load']): boolean {
    if (this.hasWindows) return false;
    const seconds = this.elapsed();
    // The errors of a phase are counted from its begin.
    if (load.phase !== this.reportedPhase) this.reportedErrors = 0;
    this.reportedPhase = load.phase;
    const failed = Math.max(0, load.errors - this.reportedErrors);
    this.reportedErrors = load.errors;
    this.series.addReport(load, failed, seconds);
    this.figures = {
      rate: load.requestsPerSecond,
      ...(load.p99Micros > 0 && { p99: { micros: load.p99Micros, measured: true } }),
    };
    this.totals = { ...this.totals, failed: this.totals.failed + failed };
    return true;
  }
}
