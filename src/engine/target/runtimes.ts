import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ThroughlineError } from '../model/errors';
import type { LaunchSpec } from '../model/target';

/** The error for an app that another runtime than Node runs, told by its program or its package.json script. */
export function unsupportedRuntime(spec: LaunchSpec): ThroughlineError | undefined {
  const runtime = runtimeOf(spec.program) ?? runtimeOf(scriptOf(spec)?.trim().split(/\s+/)[0] ?? '');
  if (!runtime) return undefined;
  return new ThroughlineError(
    'TARGET_NOT_STARTED',
    `"${spec.label}" runs on ${runtime}; only apps on Node.js can be measured.`,
  );
}

function runtimeOf(program: string): string | undefined {
  const name = path.basename(program).replace(/\.(exe|cmd)$/i, '');
  return name === 'bun' || name === 'bunx' ? 'Bun' : name === 'deno' ? 'Deno' : undefined;
}

function scriptOf(spec: LaunchSpec): string | undefined {
  if (!/^(npm|pnpm|yarn)(\.cmd)?$/.test(path.basename(spec.program))) return undefined;
  const name = spec.args.filter((arg) => !arg.startsWith('-') && arg !== 'run' && arg !== 'run-script')[0];
  try {
    const text = readFileSync(path.join(spec.folder, 'package.json'), 'utf8');
    const { scripts } = JSON.parse(text) as { scripts?: Record<string, unknown> };
    const script = name === undefined ? undefined : scripts?.[name];
    return typeof script === 'string' ? script : undefined;
  } catch {
    return undefined;
  }
}
