import type { Hint, HintSeverity } from '../model/hint';
import type { HintInput, Rule } from './input';
import { eventLoopDelay } from './rules/eventLoopDelay';
import { eventLoopFull } from './rules/eventLoopFull';
import { gcShare } from './rules/gcShare';
import { hotLine } from './rules/hotLine';
import { jsonShare } from './rules/jsonShare';
import { scaleCluster } from './rules/scaleCluster';
import { syncCrypto } from './rules/syncCrypto';
import { syncFs } from './rules/syncFs';

export type { HintInput, Rule } from './input';

export const RULES: readonly Rule[] = [
  eventLoopDelay,
  eventLoopFull,
  gcShare,
  syncCrypto,
  syncFs,
  jsonShare,
  hotLine,
  scaleCluster,
];

/** All findings of a run: the most severe first, then those that promise most. */
export function findHints(input: HintInput): Hint[] {
  return RULES.flatMap((rule) => rule.find(input)).sort(
    (a, b) =>
      SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) ||
      (b.expectedGain ?? 0) - (a.expectedGain ?? 0),
  );
}

const SEVERITY_ORDER: readonly HintSeverity[] = ['problem', 'warning', 'info'];
