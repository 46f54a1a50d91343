import { ThroughlineError } from '../../engine/model/errors';
import type { CaptureOptions } from '../../engine/model/target';
import { atMost, numberOf, parseStrictly } from './parsing';

export const MEASURE_USAGE = `Usage: throughline measure [folder] [options]

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
  --backend <name>     how the profile is recorded: inspector (default), 0x or perf
  --heap               also sample what the app allocates
  --json               print one JSON document on standard output
  -h, --help           print this

Defaults come from "throughline.*" in <folder>/.vscode/settings.json where that is set.
Exit code: 0 fine, 1 the run failed, 2 bad usage, 130 ended by Ctrl+C.`;

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
  readonly backend?: CaptureOptions['backend'];
  readonly heap: boolean;
  readonly json: boolean;
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseMeasure(argv: readonly string[]): MeasureArguments {
  const { values, positionals } = parseStrictly(argv, {
    duration: { type: 'string' },
    warmup: { type: 'string' },
    connections: { type: 'string' },
    path: { type: 'string', multiple: true },
    timeout: { type: 'string' },
    url: { type: 'string' },
    target: { type: 'string' },
    'no-profile': { type: 'boolean' },
    'no-inlining': { type: 'boolean' },
    backend: { type: 'string' },
    heap: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const [folder] = atMost(positionals, 1, 'folder');
  const duration = numberOf('--duration', values.duration, { min: 1, max: 3600 });
  const warmup = numberOf('--warmup', values.warmup, { min: 0, max: 600 });
  const connections = numberOf('--connections', values.connections, { min: 1, max: 1000, integer: true });
  const timeout = numberOf('--timeout', values.timeout, { min: 1, max: 120 });
  return {
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
    ...(values.backend !== undefined && { backend: parseBackend(values.backend) }),
    heap: values.heap ?? false,
    json: values.json ?? false,
  };
}

function parseBackend(text: string): CaptureOptions['backend'] {
  if (text === 'inspector' || text === '0x' || text === 'perf') return text;
  throw new ThroughlineError('BAD_USAGE', `--backend takes inspector, 0x or perf, not "${text}".`);
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ThroughlineError('BAD_USAGE', `--url takes an http or https address, not "${text}".`);
  }
  return text;
}
