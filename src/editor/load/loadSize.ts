import { executorSeconds, type Executor, type LoadTest } from '../../engine/model/loadTest';
import type { LoadLimits } from '../../engine/model/loadSession';
import type { Localize } from '../localize';

/** How much load a test sends and for how long, for whoever must agree to it. */
export function loadSize(test: LoadTest, limits: LoadLimits, t: Localize): string {
  switch (test.kind) {
    case 'smoke':
      return t('a few requests, for some seconds');
    case 'stress':
    case 'capacity':
      return t(
        'rising load until it no longer holds, at most {0} iterations a second, for up to a few minutes',
        limits.maxRate,
      );
    default: {
      const seconds = executorSeconds(test.executor) + test.warmupSeconds;
      return t('{0}, for {1}', peak(test.executor, t), duration(seconds));
    }
  }
}

function peak(executor: Executor, t: Localize): string {
  switch (executor.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return t('{0} virtual users', executor.vus);
    case 'ramping-vus':
      return t('up to {0} virtual users', highest(executor.startVUs, executor.stages));
    case 'constant-arrival-rate':
      return t('{0} iterations a second', perSecond(executor.rate, executor.timeUnit));
    case 'ramping-arrival-rate':
      return t(
        'up to {0} iterations a second',
        perSecond(highest(executor.startRate, executor.stages), executor.timeUnit),
      );
  }
}

/** `45 s`, `2 min`, `1 h 30 min`. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest > 0 ? ` ${rest} min` : ''}`;
}

function highest(start: number, stages: readonly { readonly target: number }[]): number {
  return Math.max(start, ...stages.map(({ target }) => target));
}

function perSecond(rate: number, timeUnit: number): number {
  return Number((rate / timeUnit).toPrecision(3));
}
