import type { GeneratorHealth } from '../../model/load';
import { LATE_MICROS } from '../../model/loadWindow';
import { HealthMeter } from '../health';
import { RouteRecorder, type EncodedTimes } from '../histograms';
import { Timeline, type TimelineParts } from './timeline';

/** To which steady window an iteration's requests belong: that in which it was due, or whichever is on as they end. */
export type Belonging = Cohort | 'closed' | undefined;

/** What one generator process did in one window. */
export interface WindowParts {
  readonly phase: number;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly intended: number;
  readonly started: number;
  readonly unstarted: number;
  readonly late: number;
  readonly times: EncodedTimes;
  readonly lag: EncodedTimes;
  readonly failed: number;
  readonly timeouts: number;
  /** Timeouts and failed connections. */
  readonly unanswered: number;
  readonly bytes: number;
  readonly checksPassed: number;
  readonly checksFailed: number;
  readonly vusBusy: number;
  readonly generator: GeneratorHealth;
}

/** What one generator process did in the steady window. */
export interface SteadyParts {
  readonly startMicros: number;
  readonly endMicros: number;
  readonly intended: number;
  readonly started: number;
  readonly unstarted: number;
  readonly late: number;
  readonly interrupted: number;
  readonly lag: EncodedTimes;
  readonly steps: readonly StepParts[];
  readonly byStatus: Readonly<Record<string, number>>;
  readonly timeouts: number;
  readonly connectionErrors: number;
  readonly satisfied: number;
  readonly tolerated: number;
  readonly checks: readonly { readonly name: string; readonly passes: number; readonly fails: number }[];
  readonly redirectsRefused: number;
  readonly timeline: TimelineParts;
  readonly generator: GeneratorHealth;
}

export interface StepParts {
  readonly times: EncodedTimes;
  readonly failed: number;
  /** Requests whose time nobody knows: never sent, cut off, or given up after the timeout. */
  readonly unknown: number;
}

/**
 * Counts what happens for the short window that is on, and for the steady window. An iteration of an open model
 * belongs to the steady window in which it was due, however late it ends: its cohort. What a closed model does
 * belongs to the one in which it happens.
 */
export class Recorder {
  vusBusy = 0;
  phase = 0;
  private window: Window;
  private steady: Cohort | undefined;

  constructor(
    private readonly stepCount: number,
    private readonly apdexTargetMs: number,
    private readonly seriesMicros: number,
    private readonly intervalMicros: number,
    baseMicros: number,
    nowMicros: number,
    private readonly tell: (window: WindowParts) => void,
  ) {
    // All processes' windows have the same bounds.
    const since = Math.floor((nowMicros - baseMicros) / intervalMicros);
    this.window = new Window(baseMicros + since * intervalMicros);
  }

  get windowEndMicros(): number {
    return this.window.startMicros + this.intervalMicros;
  }

  /** Closes the windows that are over. */
  advance(now: number): void {
    while (now >= this.windowEndMicros) {
      const endMicros = this.windowEndMicros;
      const parts = this.window.parts(endMicros, this.phase, this.vusBusy);
      this.window = new Window(endMicros);
      this.tell(parts);
    }
  }

  beginSteady(startMicros: number): void {
    this.steady = new Cohort(startMicros, this.stepCount, this.apdexTargetMs, this.seriesMicros);
  }

  /** What is due or happens from then on is not of it. Undefined where none has begun. */
  endSteady(endMicros: number): Cohort | undefined {
    this.steady?.endAt(endMicros);
    return this.steady;
  }

  private steadyAt(micros: number): Cohort | undefined {
    const { steady } = this;
    return steady && micros >= steady.startMicros && micros < steady.endMicros ? steady : undefined;
  }

  /** An iteration was due at that time; `step`: of its first request. */
  due(dueMicros: number, lagMicros: number, starts: boolean, step: number | undefined): Cohort | undefined {
    const { window } = this;
    const cohort = this.steadyAt(dueMicros);
    for (const counts of cohort ? [window, cohort] : [window]) {
      counts.intended++;
      counts.lag.record(lagMicros);
      if (starts) counts.started++;
      else counts.unstarted++;
    }
    if (cohort && !starts) cohort.step(step).unknown++;
    if (cohort && starts) cohort.open++;
    return cohort;
  }

  /** A virtual user of a closed model began an iteration. */
  began(): void {
    this.window.started++;
  }

  iterationEnded(of: Belonging): void {
    if (of && of !== 'closed') of.open--;
  }

  sent(of: Belonging, lateMicros: number): void {
    if (lateMicros <= LATE_MICROS) return;
    this.window.late++;
    if (of && of !== 'closed') of.late++;
  }

  reply(
    of: Belonging,
    step: number,
    status: number,
    bytes: number,
    micros: number,
    completedMicros: number,
  ): void {
    const failed = status >= 400;
    this.window.times.record(micros);
    this.window.bytes += bytes;
    if (failed) this.window.failed++;
    const steady = this.steadyAt(completedMicros);
    steady?.timeline.reply(completedMicros, micros, bytes, failed);
    const cohort = of === 'closed' ? steady : of;
    cohort?.reply(step, status, micros);
  }

  timeout(of: Belonging, step: number, atMicros: number): void {
    this.window.failed++;
    this.window.unanswered++;
    this.window.timeouts++;
    const steady = this.steadyAt(atMicros);
    steady?.timeline.error(atMicros);
    const cohort = of === 'closed' ? steady : of;
    cohort?.timeout(step);
  }

  connectionError(of: Belonging, step: number, atMicros: number): void {
    this.window.failed++;
    this.window.unanswered++;
    const steady = this.steadyAt(atMicros);
    steady?.timeline.error(atMicros);
    const cohort = of === 'closed' ? steady : of;
    if (!cohort) return;
    cohort.connectionErrors++;
    cohort.step(step).failed++;
  }

  interrupted(of: Belonging, step: number | undefined): void {
    if (of === 'closed' || !of) return;
    of.interrupted++;
    of.step(step).unknown++;
  }

  check(of: Belonging, name: string, passed: boolean, atMicros: number): void {
    if (passed) this.window.checksPassed++;
    else this.window.checksFailed++;
    const cohort = of === 'closed' ? this.steadyAt(atMicros) : of;
    cohort?.check(name, passed);
  }

  redirectRefused(of: Belonging, atMicros: number): void {
    const cohort = of === 'closed' ? this.steadyAt(atMicros) : of;
    if (cohort) cohort.redirectsRefused++;
  }
}

class Window {
  intended = 0;
  started = 0;
  unstarted = 0;
  late = 0;
  failed = 0;
  timeouts = 0;
  unanswered = 0;
  bytes = 0;
  checksPassed = 0;
  checksFailed = 0;
  readonly times = new RouteRecorder();
  readonly lag = new RouteRecorder();
  private readonly health = new HealthMeter();

  constructor(readonly startMicros: number) {}

  parts(endMicros: number, phase: number, vusBusy: number): WindowParts {
    const { health, times, lag, ...counts } = this;
    return {
      ...counts,
      phase,
      endMicros,
      vusBusy,
      times: times.encode(),
      lag: lag.encode(),
      generator: health.end(),
    };
  }
}

class Step {
  readonly times = new RouteRecorder();
  failed = 0;
  unknown = 0;
}

/** The requests of one steady window. */
export class Cohort {
  intended = 0;
  started = 0;
  unstarted = 0;
  late = 0;
  interrupted = 0;
  connectionErrors = 0;
  redirectsRefused = 0;
  /** Iterations of an open model that have not ended. */
  open = 0;
  readonly lag = new RouteRecorder();
  readonly timeline: Timeline;
  private readonly steps: readonly Step[];
  private readonly byStatus: Record<string, number> = {};
  private readonly checks = new Map<string, { passes: number; fails: number }>();
  private timeouts = 0;
  private satisfied = 0;
  private tolerated = 0;
  private readonly satisfiedMicros: number;
  private readonly meter = new HealthMeter();
  private health: GeneratorHealth | undefined;
  endMicros = Infinity;

  constructor(
    readonly startMicros: number,
    stepCount: number,
    apdexTargetMs: number,
    seriesMicros: number,
  ) {
    this.steps = Array.from({ length: stepCount }, () => new Step());
    this.timeline = new Timeline(startMicros, seriesMicros);
    this.satisfiedMicros = apdexTargetMs * 1000;
  }

  step(index = 0): Step {
    return this.steps[index]!;
  }

  /** Longest of its response times. */
  get maxMicros(): number {
    return Math.max(0, ...this.steps.map(({ times }) => times.maxMicros));
  }

  reply(step: number, status: number, micros: number): void {
    const { times } = this.step(step);
    times.record(micros);
    if (status >= 400) {
      this.step(step).failed++;
      this.byStatus[status] = (this.byStatus[status] ?? 0) + 1;
    } else if (micros <= this.satisfiedMicros) this.satisfied++;
    else if (micros <= 4 * this.satisfiedMicros) this.tolerated++;
  }

  timeout(step: number): void {
    this.timeouts++;
    this.step(step).failed++;
    this.step(step).unknown++;
  }

  check(name: string, passed: boolean): void {
    let counts = this.checks.get(name);
    if (!counts) this.checks.set(name, (counts = { passes: 0, fails: 0 }));
    if (passed) counts.passes++;
    else counts.fails++;
  }

  endAt(endMicros: number): void {
    this.endMicros = endMicros;
  }

  /** To be called at its end. */
  closeHealth(): void {
    this.health ??= this.meter.end();
  }

  /** After `closeHealth`. */
  parts(): SteadyParts {
    const { startMicros, endMicros, intended, started, unstarted, late, interrupted, byStatus } = this;
    const { timeouts, connectionErrors, satisfied, tolerated, redirectsRefused } = this;
    const counts = { intended, started, unstarted, late, interrupted, timeouts, connectionErrors };
    return {
      ...counts,
      ...{ startMicros, endMicros, byStatus, satisfied, tolerated, redirectsRefused },
      lag: this.lag.encode(),
      steps: this.steps.map(({ times, failed, unknown }) => ({ times: times.encode(), failed, unknown })),
      checks: [...this.checks].map(([name, { passes, fails }]) => ({ name, passes, fails })),
      timeline: this.timeline.parts(endMicros),
      generator: this.health!,
    };
  }
}
