import { parseArgs } from 'node:util';
import { ThroughlineError, errorMessage } from '../engine/model/errors';

export const USAGE = `Usage: throughline measure [folder] [options]

Starts the app in the folder (default: the current one), sends load to it, profiles it while the
load is steady, and prints what each line costs. The run is saved in <folder>/.throughline/runs.

  --duration <s>       length of the steady window in seconds (default 15)
  --warmup <s>         discarded seconds before it (default 5)
  --connections <n>    concurrent connections (default 20)
  --path <route>       route to load, e.g. /items or "POST /items"; may be repeated
                       (default: / and the routes that the app has served)
  --timeout <s>        seconds after which a request counts as timed out (default 10)
  --url <url>          load an app that runs already (no profile)
  --target <id>        which of several ways to start the app (ids are listed when there are several)
  --no-profile         load and metrics only
  --no-inlining        have V8 inline nothing: exact places for about 12 % more CPU
  --json               print one JSON document on standard output
  -h, --help           print this
  -v, --version        print the version

Defaults come from "throughline.*" in <folder>/.vscode/settings.json where that is set.
Exit code: 0 fine, 1 the run failed, 2 bad usage, 130 ended by Ctrl+C.`;

export type Command =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: 'measure'; readonly options: MeasureArguments };

export interface MeasureArguments {
  readonly folder: string;
  readonly duration?: number;
  readonly warmup?: number;
  readonly connections?: number;
  readonly timeout?: number;
  readonly paths: readonly string[];
  readonly url?: string;
  readonly target?: string;
  readonly profile: boolean;
  readonly inlining: boolean;
  readonly json: boolean;
}

/** Throws `ThroughlineError` `BAD_USAGE` that names the argument. */
export function parseArguments(argv: readonly string[]): Command {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        duration: { type: 'string' },
        warmup: { type: 'string' },
        connections: { type: 'string' },
        path: { type: 'string', multiple: true },
        timeout: { type: 'string' },
        url: { type: 'string' },
        target: { type: 'string' },
        'no-profile': { type: 'boolean' },
        'no-inlining': { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    throw new ThroughlineError('BAD_USAGE', sentence(errorMessage(error)));
  }
  const { values, positionals } = parsed;
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const [command, folder, ...rest] = positionals;
  if (command === undefined) throw new ThroughlineError('BAD_USAGE', 'No command was given.');
  if (command !== 'measure') throw new ThroughlineError('BAD_USAGE', `There is no command "${command}".`);
  if (rest.length > 0) throw new ThroughlineError('BAD_USAGE', `"${rest[0]}" is one folder too many.`);
  const number = (name: 'duration' | 'warmup' | 'connections' | 'timeout', limits: Limits) => {
    const text = values[name];
    return text === undefined ? undefined : parseNumber(`--${name}`, text, limits);
  };
  const duration = number('duration', { min: 1, max: 3600 });
  const warmup = number('warmup', { min: 0, max: 600 });
  const connections = number('connections', { min: 1, max: 1000, integer: true });
  const timeout = number('timeout', { min: 1, max: 120 });
  return {
    command: 'measure',
    options: {
      folder: folder ?? '.',
      ...(duration !== undefined && { duration }),
      ...(warmup !== undefined && { warmup }),
      ...(connections !== undefined && { connections }),
      ...(timeout !== undefined && { timeout }),
      paths: values.path ?? [],
      ...(values.url !== undefined && { url: parseUrl(values.url) }),
      ...(values.target !== undefined && { target: values.target }),
      profile: !values['no-profile'],
      inlining: !values['no-inlining'],
      json: values.json ?? false,
    },
  };
}

interface Limits {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

function parseNumber(name: string, text: string, { min, max, integer }: Limits): number {
  const value = Number(text);
  if (
    text.trim() === '' ||
    !Number.isFinite(value) ||
    value < min ||
    value > max ||
    (integer && !Number.isInteger(value))
  ) {
    const kind = integer ? 'a whole number' : 'a number';
    throw new ThroughlineError('BAD_USAGE', `${name} takes ${kind} from ${min} to ${max}, not "${text}".`);
  }
  return value;
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ThroughlineError('BAD_USAGE', `--url takes an http or https address, not "${text}".`);
  }
  return text;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
