import type { Stage } from '../../engine/model/target';

export { DECISION_NAMES, KIND_NAMES, STATE_NAMES } from '../../engine/model/loadWords';

export const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  start: 'Starting',
  probe: 'Probing',
  warmup: 'Warming up',
  measure: 'Measuring',
  analyse: 'Analysing',
  save: 'Saving',
};
