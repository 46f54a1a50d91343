import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Exported, Needs } from '../handoff/exported';
import { assertAllowedHost } from '../load/hosts';
import { ThroughlineError } from '../model/errors';
import type { LoadLimits, TemplateValues } from '../model/loadSession';
import { executorSeconds, type LoadTest } from '../model/loadTest';

/** What is done before a tool may send load: its host is allowed, its values are there, its files are written. */
export async function prepare(
  test: LoadTest,
  exported: Exported,
  folder: string,
  { limits, values }: { readonly limits: LoadLimits; readonly values: TemplateValues },
): Promise<PreparedValues> {
  if (test.target === undefined)
    throw new ThroughlineError(
      'BAD_USAGE',
      'The load test names no "target": a tool outside cannot start the app.',
    );
  await assertAllowedHost(test.target, limits.allowedHosts);
  const known = valuesOf(exported.needs, values);
  await mkdir(folder, { recursive: true });
  for (const { name, content } of exported.files) await writeFile(path.join(folder, name), content);
  return known;
}

export interface PreparedValues {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

function valuesOf(needs: Needs, values: TemplateValues): PreparedValues {
  const pick = (names: readonly string[], from: Readonly<Record<string, string>>, what: string) =>
    Object.fromEntries(
      names.map((name) => {
        const value = Object.hasOwn(from, name) ? from[name] : undefined;
        if (value === undefined)
          throw new ThroughlineError('BAD_USAGE', `There is no value for the ${what} ${name}.`);
        return [name, value];
      }),
    );
  return {
    env: pick(needs.env, values.env, 'variable'),
    secrets: pick(needs.secrets, values.secrets, 'secret'),
  };
}

/** How long a tool may take: the test with its warm-up and graceful stop, and what its own start needs. */
export function toolTimeoutMs(test: LoadTest): number {
  return (executorSeconds(test.executor) + test.warmupSeconds + test.executor.gracefulStop + 120) * 1000;
}
