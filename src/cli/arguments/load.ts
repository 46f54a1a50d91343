import { ThroughlineError } from '../../engine/model/errors';
import { LOAD_TEST_OPTIONS, LOAD_TEST_USAGE, loadTestArguments, type LoadTestArguments } from './loadTest';
import { atMost, parseStrictly } from './parsing';

export const LOAD_USAGE = `Usage: throughline load <file.load.json> [options]

Runs the load test of the file, of whatever kind it is, and prints its verdict. Load goes to the file's
"target", else the app in the folder is started. The run is saved in <folder>/.throughline/runs.

  --check              only read the file and print its problems; nothing is sent
${LOAD_TEST_USAGE}`;

export interface LoadArguments extends LoadTestArguments {
  readonly file: string;
  readonly check: boolean;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseLoad(argv: readonly string[]): LoadArguments {
  const { values, positionals } = parseStrictly(argv, { ...LOAD_TEST_OPTIONS, check: { type: 'boolean' } });
  const [file] = atMost(positionals, 1, 'file');
  if (file === undefined) throw new ThroughlineError('BAD_USAGE', 'No "*.load.json" was given.');
  return { ...loadTestArguments(values), file, check: values.check ?? false };
}
