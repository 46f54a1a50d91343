import { findHints } from '../hints/registry';
import { throwIfCancelled } from '../model/errors';
import type { LoadResult, Scenario } from '../model/load';
import type { Run } from '../model/run';
import type { Stage } from '../model/target';
import type { RunDraft } from '../runs/store';
import { analyseCpu, analyseHeap, explainLoad, type AnalysisPlan } from './analysing';
import { environment, readHotSources, withoutSecrets } from './details';
import type { Measured, MeasureOptions, StageOptions } from './plan';

/**
 * What runs of every kind have in common: a draft, the measurement, analysis, hints, and the saved run. Whatever
 * happens, the endings that `work` was given to fill are awaited. Rejects as `work` does.
 */
export async function recordRun(
  plan: AnalysisPlan & { readonly scenario: Scenario },
  options: MeasureOptions,
  work: (draft: RunDraft, options: StageOptions) => Promise<Measured>,
): Promise<Run> {
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
    const measured = await work(draft, { ...options, stage, warn, endings });
    stage('analyse', 'Mapping samples to lines');
    const profile = await analyseCpu(plan, measured, draft, options, warn);
    const heap = await analyseHeap(plan, measured, draft, options, warn);
    // A load test says itself how its result may mislead.
    if (!measured.loadTest) explainLoad(measured.load, warn);

    const okProfile = profile.state === 'ok' ? profile : undefined;
    const { profiled } = measured;
    const metrics = profiled ? profiled.metrics : measured.metrics;
    const hints = findHints({
      ...(okProfile && { profile: okProfile.profile }),
      cpuScale: okProfile?.cpuScale ?? 1,
      load: profiled ? partOf(measured.load, profiled) : measured.load,
      ...(metrics && { metrics }),
      scenario: plan.scenario,
      sourceLine: okProfile ? await readHotSources(okProfile.profile) : () => undefined,
    });

    stage('save', 'Saving the run');
    const { loadTest } = measured;
    const isRecorded = profile.state === 'ok' || heap?.state === 'ok';
    const run = await draft.commit({
      createdAt: new Date().toISOString(),
      target: measured.target,
      environment: environment(),
      scenario: withoutSecrets(plan.scenario),
      ...((measured.captures.state === 'ok' || heap?.state === 'ok') && { capture: plan.capture }),
      probes: measured.probes,
      load: measured.load,
      ...(loadTest && { loadTest }),
      ...(measured.metrics && { metrics: measured.metrics }),
      profile,
      ...(profiled &&
        isRecorded && {
          profiled: {
            startMicros: profiled.startMicros,
            endMicros: profiled.endMicros,
            requests: profiled.requests,
          },
        }),
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

/** Rules relate the profile's time to requests: both have to be of the same stretch. */
function partOf(load: LoadResult, part: NonNullable<Measured['profiled']>): LoadResult {
  const { startMicros, endMicros, requests } = part;
  const share = load.requests > 0 ? requests / load.requests : 0;
  return { ...load, startMicros, endMicros, requests, bytes: load.bytes * share };
}
