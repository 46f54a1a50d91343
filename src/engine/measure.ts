import { findHints } from './hints/registry';
import { analyseCpu, analyseHeap, explainLoad } from './measure/analysing';
import { environment, readHotSources, withoutSecrets } from './measure/details';
import { measureLaunched } from './measure/launched';
import type { MeasureOptions, MeasurePlan } from './measure/plan';
import { measureUrl } from './measure/url';
import { throwIfCancelled } from './model/errors';
import type { Run } from './model/run';
import type { Stage } from './model/target';

export type { MeasureOptions, MeasurePlan } from './measure/plan';

/**
 * Starts the target, loads it, profiles its steady window, maps the samples to lines and saves the run.
 * The only place that knows the order. Whatever happens, the processes it started are ended before it
 * settles. Rejects with `CancelledError` or `ThroughlineError`.
 */
export async function measure(plan: MeasurePlan, options: MeasureOptions): Promise<Run> {
  const { store, onProgress } = options;
  const warnings: string[] = [];
  const stage = (name: Stage, message: string) => {
    throwIfCancelled(options.signal);
    onProgress({ type: 'stage', stage: name, message });
  };
  const warn = (message: string) => {
    if (warnings.includes(message)) return;
    warnings.push(message);
    onProgress({ type: 'warning', message });
  };

  const draft = await store.begin();
  const endings: Promise<unknown>[] = [];
  let saved = false;
  try {
    const stageOptions = { ...options, stage, warn, endings };
    const measured =
      plan.target.kind === 'launch'
        ? await measureLaunched(plan, plan.target, draft, stageOptions)
        : await measureUrl(plan, plan.target.url, stageOptions);
    stage('analyse', 'Mapping samples to lines');
    const profile = await analyseCpu(plan, measured, draft, options, warn);
    const heap = await analyseHeap(plan, measured, draft, options, warn);
    explainLoad(measured.load, warn);

    const okProfile = profile.state === 'ok' ? profile : undefined;
    const hints = findHints({
      ...(okProfile && { profile: okProfile.profile }),
      cpuScale: okProfile?.cpuScale ?? 1,
      load: measured.load,
      ...(measured.metrics && { metrics: measured.metrics }),
      scenario: plan.scenario,
      sourceLine: okProfile ? await readHotSources(okProfile.profile) : () => undefined,
    });

    stage('save', 'Saving the run');
    const run = await draft.commit({
      createdAt: new Date().toISOString(),
      target: measured.target,
      environment: environment(),
      scenario: withoutSecrets(plan.scenario),
      ...((measured.captures.state === 'ok' || heap?.state === 'ok') && { capture: plan.capture }),
      probes: measured.probes,
      load: measured.load,
      ...(measured.metrics && { metrics: measured.metrics }),
      profile,
      ...(heap && { heap }),
      hints,
      warnings,
    });
    saved = true;
    options.onRun?.(run);
    return run;
  } finally {
    await Promise.all(endings);
    if (!saved) await draft.discard();
  }
}
