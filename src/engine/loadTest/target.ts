import { AppSession, type WindowCapture } from '../measure/appSession';
import type { StageOptions } from '../measure/plan';
import type { LoadTestPlan } from '../loadTestPlan';
import type { MetricSample, MetricsResult } from '../model/metrics';
import type { Run } from '../model/run';
import type { ProcessMemory } from '../model/target';
import type { TimeWindow } from '../profile/weights';
import type { RunDraft } from '../runs/store';

/** What load goes to: an app that was started for the test, or one that runs elsewhere. */
export interface LoadedTarget {
  readonly origin: string;
  /** Why nothing is captured of it; absent where it is, if it is wanted. */
  readonly uncaptured?: string;
  unlessEnded<T>(work: Promise<T>): Promise<T>;
  beginCapture(folder: string): Promise<void>;
  endCapture(folder: string): Promise<WindowCapture>;
  /** None of an app that runs elsewhere. */
  collectGarbage: AppSession['collectGarbage'];
  finishCapture: AppSession['finishCapture'];
  metricsOf(samples: readonly MetricSample[], window: TimeWindow): MetricsResult | undefined;
  servingPids(): readonly number[];
  describe(appFolder: string): Run['target'];
  explained(error: unknown): unknown;
  end(): Promise<void>;
}

export interface TargetOptions extends StageOptions {
  /** Length of one window of the capture. */
  readonly windowSeconds: number;
  readonly onSample: (sample: MetricSample) => void;
}

/** Rejects as `AppSession.start` does. */
export async function openTarget(
  plan: LoadTestPlan,
  draft: RunDraft,
  options: TargetOptions,
): Promise<LoadedTarget> {
  const { target, capture } = plan;
  return target.kind === 'launch'
    ? AppSession.start(draft, { ...options, launch: target, capture })
    : new RunningElsewhere(target.url);
}

class RunningElsewhere implements LoadedTarget {
  readonly uncaptured =
    'An app that was started elsewhere is loaded but not profiled; let Throughline start it to see lines.';
  readonly origin: string;

  constructor(private readonly url: string) {
    this.origin = new URL(url).origin;
  }

  unlessEnded<T>(work: Promise<T>): Promise<T> {
    return work;
  }

  async beginCapture(): Promise<void> {}

  async endCapture(): Promise<WindowCapture> {
    return { captures: { state: 'none', reason: this.uncaptured }, heapFolders: [] };
  }

  async finishCapture(captured: WindowCapture['captures']): Promise<WindowCapture['captures']> {
    return captured;
  }

  async collectGarbage(): Promise<readonly ProcessMemory[]> {
    return [];
  }

  metricsOf(): undefined {
    return undefined;
  }

  servingPids(): readonly number[] {
    return [];
  }

  describe(): Run['target'] {
    return { label: this.url, origin: this.origin, pids: [] };
  }

  explained(error: unknown): unknown {
    return error;
  }

  async end(): Promise<void> {}
}
