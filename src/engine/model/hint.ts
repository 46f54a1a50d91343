import type { Location } from './profile';

export type HintSeverity = 'info' | 'warning' | 'problem';

/** A finding with its evidence. Rules make them in `engine/hints`. */
export interface Hint {
  /** Stable id of the rule, e.g. `CPU-SYNC-CRYPTO`. */
  readonly rule: string;
  readonly severity: HintSeverity;
  readonly title: string;
  /** One or two sentences: what was found and why it costs. */
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly place?: HintPlace;
  /** Share of the active CPU time that acting on it could save at most, 0 to 1. */
  readonly expectedGain?: number;
  readonly nextStep: string;
}

export interface HintPlace extends Location {
  readonly functionName: string;
}

export interface Evidence {
  /** What was measured, e.g. `event-loop delay p99`. */
  readonly metric: string;
  readonly value: number;
  readonly threshold: number;
  readonly unit: 'ms' | 'share' | 'count' | 'bytes' | 'samples';
}
