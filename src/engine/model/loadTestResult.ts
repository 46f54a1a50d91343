import type { Location } from './profile';
import type { Executor, TestKind } from './loadTest';
import type { Objective } from './objective';
import type { ThresholdResult } from './thresholds';

/** What a load test of any kind found, beside its run's load, metrics and profile. */
export interface LoadTestResult {
  readonly name: string;
  readonly kind: TestKind;
  /** Of the `*.load.json`, relative to the workspace's folder where it lies in it. */
  readonly file?: string;
  /** What was sent; absent of searches and spikes, which tell their own levels, and of older runs. */
  readonly executor?: Executor;
  readonly verdict: Verdict;
  readonly thresholds: readonly ThresholdResult[];
  readonly checks: readonly CheckResult[];
  /** How the result may mislead, in sentences. */
  readonly misleading: readonly string[];
  /** The whole test, from its first request on. */
  readonly timeline: LoadTimeline;
  /**
   * The stretch with the highest response times; `profiled`: the run's profile is of it, or holds it. Of searches:
   * the stretch at the most load that held, which is repeated after the search, since profiling would disturb it.
   */
  readonly worstWindow?: {
    readonly startMicros: number;
    readonly endMicros: number;
    readonly p99Micros: number;
    readonly profiled: boolean;
  };
  readonly stress?: StressResult;
  readonly capacity?: CapacityResult;
  readonly spike?: SpikeResult;
  readonly soak?: SoakResult;
  /** The threshold that ended the test early. */
  readonly abortedBy?: string;
  /** Why the load ended before its time: the app or the generator did. `output`: the last lines that the app printed. */
  readonly lost?: { readonly reason: string; readonly output?: string };
  /** Where the result was measured by another tool: its name, e.g. `k6`. */
  readonly importedFrom?: string;
}

export interface Verdict {
  readonly state: 'pass' | 'fail' | 'inconclusive';
  /** e.g. `Holds 494 requests/s with p99 within 200 ms.` */
  readonly sentence: string;
  /** What it rests on, in sentences with figures. */
  readonly evidence: readonly string[];
}

export interface CheckResult {
  readonly name: string;
  readonly passes: number;
  readonly fails: number;
}

/** Most points of a timeline: longer tests have longer intervals. */
export const MAX_TIMELINE_POINTS = 1200;

/** Columns of equal length; a value that is not known is null. Microseconds count from the test's start. */
export interface LoadTimeline {
  readonly startMicros: number;
  readonly endMicros: readonly number[];
  /** Iterations a second that the schedule called for; null in closed models. */
  readonly intendedRate: readonly (number | null)[];
  /** Completed requests a second. */
  readonly rate: readonly number[];
  readonly failedRate: readonly number[];
  readonly p50Micros: readonly (number | null)[];
  readonly p95Micros: readonly (number | null)[];
  readonly p99Micros: readonly (number | null)[];
  readonly vus: readonly number[];
  /** Cores. */
  readonly targetCpu: readonly (number | null)[];
  readonly generatorCpu: readonly (number | null)[];
  readonly eventLoopUtilization: readonly (number | null)[];
  readonly eventLoopDelayP99Ms: readonly (number | null)[];
  readonly heapUsedBytes: readonly (number | null)[];
}

/** One trial of a search: one level of load, judged over several windows. */
export interface Trial {
  readonly model: 'open' | 'closed';
  /** Iterations a second in the open model, virtual users in the closed one. */
  readonly level: number;
  readonly decision: 'pass' | 'fail' | 'undecided';
  readonly windows: number;
  /** Windows thrown away: the first, and those in which the generator itself was late. */
  readonly discarded: number;
  readonly badWindows: number;
  /** Completed requests a second. */
  readonly throughput: number;
  /** The objective's quantile. */
  readonly latencyMicros: number;
  readonly errorRate: number;
  readonly startMicros: number;
  readonly endMicros: number;
}

export interface StressResult {
  readonly objective: Objective;
  /** The most load that met the objective; absent where the search was inconclusive. */
  readonly breakingPoint?: {
    /** Requests a second. */
    readonly rate: number;
    /** The lowest rate that was rejected; absent where none was. */
    readonly rejectedAt?: number;
    readonly latencyMicros: number;
    /** Little's law: requests in the system on average. */
    readonly concurrency: number;
  };
  /** Of the closed model: throughput no longer grew. */
  readonly ceiling?: { readonly throughput: number; readonly vus: number };
  /** Of the test's flows on average; absent: 1. The open trials' levels count iterations, all else requests. */
  readonly requestsPerIteration?: number;
  readonly trials: readonly Trial[];
  readonly discardedWindows: number;
  readonly seconds: number;
}

export interface CapacityResult {
  readonly objective: Objective;
  /** Requests a second. */
  readonly expectedRate: number;
  readonly holds: boolean | undefined;
  /** Most load held over the expected, less one: 0.4 is 40 % above it. Absent where it was not found. */
  readonly headroom?: number;
  readonly mostHeldRate?: number;
  /** As of `StressResult`. */
  readonly requestsPerIteration?: number;
  readonly trials: readonly Trial[];
}

export interface SpikeResult {
  readonly baselineRate: number;
  readonly spikeRate: number;
  readonly baselineLatencyMicros: number;
  readonly spikeLatencyMicros: number;
  readonly spikeErrorRate: number;
  /** From the spike's end until response times were as before it and stayed so; absent: not within the test. */
  readonly recoverySeconds?: number;
}

/** A trend over time, tested for significance. */
export interface Drift {
  /** Per hour, in the unit of what is watched: microseconds or bytes. */
  readonly slopePerHour: number;
  /** Of the slope, 95 %. */
  readonly low: number;
  readonly high: number;
  /** At the begin of the test, by the trend's line. */
  readonly start: number;
  readonly points: number;
  /** Of no trend, two-sided. */
  readonly pValue: number;
  /** Significant, and large enough to matter. */
  readonly drifts: boolean;
}

export interface SoakResult {
  readonly latency?: Drift;
  /** Of the heap in use after a major garbage collection. */
  readonly memory?: Drift;
  /** Whose objects stayed, most bytes first; where memory drifts and allocations were sampled. */
  readonly leaks: readonly LeakSuspect[];
}

export interface LeakSuspect {
  readonly functionName: string;
  readonly place?: Location;
  /** Live bytes at the end that were allocated there in the test. */
  readonly bytes: number;
  /** Of all live bytes that were sampled, 0 to 1. */
  readonly share: number;
}
