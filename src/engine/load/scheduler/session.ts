import os from 'node:os';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../../model/errors';
import type { SchedulerOptions, SchedulerSession } from '../../model/loadSession';
import { isOpenModel, type Executor, type RequestStep } from '../../model/loadTest';
import type { LoadWindow } from '../../model/loadWindow';
import { nowMicros } from '../clock';
import { assertAllowedHost } from '../hosts';
import { seriesInterval } from '../seriesInterval';
import { peakRate, type OpenExecutor } from './arrivals';
import { compileFlows } from './flows';
import { GeneratorChild, type ChildEvents } from './generatorChild';
import { shareOf } from './levels';
import { checkExecutor, checkHttp, effectiveLimits, peakUsers } from './limits';
import { mergeSteady, mergeWindows } from './merge';
import type { FromScheduler, SchedulerOrder } from './messages';
import type { WindowParts } from './recorder';

const INTERVAL_MS = 500;
/**
 * Requests a second of one process in an open model. Measured with two cores that others used as well: 34 to 38 µs of
 * CPU a request at 10,000 to 14,000/s, so less than half a core at this rate. The rest is for bodies, captures and
 * checks, and for what the machine does besides.
 */
const SAFE_RATE = 12_000;
const MOST_PROCESSES = 4;
/** Beyond the longest test, for whatever the caller does around it. */
const SPARE_SECONDS = 600;
/** A message is with the process by then; with several, so that they begin and end alike also on a busy machine. */
const LEAD_MICROS = { one: 25_000, several: 100_000 } as const;

/**
 * Starts a generator process, which sends nothing until `run`. Rejects with `LOAD_HOST_NOT_ALLOWED`, `BAD_USAGE`,
 * `LOAD_GENERATOR_FAILED` or `CancelledError`; no process is left then.
 */
export async function startScheduler(options: SchedulerOptions): Promise<SchedulerSession> {
  const { origin, test, values, limits, signal } = options;
  if (signal) throwIfCancelled(signal);
  checkHttp(test.http, limits);
  const { steps } = compileFlows(test, values);
  await assertAllowedHost(origin, limits.allowedHosts);
  if (signal) throwIfCancelled(signal); // no listener hears of what has happened meanwhile
  const session = new Session(options, steps);
  try {
    await session.addProcesses(Math.max(1, test.http.processes));
  } catch (error) {
    await session.stop();
    throw error;
  }
  return session;
}

class Session implements SchedulerSession {
  readonly failed: Promise<never>;
  private reject!: (error: Error) => void;
  private readonly children: GeneratorChild[] = [];
  private readonly order: SchedulerOrder;
  private readonly listeners = new Set<(window: LoadWindow) => void>();
  /** By their begin, until all processes have told theirs. */
  private readonly windows = new Map<number, WindowParts[]>();
  private readonly running = new Map<number, { left: number; resolve: () => void }>();
  private executor: Executor | undefined;
  private phase = 0;
  private generation = 0;
  private isWindowOpen = false;
  /** The target is gone, but the processes know what they have counted. */
  private isLost = false;
  private completed = 0;
  private stopping: Promise<void> | undefined;
  private readonly onAbort = () => {
    this.reject(new CancelledError());
    void this.stop();
  };

  constructor(
    private readonly options: SchedulerOptions,
    private readonly steps: readonly RequestStep[],
  ) {
    const { origin, test, values, limits, intervalMs, windowSeconds, signal } = options;
    this.failed = new Promise<never>((_, reject) => (this.reject = reject));
    this.failed.catch(() => undefined); // whoever races with it hears of it; nobody needs to
    const { flows, headers, data, http, apdexTargetMs } = test;
    this.order = {
      type: 'start',
      origin: new URL(origin).origin,
      test: { flows, headers, data, http, apdexTargetMs },
      values,
      limits,
      intervalMicros: (intervalMs ?? INTERVAL_MS) * 1000,
      seriesMicros: seriesInterval(windowSeconds),
      baseMicros: nowMicros(),
      hardLimitSeconds: effectiveLimits(limits).maxDurationSeconds + SPARE_SECONDS,
    };
    signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Starts as many as are missing to `count`. */
  async addProcesses(count: number): Promise<void> {
    const most = Math.min(MOST_ASKED, this.options.test.http.connections);
    const added: GeneratorChild[] = [];
    while (this.children.length < Math.min(count, most)) {
      const child = new GeneratorChild(this.options.dist, this.failed, this.events);
      this.children.push(child);
      added.push(child);
    }
    if (added.length > 0) this.generation++;
    await Promise.all(
      added.map(async (child) => {
        await child.answer('ready');
        child.send(this.order);
        await child.answer('started');
      }),
    );
  }

  async run(executor: Executor): Promise<{ readonly phase: number; readonly ended: Promise<void> }> {
    checkExecutor(executor, this.options.limits);
    const before = this.children.length;
    await this.addProcesses(this.processesFor(executor));
    // One without a virtual user would leave its part of the schedule unstarted, while the others' are free.
    if ('maxVUs' in executor && executor.maxVUs < this.children.length)
      throw new ThroughlineError(
        'BAD_USAGE',
        `${executor.maxVUs} virtual users cannot be divided over ${this.children.length} generator processes.`,
      );
    // A window that is open is theirs too.
    if (this.isWindowOpen) await this.begin(this.children.slice(before));
    this.executor = executor;
    const phase = ++this.phase;
    const ended = new Promise<void>((resolve) =>
      this.running.set(phase, { left: this.children.length, resolve }),
    );
    const startMicros = nowMicros() + (this.children.length === 1 ? LEAD_MICROS.one : LEAD_MICROS.several);
    await Promise.all(
      this.children.map((child, index) => {
        const following = child.answer('following');
        const connections = shareOf(this.options.test.http.connections, {
          index,
          count: this.children.length,
        });
        const slice = { index, count: this.children.length, connections, generation: this.generation - 1 };
        child.send({ type: 'run', phase, executor, startMicros, slice });
        return following;
      }),
    );
    const either = Promise.race([this.failed, ended]);
    either.catch(() => undefined);
    return { phase, ended: either };
  }

  onWindow(listener: (window: LoadWindow) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async beginWindow(): Promise<{ readonly startMicros: number }> {
    this.isWindowOpen = true;
    const begun = await this.begin(this.children);
    return { startMicros: Math.min(...begun.map(({ startMicros }) => startMicros)) };
  }

  private begin(children: readonly GeneratorChild[]) {
    const atMicros = this.commonMoment();
    return Promise.all(
      children.map((child) => {
        const answer = child.answer('begun');
        child.send({ type: 'begin', atMicros });
        return answer;
      }),
    );
  }

  async endWindow(
    options: { readonly gracefulStopSeconds?: number } = {},
  ): ReturnType<SchedulerSession['endWindow']> {
    // Of a target that is lost there is no other result to come.
    if (this.isLost && !this.isWindowOpen) return this.failed;
    this.isWindowOpen = false;
    const gracefulStopSeconds = options.gracefulStopSeconds ?? this.executor?.gracefulStop ?? 0;
    const atMicros = this.commonMoment();
    const parts = await Promise.all(
      this.children.map((child) => {
        const answer = child.answer('ended', {
          extraSeconds: gracefulStopSeconds,
          ...(this.isLost && { unless: child.silent }),
        });
        child.send({ type: 'end', atMicros, gracefulStopSeconds });
        return answer;
      }),
    );
    const { test } = this.options;
    const result = mergeSteady(
      parts.map(({ steady }) => steady),
      {
        origin: this.order.origin,
        connections: test.http.connections,
        steps: this.steps,
        apdexTargetMs: test.apdexTargetMs,
        seriesMicros: this.order.seriesMicros,
      },
    );
    if (result.load.latency.count === 0 && result.load.requests === 0)
      throw new ThroughlineError(
        'LOAD_NO_REQUESTS',
        `No request was completed: ${explainEmpty(parts, test.http.timeoutSeconds)}.`,
      );
    return result;
  }

  stop(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.stopping ??= Promise.all(this.children.map((child) => child.stop())).then(() => undefined);
    return this.stopping;
  }

  private processesFor(executor: Executor): number {
    const { processes } = this.options.test.http;
    if (processes > 0 || !isOpenModel(executor)) return this.children.length;
    const most = Math.min(MOST_PROCESSES, Math.max(1, os.availableParallelism() - 1));
    return Math.min(most, peakUsers(executor), Math.ceil(peakRate(executor as OpenExecutor) / SAFE_RATE));
  }

  private commonMoment(): number {
    return this.children.length === 1 ? 0 : nowMicros() + LEAD_MICROS.several;
  }

  private readonly events: ChildEvents = {
    onMessage: (message) => this.receive(message),
    onError: (error) => this.fail(error),
  };

  private receive(message: Parameters<ChildEvents['onMessage']>[0]): void {
    switch (message.type) {
      case 'window':
        return this.collect(message.window);
      case 'runEnded': {
        const run = this.running.get(message.phase);
        if (run && --run.left === 0) {
          this.running.delete(message.phase);
          run.resolve();
        }
        return;
      }
      case 'lost': {
        const completed = Math.max(message.completed, this.completed);
        this.isLost = true;
        return this.reject(
          completed === 0
            ? new ThroughlineError('LOAD_NO_REQUESTS', `No request was completed: ${message.reason}.`)
            : new ThroughlineError(
                'TARGET_CRASHED',
                `The app stopped serving after ${completed} requests: ${message.reason}.`,
              ),
        );
      }
      case 'failed':
        return this.fail(
          message.code
            ? new ThroughlineError(message.code, message.message)
            : new ThroughlineError('LOAD_GENERATOR_FAILED', `The load generator failed: ${message.message}.`),
        );
    }
  }

  private collect(part: WindowParts): void {
    const key = Math.round((part.startMicros - this.order.baseMicros) / this.order.intervalMicros);
    const parts = this.windows.get(key) ?? [];
    parts.push(part);
    this.windows.set(key, parts);
    // Each process tells its windows in order, so those before a whole one have what they will ever have: a process
    // that was added has no part in those before its start.
    const whole = parts.length === this.children.length;
    const last = whole
      ? key
      : this.windows.size > MOST_PENDING
        ? Math.min(...this.windows.keys())
        : -Infinity;
    for (const pending of [...this.windows.keys()].sort((a, b) => a - b))
      if (pending <= last) this.tellWindow(pending);
  }

  private tellWindow(key: number): void {
    const parts = this.windows.get(key)!;
    this.windows.delete(key);
    const window = mergeWindows(parts);
    this.completed += window.latency.count;
    try {
      for (const listener of this.listeners) listener(window);
    } catch (error) {
      // What a listener throws ends the load, not the process that it runs in.
      this.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private fail(error: Error): void {
    this.reject(error);
    void this.stop();
  }
}

/** Windows that wait for a process that is behind. */
const MOST_PENDING = 20;
/** Asked for by the test. */
const MOST_ASKED = 64;

function explainEmpty(parts: readonly (FromScheduler & { type: 'ended' })[], timeoutSeconds: number): string {
  const timeouts = parts.reduce((sum, { steady }) => sum + steady.timeouts, 0);
  const lastError = parts.find((part) => part.lastError !== undefined)?.lastError;
  const failures = parts.reduce((sum, { steady }) => sum + steady.connectionErrors, 0);
  if (failures > 0 && lastError !== undefined) return lastError;
  if (timeouts > 0) return `${timeouts} requests had no reply within ${timeoutSeconds} s`;
  const started = parts.reduce((sum, { steady }) => sum + steady.started, 0);
  return started > 0 ? `none of ${started} iterations had a reply by the end` : 'none was due or under way';
}
