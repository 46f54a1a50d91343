import { RouteRecorder } from '../load/histograms';
import { attemptsOf } from '../loadTests/trial';
import type { GeneratorHealth, LoadResult } from '../model/load';
import type { LoadEngine } from '../model/loadTest';
import type { CheckResult } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';

export interface SoFarContext {
  readonly engine: LoadEngine;
  readonly origin: string;
  readonly connections: number;
  readonly apdexTargetMs: number;
}

/**
 * What a load has come to by the windows that were told, in bounded memory: all that is left of it when the generator
 * can give no result any more. It is of the steady window once that has begun, else of the last level of load.
 */
export class MeasuredSoFar {
  isSteady = false;
  private sums = new Sums();
  /** Of the level before, for as long as nothing was completed at this one. */
  private before: Sums | undefined;
  private phase = 0;
  private sinceMicros = 0;

  beginWindow(startMicros: number): void {
    this.isSteady = true;
    this.sinceMicros = startMicros;
    this.restart();
  }

  add(window: LoadWindow): void {
    if (!this.isSteady && window.phase !== this.phase) this.restart();
    this.phase = window.phase;
    // The window in which the steady one began holds what came before it, too.
    if (window.startMicros >= this.sinceMicros) this.sums.add(window);
  }

  /** Undefined where nothing was completed. */
  result(
    context: SoFarContext,
  ): { readonly load: LoadResult; readonly checks: readonly CheckResult[] } | undefined {
    const sums = this.sums.completed > 0 ? this.sums : this.before;
    return sums && { load: sums.load(context), checks: sums.checks };
  }

  private restart(): void {
    if (this.sums.completed > 0) this.before = this.sums;
    this.sums = new Sums();
  }
}

const IDLE: GeneratorHealth = {
  cpuShare: 0,
  eventLoopUtilization: 0,
  eventLoopDelayP99Ms: 0,
  saturated: false,
};

class Sums {
  private readonly times = new RouteRecorder();
  private startMicros: number | undefined;
  private endMicros = 0;
  private readonly perSecond: number[] = [];
  private intended = 0;
  private started = 0;
  private unstarted = 0;
  private late = 0;
  private failed = 0;
  private unanswered = 0;
  private attempts = 0;
  private bytes = 0;
  private passes = 0;
  private fails = 0;
  private lagP99Micros = 0;
  private lagMaxMicros = 0;
  private generator = IDLE;

  get completed(): number {
    return this.times.count;
  }

  /** Windows tell no names of checks. */
  get checks(): CheckResult[] {
    const { passes, fails } = this;
    return passes + fails > 0 ? [{ name: 'all checks', passes, fails }] : [];
  }

  add(window: LoadWindow): void {
    const { latency, histogram } = window;
    this.startMicros ??= window.startMicros;
    this.endMicros = window.endMicros;
    const second = Math.floor((window.startMicros - this.startMicros) / 1e6);
    while (this.perSecond.length <= second) this.perSecond.push(0);
    this.perSecond[second]! += latency.count;
    if (latency.count > 0)
      this.times.addEncoded({
        histogram,
        sumMicros: latency.meanMicros * latency.count,
        maxMicros: latency.maxMicros,
      });
    this.intended += window.intended;
    this.started += window.started;
    this.unstarted += window.unstarted;
    this.late += window.late;
    this.failed += window.failed;
    this.unanswered += window.unanswered ?? 0;
    this.attempts += attemptsOf(window);
    this.bytes += window.bytes;
    this.passes += window.checksPassed;
    this.fails += window.checksFailed;
    this.lagP99Micros = Math.max(this.lagP99Micros, window.lagP99Micros);
    this.lagMaxMicros = Math.max(this.lagMaxMicros, window.lagMaxMicros);
    this.generator = worse(this.generator, window.generator);
  }

  load({ engine, origin, connections, apdexTargetMs }: SoFarContext): LoadResult {
    const { times, startMicros = 0, endMicros, failed, unanswered, intended, unstarted, perSecond } = this;
    const seconds = (endMicros - startMicros) / 1e6;
    const replied = Math.max(0, failed - unanswered);
    return {
      ...{ engine, origin, connections, startMicros, endMicros },
      model: intended > 0 ? 'open' : 'closed',
      routes: [],
      requests: times.count,
      bytes: this.bytes,
      throughput: {
        mean: seconds > 0 ? times.count / seconds : 0,
        perSecond: perSecond.slice(0, Math.floor(seconds)),
      },
      latency: times.summary(unstarted),
      histogram: times.encode().histogram,
      // Windows tell failures without their kinds.
      errors: {
        byStatus: replied > 0 ? { '400 or above': replied } : {},
        timeouts: 0,
        connection: unanswered,
      },
      apdex: { targetMs: apdexTargetMs, score: this.apdex(apdexTargetMs * 1000, replied) },
      generator: this.generator,
      ...(intended > 0 && {
        schedule: {
          ...{ intended, unstarted, started: this.started, late: this.late },
          interrupted: 0,
          // Of single windows the worst; their median is not told.
          lagP50Micros: 0,
          lagP99Micros: this.lagP99Micros,
          lagMaxMicros: this.lagMaxMicros,
        },
      }),
    };
  }

  /** As if what failed had been as quick as what satisfied: the score is never too good. */
  private apdex(targetMicros: number, failedReplies: number): number {
    const within = countWithin(this.times, targetMicros);
    const tolerated = countWithin(this.times, 4 * targetMicros) - within;
    const satisfied = Math.max(0, within - failedReplies);
    return this.attempts > 0 ? Math.min(1, (satisfied + tolerated / 2) / this.attempts) : 0;
  }
}

function countWithin(times: RouteRecorder, micros: number): number {
  let low = 0;
  let high = times.count;
  // The highest rank whose value is within.
  while (low < high) {
    const rank = Math.ceil((low + high) / 2);
    if (times.valueAt(rank / times.count) <= micros) low = rank;
    else high = rank - 1;
  }
  return low;
}

function worse(a: GeneratorHealth, b: GeneratorHealth): GeneratorHealth {
  return {
    cpuShare: Math.max(a.cpuShare, b.cpuShare),
    eventLoopUtilization: Math.max(a.eventLoopUtilization, b.eventLoopUtilization),
    eventLoopDelayP99Ms: Math.max(a.eventLoopDelayP99Ms, b.eventLoopDelayP99Ms),
    saturated: a.saturated || b.saturated,
  };
}
