import { ThroughlineError } from '../../engine/model/errors';
import { parseDuration } from '../../engine/model/duration';
import { LOAD_TEST_SUFFIX, type ObjectiveFile } from '../../engine/model/loadTestFile';
import { parseRoute } from '../../engine/model/route';
import type { Route } from '../../engine/model/load';
import { LOAD_TEST_OPTIONS, LOAD_TEST_USAGE, loadTestArguments, type LoadTestArguments } from './loadTest';
import { atMost, parseStrictly } from './parsing';

export const STRESS_USAGE = `Usage: throughline stress [file.load.json | folder] [options]

Searches for the breaking point, the most load that meets the objective, in about a minute. Sends the
requests of the file; without one, those of --path to the app in the folder or to --url.

  --objective <text>   what must hold, e.g. "p99<200ms" or "p95<1s, errors<0.1%"
                       (default: the file's, else p99<200ms and errors<1%)
  --path <route>       without a file: route to load, e.g. /items or "POST /items"; may be repeated
                       (default: /)
${LOAD_TEST_USAGE}`;

export interface StressArguments extends LoadTestArguments {
  readonly file?: string;
  readonly objective?: Partial<ObjectiveFile>;
  readonly routes: readonly Route[];
}

/** @throws {ThroughlineError} BAD_USAGE that names the argument. */
export function parseStress(argv: readonly string[]): StressArguments {
  const { values, positionals } = parseStrictly(argv, {
    ...LOAD_TEST_OPTIONS,
    objective: { type: 'string' },
    path: { type: 'string', multiple: true },
  });
  const [named] = atMost(positionals, 1, 'file or folder');
  const file = named?.endsWith(LOAD_TEST_SUFFIX) ? named : undefined;
  if (named !== undefined && file === undefined && values.folder !== undefined)
    throw new ThroughlineError('BAD_USAGE', `"${named}" is a second folder.`);
  if (file !== undefined && values.path !== undefined)
    throw new ThroughlineError('BAD_USAGE', `--path is for tests without a file: ${file} has its requests.`);
  return {
    ...loadTestArguments(values),
    ...(named !== undefined && file === undefined && { folder: named }),
    ...(file !== undefined && { file }),
    ...(values.objective !== undefined && { objective: parseObjective(values.objective) }),
    routes: (values.path ?? []).map(routeOf),
  };
}

function routeOf(text: string): Route {
  const route = parseRoute(text);
  if (route) return route;
  throw new ThroughlineError(
    'BAD_USAGE',
    `--path takes a route such as /items or "POST /items", not "${text}".`,
  );
}

/** `p99<200ms`, `errors<1%`, or both with a comma between. */
function parseObjective(text: string): Partial<ObjectiveFile> {
  const objective: Partial<ObjectiveFile> = {};
  const bad = () =>
    new ThroughlineError(
      'BAD_USAGE',
      `--objective takes e.g. "p99<200ms" or "p95<1s, errors<0.1%", not "${text}".`,
    );
  for (const part of text.split(',')) {
    const latency = /^\s*p\(?(\d{1,2}(?:\.\d+)?)\)?\s*<=?\s*([\d.]+[a-zµ]*)\s*$/i.exec(part);
    const errors = /^\s*errors?\s*<=?\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/i.exec(part);
    if (latency) {
      const duration = /[a-zµ]$/i.test(latency[2]!) ? latency[2]! : `${latency[2]!}ms`;
      if (parseDuration(duration) === undefined) throw bad();
      objective.percentile = Number(latency[1]);
      objective.latency = duration;
    } else if (errors) {
      const share = Number(errors[1]) / (errors[2] === '%' ? 100 : 1);
      if (share > 1) throw bad();
      objective.errorRate = share;
    } else {
      throw bad();
    }
  }
  return objective;
}
