import type { TestKind } from '../../engine/model/loadTest';
import type { Trial, Verdict } from '../../engine/model/loadTestResult';
import type { Stage } from '../../engine/model/target';

export const KIND_NAMES: Readonly<Record<TestKind, string>> = {
  smoke: 'Smoke test',
  load: 'Load test',
  stress: 'Stress test',
  capacity: 'Capacity test',
  spike: 'Spike test',
  soak: 'Soak test',
};

export const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  start: 'Starting',
  probe: 'Probing',
  warmup: 'Warming up',
  measure: 'Measuring',
  analyse: 'Analysing',
  save: 'Saving',
};

export const STATE_NAMES: Readonly<Record<Verdict['state'], string>> = {
  pass: 'Passed',
  fail: 'Failed',
  inconclusive: 'Inconclusive',
};

export const DECISION_NAMES: Readonly<Record<Trial['decision'], string>> = {
  pass: 'Holds',
  fail: 'Breaks',
  undecided: 'Undecided',
};
