import type { LoadEngine } from './loadTest';
import type { ScheduleResult } from './loadWindow';

export interface Route {
  readonly method: string;
  /** Path and query, beginning with `/`. */
  readonly path: string;
}

/** What load to send: a closed model of `connections` virtual users, each sending its next request on the reply. */
export interface Scenario {
  readonly connections: number;
  /** Discarded seconds before the steady window. */
  readonly warmupSeconds: number;
  /** Length of the steady window. */
  readonly durationSeconds: number;
  /** Sent in turn by each connection; empty: `/` and the routes that the agent saw. */
  readonly routes: readonly Route[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Apdex target: replies within it satisfy, within four times it are tolerated. */
  readonly apdexTargetMs: number;
}

export const DEFAULT_SCENARIO: Scenario = {
  connections: 20,
  warmupSeconds: 5,
  durationSeconds: 15,
  routes: [],
  timeoutSeconds: 10,
  apdexTargetMs: 100,
};

/** Percentiles of response time, in microseconds; of replies of any status. */
export interface LatencySummary {
  readonly count: number;
  /**
   * Quantile, 0 to 1, up to which the percentiles are measured; absent: all are. Of an open model's requests that
   * never started or were cut off nobody knows the time, but that it is long: a percentile beyond is at least
   * what it says, and front ends say "not measured".
   */
  readonly measuredTo?: number;
  /** Present: the limit is the generator's own lateness, which percentiles beyond it show rather than the target's. */
  readonly limitedBy?: 'generator';
  readonly meanMicros: number;
  readonly p50Micros: number;
  readonly p90Micros: number;
  readonly p95Micros: number;
  readonly p99Micros: number;
  readonly p999Micros: number;
  readonly maxMicros: number;
}

/** What failed in the window. Replies of any status are completed requests as well; the others are not. */
export interface LoadErrors {
  /** Replies with a status >= 400, by status. */
  readonly byStatus: Readonly<Record<string, number>>;
  /**
   * Requests without a full reply within the timeout; at the window's end also those that had waited for a
   * second and for twice as long as any that was answered.
   */
  readonly timeouts: number;
  /** Refused, reset or closed connections, and replies that are not HTTP. */
  readonly connection: number;
}

/**
 * Requests that errors, response times, routes and Apdex are of, with a reply or without: in closed models all that
 * ended in the window, in open ones those that were due in it. What a share of errors is a share of.
 */
export function requestCount({ latency, errors }: Pick<LoadResult, 'errors'> & JudgedTimes): number {
  return latency.count + errors.timeouts + errors.connection;
}

interface JudgedTimes {
  readonly latency: Pick<LatencySummary, 'count'>;
}

/** All errors together, whatever their kind. */
export function errorCount(errors: LoadErrors): number {
  const ofStatus = Object.values(errors.byStatus).reduce((sum, count) => sum + count, 0);
  return ofStatus + errors.timeouts + errors.connection;
}

export interface GeneratorHealth {
  /** CPU of the generator process in the steady window, 0 to 1 of one core. */
  readonly cpuShare: number;
  /** Event-loop utilisation of the generator, 0 to 1. */
  readonly eventLoopUtilization: number;
  readonly eventLoopDelayP99Ms: number;
  /** The generator itself was the bottleneck: the target may be faster than measured. */
  readonly saturated: boolean;
}

/** What the steady window of the load measured. Times are of the monotonic clock (`process.hrtime`), in microseconds. */
export interface LoadResult {
  /** `k6` and `jmeter`: imported from what that tool wrote. */
  readonly engine: LoadEngine | 'k6' | 'jmeter';
  readonly model: 'closed' | 'open';
  readonly origin: string;
  readonly routes: readonly RouteResult[];
  readonly connections: number;
  readonly startMicros: number;
  readonly endMicros: number;
  /**
   * Requests completed with any status in the window: what the target did in it. In open models `latency`, `errors`,
   * `routes` and `apdex` are of those that were due in it, which an overloaded target completes later: `latency.count`
   * is how many of these have a reply, and what the routes' requests come to. See `requestCount`.
   */
  readonly requests: number;
  readonly bytes: number;
  /** Completed requests per second: mean of the window and one value per whole second of it. */
  readonly throughput: { readonly mean: number; readonly perSecond: readonly number[] };
  readonly latency: LatencySummary;
  /** HdrHistogram V2 compressed, base64, of microseconds: mergeable. */
  readonly histogram: string;
  readonly errors: LoadErrors;
  /** Apdex score, 0 to 1 (apdex.org), and its target. */
  readonly apdex: { readonly targetMs: number; readonly score: number };
  readonly generator: GeneratorHealth;
  /** Of open models. */
  readonly schedule?: ScheduleResult;
  /** Redirects that were not followed: to another origin, or more than were allowed. Absent where there were none. */
  readonly redirectsRefused?: number;
  /** Absent of runs of the first release. */
  readonly series?: LoadSeries;
}

/** Most intervals of a series: longer windows have longer intervals. */
export const MAX_SERIES_POINTS = 1200;

/** The steady window in intervals of equal length, the last one shorter. All arrays are parallel. */
export interface LoadSeries {
  readonly intervalMicros: number;
  /** When each interval ended, in microseconds from the window's start. */
  readonly endMicros: readonly number[];
  /** Of requests completed in the interval; 0 where there were none. */
  readonly p50Micros: readonly number[];
  readonly p99Micros: readonly number[];
  readonly requests: readonly number[];
  /** Replies with a status >= 400, timeouts and failed connections. */
  readonly errors: readonly number[];
}

/** One row for each request of the flows that differs: its step's name, where it has one of its own. */
export interface RouteResult extends Route {
  readonly name?: string;
  /** Of those with a reply and those without. */
  readonly failed?: number;
  /** With a reply; in open models those that were due in the window, whenever they were completed. */
  readonly requests: number;
  readonly latency: LatencySummary;
}

/** What the generator reports while it runs, about once each half second. */
export interface LoadProgress {
  readonly phase: 'warmup' | 'measure';
  readonly elapsedSeconds: number;
  readonly requestsPerSecond: number;
  readonly p99Micros: number;
  readonly errors: number;
}

/** What the first request found, before any load is sent. */
export interface ProbeResult {
  readonly route: Route;
  readonly verdict:
    'ok' | 'notFound' | 'redirect' | 'html' | 'auth' | 'clientError' | 'serverError' | 'noReply';
  readonly status?: number;
  readonly contentType?: string;
  /** Of a redirect: where to. */
  readonly location?: string;
  /** The server closes the connection after each reply: latency will include connecting. */
  readonly closesConnection: boolean;
  readonly durationMs: number;
  /** Of `noReply`: what went wrong. */
  readonly reason?: string;
}
