import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../model/errors';
import type { LoadProgress, LoadResult, Scenario } from '../model/load';
import type { LoadWindow } from '../model/loadWindow';
import { generatorEnvironment } from './environment';
import { assertLoopback } from './hosts';
import { parseFromGenerator, type FromGenerator, type ToGenerator } from './messages';
import { checkHeaders, normaliseRequest, type LoadRequest } from './routes';
import { seriesInterval } from './seriesInterval';

export interface LoadOptions {
  /** Folder with the generator's bundle. */
  readonly dist: string;
  readonly origin: string;
  readonly scenario: Scenario;
  /** What to send, at least one; `scenario.routes` is not read. */
  readonly routes: readonly LoadRequest[];
  /** Each connection begins with the first of them; else they begin at different ones. */
  readonly inOrder?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** What was done in each interval of this length. */
  readonly windows?: {
    readonly intervalMs: number;
    readonly onWindow: (window: Omit<LoadWindow, 'phase'>) => void;
  };
}

/** A load that runs. Its owner must `stop` it. */
export interface LoadSession {
  /**
   * Never resolves. Rejects when the load cannot go on: `LOAD_NO_REQUESTS` (nothing was ever completed),
   * `TARGET_CRASHED` (no connection has been usable for some seconds, after requests were completed),
   * `LOAD_GENERATOR_FAILED` or `CancelledError`. So do the windows then.
   */
  readonly failed: Promise<never>;
  /** From here on requests count. `startMicros` is of the monotonic clock. */
  beginWindow(): Promise<{ readonly startMicros: number }>;
  /**
   * Ends the window; the load goes on until `stop`. The result counts what was completed in the window, also
   * what was sent before it. Rejects with `LOAD_NO_REQUESTS` when that is nothing.
   */
  endWindow(): Promise<LoadResult>;
  /** Resolves when no request is sent any more and the generator is gone, within a second. Idempotent. */
  stop(): Promise<void>;
}

/** Beyond warm-up and window, for whatever the caller does between them. */
const SPARE_SECONDS = 300;
const REPLY_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 500;

/**
 * Starts sending requests at once. Rejects with `LOAD_HOST_NOT_ALLOWED`, `BAD_USAGE`, `LOAD_GENERATOR_FAILED` or
 * `CancelledError`; no process is left then.
 */
export async function startLoad(options: LoadOptions): Promise<LoadSession> {
  const { origin, scenario, signal } = options;
  const headers = scenario.headers ?? {};
  if (signal) throwIfCancelled(signal);
  if (options.routes.length === 0) throw new ThroughlineError('BAD_USAGE', 'There is no route to load.');
  checkScenario(scenario);
  checkHeaders(headers);
  await assertLoopback(origin);
  if (signal) throwIfCancelled(signal); // no listener hears of what has happened meanwhile
  const session = new ChildSession(options);
  try {
    await session.start({
      type: 'start',
      origin: new URL(origin).origin,
      routes: options.routes.map(normaliseRequest),
      headers,
      connections: scenario.connections,
      timeoutSeconds: scenario.timeoutSeconds,
      apdexTargetMs: scenario.apdexTargetMs,
      intervalMicros: seriesInterval(scenario.durationSeconds),
      ...(options.inOrder && { inOrder: true }),
      ...(options.windows && { windowMs: options.windows.intervalMs }),
      hardLimitSeconds: scenario.warmupSeconds + scenario.durationSeconds + SPARE_SECONDS,
    });
  } catch (error) {
    await session.stop();
    throw error;
  }
  return session;
}

function checkScenario({ connections, timeoutSeconds, apdexTargetMs }: Scenario): void {
  const complain = (what: string) => new ThroughlineError('BAD_USAGE', `${what}.`);
  if (!Number.isInteger(connections) || connections < 1 || connections > 10_000)
    throw complain(`${connections} connections cannot be opened; 1 to 10,000 can`);
  if (!(timeoutSeconds >= 1 && timeoutSeconds <= 3600))
    throw complain(`A timeout of ${timeoutSeconds} s is not possible; 1 s to 3,600 s is`);
  if (!(apdexTargetMs > 0)) throw complain(`An Apdex target of ${apdexTargetMs} ms is not possible`);
}

class ChildSession implements LoadSession {
  readonly failed: Promise<never>;
  private reject!: (error: Error) => void;
  private readonly child: ChildProcess;
  private readonly gone: Promise<void>;
  private readonly waiting = new Map<FromGenerator['type'], (message: FromGenerator) => void>();
  private stopping = false;
  private errorOutput = '';
  private readonly onAbort = () => {
    this.reject(new CancelledError());
    void this.stop();
  };

  constructor(private readonly options: LoadOptions) {
    this.failed = new Promise<never>((_, reject) => (this.reject = reject));
    this.failed.catch(() => undefined); // whoever races with it hears of it; nobody needs to
    this.child = fork(path.join(options.dist, 'generator.cjs'), [], {
      execPath: process.execPath,
      execArgv: [],
      env: generatorEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const { child } = this;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errorOutput = (this.errorOutput + chunk.toString()).slice(-4096);
    });
    child.on('message', (message) => this.receive(message));
    this.gone = new Promise((resolve) => {
      child.on('error', (error) => {
        this.reject(this.generatorError(`The load generator did not start: ${error.message}`));
        if (child.pid === undefined) resolve();
      });
      child.on('exit', (code, exitSignal) => {
        if (!this.stopping)
          this.reject(
            this.generatorError(`The load generator ended with ${exitSignal ?? `code ${code ?? 'unknown'}`}`),
          );
        resolve();
      });
    });
    options.signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  async start(order: ToGenerator): Promise<void> {
    await this.reply('ready');
    this.send(order);
    await this.reply('started');
  }

  async beginWindow(): Promise<{ readonly startMicros: number }> {
    this.send({ type: 'begin' });
    const { startMicros } = await this.reply('begun');
    return { startMicros };
  }

  async endWindow(): Promise<LoadResult> {
    this.send({ type: 'end' });
    const { result, emptyReason } = await this.reply('ended');
    if (result.requests === 0)
      throw new ThroughlineError(
        'LOAD_NO_REQUESTS',
        `No request was completed: ${emptyReason ?? 'the reason is unknown'}.`,
      );
    return result;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.options.signal?.removeEventListener('abort', this.onAbort);
    const { child } = this;
    const stopped = () => child.exitCode !== null || child.signalCode !== null;
    if (!stopped() && child.pid !== undefined) {
      this.send({ type: 'stop' });
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await this.gone;
      clearTimeout(timer);
    }
    await this.gone;
  }

  private send(message: ToGenerator): void {
    // A failure to send shows as the generator's end.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private async reply<T extends FromGenerator['type']>(type: T): Promise<FromGenerator & { type: T }> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        this.failed,
        new Promise<FromGenerator & { type: T }>((resolve, reject) => {
          this.waiting.set(type, (message) => resolve(message as FromGenerator & { type: T }));
          timer = setTimeout(
            () => reject(this.generatorError('The load generator does not answer')),
            REPLY_TIMEOUT_MS,
          );
        }),
      ]);
    } finally {
      clearTimeout(timer);
      this.waiting.delete(type);
    }
  }

  private receive(raw: unknown): void {
    let message: FromGenerator;
    try {
      message = parseFromGenerator(raw);
    } catch (error) {
      return this.reject(error as Error);
    }
    switch (message.type) {
      case 'progress':
        if (!this.stopping) this.tell(() => this.options.onProgress?.(message.progress));
        return;
      case 'window':
        if (!this.stopping) this.tell(() => this.options.windows?.onWindow(message.window));
        return;
      case 'lost':
        return this.reject(
          message.completed === 0
            ? new ThroughlineError('LOAD_NO_REQUESTS', `No request was completed: ${message.reason}.`)
            : new ThroughlineError(
                'TARGET_CRASHED',
                `The app stopped serving after ${message.completed} requests: ${message.reason}.`,
              ),
        );
      case 'failed':
        return this.reject(this.generatorError(`The load generator failed: ${message.message}`));
      case 'ready':
      case 'started':
      case 'begun':
      case 'ended':
        this.waiting.get(message.type)?.(message);
    }
  }

  /** What a listener throws ends the load, not the process that it runs in. */
  private tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private generatorError(sentence: string): ThroughlineError {
    return new ThroughlineError('LOAD_GENERATOR_FAILED', `${sentence}.`, this.errorOutput);
  }
}
