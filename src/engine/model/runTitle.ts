import type { Run } from './run';

/** What a run is called where it is shown: its own name, else that of its load test, else the app's label. */
export function runTitle({ name, loadTest, target }: Pick<Run, 'name' | 'loadTest' | 'target'>): string {
  return name ?? loadTest?.name ?? target.label;
}
