import { ThroughlineError } from '../../model/errors';
import { HARD_LIMITS, type LoadLimits } from '../../model/loadSession';
import { executorSeconds, isOpenModel, type Executor, type HttpOptions } from '../../model/loadTest';
import { peakRate, type OpenExecutor } from './arrivals';

/** Asked before every run, in the session and in the generators. Throws `BAD_USAGE`. */
export function checkExecutor(executor: Executor, limits: LoadLimits): void {
  const { maxRate, maxVUs, maxDurationSeconds } = effectiveLimits(limits);
  const seconds = executorSeconds(executor);
  if (!(seconds > 0)) throw refuse('The load lasts no time');
  if (seconds > maxDurationSeconds)
    throw refuse(`A load of ${seconds} s is longer than the limit of ${maxDurationSeconds} s`);
  const rate = isOpenModel(executor) ? peakRate(executor as OpenExecutor) : 0;
  if (!Number.isFinite(rate) || rate > maxRate)
    throw refuse(`${rate} iterations a second are more than the limit of ${maxRate}`);
  const users = peakUsers(executor);
  if (!Number.isInteger(users) || users < 1) throw refuse(`${users} virtual users are no load`);
  if (users > maxVUs) throw refuse(`${users} virtual users are more than the limit of ${maxVUs}`);
}

/** Throws `BAD_USAGE`. */
export function checkHttp({ connections, timeoutSeconds }: HttpOptions, limits: LoadLimits): void {
  const { maxConnections } = effectiveLimits(limits);
  if (!Number.isInteger(connections) || connections < 1) throw refuse(`${connections} connections are none`);
  if (connections > maxConnections)
    throw refuse(`${connections} connections are more than the limit of ${maxConnections}`);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 3600))
    throw refuse(`A timeout of ${timeoutSeconds} s is not possible; up to 3,600 s is`);
}

/** What no setting can raise holds for the settings too. */
export function effectiveLimits(limits: LoadLimits): LoadLimits {
  return {
    allowedHosts: limits.allowedHosts,
    maxRate: Math.min(limits.maxRate, HARD_LIMITS.maxRate),
    maxVUs: Math.min(limits.maxVUs, HARD_LIMITS.maxVUs),
    maxConnections: Math.min(limits.maxConnections, HARD_LIMITS.maxConnections),
    maxDurationSeconds: Math.min(limits.maxDurationSeconds, HARD_LIMITS.maxDurationSeconds),
  };
}

/** The most virtual users at a time. */
export function peakUsers(executor: Executor): number {
  switch (executor.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return executor.vus;
    case 'ramping-vus':
      return Math.max(executor.startVUs, ...executor.stages.map(({ target }) => target));
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return Math.max(executor.preAllocatedVUs, executor.maxVUs);
  }
}

function refuse(fact: string): ThroughlineError {
  return new ThroughlineError('BAD_USAGE', `${fact}.`);
}
