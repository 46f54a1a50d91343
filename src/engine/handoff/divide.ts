import { ThroughlineError } from '../model/errors';
import type { Executor, LoadTest, Stage } from '../model/loadTest';

/**
 * The share of one of several servers that all run the same plan. Throws BAD_USAGE where virtual users cannot be
 * divided evenly: nothing is rounded.
 */
export function divideTest(test: LoadTest, servers: number): LoadTest {
  return servers === 1 ? test : { ...test, executor: divideExecutor(test.executor, servers) };
}

function divideExecutor(executor: Executor, servers: number): Executor {
  const users = (count: number) => {
    if (count % servers === 0) return count / servers;
    throw new ThroughlineError(
      'BAD_USAGE',
      `${count} virtual users cannot be divided evenly over ${servers} servers: use ${nearest(count, servers)}.`,
    );
  };
  const rates = (stages: readonly Stage[]) =>
    stages.map((stage) => ({ ...stage, target: stage.target / servers }));
  switch (executor.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return { ...executor, vus: users(executor.vus) };
    case 'ramping-vus':
      return {
        ...executor,
        startVUs: users(executor.startVUs),
        stages: executor.stages.map((stage) => ({ ...stage, target: users(stage.target) })),
      };
    case 'constant-arrival-rate':
      return { ...executor, rate: executor.rate / servers, ...pools(executor, servers) };
    case 'ramping-arrival-rate':
      return {
        ...executor,
        startRate: executor.startRate / servers,
        stages: rates(executor.stages),
        ...pools(executor, servers),
      };
  }
}

/** Of an arrival rate they bound the load and are not the load itself: rounded up. */
function pools(executor: { readonly preAllocatedVUs: number; readonly maxVUs: number }, servers: number) {
  return {
    preAllocatedVUs: Math.ceil(executor.preAllocatedVUs / servers),
    maxVUs: Math.ceil(executor.maxVUs / servers),
  };
}

function nearest(count: number, servers: number): string {
  const below = Math.floor(count / servers) * servers;
  return below > 0 ? `${below} or ${below + servers}` : String(servers);
}
