import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { exportK6 } from '../handoff/k6';
import { ThroughlineError } from '../model/errors';
import type { LoadLimits, TemplateValues } from '../model/loadSession';
import type { LoadTest } from '../model/loadTest';
import { prepare, toolTimeoutMs } from './prepared';
import { runTool, type ToolOptions } from './tool';

export interface K6RunOptions extends Omit<ToolOptions, 'program'> {
  readonly test: LoadTest;
  /** Default: `k6` on the PATH. */
  readonly program?: string;
  /** Absolute; the script, its data and the results are written here. Made where it is not there. */
  readonly folder: string;
  readonly limits: LoadLimits;
  readonly values: TemplateValues;
}

export interface K6Run {
  /** JSON points, to import. */
  readonly result: string;
  readonly summary?: string;
  readonly notes: readonly string[];
}

/** k6 says by it that a threshold is broken, which its result tells as well. */
const THRESHOLDS_BROKEN = 99;

/**
 * Runs the test by an installed k6. Values go by its environment, never by its command line. Rejects with
 * LOAD_HOST_NOT_ALLOWED, TOOL_NOT_FOUND, TOOL_FAILED or `CancelledError`.
 */
export async function runK6(options: K6RunOptions): Promise<K6Run> {
  const { test, folder } = options;
  const exported = exportK6(test);
  const { env, secrets } = await prepare(test, exported, folder, options);
  const result = path.join(folder, 'points.json.gz');
  const summary = path.join(folder, 'summary.json');
  for (const file of [result, summary]) await rm(file, { force: true });
  const { code, output } = await runTool({
    ...options,
    program: options.program ?? 'k6',
    env: { ...env, ...secrets, ORIGIN: test.target ?? '', K6_NO_USAGE_REPORT: 'true' },
    folder,
    args: [
      ...['run', '--no-color', '--quiet', '--include-system-env-vars'],
      ...['--out', `json=${result}`, '--summary-export', summary],
      exported.files[0]!.name,
    ],
    timeoutMs: toolTimeoutMs(test),
  });
  const hasResult = (await stat(result).catch(() => undefined))?.isFile() ?? false;
  if ((code !== 0 && code !== THRESHOLDS_BROKEN) || !hasResult)
    throw new ThroughlineError('TOOL_FAILED', `k6 ended with code ${code}.`, output);
  const hasSummary = (await stat(summary).catch(() => undefined))?.isFile() ?? false;
  return { result, ...(hasSummary && { summary }), notes: exported.notExpressed };
}
