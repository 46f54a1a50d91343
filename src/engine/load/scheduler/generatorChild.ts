import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { ThroughlineError } from '../../model/errors';
import { generatorEnvironment } from '../environment';
import { parseFromScheduler, type FromScheduler, type ToScheduler } from './messages';

const REPLY_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 500;

type Answer = 'ready' | 'started' | 'following' | 'begun' | 'ended';

/** What a generator process says beside its answers. Nothing is told after `stop`. */
export interface ChildEvents {
  onMessage(message: Exclude<FromScheduler, { type: Answer }>): void;
  /** It ended, does not answer, or said what nobody understands: `LOAD_GENERATOR_FAILED`. */
  onError(error: ThroughlineError): void;
}

/** One generator process, seen from its owner, who must `stop` it. */
export class GeneratorChild {
  private readonly child: ChildProcess;
  private readonly gone: Promise<void>;
  private readonly waiting = new Map<Answer, (message: FromScheduler) => void>();
  /** Never resolves. Rejects when nothing can be heard of the process any more, also after `stop`. */
  readonly silent: Promise<never>;
  private fallSilent!: (error: Error) => void;
  private stopping = false;
  private errorOutput = '';

  constructor(
    dist: string,
    private readonly failed: Promise<never>,
    private readonly events: ChildEvents,
  ) {
    this.child = fork(path.join(dist, 'scheduler.cjs'), [], {
      execPath: process.execPath,
      execArgv: [],
      env: generatorEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.silent = new Promise<never>((_, reject) => (this.fallSilent = reject));
    this.silent.catch(() => undefined); // of interest to those alone who wait for an answer
    const { child } = this;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errorOutput = (this.errorOutput + chunk.toString()).slice(-4096);
    });
    child.on('message', (message) => this.receive(message));
    this.gone = new Promise((resolve) => {
      child.on('error', (error) => {
        this.fail(`The load generator did not start: ${error.message}`);
        if (child.pid === undefined) resolve();
      });
      child.on('exit', (code, signal) => {
        this.fail(`The load generator ended with ${signal ?? `code ${code ?? 'unknown'}`}`);
        resolve();
      });
    });
  }

  send(message: ToScheduler): void {
    // A failure to send shows as the process's end.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** Rejects as `unless` does, and where no answer comes in time. */
  async answer<T extends Answer>(
    type: T,
    { extraSeconds = 0, unless = this.failed } = {},
  ): Promise<FromScheduler & { type: T }> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        unless,
        new Promise<FromScheduler & { type: T }>((resolve) => {
          this.waiting.set(type, (message) => resolve(message as FromScheduler & { type: T }));
          timer = setTimeout(
            () => this.fail('The load generator does not answer'),
            REPLY_TIMEOUT_MS + extraSeconds * 1000,
          );
        }),
      ]);
    } finally {
      clearTimeout(timer);
      this.waiting.delete(type);
    }
  }

  /** Resolves when the process is gone, within a second. Idempotent. */
  async stop(): Promise<void> {
    const { child } = this;
    this.stopping = true;
    if (child.pid === undefined) return this.gone;
    if (child.exitCode === null && child.signalCode === null) {
      this.send({ type: 'stop' });
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await this.gone;
      clearTimeout(timer);
    }
    return this.gone;
  }

  private receive(raw: unknown): void {
    let message: FromScheduler;
    try {
      message = parseFromScheduler(raw);
    } catch (error) {
      return this.events.onError(error as ThroughlineError);
    }
    switch (message.type) {
      case 'ready':
      case 'started':
      case 'following':
      case 'begun':
      case 'ended':
        return this.waiting.get(message.type)?.(message);
      case 'window':
      case 'runEnded':
      case 'lost':
      case 'failed':
        if (!this.stopping) this.events.onMessage(message);
    }
  }

  private fail(sentence: string): void {
    const error = new ThroughlineError('LOAD_GENERATOR_FAILED', `${sentence}.`, this.errorOutput);
    this.fallSilent(error);
    if (!this.stopping) this.events.onError(error);
  }
}
