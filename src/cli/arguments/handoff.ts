import { HANDOFF_TOOLS, type HandoffTool } from '../../engine/handoff/exported';
import { ThroughlineError } from '../../engine/model/errors';
import { atMost, parseStrictly } from './parsing';

export const EXPORT_USAGE = `Usage: throughline export <file.load.json> --to <tool> [options]

Writes the load test in another tool's language and prints what that tool cannot express. Values of the
environment and secrets are referred to by name and never written. What was made for Artillery, Gatling
and Locust is generated, not executed here.

  --to <tool>   ${HANDOFF_TOOLS.join(', ')}
  --out <dir>   folder to write into (default: beside the file, in <file>.<tool>)
  --force       write over files that are there
  --json        print one JSON document on standard output
  -h, --help    print this

Exit code: 0 fine, 1 it failed, 2 bad usage or a file with errors.`;

export const IMPORT_USAGE = `Usage: throughline import <result> [options]

Makes a run of what k6 or JMeter wrote: JSON points (k6 run --out json=FILE, also packed as .gz), a summary
of k6, or a JTL of JMeter as CSV with the names of its columns. The run is saved in <folder>/.throughline/runs.

  --test <file.load.json>  the test that was run: its name, model and thresholds
  --summary <file>         k6's summary (--summary-export) beside its points
  --folder <dir>           where the run is kept (default: the current folder)
  --json                   print one JSON document on standard output
  -h, --help               print this

Exit code: 0 fine, 1 it failed, 2 bad usage; 99 where a threshold is broken.`;

export interface ExportArguments {
  readonly file: string;
  readonly tool: HandoffTool;
  readonly out?: string;
  readonly force: boolean;
  readonly json: boolean;
}

export interface ImportArguments {
  readonly file: string;
  readonly test?: string;
  readonly summary?: string;
  readonly folder: string;
  readonly json: boolean;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseExport(argv: readonly string[]): ExportArguments {
  const { values, positionals } = parseStrictly(argv, {
    to: { type: 'string' },
    out: { type: 'string' },
    force: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const [file] = atMost(positionals, 1, 'file');
  if (file === undefined) throw new ThroughlineError('BAD_USAGE', 'No "*.load.json" was given.');
  const tool = HANDOFF_TOOLS.find((each) => each === values.to);
  if (tool === undefined)
    throw new ThroughlineError('BAD_USAGE', `--to takes one of ${HANDOFF_TOOLS.join(', ')}.`);
  return {
    ...{ file, tool, force: values.force ?? false, json: values.json ?? false },
    ...(values.out !== undefined && { out: values.out }),
  };
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseImport(argv: readonly string[]): ImportArguments {
  const { values, positionals } = parseStrictly(argv, {
    test: { type: 'string' },
    summary: { type: 'string' },
    folder: { type: 'string' },
    json: { type: 'boolean' },
  });
  const [file] = atMost(positionals, 1, 'file');
  if (file === undefined) throw new ThroughlineError('BAD_USAGE', 'No result was given.');
  return {
    ...{ file, folder: values.folder ?? '.', json: values.json ?? false },
    ...(values.test !== undefined && { test: values.test }),
    ...(values.summary !== undefined && { summary: values.summary }),
  };
}
