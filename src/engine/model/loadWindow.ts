import type { GeneratorHealth, LatencySummary } from './load';

/**
 * What a scheduler did in one short interval (half a second unless told otherwise), merged over its generator
 * processes. Requests count where they completed. Times are of the monotonic clock, in microseconds.
 */
export interface LoadWindow {
  /** Which `run` of the session was on at the window's end; see `SchedulerSession.run`. */
  readonly phase: number;
  readonly startMicros: number;
  readonly endMicros: number;
  /** Iterations that the schedule called for in the window; 0 in closed models. */
  readonly intended: number;
  /** Iterations that began. */
  readonly started: number;
  /** Iterations that never began, since every virtual user was busy (k6's `dropped_iterations`). */
  readonly unstarted: number;
  /** Iterations whose first request was sent later than `LATE_MICROS` after its time. */
  readonly late: number;
  /** Of requests; from the intended start where the request is an iteration's first in an open model. */
  readonly latency: LatencySummary;
  /** HdrHistogram V2 compressed, base64, of microseconds: mergeable. */
  readonly histogram: string;
  /** Replies with a status >= 400, timeouts and failed connections. */
  readonly failed: number;
  /** Of `failed`, those without a full reply: they are in no other count. Absent: it is not known. */
  readonly unanswered?: number;
  readonly bytes: number;
  readonly checksPassed: number;
  readonly checksFailed: number;
  readonly vusBusy: number;
  /** How far the generators themselves were behind the schedule. */
  readonly lagP99Micros: number;
  readonly lagMaxMicros: number;
  /** Of the worst of the generator processes. */
  readonly generator: GeneratorHealth;
}

/** A request that is sent this long after its time is late. */
export const LATE_MICROS = 5000;

/** How an open model's schedule was kept in a steady window. */
export interface ScheduleResult {
  readonly intended: number;
  readonly started: number;
  readonly unstarted: number;
  readonly late: number;
  /** Cut off at the end: their response time is unknown. */
  readonly interrupted: number;
  /** From the time a request was due to the moment the generator got to it: the generator's own doing. */
  readonly lagP50Micros: number;
  readonly lagP99Micros: number;
  readonly lagMaxMicros: number;
}
