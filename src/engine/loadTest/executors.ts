import type { LoadLimits } from '../model/loadSession';
import type { Executor, LoadTest } from '../model/loadTest';

/** Beyond the warm-up: the executor itself takes its place. */
const SPARE_SECONDS = 120;

/**
 * What warms an app up: the executor's first level. Undefined where it begins with nothing. Of `per-vu-iterations`,
 * whose iterations are counted out, it ends by itself; the others go on until the test begins.
 */
export function warmUpExecutor(
  { executor, warmupSeconds }: LoadTest,
  { maxDurationSeconds }: Pick<LoadLimits, 'maxDurationSeconds'>,
): Executor | undefined {
  if (warmupSeconds <= 0) return undefined;
  // The limit is for what the user asks for: where it is short, the spare time is shorter.
  const duration = Math.max(warmupSeconds, Math.min(warmupSeconds + SPARE_SECONDS, maxDurationSeconds));
  switch (executor.executor) {
    case 'constant-vus':
    case 'constant-arrival-rate':
      return { ...executor, duration };
    case 'ramping-vus': {
      const { startVUs, gracefulStop } = executor;
      if (startVUs === 0) return undefined;
      return { executor: 'constant-vus', vus: startVUs, duration, gracefulStop };
    }
    case 'ramping-arrival-rate': {
      const { startRate, stages: _stages, ...rest } = executor;
      return startRate === 0
        ? undefined
        : { ...rest, executor: 'constant-arrival-rate', rate: startRate, duration };
    }
    case 'per-vu-iterations':
      return { executor: 'constant-vus', vus: executor.vus, duration: warmupSeconds, gracefulStop: 1 };
  }
}

/** The iterations are counted out: none of before or after may be among them. */
export function isCountedOut({ executor }: Executor): boolean {
  return executor === 'per-vu-iterations';
}

/** Most virtual users that the executor may have. */
export function mostVUs(executor: Executor): number {
  switch (executor.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return executor.vus;
    case 'ramping-vus':
      return Math.max(executor.startVUs, ...executor.stages.map(({ target }) => target));
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return executor.maxVUs;
  }
}
