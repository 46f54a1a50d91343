import { startLoad } from '../load/session';
import type { Measured, MeasurePlan, StageOptions } from './plan';
import { probeRoutes } from './routes';
import { settle } from './waiting';

/** Loads an app that runs already. */
export async function measureUrl(plan: MeasurePlan, url: string, options: StageOptions): Promise<Measured> {
  const { dist, signal, onProgress, stage, warn } = options;
  const { origin, pathname, search } = new URL(url);
  const chosen = plan.scenario.routes;
  const routes =
    chosen.length > 0 || pathname + search === '/' ? chosen : [{ method: 'GET', path: pathname + search }];
  stage('probe', `Probing ${origin}`);
  const routePlan = await probeRoutes(
    { ...plan, scenario: { ...plan.scenario, routes } },
    origin,
    [],
    signal,
  );
  routePlan.warnings.forEach(warn);
  stage('warmup', `Warming up for ${plan.scenario.warmupSeconds} s`);
  const session = await startLoad({
    dist,
    origin,
    scenario: plan.scenario,
    routes: routePlan.routes,
    signal,
    onProgress: (load) => onProgress({ type: 'load', load }),
  });
  try {
    await settle(session, plan.scenario.warmupSeconds, signal);
    stage('measure', `Measuring for ${plan.scenario.durationSeconds} s`);
    await session.beginWindow();
    await settle(session, plan.scenario.durationSeconds, signal);
    const load = await session.endWindow();
    return {
      target: { label: url, origin, pids: [] },
      probes: routePlan.probes,
      load,
      metrics: undefined,
      heapFolders: [],
      heapIntervalBytes: 0,
      captures: {
        state: 'none',
        reason:
          'An app that was started elsewhere is loaded but not profiled; let Throughline start it to see lines.',
      },
    };
  } finally {
    await session.stop();
  }
}
