import { ThroughlineError } from '../../engine/model/errors';
import { atMost, parseStrictly } from './parsing';

export const DIFF_USAGE = `Usage: throughline diff <before> <after> [options]

Prints which functions and lines grew and shrank from one profile to the other. Either is a file of any
kind that "throughline profile" reads, the id of a saved run, or a run's folder. Two runs are compared
per request; where a side knows no requests, both are shares of their whole.

  --folder <dir>         where the sources and the runs are and what may be read
                         (default: the current folder)
  --source-folder <dir>  a further folder in which sources are sought by the end of their path
  --json                 print one JSON document on standard output
  -h, --help             print this

~ marks changes of which neither side has 30 samples.
Exit code: 0 fine, 1 a side cannot be read, 2 bad usage.`;

export interface DiffArguments {
  /** A file, a run's id or its folder. */
  readonly before: string;
  readonly after: string;
  readonly folder: string;
  readonly sourceFolder?: string;
  readonly json: boolean;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseDiff(argv: readonly string[]): DiffArguments {
  const { values, positionals } = parseStrictly(argv, {
    folder: { type: 'string' },
    'source-folder': { type: 'string' },
    json: { type: 'boolean' },
  });
  const [before, after] = atMost(positionals, 2, 'profile');
  if (before === undefined || after === undefined)
    throw new ThroughlineError('BAD_USAGE', 'Two profiles are compared; name both.');
  return {
    before,
    after,
    folder: values.folder ?? '.',
    ...(values['source-folder'] !== undefined && { sourceFolder: values['source-folder'] }),
    json: values.json ?? false,
  };
}
