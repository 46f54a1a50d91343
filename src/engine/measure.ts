import { measureLaunched } from './measure/launched';
import type { MeasureOptions, MeasurePlan } from './measure/plan';
import { recordRun } from './measure/record';
import { measureUrl } from './measure/url';
import type { Run } from './model/run';

export type { MeasureOptions, MeasurePlan } from './measure/plan';

/**
 * Starts the target, loads it, profiles its steady window, maps the samples to lines and saves the run.
 * With `loadTest.ts` the only place that knows the order. Whatever happens, the processes it started are ended
 * before it settles. Rejects with `CancelledError` or `ThroughlineError`.
 */
export async function measure(plan: MeasurePlan, options: MeasureOptions): Promise<Run> {
  const { target } = plan;
  return recordRun(plan, options, (draft, stageOptions) =>
    target.kind === 'launch'
      ? measureLaunched(plan, target, draft, stageOptions)
      : measureUrl(plan, target.url, stageOptions),
  );
}
