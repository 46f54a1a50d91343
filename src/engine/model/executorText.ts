import { formatSecond } from './loadFigures';
import type { Executor, Stage } from './loadTest';
import { formatCount, plural } from './text';

/** What an executor does, as a phrase: `100 iterations a second for 30 s, with at most 50 virtual users`. */
export function executorText(executor: Executor): string {
  switch (executor.executor) {
    case 'constant-vus':
      return `${plural(executor.vus, 'virtual user')} for ${formatSecond(executor.duration)}`;
    case 'ramping-vus':
      return `virtual users ${ramp(executor.startVUs, executor.stages, formatCount)}`;
    case 'per-vu-iterations':
      return `${plural(executor.vus, 'virtual user')} with ${plural(executor.iterations, 'iteration')} each, for at most ${formatSecond(executor.maxDuration)}`;
    case 'constant-arrival-rate':
      return `${iterations(executor.rate, executor.timeUnit)} for ${formatSecond(executor.duration)}, ${within(executor.maxVUs)}`;
    case 'ramping-arrival-rate': {
      const rate = (level: number) => figure(level / executor.timeUnit);
      return `iterations a second ${ramp(executor.startRate, executor.stages, rate)}, ${within(executor.maxVUs)}`;
    }
  }
}

/** Long schedules are told by their first stages. */
const MOST_STAGES = 6;

function ramp(start: number, stages: readonly Stage[], level: (value: number) => string): string {
  const told = stages.slice(0, MOST_STAGES).map(({ duration, target }) => {
    return duration === 0 ? `at once ${level(target)}` : `${level(target)} in ${formatSecond(duration)}`;
  });
  const rest = stages.length - told.length;
  return `from ${level(start)}, then ${told.join(', ')}${rest > 0 ? `, and ${plural(rest, 'more stage')}` : ''}`;
}

function iterations(rate: number, timeUnit: number): string {
  const perSecond = rate / timeUnit;
  return `${figure(perSecond)} ${perSecond === 1 ? 'iteration' : 'iterations'} a second`;
}

function within(maxVUs: number): string {
  return `with at most ${plural(maxVUs, 'virtual user')}`;
}

function figure(value: number): string {
  return value >= 1000 ? formatCount(value) : String(Number(value.toPrecision(3)));
}
