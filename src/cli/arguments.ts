import { ThroughlineError } from '../engine/model/errors';
import { LOAD_USAGE, parseLoad, type LoadArguments } from './arguments/load';
import { parseStress, STRESS_USAGE, type StressArguments } from './arguments/stress';
import { DIFF_USAGE, parseDiff, type DiffArguments } from './arguments/diff';
import { MEASURE_USAGE, parseMeasure, type MeasureArguments } from './arguments/measure';
import {
  EXPORT_USAGE,
  IMPORT_USAGE,
  parseExport,
  parseImport,
  type ExportArguments,
  type ImportArguments,
} from './arguments/handoff';
import { parseReport, REPORT_USAGE, type ReportArguments } from './arguments/report';
import { NEW_USAGE, parseNew, type NewArguments } from './arguments/new';
import { parseProfile, PROFILE_USAGE, type ProfileArguments } from './arguments/profile';

export const USAGE = `Usage: throughline <command> [options]

  measure [folder]        load the app in the folder, profile it and print what each line costs
  load <file.load.json>   run a load test and print its verdict
  stress [file]           find the most load that meets an objective
  report [run]            write the report of a load test as HTML or Markdown
  new --from <document>   write a load test made of an OpenAPI document, a HAR recording or a .http file
  export <file>           write a load test for k6, JMeter, Artillery, Gatling or Locust
  import <result>         make a run of what k6 or JMeter wrote
  profile <file>          print which functions and lines of a profile of any kind cost most
  diff <before> <after>   print which functions and lines grew and shrank between two profiles or runs

  -h, --help              print this; "throughline <command> --help" lists the command's options
  -v, --version           print the version

Exit code: 0 fine, 1 it failed, 2 bad usage, 130 ended by Ctrl+C; of load tests also 99 for a verdict
of fail and 98 for one that is inconclusive.`;

export type Command =
  | { readonly command: 'help'; readonly text: string }
  | { readonly command: 'version' }
  | { readonly command: 'measure'; readonly options: MeasureArguments }
  | { readonly command: 'load'; readonly options: LoadArguments }
  | { readonly command: 'stress'; readonly options: StressArguments }
  | { readonly command: 'report'; readonly options: ReportArguments }
  | { readonly command: 'new'; readonly options: NewArguments }
  | { readonly command: 'export'; readonly options: ExportArguments }
  | { readonly command: 'import'; readonly options: ImportArguments }
  | { readonly command: 'profile'; readonly options: ProfileArguments }
  | { readonly command: 'diff'; readonly options: DiffArguments };

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseArguments(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  const own = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (name === undefined) throw new ThroughlineError('BAD_USAGE', 'No command was given.');
  if (isHelp(name)) return { command: 'help', text: USAGE };
  if (isVersion(name)) return { command: 'version' };
  if (own.some(isVersion)) return { command: 'version' };
  const help = own.some(isHelp);
  switch (name) {
    case 'measure':
      return help
        ? { command: 'help', text: MEASURE_USAGE }
        : { command: 'measure', options: parseMeasure(rest) };
    case 'load':
      return help ? { command: 'help', text: LOAD_USAGE } : { command: 'load', options: parseLoad(rest) };
    case 'stress':
      return help
        ? { command: 'help', text: STRESS_USAGE }
        : { command: 'stress', options: parseStress(rest) };
    case 'report':
      return help
        ? { command: 'help', text: REPORT_USAGE }
        : { command: 'report', options: parseReport(rest) };
    case 'new':
      return help ? { command: 'help', text: NEW_USAGE } : { command: 'new', options: parseNew(rest) };
    case 'export':
      return help
        ? { command: 'help', text: EXPORT_USAGE }
        : { command: 'export', options: parseExport(rest) };
    case 'import':
      return help
        ? { command: 'help', text: IMPORT_USAGE }
        : { command: 'import', options: parseImport(rest) };
    case 'profile':
      return help
        ? { command: 'help', text: PROFILE_USAGE }
        : { command: 'profile', options: parseProfile(rest) };
    case 'diff':
      return help ? { command: 'help', text: DIFF_USAGE } : { command: 'diff', options: parseDiff(rest) };
    default:
      throw new ThroughlineError(
        'BAD_USAGE',
        name.startsWith('-') ? `The command comes before "${name}".` : `There is no command "${name}".`,
      );
  }
}

const isHelp = (text: string) => text === '--help' || text === '-h';
const isVersion = (text: string) => text === '--version' || text === '-v';
