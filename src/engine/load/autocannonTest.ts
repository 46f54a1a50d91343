import { CancelledError, ThroughlineError } from '../model/errors';
import { DEFAULT_SCENARIO, type LoadResult } from '../model/load';
import type { Executor } from '../model/loadTest';
import { HARD_LIMITS, type SchedulerOptions, type SchedulerSession } from '../model/loadSession';
import type { CheckResult } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import { autocannonRefusals } from './autocannonRefusals';
import { autocannonRequests } from './autocannonRequests';
import type { LoadRequest } from './routes';
import { startLoad, type LoadSession } from './session';

const DEFAULT_INTERVAL_MS = 500;

/**
 * A load test driven by autocannon, with the interface of our own scheduler. `run` takes `constant-vus` alone.
 * When an executor's time is over its requests in flight are cut off and the generator is gone; a window that is
 * open then ends there. Rejects with `BAD_USAGE` where autocannon cannot honour the test, saying why.
 */
export async function startAutocannonTest(options: SchedulerOptions): Promise<SchedulerSession> {
  const refusals = autocannonRefusals(options.test, options.origin);
  if (refusals.length > 0)
    throw new ThroughlineError(
      'BAD_USAGE',
      `autocannon cannot run "${options.test.name}": ${refusals.join('; ')}.`,
    );
  if (options.signal?.aborted) throw new CancelledError();
  return new AutocannonSession(options, autocannonRequests(options.test, options.values));
}

type Windowed = { readonly load: LoadResult; readonly checks: readonly CheckResult[] };

class AutocannonSession implements SchedulerSession {
  readonly failed: Promise<never>;
  private fail!: (error: Error) => void;
  private readonly listeners = new Set<(window: LoadWindow) => void>();
  private readonly stopped = new AbortController();
  private phase = 0;
  private running: Running | undefined;
  /** Of the window that is open, or that ended with its executor. */
  private windowOf: Running | undefined;

  constructor(
    private readonly options: SchedulerOptions,
    private readonly requests: readonly LoadRequest[],
  ) {
    this.failed = new Promise<never>((_, reject) => (this.fail = reject));
    this.failed.catch(() => undefined); // whoever races with it hears of it; nobody needs to
    options.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  async run(executor: Executor): Promise<{ readonly phase: number; readonly ended: Promise<void> }> {
    const { vus, duration } = this.checked(executor);
    const before = this.running;
    const phase = ++this.phase;
    if (before?.vus === vus && !before.isOver) {
      before.last(duration);
      return { phase, ended: before.ended };
    }
    if (this.windowOf && this.windowOf === before && !before.isOver)
      throw usage('The number of virtual users cannot change in a window that autocannon measures');
    await before?.end();
    const session = await startLoad({
      dist: this.options.dist,
      origin: this.options.origin,
      routes: this.requests,
      inOrder: true,
      scenario: {
        ...DEFAULT_SCENARIO,
        connections: vus,
        // Sets how long the generator may live: it may be told to go on.
        warmupSeconds: this.options.limits.maxDurationSeconds,
        durationSeconds: this.options.windowSeconds,
        timeoutSeconds: this.options.test.http.timeoutSeconds,
        apdexTargetMs: this.options.test.apdexTargetMs,
      },
      signal: this.stopped.signal,
      windows: {
        intervalMs: this.options.intervalMs ?? DEFAULT_INTERVAL_MS,
        onWindow: (window) => this.tell({ phase: this.phase, ...window }),
      },
    });
    session.failed.catch((error: Error) => this.fail(error));
    const running = new Running(session, vus);
    running.last(duration);
    this.running = running;
    return { phase, ended: running.ended };
  }

  onWindow(listener: (window: LoadWindow) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async beginWindow(): Promise<{ readonly startMicros: number }> {
    const { running } = this;
    if (!running || running.isOver) throw usage('A window begins while an executor runs');
    this.windowOf = running;
    return running.beginWindow();
  }

  async endWindow(): Promise<Windowed> {
    const { windowOf } = this;
    if (!windowOf) throw usage('The window was ended before it began');
    this.windowOf = undefined;
    return { load: await windowOf.endWindow(), checks: [] };
  }

  async stop(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.listeners.clear();
    this.stopped.abort(); // also ends a generator that is about to start
    await this.running?.stop();
  }

  private readonly onAbort = (): void => {
    this.fail(new CancelledError());
    void this.stop();
  };

  private tell(window: LoadWindow): void {
    try {
      for (const listener of this.listeners) listener(window);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private checked(executor: Executor): Executor & { executor: 'constant-vus' } {
    const { maxVUs, maxConnections, maxDurationSeconds } = this.options.limits;
    if (this.stopped.signal.aborted) throw new CancelledError();
    if (executor.executor !== 'constant-vus') throw usage(`autocannon cannot honour "${executor.executor}"`);
    const most = Math.min(maxVUs, maxConnections, HARD_LIMITS.maxVUs, HARD_LIMITS.maxConnections);
    if (executor.vus > most) throw usage(`${executor.vus} virtual users are more than the limit of ${most}`);
    if (executor.duration > Math.min(maxDurationSeconds, HARD_LIMITS.maxDurationSeconds))
      throw usage(`${executor.duration} s are more than the limit of ${maxDurationSeconds} s`);
    return executor;
  }
}

/** One number of virtual users, from its start to its end. */
class Running {
  isOver = false;
  readonly ended: Promise<void>;
  private resolveEnded!: () => void;
  private timer: NodeJS.Timeout | undefined;
  private window: 'none' | 'open' | Promise<LoadResult> = 'none';

  constructor(
    private readonly session: LoadSession,
    readonly vus: number,
  ) {
    this.ended = Promise.race([
      session.failed,
      new Promise<void>((resolve) => (this.resolveEnded = resolve)),
    ]);
    this.ended.catch(() => undefined); // told by the session's `failed` as well
  }

  /** It ends that many seconds from now. */
  last(seconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.end(), seconds * 1000);
  }

  async beginWindow(): Promise<{ readonly startMicros: number }> {
    this.window = 'open';
    return this.session.beginWindow();
  }

  endWindow(): Promise<LoadResult> {
    if (this.window === 'none' || this.window === 'open') this.window = this.session.endWindow();
    return this.window;
  }

  /** Ends with the result of the window that is open. */
  async end(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    if (this.window === 'open') await this.endWindow().catch(() => undefined); // told where it is asked for
    await this.stop();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    clearTimeout(this.timer);
    await this.session.stop();
    this.resolveEnded();
  }
}

function usage(sentence: string): ThroughlineError {
  return new ThroughlineError('BAD_USAGE', `${sentence}.`);
}
