import type { Evidence, Hint } from '../model/hint';
import type { LoadResult, Scenario } from '../model/load';
import type { MetricsResult } from '../model/metrics';
import type { Profile } from '../model/profile';

/** What a run measured in its steady window: everything that a rule may judge by. */
export interface HintInput {
  readonly profile?: Profile;
  /** Process CPU time over sampled active time, at most 1; see `ProfileState`. */
  readonly cpuScale: number;
  readonly load: LoadResult;
  readonly metrics?: MetricsResult;
  readonly scenario: Scenario;
  /** Text of a source line (1-based), where the file could be read. */
  readonly sourceLine: (file: string, line: number) => string | undefined;
}

/** One rule of the catalogue: evidence in, at most a few hints out. Pure. */
export interface Rule {
  readonly id: string;
  find(input: HintInput): readonly Hint[];
}

/** Below this share of busy time in the busiest thread the app hardly ran, and shares of its time say nothing. */
export const MIN_BUSY_SHARE = 0.1;

/** Of several thresholds, any of which raises the alarm, the ones that did. */
export function reached(evidence: readonly Evidence[]): Evidence[] {
  return evidence.filter(({ value, threshold }) => value >= threshold);
}
