import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { CancelledError } from '../../../src/engine/model/errors';
import type { SchedulerSession } from '../../../src/engine/model/loadSession';
import type { Executor } from '../../../src/engine/model/loadTest';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';

/** An app of the simulation: when the reply to a request that arrives now is complete. Times in seconds. */
export interface SimulatedApp {
  arrive(now: number): { readonly done: number; readonly failed: boolean };
}

export interface SimulatedGenerator {
  /** Requests a second that it can send; beyond, it falls behind. */
  readonly maxRate?: number;
  /** Seconds of delay of its own, from one moment to the next window's end; 0 where it is on time. */
  readonly delay?: (random: () => number) => number;
  /** Between sending and the app, and back, in seconds. */
  readonly network?: (random: () => number) => number;
}

export interface SimulationOptions {
  readonly app: SimulatedApp;
  readonly generator?: SimulatedGenerator;
  readonly seed: number;
  /** Seconds of think time after each request. */
  readonly think?: number;
  /** Requests of an iteration. */
  readonly requestsPerIteration?: number;
}

const INTERVAL = 0.5;

/**
 * A scheduler's session in virtual time, of an app of known capacity: a discrete-event simulation that runs as fast
 * as it can. A window is told one interval after its end, as the real scheduler does.
 */
export class Simulation implements SchedulerSession {
  readonly failed: Promise<never>;
  now = 1000;
  private fail: (error: Error) => void = () => undefined;
  private readonly listeners = new Set<(window: LoadWindow) => void>();
  private readonly random: () => number;
  private readonly events = new EventQueue();
  private executor: Executor | undefined;
  private phase = 0;
  private pending: { readonly executor: Executor; readonly phase: number } | undefined;
  private phaseStart = 0;
  private arrivals = 0;
  private busy = 0;
  private stopped = false;
  private generatorFree = 0;
  private delayed = 0;
  private counts = emptyCounts();

  constructor(private readonly options: SimulationOptions) {
    this.random = randomOf(options.seed);
    this.failed = new Promise((_, reject) => (this.fail = reject));
    this.failed.catch(() => undefined);
    void this.go();
  }

  run(executor: Executor): Promise<{ phase: number; ended: Promise<void> }> {
    this.phase++;
    this.pending = { executor, phase: this.phase };
    return Promise.resolve({ phase: this.phase, ended: new Promise<void>(() => undefined) });
  }

  onWindow(listener: (window: LoadWindow) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  beginWindow(): Promise<never> {
    return Promise.reject(new Error('not simulated'));
  }

  endWindow(): Promise<never> {
    return Promise.reject(new Error('not simulated'));
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  crash(error: Error = new CancelledError()): void {
    this.fail(error);
    this.stopped = true;
  }

  private async go(): Promise<void> {
    let untold: LoadWindow | undefined;
    while (!this.stopped) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (!this.pending && !this.executor) continue;
      const window = this.simulate(this.now + INTERVAL);
      if (untold) for (const listener of this.listeners) listener(untold);
      untold = window;
    }
  }

  private simulate(end: number): LoadWindow {
    const start = this.now;
    this.counts = emptyCounts();
    if (this.pending) {
      // The order reaches the generators some time into the window.
      const { executor, phase } = this.pending;
      this.pending = undefined;
      this.events.push(start + this.random() * 0.1, () => this.begin(executor, phase));
    }
    const delay = this.options.generator?.delay?.(this.random) ?? 0;
    this.delayed = delay > 0 ? start + this.random() * (INTERVAL - delay) : Infinity;
    const until = this.delayed + delay;
    const lag = (at: number) => (at >= this.delayed && at < until ? until - at : 0);
    this.lagOf = lag;
    for (;;) {
      const event = this.events.before(end);
      if (!event) break;
      this.now = event.at;
      event.run();
    }
    this.now = end;
    return this.window(start, end, delay);
  }

  private lagOf: (at: number) => number = () => 0;
  private current = 0;

  private begin(executor: Executor, phase: number): void {
    this.executor = executor;
    this.current = phase;
    this.phaseStart = this.now;
    this.arrivals = 0;
    if (executor.executor === 'constant-vus') {
      for (let vu = 0; vu < executor.vus; vu++) this.closedIteration(phase);
    } else this.nextArrival(phase);
  }

  private closedIteration(phase: number): void {
    if (this.current !== phase) return;
    this.counts.started++;
    this.busy++;
    this.iteration(this.now, () => this.closedIteration(phase));
  }

  private nextArrival(phase: number): void {
    const { rate, at } = this.arrivalPlan();
    if (rate === 0 || at === Infinity) return;
    this.events.push(at, () => {
      if (this.current !== phase) return;
      this.counts.intended++;
      const { executor } = this;
      const maxVUs = executor && 'maxVUs' in executor ? executor.maxVUs : Infinity;
      if (this.busy >= maxVUs) this.counts.unstarted++;
      else {
        this.counts.started++;
        this.busy++;
        this.iteration(this.now, () => undefined);
      }
      this.nextArrival(phase);
    });
  }

  private arrivalPlan(): { rate: number; at: number } {
    const executor = this.executor!;
    if (executor.executor === 'constant-arrival-rate') {
      const rate = executor.rate / executor.timeUnit;
      return { rate, at: this.phaseStart + ++this.arrivals / rate };
    }
    if (executor.executor !== 'ramping-arrival-rate') return { rate: 0, at: Infinity };
    return { rate: 1, at: this.rampedArrival(executor, ++this.arrivals) };
  }

  /** When the n-th arrival of the ramp is due: the time at which the rate's integral reaches n. */
  private rampedArrival(executor: Executor & { executor: 'ramping-arrival-rate' }, n: number): number {
    let before = 0;
    let from = executor.startRate / executor.timeUnit;
    let at = this.phaseStart;
    for (const { duration, target } of executor.stages) {
      const to = target / executor.timeUnit;
      const area = ((from + to) / 2) * duration;
      if (duration > 0 && before + area >= n) {
        const left = n - before;
        const slope = (to - from) / duration;
        const t =
          Math.abs(slope) < 1e-9 ? left / from : (-from + Math.sqrt(from * from + 2 * slope * left)) / slope;
        return at + t;
      }
      before += area;
      at += duration;
      from = to;
    }
    return Infinity;
  }

  private iteration(
    intended: number,
    then: () => void,
    requests = this.options.requestsPerIteration ?? 1,
  ): void {
    const { generator, app, think = 0 } = this.options;
    const lag = this.lagOf(this.now);
    const spacing = generator?.maxRate ? 1 / generator.maxRate : 0;
    const sent = Math.max(this.now + lag, this.generatorFree);
    this.generatorFree = spacing > 0 ? sent + spacing : 0;
    this.counts.lags.push(sent - intended);
    const there = (generator?.network?.(this.random) ?? 0.0001) / 2;
    this.events.push(sent + there, () => {
      const { done, failed } = app.arrive(this.now);
      this.events.push(done + there, () => {
        this.counts.times.push(this.now - intended);
        if (failed) this.counts.failed++;
        this.events.push(this.now + think, () => {
          if (requests > 1) this.iteration(this.now, then, requests - 1);
          else {
            this.busy--;
            then();
          }
        });
      });
    });
  }

  private window(start: number, end: number, delay: number): LoadWindow {
    const { times, lags, failed, intended, started, unstarted } = this.counts;
    const histogram = microsHistogram();
    for (const time of times) histogram.recordValue(Math.max(1, Math.round(time * 1e6)));
    const at = (percentile: number) => (times.length === 0 ? 0 : histogram.getValueAtPercentile(percentile));
    lags.sort((a, b) => a - b);
    const lagMicros = (quantile: number) => (lags[Math.floor(quantile * (lags.length - 1))] ?? 0) * 1e6;
    const saturated = this.generatorFree > this.now + 0.02;
    return {
      phase: this.current,
      startMicros: start * 1e6,
      endMicros: end * 1e6,
      intended,
      started,
      unstarted,
      late: lags.filter((lag) => lag > 0.005).length,
      latency: {
        count: times.length,
        meanMicros:
          times.length === 0 ? 0 : (times.reduce((sum, time) => sum + time, 0) / times.length) * 1e6,
        p50Micros: at(50),
        p90Micros: at(90),
        p95Micros: at(95),
        p99Micros: at(99),
        p999Micros: at(99.9),
        maxMicros: at(100),
      },
      histogram: encodeIntoCompressedBase64(histogram),
      failed,
      bytes: times.length * 10,
      checksPassed: 0,
      checksFailed: 0,
      vusBusy: this.busy,
      lagP99Micros: lagMicros(0.99),
      lagMaxMicros: lagMicros(1),
      generator: {
        cpuShare: saturated ? 1 : 0.3,
        eventLoopUtilization: saturated ? 1 : 0.3,
        eventLoopDelayP99Ms: delay * 1000,
        saturated,
      },
    };
  }
}

/** `workers` servers and one line; service times as drawn. */
export function queueApp(options: {
  readonly workers?: number;
  readonly serviceSeconds: (now: number) => number;
  /** Fails at once what would wait longer. */
  readonly failsBeyondSeconds?: number;
  /** Nothing is served from `at` to `at + length`, again and again. */
  readonly stalls?: { readonly everySeconds: number; readonly seconds: number };
}): SimulatedApp {
  const free = new Array<number>(options.workers ?? 1).fill(0);
  const afterStall = (at: number) => {
    if (!options.stalls) return at;
    const { everySeconds, seconds } = options.stalls;
    const into = at % everySeconds;
    return into < seconds ? at - into + seconds : at;
  };
  return {
    arrive(now) {
      let worker = 0;
      for (let i = 1; i < free.length; i++) if (free[i]! < free[worker]!) worker = i;
      const start = afterStall(Math.max(now, free[worker]!));
      if (options.failsBeyondSeconds !== undefined && start - now > options.failsBeyondSeconds)
        return { done: now + 0.0005, failed: true };
      free[worker] = start + options.serviceSeconds(now);
      return { done: free[worker]!, failed: false };
    },
  };
}

/** Of a log-normal distribution with this mean; `sigma` 0.5 is a spread of about a half. */
export function logNormal(mean: number, sigma: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return mean * Math.exp(sigma * normal - (sigma * sigma) / 2);
}

export function randomOf(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Counts {
  readonly times: number[];
  readonly lags: number[];
  failed: number;
  intended: number;
  started: number;
  unstarted: number;
}

function emptyCounts(): Counts {
  return { times: [], lags: [], failed: 0, intended: 0, started: 0, unstarted: 0 };
}

function microsHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3600e6,
    numberOfSignificantValueDigits: 2,
    useWebAssembly: false,
  });
}

interface SimulatedEvent {
  readonly at: number;
  readonly run: () => void;
}

/** A binary heap by time. */
class EventQueue {
  private readonly heap: SimulatedEvent[] = [];

  push(at: number, run: () => void): void {
    const { heap } = this;
    heap.push({ at, run });
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.at <= heap[i]!.at) break;
      [heap[parent], heap[i]] = [heap[i]!, heap[parent]!];
      i = parent;
    }
  }

  /** Takes the first event, if it is before that time. */
  before(end: number): SimulatedEvent | undefined {
    const { heap } = this;
    const first = heap[0];
    if (!first || first.at >= end) return undefined;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let i = 0; ;) {
      const left = 2 * i + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && heap[left + 1]!.at < heap[left]!.at ? left + 1 : left;
      if (heap[i]!.at <= heap[child]!.at) break;
      [heap[i], heap[child]] = [heap[child]!, heap[i]!];
      i = child;
    }
    return first;
  }
}
