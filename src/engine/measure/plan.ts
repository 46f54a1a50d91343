import type { LoadResult, ProbeResult, Scenario } from '../model/load';
import type { LoadTestResult } from '../model/loadTestResult';
import type { MetricsResult } from '../model/metrics';
import type { ProfiledWindow, Run } from '../model/run';
import type { CaptureFolder, CaptureOptions, LaunchSpec, Progress, Stage } from '../model/target';
import type { LogCapture } from '../profile/analyseLog';
import type { RunStore } from '../runs/store';

/** What to measure. */
export interface MeasurePlan {
  /** An app to start, profile and end; or one that runs already, which gets load only. */
  readonly target:
    | { readonly kind: 'launch'; readonly spec: LaunchSpec; readonly readyTimeoutMs: number }
    | { readonly kind: 'url'; readonly url: string };
  /** Folder whose code counts as the app's own. */
  readonly appFolder: string;
  /** Further folders of the workspace, e.g. a monorepo's root: their code is the app's own too. */
  readonly workspaceFolders?: readonly string[];
  readonly scenario: Scenario;
  readonly capture: CaptureOptions;
}

export interface MeasureOptions {
  /** Folder with the bundles of the agent, supervisor, generator and analysis worker. */
  readonly dist: string;
  readonly store: RunStore;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** The run is saved; the app may still be ending, which `measure` waits for. */
  readonly onRun?: (run: Run) => void;
}

/** What a run found before it is analysed. */
export interface Measured {
  readonly target: Run['target'];
  readonly probes: readonly ProbeResult[];
  readonly load: LoadResult;
  readonly metrics: MetricsResult | undefined;
  readonly captures: CaptureOutcome;
  /** Of allocations; empty where they were not recorded. */
  readonly heapFolders: readonly CaptureFolder[];
  /** Between samples of allocations, on average. */
  readonly heapIntervalBytes: number;
  /** Where the captures are of a part of the load's window: that part, and the metrics of it. */
  readonly profiled?: ProfiledWindow & { readonly metrics: MetricsResult | undefined };
  /** Of load tests. */
  readonly loadTest?: LoadTestResult;
}

export type CaptureOutcome =
  | { readonly state: 'ok'; readonly folders: readonly CaptureFolder[]; readonly log?: LogCapture }
  | { readonly state: 'none'; readonly reason: string };

export interface StageOptions extends MeasureOptions {
  readonly stage: (name: Stage, message: string) => void;
  readonly warn: (message: string) => void;
  /** Ends of processes that are under way; the run settles after them. */
  readonly endings: Promise<unknown>[];
}
