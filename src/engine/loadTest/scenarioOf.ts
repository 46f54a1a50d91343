import type { Route, Scenario } from '../model/load';
import { executorSeconds, type LoadTest } from '../model/loadTest';
import { mostVUs } from './executors';

/** A load test in the words of runs that only measure: what lists, comparisons and hints read of a scenario. */
export function scenarioOf(test: LoadTest): Scenario {
  const routes = new Map<string, Route>();
  for (const { steps } of test.flows) {
    for (const step of steps) {
      if (step.type !== 'request') continue;
      const { method, path } = step;
      routes.set(`${method} ${path}`, { method, path });
    }
  }
  return {
    connections: Math.min(test.http.connections, mostVUs(test.executor)),
    warmupSeconds: test.warmupSeconds,
    durationSeconds: executorSeconds(test.executor),
    routes: [...routes.values()],
    ...(Object.keys(test.headers).length > 0 && { headers: test.headers }),
    timeoutSeconds: test.http.timeoutSeconds,
    apdexTargetMs: test.apdexTargetMs,
  };
}
