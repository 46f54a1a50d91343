import type { StressResult } from '../model/loadTestResult';
import type { Search } from './search';
import type { TrialOutcome } from './trial';

/** A doubling of virtual users that gains less throughput than this gains nothing. */
const LEAST_GAIN = 0.05;
/** Time for this part of a search, in seconds: the open model needs the rest. */
const BUDGET_SECONDS = 30;

export interface Ceiling {
  /** Most requests a second of a level that met the objective; absent where not even one virtual user did. */
  readonly best?: NonNullable<StressResult['ceiling']>;
  /** Throughput had stopped growing while the objective was still met: what the app completes when it is never idle. */
  readonly plateau: boolean;
  /** The trials at one virtual user, where they were rejected. */
  readonly rejectedAtOne?: TrialOutcome;
  /** One virtual user could not be judged. */
  readonly undecidedAtOne?: TrialOutcome;
}

/**
 * The closed model's part of a search: 1, 2, 4, 8 ... virtual users until two doublings in a row gain less than 5 %
 * throughput, or a level is rejected by two failed trials. In a closed model a full queue cannot grow, so that the
 * throughput of the plateau is the app's own rate of departures.
 */
export async function findCeiling(search: Search): Promise<Ceiling> {
  let best: Ceiling['best'];
  let before = 0;
  let flat = 0;
  for (let vus = 1; vus <= search.maxVUs && search.elapsedSeconds < BUDGET_SECONDS; vus *= 2) {
    const outcome = await closedTrial(search, vus);
    const { decision, throughput } = outcome.trial;
    if (decision !== 'pass') {
      if (best) return { best, plateau: flat > 0 };
      return { plateau: false, [decision === 'fail' ? 'rejectedAtOne' : 'undecidedAtOne']: outcome };
    }
    if (best === undefined || throughput > best.throughput) best = { throughput, vus };
    flat = throughput < before * (1 + LEAST_GAIN) ? flat + 1 : 0;
    if (flat === 2) return { best, plateau: true };
    before = throughput;
  }
  return { ...(best && { best }), plateau: false };
}

/** One pass accepts; to reject takes two. What could not be decided is tried once more as well. */
async function closedTrial(search: Search, vus: number): Promise<TrialOutcome> {
  const first = await search.trial({ model: 'closed', level: vus });
  return first.trial.decision === 'pass' ? first : search.trial({ model: 'closed', level: vus });
}
