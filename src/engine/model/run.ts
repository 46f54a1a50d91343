import type { Hint } from './hint';
import type { LoadResult, ProbeResult, Scenario } from './load';
import type { LoadTestResult, Verdict } from './loadTestResult';
import type { MetricsResult } from './metrics';
import type { Profile } from './profile';
import type { CaptureOptions } from './target';

/** Format of `run.json`. Raised with every change that old readers cannot read; see `engine/runs/formats.ts`. */
export const RUN_FORMAT_VERSION = 1;

/** One measured execution, with everything it found. Stored as `.throughline/runs/<id>/run.json`. */
export interface Run {
  readonly formatVersion: typeof RUN_FORMAT_VERSION;
  /** Sortable by time and unique: `20261121T081500Z-1a2b3c`. */
  readonly id: string;
  /** The user's name for it. */
  readonly name?: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly target: RunTarget;
  readonly environment: Environment;
  /** As sent, but for the values of headers, which are masked. */
  readonly scenario: Scenario;
  /** How the profile was captured; absent where none was. */
  readonly capture?: CaptureOptions;
  readonly probes: readonly ProbeResult[];
  readonly load: LoadResult;
  /** Of a load test from a file or a search; absent where the app was only measured. */
  readonly loadTest?: LoadTestResult;
  readonly metrics?: MetricsResult;
  readonly profile: ProfileState;
  /** The part of the load's window that profile and allocations are of; absent: all of it. */
  readonly profiled?: ProfiledWindow;
  /** What the app allocated in the steady window; absent where that was not asked for. */
  readonly heap?: HeapState;
  readonly hints: readonly Hint[];
  /** What may mislead, in sentences. */
  readonly warnings: readonly string[];
}

/** Long tests are profiled in parts, of which one is kept. Times are of the monotonic clock. */
export interface ProfiledWindow {
  readonly startMicros: number;
  readonly endMicros: number;
  /** Completed in it: what costs per request are divided by. */
  readonly requests: number;
}

export type ProfileState =
  | {
      readonly state: 'ok';
      readonly profile: Profile;
      /**
       * Process CPU time over sampled active time, at most 1: below 1 the threads were active but not
       * on a core (a crowded machine), and CPU milliseconds are scaled by it. See `units.ts`.
       */
      readonly cpuScale: number;
    }
  | { readonly state: 'none'; readonly reason: string };

/** The stacks are in `heaptree.json` beside the call tree. */
export type HeapState =
  | {
      readonly state: 'ok';
      /**
       * Bytes where the names say micros, estimated from samples of what was allocated, also of what was collected
       * since. Divided by the requests of the load it is what a request allocates. V8 tells functions, not lines: a
       * function that can allocate on several lines, itself or by what V8 inlined into it, has its own bytes on the
       * line of its declaration.
       */
      readonly profile: Profile;
      /** Between samples, on average. */
      readonly intervalBytes: number;
    }
  | { readonly state: 'none'; readonly reason: string };

export interface RunTarget {
  /** Absolute folder of the app; absent for a URL. */
  readonly folder?: string;
  /** e.g. `npm run start`, or the URL. */
  readonly label: string;
  readonly origin: string;
  readonly nodeVersion?: string;
  /** Processes that served requests. */
  readonly pids: readonly number[];
}

export interface Environment {
  readonly platform: string;
  readonly arch: string;
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly throughlineVersion: string;
}

/** What lists of runs show, read without the profile. */
export interface RunSummary {
  readonly id: string;
  readonly name?: string;
  readonly createdAt: string;
  readonly label: string;
  readonly throughput: number;
  readonly p99Micros: number;
  /** Of the percentiles; see `LatencySummary`. */
  readonly measuredTo?: number;
  /** Of a load test: which it was, and how it ended. */
  readonly loadTest?: Pick<LoadTestResult, 'name' | 'kind' | 'file'> & Pick<Verdict, 'state' | 'sentence'>;
  readonly requests: number;
  readonly isBaseline: boolean;
  readonly hasProfile: boolean;
}
