import path from 'node:path';
import { ThroughlineError } from '../model/errors';
import type { LaunchSpec } from '../model/target';
import { scriptOf } from './scripts';

/** The error for an app that another runtime than Node runs, told by its program or its package.json script. */
export function unsupportedRuntime(spec: LaunchSpec): ThroughlineError | undefined {
  const runtime = runtimeOf(spec.program) ?? runtimeOf(scriptOf(spec)?.text.trim().split(/\s+/)[0] ?? '');
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
