import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { CancelledError, errorMessage, ThroughlineError, throwIfCancelled } from '../model/errors';
import { SupervisorClient } from '../target/supervisorClient';

const MAX_OUTPUT = 64 * 1024;
const GRACE_MS = 3000;

export interface ToolOptions {
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly signal: AbortSignal;
  readonly onOutput: (text: string) => void;
  /** Executable; found on the PATH. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ToolRun extends ToolOptions {
  readonly args: readonly string[];
  readonly folder: string;
  /** Ended after this, whatever it does. */
  readonly timeoutMs: number;
  /** Asks the tool to end by itself, before it is made to. */
  readonly askToStop?: () => Promise<void>;
}

export interface ToolExit {
  readonly code: number | null;
  /** Its last output, at most 64 KiB. */
  readonly output: string;
}

/**
 * Runs an installed tool under the supervisor that ends it with all it started, also when the engine is gone.
 * Rejects with TOOL_NOT_FOUND, TOOL_FAILED (it took too long) or `CancelledError`; nothing of it runs any more then.
 */
export async function runTool(run: ToolRun): Promise<ToolExit> {
  throwIfCancelled(run.signal);
  let output = '';
  let exited!: (code: number | null) => void;
  const exit = new Promise<number | null>((resolve) => (exited = resolve));
  const supervisor = new SupervisorClient(run.dist, {
    onOutput: (text) => {
      output = (output + text).slice(-MAX_OUTPUT);
      run.onOutput(text);
    },
    onExit: (code) => exited(code),
  });
  const runtime = await mkdtemp(path.join(os.tmpdir(), 'throughline-tool-'));
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const interrupted = new Promise<'cancelled' | 'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), run.timeoutMs);
    onAbort = () => resolve('cancelled');
    run.signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await supervisor
      .start({
        program: run.program,
        args: run.args,
        folder: run.folder,
        env: { ...definedOf(process.env), ...run.env },
        shell: false,
        token: randomUUID(),
        socketPath: path.join(runtime, 'none'),
        graceMs: GRACE_MS,
      })
      .catch((error: unknown) => {
        throw new ThroughlineError(
          'TOOL_NOT_FOUND',
          `"${run.program}" cannot be started.`,
          errorMessage(error),
        );
      });
    const ended = await Promise.race([exit.then((code) => ({ code })), interrupted]);
    if (typeof ended === 'object') return { code: ended.code, output };
    await askToEnd(run, exit);
    if (ended === 'cancelled') throw new CancelledError();
    throw new ThroughlineError('TOOL_FAILED', `"${run.program}" did not end in time.`, output);
  } finally {
    clearTimeout(timer);
    if (onAbort) run.signal.removeEventListener('abort', onAbort);
    await supervisor.stop(GRACE_MS);
    await rm(runtime, { recursive: true, force: true });
  }
}

async function askToEnd({ askToStop }: ToolRun, exit: Promise<unknown>): Promise<void> {
  if (!askToStop) return;
  await askToStop();
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([exit, new Promise((resolve) => (timer = setTimeout(resolve, GRACE_MS)))]);
  clearTimeout(timer);
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
