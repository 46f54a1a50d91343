// Messages between the load test panel (editor/panels/loadPanels.ts) and its webview (webviews/load).
// The webview sends `ready` first; the panel answers with what it shows. While a test runs it sends what changed, at
// most four times a second, and nothing while the panel is hidden: then the webview is gone and says `ready` again.
import type { LatencySummary, RouteResult } from '../engine/model/load';
import type { TestKind } from '../engine/model/loadTest';
import type { LoadTestResult, Trial } from '../engine/model/loadTestResult';
import type { ScheduleResult } from '../engine/model/loadWindow';
import type { Stage } from '../engine/model/target';
import type { ErrorCount } from './metrics';

/** What the charts over time are drawn from; a value that is not known is NaN. */
export const LOAD_COLUMNS = [
  /** From the test's start to the point's end. */
  'seconds',
  /** Iterations a second that the schedule called for; not known in closed models. */
  'intendedRate',
  /** Completed requests a second. */
  'rate',
  'failedRate',
  'p50Micros',
  'p95Micros',
  'p99Micros',
  'vus',
  /** Cores. */
  'targetCpu',
  'generatorCpu',
  /** 0 to 1. */
  'eventLoopUtilization',
  'eventLoopDelayP99Ms',
  'heapUsedBytes',
] as const;
export type LoadColumn = (typeof LOAD_COLUMNS)[number];

/** Of equal length, by time. */
export type LoadColumns = Readonly<Record<LoadColumn, Float64Array>>;

/** What changed of the points over time. */
export interface LivePoints {
  /** Another number: points that the webview has are no longer true, and all are sent. */
  readonly revision: number;
  /** Index of the first point that is sent; those before it stay. */
  readonly from: number;
  readonly columns: LoadColumns;
  /** Intervals of the generator that a point joins: percentiles are then the worst of them. */
  readonly joined: number;
}

/** The latest figures of a running test. */
export interface LiveFigures {
  readonly rate: number;
  readonly intendedRate?: number;
  /** Absent where nothing was replied to, `measured` false where it is only a lower bound. */
  readonly p99?: { readonly micros: number; readonly measured: boolean };
  readonly vus?: number;
  /** How far the generator itself is behind its schedule. */
  readonly lagP99Micros?: number;
}

export interface LiveTotals {
  /** Absent with an engine that tells rates alone. */
  readonly requests?: number;
  readonly failed: number;
  /** Of open models. */
  readonly unstarted: number;
  readonly late: number;
}

export interface LiveTest {
  /** Another one for each test that is shown. */
  readonly id: number;
  readonly title: string;
  readonly kind?: TestKind;
  readonly file?: string;
  readonly stage: Stage;
  readonly message: string;
  readonly elapsedSeconds: number;
  /** Since load was first sent, and of the whole load where the test says so. */
  readonly loadSeconds?: number;
  readonly expectedSeconds?: number;
  readonly figures?: LiveFigures;
  readonly totals: LiveTotals;
  readonly trials: readonly Trial[];
  readonly warnings: readonly string[];
  /** Stop was asked for. */
  readonly stopping: boolean;
}

/** What was measured, without the series: those are in the timeline. */
export interface LoadFigures {
  readonly engine: string;
  readonly model: 'closed' | 'open';
  readonly origin: string;
  readonly connections: number;
  /** Length of the steady window. */
  readonly seconds: number;
  readonly requests: number;
  readonly bytes: number;
  readonly throughput: number;
  readonly latency: LatencySummary;
  /** HdrHistogram V2 compressed, base64, of microseconds. */
  readonly histogram: string;
  readonly errors: readonly ErrorCount[];
  readonly apdex: { readonly targetMs: number; readonly score: number };
  readonly generator: {
    readonly cpuShare: number;
    readonly eventLoopUtilization: number;
    readonly eventLoopDelayP99Ms: number;
    readonly saturated: boolean;
  };
  readonly schedule?: ScheduleResult;
  /** Redirects that were not followed. */
  readonly redirectsRefused?: number;
  readonly routes: readonly RouteResult[];
}

/** What the panel can do with a result. */
export const LOAD_ACTIONS = [
  'exportHtml',
  'exportMarkdown',
  'exportTest',
  'runAgain',
  'openFile',
  'compare',
] as const;
export type LoadAction = (typeof LOAD_ACTIONS)[number];

export interface ShownResult {
  /** Where the run is stored: what brings it back after the window was reloaded. */
  readonly ref: { readonly storeFolder: string; readonly id: string };
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Its worst window counts from the test's start, as the timeline does. */
  readonly test: Omit<LoadTestResult, 'timeline'>;
  readonly timeline: LoadColumns;
  readonly load: LoadFigures;
  readonly profile: { readonly state: 'ok' } | { readonly state: 'none'; readonly reason: string };
  readonly actions: readonly LoadAction[];
}

export type ToLoad =
  | { readonly type: 'live'; readonly test: LiveTest; readonly points: LivePoints }
  | { readonly type: 'result'; readonly result: ShownResult }
  /** The test ended without a result; `nextStep` may be empty. */
  | { readonly type: 'failed'; readonly title: string; readonly message: string; readonly nextStep: string }
  /** Nothing to show; `message` says why. */
  | { readonly type: 'empty'; readonly message: string };

export type FromLoad =
  | { readonly type: 'ready' }
  | { readonly type: 'stop' }
  | { readonly type: 'showFlamegraph' }
  | { readonly type: 'action'; readonly action: LoadAction };
