import { ThroughlineError } from '../../engine/model/errors';
import { atMost, numberOf, parseStrictly } from './parsing';

export const PROFILE_USAGE = `Usage: throughline profile <file> [options]

Opens a profile of any kind and prints which functions and lines cost most: .cpuprofile, .heapprofile,
Chrome traces, 0x, V8 logs, perf script, collapsed stacks, pprof, speedscope, and .gz of each.

  --folder <dir>         where the sources are and what may be read (default: the current folder)
  --source-folder <dir>  a further folder in which sources are sought by the end of their path
  --profile <n>          which of a file's profiles, from 1 (they are listed when there are several)
  --json                 print one JSON document on standard output
  -h, --help             print this

Functions are placed by source map, by their path, or by the end of their path in the folder.
~ marks figures of fewer than 30 samples.
Exit code: 0 fine, 1 the profile cannot be read, 2 bad usage.`;

export interface ProfileArguments {
  readonly file: string;
  readonly folder: string;
  readonly sourceFolder?: string;
  /** From 0. */
  readonly profile?: number;
  readonly json: boolean;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseProfile(argv: readonly string[]): ProfileArguments {
  const { values, positionals } = parseStrictly(argv, {
    folder: { type: 'string' },
    'source-folder': { type: 'string' },
    profile: { type: 'string' },
    json: { type: 'boolean' },
  });
  const [file] = atMost(positionals, 1, 'file');
  if (file === undefined) throw new ThroughlineError('BAD_USAGE', 'No profile was given.');
  const number = numberOf('--profile', values.profile, { min: 1, max: 100_000, integer: true });
  return {
    file,
    folder: values.folder ?? '.',
    ...(values['source-folder'] !== undefined && { sourceFolder: values['source-folder'] }),
    ...(number !== undefined && { profile: number - 1 }),
    json: values.json ?? false,
  };
}
