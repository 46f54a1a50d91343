import type { CaptureFolder } from '../model/target';

/** What the runner is told: JSON in its one argument. */
export interface RunnerOptions {
  /** Absolute path of the benchmark file. */
  readonly file: string;
  /** Names to run; absent: all. */
  readonly filter?: readonly string[];
  /** Load TypeScript by tsx even where Node strips types itself. */
  readonly forceTsx: boolean;
  /** Record a CPU profile into this folder. */
  readonly profileFolder?: string;
}

/** Descriptors of the runner beside standard input, output and error. */
export const MESSAGES_FD = 3;
/** Closes when the engine is gone, however it went. */
export const LIFELINE_FD = 4;

/** Of one benchmark, in milliseconds a call. */
export interface Measurement {
  readonly p50Ms: number;
  /** Median absolute deviation: half of the samples lie within `p50Ms` ± this. */
  readonly madMs: number;
  readonly p75Ms: number;
  readonly p99Ms: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
  /** Calls per second at the median; 0 where the median is below what the clock can tell. */
  readonly opsPerSecond: number;
}

/** A line (1-based) of the benchmark file; `column` is 1-based. */
export interface FilePlace {
  readonly line: number;
  readonly column: number;
}

/** A benchmark by its name; `place` is where the file added it, which tells several of one name apart. */
interface Named {
  readonly name: string;
  readonly place?: FilePlace;
}

export type BenchmarkEvent =
  | (Named & { readonly type: 'started' })
  | (Named & {
      readonly type: 'result';
      readonly measurement: Measurement;
      /** Why the figures may mislead, in a sentence. */
      readonly warning?: string;
    })
  | (Named & { readonly type: 'failed'; readonly error: ReportedError })
  /** It did not run because another one threw, or the file stopped it. */
  | (Named & { readonly type: 'skipped' });

export interface ReportedError {
  readonly message: string;
  readonly stack: string;
  /** The innermost frame in the benchmark file, where there is one. */
  readonly place?: FilePlace;
}

/** JSON lines from the runner. */
export type RunnerMessage =
  | BenchmarkEvent
  | { readonly type: 'profile'; readonly capture: CaptureFolder }
  /** The file did not load, or failed outside of a benchmark. `code` is Node's, e.g. `ERR_MODULE_NOT_FOUND`. */
  | { readonly type: 'fileFailed'; readonly error: ReportedError; readonly code?: string }
  /** TypeScript, and neither this Node nor tsx can run it. */
  | { readonly type: 'noTypeScript'; readonly nodeVersion: string }
  | { readonly type: 'end'; readonly nodeVersion: string; readonly ran: number };
