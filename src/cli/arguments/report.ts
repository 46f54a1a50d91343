import { ThroughlineError } from '../../engine/model/errors';
import { formatOfFile, type ReportFormat } from '../../engine/model/reportFormat';
import { atMost, parseStrictly } from './parsing';

export const REPORT_USAGE = `Usage: throughline report [run] [options]

Writes the report of a saved load test: verdict, evidence, thresholds, charts, tables and the hottest
lines. HTML is one file without scripts that needs no network. Without the id of a run: the newest.

  --html          as HTML
  --markdown      as Markdown (the default)
  --out <file>    write into this file, in the format of its name (.html or .md), and print its path;
                  without it the report is printed
  --folder <dir>  where the runs are kept (default: the current folder)
  -h, --help      print this

Exit code: 0 fine, 1 there is no such run, 2 bad usage.`;

export interface ReportArguments {
  /** Of a run; absent: the newest load test. */
  readonly id?: string;
  readonly folder: string;
  readonly format: ReportFormat;
  readonly out?: string;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseReport(argv: readonly string[]): ReportArguments {
  const { values, positionals } = parseStrictly(argv, {
    folder: { type: 'string' },
    html: { type: 'boolean' },
    markdown: { type: 'boolean' },
    out: { type: 'string' },
  });
  const [id] = atMost(positionals, 1, 'run');
  if (values.html && values.markdown)
    throw new ThroughlineError('BAD_USAGE', 'A report is either --html or --markdown.');
  const asked = values.html ? 'html' : values.markdown ? 'markdown' : undefined;
  return {
    ...(id !== undefined && { id }),
    folder: values.folder ?? '.',
    format: asked ?? (values.out === undefined ? 'markdown' : reportFormat('--out', values.out)),
    ...(values.out !== undefined && { out: values.out }),
  };
}

/** @throws {ThroughlineError} BAD_USAGE where the file's name is of no format. */
export function reportFormat(option: string, file: string): ReportFormat {
  const format = formatOfFile(file);
  if (format) return format;
  throw new ThroughlineError('BAD_USAGE', `${option} takes a file that ends in .html or .md, not "${file}".`);
}
