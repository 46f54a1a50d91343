import path from 'node:path';
import { startLoad } from '../load/session';
import type { MetricSample } from '../model/metrics';
import type { LaunchSpec } from '../model/target';
import type { RunDraft } from '../runs/store';
import { AppSession, heapInterval } from './appSession';
import type { Measured, MeasurePlan, StageOptions } from './plan';
import { probeRoutes } from './routes';
import { settle } from './waiting';

/** Starts an app, loads it and captures its steady window. */
export async function measureLaunched(
  plan: MeasurePlan,
  launch: { readonly spec: LaunchSpec; readonly readyTimeoutMs: number },
  draft: RunDraft,
  options: StageOptions,
): Promise<Measured> {
  const { dist, signal, onProgress, stage, warn, endings } = options;
  const { warmupSeconds, durationSeconds } = plan.scenario;
  const captureFolder = path.join(draft.folder, 'captures');
  const samples: MetricSample[] = [];
  const app = await AppSession.start(draft, {
    ...options,
    launch,
    capture: plan.capture,
    windowSeconds: durationSeconds,
    onSample: (sample) => samples.push(sample),
  });
  try {
    stage('probe', `Probing ${app.origin}`);
    const routePlan = await app.unlessEnded(probeRoutes(plan, app.origin, app.routesSeen(), signal));
    routePlan.warnings.forEach(warn);

    stage('warmup', `Warming up for ${warmupSeconds} s`);
    const session = await startLoad({
      dist,
      origin: app.origin,
      scenario: plan.scenario,
      routes: routePlan.routes,
      signal,
      onProgress: (load) => onProgress({ type: 'load', load }),
    });
    const { load, captured } = await (async () => {
      try {
        await app.unlessEnded(settle(session, warmupSeconds, signal));
        stage('measure', `Measuring for ${durationSeconds} s`);
        await app.beginCapture(captureFolder);
        await session.beginWindow();
        await app.unlessEnded(settle(session, durationSeconds, signal));
        const load = await app.unlessEnded(session.endWindow());
        // The load goes on until the profile has ended, so that the window's end is under load too.
        return { load, captured: await app.endCapture(captureFolder) };
      } finally {
        await session.stop();
      }
    })();
    return {
      target: app.describe(plan.appFolder),
      probes: routePlan.probes,
      load,
      metrics: app.metricsOf(samples, load),
      captures: await app.finishCapture(captured.captures, captureFolder),
      heapFolders: captured.heapFolders,
      heapIntervalBytes: heapInterval(durationSeconds),
    };
  } catch (error) {
    throw app.explained(error);
  } finally {
    endings.push(app.end());
  }
}
