import type { LoadResult } from './load';
import type { Executor, LoadTest } from './loadTest';
import type { CheckResult } from './loadTestResult';
import type { LoadWindow } from './loadWindow';

/** Where load may go and how much of it, whatever a test asks for. From the user's settings; see `HARD_LIMITS`. */
export interface LoadLimits {
  /** Hosts beside loopback that the user has confirmed by typing their names, without ports, in lower case. */
  readonly allowedHosts: readonly string[];
  /** Iterations a second. */
  readonly maxRate: number;
  readonly maxVUs: number;
  readonly maxConnections: number;
  readonly maxDurationSeconds: number;
}

/** What no setting can raise. */
export const HARD_LIMITS = {
  maxRate: 200_000,
  maxVUs: 20_000,
  maxConnections: 10_000,
  maxDurationSeconds: 7 * 24 * 3600,
} as const satisfies Omit<LoadLimits, 'allowedHosts'>;

export const DEFAULT_LIMITS: LoadLimits = {
  allowedHosts: [],
  maxRate: 20_000,
  maxVUs: 2_000,
  maxConnections: 1_000,
  maxDurationSeconds: 12 * 3600,
};

/** What the templates of a test need beside its file: values of `${env:NAME}` and `${secret:NAME}`, by name. */
export interface TemplateValues {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Our own load scheduler, in generator processes of its own. Its owner must `stop` it. Sends nothing until `run`.
 * Every promise rejects as `failed` does.
 */
export interface SchedulerSession {
  /**
   * Never resolves. Rejects when load cannot go on, which does not end the session: `TARGET_CRASHED` (no connection has been usable for some
   * seconds, after requests were completed), `LOAD_NO_REQUESTS` (none was ever), `LOAD_GENERATOR_FAILED` or
   * `CancelledError`.
   */
  readonly failed: Promise<never>;
  /**
   * Sends by this executor from now on, in place of the one before, whose iterations in flight go on to their
   * end. The level is divided over the generator processes. Resolves when all of them follow it, with the number
   * that its windows carry; `ended` resolves when the executor's time or iterations are over (its graceful stop
   * is not awaited). Rejects with `BAD_USAGE` beyond the limits.
   */
  run(executor: Executor): Promise<{ readonly phase: number; readonly ended: Promise<void> }>;
  /** Each interval, merged over the processes, about one interval after its end. Returns what ends the telling. */
  onWindow(listener: (window: LoadWindow) => void): () => void;
  /** From here on requests count for the result. `startMicros` is of the monotonic clock. */
  beginWindow(): Promise<{ readonly startMicros: number }>;
  /**
   * Ends the window; load goes on until the executor's end or `stop`. The result counts the iterations that were
   * due in the window (open model) or the requests that completed in it (closed model), and waits for those in
   * flight as long as the executor's graceful stop, or as long as is said here. Rejects with `LOAD_NO_REQUESTS` when
   * nothing completed. Once the target was lost (`TARGET_CRASHED`), our own scheduler still gives the result of the
   * window that was open.
   */
  endWindow(options?: {
    readonly gracefulStopSeconds?: number;
  }): Promise<{ readonly load: LoadResult; readonly checks: readonly CheckResult[] }>;
  /** Sends nothing any more; iterations in flight are cut off. Every generator is gone within a second. Idempotent. */
  stop(): Promise<void>;
}

export interface SchedulerOptions {
  /** Folder with the scheduler's bundle. */
  readonly dist: string;
  readonly origin: string;
  /** `executor` and `target` are not read. */
  readonly test: LoadTest;
  readonly values: TemplateValues;
  readonly limits: LoadLimits;
  readonly intervalMs?: number;
  /** Length of the steady window that is expected, for the interval of its series; see `LoadSeries`. */
  readonly windowSeconds: number;
  readonly signal?: AbortSignal;
}
