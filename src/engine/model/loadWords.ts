import type { TestKind } from './loadTest';
import type { Trial, Verdict } from './loadTestResult';

export const KIND_NAMES: Readonly<Record<TestKind, string>> = {
  smoke: 'Smoke test',
  load: 'Load test',
  stress: 'Stress test',
  capacity: 'Capacity test',
  spike: 'Spike test',
  soak: 'Soak test',
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
