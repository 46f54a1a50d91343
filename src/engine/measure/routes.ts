import { planRoutes } from '../load/probe';
import type { MeasurePlan } from './plan';

/** Sends a first request to each route, of which those that reply are loaded. */
export function probeRoutes(
  plan: MeasurePlan,
  origin: string,
  seen: Parameters<typeof planRoutes>[0]['seen'],
  signal: AbortSignal,
) {
  return planRoutes({
    origin,
    chosen: plan.scenario.routes,
    seen,
    timeoutMs: plan.scenario.timeoutSeconds * 1000,
    ...(plan.scenario.headers && { headers: plan.scenario.headers }),
    signal,
  });
}
