import type { LoadProgress, Route } from './load';
import type { Trial } from './loadTestResult';
import type { LoadWindow } from './loadWindow';
import type { MemoryReading, MetricSample } from './metrics';

/** How to start an app. */
export interface LaunchSpec {
  /** What the user reads, e.g. `npm run start`. */
  readonly label: string;
  /** Working directory, absolute. */
  readonly folder: string;
  /** Executable (resolved on the user's PATH) and its arguments; no shell. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface TargetCandidate extends LaunchSpec {
  /** Stable within a folder, to remember the user's choice. */
  readonly id: string;
  readonly from: 'setting' | 'launch.json' | 'script' | 'main';
  /** Where it was found, e.g. `package.json script "start"`. */
  readonly detail: string;
}

/** What the agent of one process told. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  readonly argv: readonly string[];
  readonly nodeVersion: string;
  /** Cluster workers. */
  readonly clusterWorker: boolean;
  readonly listening: readonly Listener[];
  readonly requests: number;
}

export interface Listener {
  readonly port: number;
  readonly address: string;
}

/** `inspector`: V8's sampling profiler in every thread of the app. `0x`: V8's log of one process, by 0x. */
export type CaptureBackend = 'inspector' | '0x' | 'perf';

export interface CaptureOptions {
  /** Record CPU samples. */
  readonly cpu: boolean;
  readonly intervalMicros: number;
  /** `off` has V8 inline nothing while the app runs: exact places for about 12 % more CPU. */
  readonly inlining: 'reattribute' | 'off';
  readonly backend: CaptureBackend;
  /** Record a sample of what the app allocates. */
  readonly heap: boolean;
}

/** Between samples of allocations, on average: at V8's own 32 KB a run pays 12 % more CPU, at this none. */
export const HEAP_INTERVAL_BYTES = 512 * 1024;

export const DEFAULT_CAPTURE: CaptureOptions = {
  cpu: true,
  intervalMicros: 1000,
  inlining: 'reattribute',
  backend: 'inspector',
  heap: false,
};

/**
 * One process's capture of the steady window, in a folder of its own:
 * `profile.cpuprofile` (inspector format, the window only), `heap.heapprofile` (as DevTools writes it, with
 * `startTime` and `endTime` in microseconds of the monotonic clock) and `scripts.json` (`CapturedScript[]`).
 */
export interface CaptureFolder {
  readonly folder: string;
  readonly pid: number;
  /** `main` or `worker N`. */
  readonly thread: string;
  /** Of a process that `node:cluster` forked. */
  readonly clusterWorker?: boolean;
}

/** A script of the profile as V8 knows it; written by the agent after the window. */
export interface CapturedScript {
  /** V8's script id, as in the profile's call frames. */
  readonly scriptId: string;
  readonly url: string;
  /** The `sourceMappingURL` as V8 reports it; a data URL is kept whole. */
  readonly sourceMapUrl?: string;
  /** File in the capture's folder with the source text that V8 compiled; absent for Node's own. */
  readonly sourceFile?: string;
  /** Why there is no source where there could be: the bound on all sources of a capture. */
  readonly omitted?: 'size';
}

/** An app that runs, ready for load. Made by `launchTarget`. */
export interface RunningTarget {
  readonly spec: LaunchSpec;
  /** `http://127.0.0.1:port` of the process that listens. */
  readonly origin: string;
  processes(): readonly ProcessInfo[];
  /** Distinct method and path of requests that the agent saw so far, most frequent first. */
  routesSeen(): readonly Route[];
  /**
   * Ends the interval of the metrics and begins the window's profile in every process that serves, and in its
   * worker threads. Resolves when the processes have begun; rejects with `CAPTURE_FAILED` where one cannot, and
   * with `CancelledError` on the signal or `stop`. Without CPU capture it marks the metrics alone, and no process
   * that does not reply makes it fail.
   */
  startWindow(signal?: AbortSignal): Promise<void>;
  /**
   * Ends the interval of the metrics, then the window's profile; the threads of processes that served requests
   * write their captures below `folder`. None without CPU capture. Worker threads that ran nothing or ended
   * in the window, or are too busy to reply, are left out. Rejects as `startWindow` does.
   */
  stopWindow(folder: string, signal?: AbortSignal): Promise<readonly CaptureFolder[]>;
  /**
   * Collects all garbage in every process that serves, which holds each up for a moment, and reads the memory in use
   * of its main thread. Rejects as `startWindow` does.
   */
  collectGarbage(options?: CollectOptions): Promise<readonly ProcessMemory[]>;
  onMetrics(listener: (sample: MetricSample) => void): () => void;
  /** Last lines (stdout and stderr) of the app, at most 64 KiB. */
  output(): string;
  /** Resolves with how the app ended; never rejects. */
  readonly exited: Promise<TargetExit>;
  /** Ends the whole process tree: SIGTERM, then SIGKILL after the grace time, 3 s unless given. Idempotent. */
  stop(graceMs?: number): Promise<void>;
}

export interface CollectOptions {
  /** Objects that are allocated from now on are sampled as long as they live; bytes between samples, on average. */
  readonly intervalBytes?: number;
  /** Where the sampled objects that are alive are written. */
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ProcessMemory {
  readonly pid: number;
  readonly memory: MemoryReading;
  /** Holds a `heap.heapprofile` of the objects that are alive, unless the app samples its allocations itself. */
  readonly live?: CaptureFolder;
}

export interface TargetExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
}

/** Stages of a run, in order, for progress and cancel. */
export type Stage = 'start' | 'probe' | 'warmup' | 'measure' | 'analyse' | 'save';

export type Progress =
  | { readonly type: 'stage'; readonly stage: Stage; readonly message: string }
  | { readonly type: 'output'; readonly text: string }
  | { readonly type: 'load'; readonly load: LoadProgress }
  /** Of load tests that our own scheduler drives. */
  | { readonly type: 'loadWindow'; readonly window: LoadWindow }
  /** Of searches: a level of load has been judged. */
  | { readonly type: 'trial'; readonly trial: Trial }
  | { readonly type: 'metrics'; readonly sample: MetricSample }
  | { readonly type: 'warning'; readonly message: string };
