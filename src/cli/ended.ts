import type { Run } from '../engine/model/run';

/** What a command prints on standard output, and its exit code. */
export interface Ended {
  readonly text: string;
  readonly exitCode: number;
}

/** k6's for a broken threshold; k6 has none for what could not be decided. */
const EXIT_CODES = { pass: 0, fail: 99, inconclusive: 98 } as const;

export function exitCodeOf({ loadTest }: Run): number {
  return loadTest ? EXIT_CODES[loadTest.verdict.state] : 0;
}
