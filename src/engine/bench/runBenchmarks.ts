import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { CancelledError, throwIfCancelled, ThroughlineError } from '../model/errors';
import type { CaptureFolder } from '../model/target';
import {
  MESSAGES_FD,
  type BenchmarkEvent,
  type FilePlace,
  type ReportedError,
  type RunnerMessage,
  type RunnerOptions,
} from './messages';
import { readMessage } from './readMessage';

export type { BenchmarkEvent, FilePlace, Measurement, ReportedError } from './messages';

export interface BenchmarkRequest {
  /** Absolute path of a `*.bench.{ts,js,mts,mjs}` file. */
  readonly file: string;
  /** Working directory, absolute. */
  readonly folder: string;
  /** Names to run; absent: all of the file. */
  readonly filter?: readonly string[];
  /** Folder of the built bundles. */
  readonly dist: string;
  /** The user's Node; by default `node` of the PATH. */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Without any message for this long the file is taken to hang. */
  readonly silenceMs?: number;
  /** Record a CPU profile into this folder, which is made. */
  readonly profile?: { readonly folder: string };
  readonly onEvent: (event: BenchmarkEvent) => void;
  /** What the file writes to standard output and error. */
  readonly onOutput?: (text: string) => void;
}

export interface BenchmarkOutcome {
  readonly nodeVersion: string;
  /** Benchmarks that gave a figure or an error. */
  readonly ran: number;
  readonly profile?: CaptureFolder;
}

/** The file did not load, or failed outside of its benchmarks. */
export class BenchmarkFileError extends ThroughlineError {
  constructor(
    message: string,
    detail: string,
    readonly place: FilePlace | undefined,
  ) {
    super('BENCH_FAILED', message, detail);
  }
}

const DEFAULT_SILENCE_MS = 5 * 60_000;

/**
 * Runs the benchmarks of one file in a process of its own and resolves when it, and whatever it started, has ended.
 * A benchmark that throws is an event; BENCH_FAILED and `BenchmarkFileError` are for the file as a whole.
 * @throws {CancelledError} on the signal.
 */
export async function runBenchmarks(request: BenchmarkRequest): Promise<BenchmarkOutcome> {
  const isTypeScript = /\.[cm]?ts$/.test(request.file);
  try {
    return await runOnce(request, false);
  } catch (error) {
    // Node strips types from files that ask for more (enums, imports without an extension): then as the project does.
    if (!isTypeScript || !(error instanceof NotStrippable)) throw error;
    try {
      return await runOnce(request, true);
    } catch (second) {
      throw second instanceof NoTypeScript ? error : second;
    }
  }
}

class NotStrippable extends BenchmarkFileError {}
class NoTypeScript extends ThroughlineError {}

const STRIPPING_FAILED = new Set([
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
]);

async function runOnce(request: BenchmarkRequest, forceTsx: boolean): Promise<BenchmarkOutcome> {
  throwIfCancelled(request.signal);
  const child = start(request, forceTsx);
  const state = new RunState(request, forceTsx);
  let silence: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      const seconds = Math.round((request.silenceMs ?? DEFAULT_SILENCE_MS) / 1000);
      state.fail(
        new ThroughlineError('BENCH_FAILED', `The benchmark said nothing for ${seconds} s and was ended.`),
      );
      endGroup(child);
    }, request.silenceMs ?? DEFAULT_SILENCE_MS);
  };
  const cancel = () => endGroup(child);
  request.signal.addEventListener('abort', cancel, { once: true });
  // An abort between the check above and the listener.
  if (request.signal.aborted) cancel();

  readLines(child.stdio[MESSAGES_FD] as Readable, (line) => {
    watch();
    try {
      state.take(readMessage(line));
    } catch (error) {
      state.fail(error);
      endGroup(child);
    }
  });
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => state.output(text));
  }
  watch();
  try {
    const exit = await ended(child);
    // Processes that the benchmark started and left, and that may hold the pipes open.
    endGroup(child);
    if (request.signal.aborted) throw new CancelledError();
    return state.outcome(exit);
  } finally {
    clearTimeout(silence);
    request.signal.removeEventListener('abort', cancel);
    endGroup(child);
  }
}

function start(request: BenchmarkRequest, forceTsx: boolean): ChildProcess {
  const options: RunnerOptions = {
    file: request.file,
    ...(request.filter && { filter: request.filter }),
    forceTsx,
    ...(request.profile && { profileFolder: request.profile.folder }),
  };
  // Descriptor 3 carries messages, and 4 closes when this process is gone.
  return spawn(
    request.node ?? 'node',
    [path.join(request.dist, 'benchRunner.mjs'), JSON.stringify(options)],
    {
      cwd: request.folder,
      env: { ...ownEnvironment(), ...request.env },
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    },
  );
}

/** As in the user's terminal: without what the editor and an attaching debugger set for themselves. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (/^(ELECTRON_|VSCODE_|NODE_CHANNEL_|NODE_UNIQUE_ID$)/.test(name)) delete env[name];
  }
  const debuggers = /(?:--require|-r)[= ]+(?:"[^"]*js-debug[^"]*"|\S*js-debug\S*)|--inspect\S*/g;
  if (env['NODE_OPTIONS']) env['NODE_OPTIONS'] = env['NODE_OPTIONS'].replace(debuggers, '').trim();
  return env;
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** With all that it wrote read. Rejects where it could not be started. */
function ended(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      reject(
        new ThroughlineError('BENCH_FAILED', `${child.spawnfile} could not be started.`, error.message, {
          cause: error,
        }),
      );
    });
    child.once('exit', (code, signal) => {
      // A process that the benchmark left behind would keep `close` from coming.
      endGroup(child);
      child.once('close', () => resolve({ code, signal }));
    });
  });
}

/** SIGKILL: a busy benchmark hears no other signal, and has nothing to save. */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform !== 'win32') process.kill(-pid, 'SIGKILL');
    else if (child.exitCode === null)
      spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true });
  } catch {
    // The group is empty.
  }
}

/** What the file said of itself so far. */
class RunState {
  private failure: Error | undefined;
  private profile: CaptureFolder | undefined;
  private end: { readonly nodeVersion: string; readonly ran: number } | undefined;
  private tail = '';

  constructor(
    private readonly request: BenchmarkRequest,
    private readonly forceTsx: boolean,
  ) {}

  take(message: RunnerMessage): void {
    if (message.type === 'end') this.end = message;
    else if (message.type === 'profile') this.profile = message.capture;
    else if (message.type === 'noTypeScript') this.fail(noTypeScript(this.request.file, message.nodeVersion));
    else if (message.type === 'fileFailed') this.fail(this.fileError(message.error, message.code));
    else if (!this.request.signal.aborted) this.request.onEvent(message);
  }

  output(text: string): void {
    this.tail = (this.tail + text).slice(-8000);
    this.request.onOutput?.(text);
  }

  /** The first failure counts. */
  fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  }

  outcome({ code, signal }: Exit): BenchmarkOutcome {
    if (this.failure !== undefined) throw this.failure;
    const name = path.basename(this.request.file);
    if (!this.end) {
      const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
      throw new BenchmarkFileError(`${name} ${how} before its benchmarks were done.`, this.tail, undefined);
    }
    if (this.end.ran === 0) {
      const why = this.request.filter ? 'none of the wanted benchmarks' : 'no tinybench benchmark';
      const exit = code === 0 ? '' : ` and ended with code ${code}`;
      throw new BenchmarkFileError(`${name} ran ${why}${exit}.`, this.tail, undefined);
    }
    const { nodeVersion, ran } = this.end;
    return { nodeVersion, ran, ...(this.profile && { profile: this.profile }) };
  }

  private fileError(error: ReportedError, code: string | undefined): BenchmarkFileError {
    const kind =
      !this.forceTsx && code !== undefined && STRIPPING_FAILED.has(code) ? NotStrippable : BenchmarkFileError;
    const detail = `${error.stack}\n${this.tail}`.trim();
    return new kind(`${path.basename(this.request.file)} failed: ${error.message}`, detail, error.place);
  }
}

function noTypeScript(file: string, nodeVersion: string): NoTypeScript {
  return new NoTypeScript(
    'BENCH_FAILED',
    `Node ${nodeVersion} does not run TypeScript, and ${path.basename(file)} has no tsx to run it with: ` +
      'add it by "npm install --save-dev tsx", or use Node 22.18 or later.',
  );
}

const MAX_LINE_LENGTH = 1_000_000;

function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
    for (const line of lines) onLine(line);
  });
  // A group that was killed in the middle of a line.
  stream.on('error', () => undefined);
}
