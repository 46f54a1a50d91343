import type { LoadTestPlan } from '../loadTestPlan';
import type { StageOptions } from '../measure/plan';
import type { WindowCapture } from '../measure/appSession';
import { unlessCancelled } from '../measure/waiting';
import type { LoadResult } from '../model/load';
import type { LoadEngine } from '../model/loadTest';
import type { LoadLimits, SchedulerSession } from '../model/loadSession';
import type { CheckResult, LoadTestResult, Trial, Verdict } from '../model/loadTestResult';
import type { TimeWindow } from '../profile/weights';
import type { EarlyStop } from './earlyStop';
import type { MeasuredSoFar } from './soFar';
import type { LoadedTarget } from './target';

/** What the procedure of a kind of test works with. */
export interface TestContext {
  readonly plan: LoadTestPlan;
  readonly limits: LoadLimits;
  readonly target: LoadedTarget;
  readonly engine: LoadEngine;
  readonly session: SchedulerSession;
  readonly options: StageOptions;
  readonly early: EarlyStop;
  /** Captures are written below it. */
  readonly captureFolder: string;
  /** V8's, of a process of the app; undefined before it was sampled. */
  readonly heapLimitBytes: () => number | undefined;
  /** CPU samples or allocations are to be recorded, and can be. */
  readonly captures: boolean;
  /** What is left where the load ends before its time. */
  readonly soFar: MeasuredSoFar;
  /** Of searches: the levels judged so far. */
  readonly trials: Trial[];
}

/** What the procedure of a kind of test came to. */
export interface Procedure extends Pick<
  LoadTestResult,
  'stress' | 'capacity' | 'spike' | 'soak' | 'worstWindow' | 'abortedBy'
> {
  readonly load: LoadResult;
  readonly checks: readonly CheckResult[];
  readonly captured: WindowCapture;
  /** The captures are of this part of the load's window; absent: of all of it. */
  readonly profiled?: TimeWindow & { readonly requests: number };
  /** Of kinds that have a procedure of their own; the others are judged by their thresholds. */
  readonly verdict?: Verdict;
  /** How the result may mislead, in sentences. */
  readonly misleading: readonly string[];
  /** Of a test that the user ended: what it had measured, of how much. */
  readonly stopped?: Part;
  /** Of a test whose app or generator did not live to its end. */
  readonly lost?: Loss & Part;
}

/** What was measured, of how much. */
interface Part {
  readonly afterSeconds: number;
  readonly ofSeconds: number;
}

/** Why a load ended before its time although nobody wanted it to. */
export interface Loss {
  /** A sentence. */
  readonly reason: string;
  /** The app is to blame. Else it is the generator, and nothing is known of the app. */
  readonly byApp: boolean;
  /** Last lines that the app printed, where it was started for the test. */
  readonly output: string;
}

/** Waits for `work`, unless the load fails, the app ends or the user cancels first. */
export function whileLoaded<T>({ target, session, options }: TestContext, work: Promise<T>): Promise<T> {
  return target.unlessEnded(unlessCancelled(Promise.race([session.failed, work]), options.signal));
}

/** As `whileLoaded`, for a time. */
export async function pause(context: TestContext, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await whileLoaded(context, new Promise<void>((resolve) => (timer = setTimeout(resolve, seconds * 1000))));
  } finally {
    clearTimeout(timer);
  }
}
