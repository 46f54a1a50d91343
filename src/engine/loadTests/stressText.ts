import type { Objective } from '../model/objective';
import { formatMicros } from '../model/units';
import { formatPercent, formatQuantile, formatRate, plural } from './text';
import type { TrialOutcome } from './trial';

/** What the last trial of a level found, in a sentence; none where no trial of it was decided so. */
export function* trialEvidence(
  trials: readonly TrialOutcome[],
  level: number,
  objective: Objective,
  said: 'held' | 'did not hold',
): Generator<string> {
  const decision = said === 'held' ? 'pass' : 'fail';
  const own = trials.filter(({ trial }) => trial.level === level && trial.decision === decision);
  const last = own.at(-1);
  if (last === undefined) return;
  const { trial, broken, growth } = last;
  const why =
    broken === 'queue' && growth
      ? `, and the queue grew by ${formatPercent(growth.slope)} of the arrivals`
      : broken === 'errors'
        ? `, and ${formatPercent(trial.errorRate)} failed`
        : '';
  const counted = trial.windows - trial.discarded;
  const found =
    counted === 0
      ? 'response times rose after the generator had been late'
      : `${formatQuantile(objective.quantile)} ${formatMicros(trial.latencyMicros)}, ${trial.badWindows} of ${counted} windows broke the objective`;
  yield `${formatRate(level, 'iterations')} ${said} in ${plural(own.length, 'trial')}: ${found}${why}.`;
}

export function limitText(by: 'generator' | 'virtualUsers' | 'maxRate'): string {
  switch (by) {
    case 'generator':
      return 'the load generator could not send more, so that the app may hold more';
    case 'virtualUsers':
      return 'more needs more virtual users than the test or the limits allow';
    case 'maxRate':
      return 'the limits allow no higher rate';
  }
}
