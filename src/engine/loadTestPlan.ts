import type { LoadTest } from './model/loadTest';
import type { LoadLimits, TemplateValues } from './model/loadSession';
import type { MeasureOptions, MeasurePlan } from './measure/plan';

/** A load test to run: the file's content, and where it goes. */
export interface LoadTestPlan extends Omit<MeasurePlan, 'scenario'> {
  readonly test: LoadTest;
  /** Of the `*.load.json`, as it is to be shown. */
  readonly file?: string;
}

export interface LoadTestOptions extends MeasureOptions {
  readonly values: TemplateValues;
  readonly limits: LoadLimits;
  /**
   * Ends the load at once but keeps what was measured: the run is saved with a warning that says so. Before there is
   * anything to keep, and while a level is searched for, it is as `signal`.
   */
  readonly stopEarly?: AbortSignal;
}
