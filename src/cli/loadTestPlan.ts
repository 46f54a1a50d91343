import path from 'node:path';
import type { LoadTestOptions, LoadTestPlan } from '../engine/loadTestPlan';
import { ThroughlineError } from '../engine/model/errors';
import type { LoadTest } from '../engine/model/loadTest';
import type { TemplateValues } from '../engine/model/loadSession';
import { valuesNeeded } from '../engine/model/secrets';
import type { LoadTestArguments } from './arguments/loadTest';
import { planFromArguments, type TerminalPlan } from './plan';

export interface TerminalLoadTest extends Pick<LoadTestOptions, 'values' | 'limits'> {
  readonly plan: LoadTestPlan;
  readonly runsToKeep: number;
  readonly notes: readonly string[];
}

/** Where load goes: what the command line says, else the file, else the folder's app, which is started. */
export async function planLoadTest(
  test: LoadTest,
  options: LoadTestArguments,
  file: string | undefined,
): Promise<TerminalLoadTest> {
  const values = valuesFrom(process.env, test);
  const { plan, runsToKeep, notes, limits } = await measurePlan(options, options.url ?? test.target);
  const { scenario: _scenario, ...rest } = plan;
  const folder = plan.appFolder;
  return {
    plan: { ...rest, test, ...(file !== undefined && { file: shownFile(file, folder) }) },
    values,
    limits: { ...limits, allowedHosts: options.allowedHosts },
    runsToKeep,
    notes,
  };
}

function measurePlan(options: LoadTestArguments, url: string | undefined): Promise<TerminalPlan> {
  const { folder, target, profile, heap, json } = options;
  return planFromArguments({
    ...{ folder, profile, heap, json, paths: [], inlining: true },
    ...(url !== undefined && { url }),
    ...(target !== undefined && { target }),
  });
}

/** Limits of the folder's settings, for the reader of a file. */
export async function readerOptions(options: LoadTestArguments) {
  const { limits, plan } = await measurePlan(options, options.url ?? 'http://127.0.0.1');
  return { limits, workspaceFolder: plan.workspaceFolders?.[0] ?? plan.appFolder };
}

/** With `/`, relative to the folder where it lies in it. */
function shownFile(file: string, folder: string): string {
  const relative = path.relative(folder, path.resolve(file));
  const isInside = !relative.startsWith('..') && !path.isAbsolute(relative);
  return (isInside ? relative : path.resolve(file)).split(path.sep).join('/');
}

const SECRET_PREFIX = 'THROUGHLINE_SECRET_';

/**
 * Values of `${env:NAME}`, and of `${secret:NAME}` from `THROUGHLINE_SECRET_NAME`, in which a shell has `_` for what
 * is neither letter nor digit.
 * @throws {ThroughlineError} LOAD_NEEDS_ENV that names every variable that is missing.
 */
export function valuesFrom(environment: NodeJS.ProcessEnv, test: LoadTest): TemplateValues {
  const needed = valuesNeeded(test);
  const missing: string[] = [];
  const read = (names: readonly string[], variableOf: (name: string) => readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const variables = variableOf(name);
        const value = variables.map((variable) => environment[variable]).find((found) => found !== undefined);
        if (value === undefined) missing.push(variables[0]!);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  const env = read(needed.env, (name) => [name]);
  const secrets = read(needed.secrets, (name) => [
    SECRET_PREFIX + name.replace(/[^A-Za-z0-9_]/g, '_'),
    SECRET_PREFIX + name,
  ]);
  if (missing.length > 0) {
    throw new ThroughlineError(
      'LOAD_NEEDS_ENV',
      `The test needs ${missing.length === 1 ? 'the variable' : 'the variables'} ${missing.join(', ')} in the environment; nothing was sent.`,
    );
  }
  return { env, secrets };
}
