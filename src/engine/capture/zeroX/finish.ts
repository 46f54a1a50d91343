import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { CancelledError, ThroughlineError, errorMessage, throwIfCancelled } from '../../model/errors';
import { FILES, LOG_NAME, PAGE } from './messages';

/** How long 0x may take for its page after the app has ended; what `RunningTarget.stop` is to be given. */
export const ZERO_X_GRACE_MS = 120_000;

export interface ZeroXCapture {
  /** V8's log as its own reader prints it: what `decodeV8Log` reads. */
  readonly v8log: string;
  /** 0x's own page; absent where 0x could not make it, for that reason. */
  readonly html?: string;
  readonly htmlFailure?: string;
}

export interface FinishOptions {
  /** Where the two files go; is made. */
  readonly into: string;
  /** The Node that ran the app: logs are read by no other. */
  readonly node: string;
  /** Ends the app, and resolves when 0x has ended too. */
  readonly stop: (graceMs: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Ends the app, lets 0x finish, has V8's log processed meanwhile, keeps the results and removes the capture's folder.
 * Rejects with `CAPTURE_FAILED` or `CancelledError`, with the app ended and the folder removed in every case.
 */
export async function finishZeroX(folder: string, options: FinishOptions): Promise<ZeroXCapture> {
  const { into, signal } = options;
  const inFolder = (name: string) => path.join(folder, name);
  let stopped: Promise<void> | undefined;
  try {
    throwIfCancelled(signal);
    fs.writeFileSync(inFolder(FILES.wanted), '');
    stopped = options.stop(ZERO_X_GRACE_MS);
    // 0x takes seconds for its page: its driver does not live on for a run that nobody wants.
    await appEnded(inFolder(FILES.ended), stopped, signal);
    fs.mkdirSync(into, { recursive: true });
    const v8log = path.join(into, 'v8log.json');
    await processLog(folder, v8log, options);
    await unlessCancelled(stopped, signal);
    const page = path.join(inFolder(FILES.out), `${PAGE}.html`);
    if (!fs.existsSync(page)) return { v8log, htmlFailure: '0x ended before it had made its page.' };
    const html = path.join(into, '0x.html');
    fs.renameSync(page, html);
    return { v8log, html };
  } finally {
    if (signal.aborted) endDriver(folder);
    await (stopped ?? options.stop(0)).catch(() => undefined);
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when the log is whole: the app has ended, or everything has. */
async function appEnded(marker: string, stopped: Promise<void>, signal: AbortSignal): Promise<void> {
  let over = false;
  const end = () => void (over = true);
  stopped.then(end, end);
  while (!over && !fs.existsSync(marker)) {
    throwIfCancelled(signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Has the Node that wrote the log read it: V8's reader knows the format of its own version alone. */
async function processLog(folder: string, into: string, { node, signal }: FinishOptions): Promise<void> {
  // 0x moves its log while it works.
  const log = path.join(folder, 'main-v8.log');
  linkLog(folder, log);
  const env = { ...process.env };
  delete env['NODE_OPTIONS'];
  const child = spawn(node, ['--prof-process', '--preprocess', log], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    signal,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4000)));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  try {
    await finished(child.stdout.pipe(fs.createWriteStream(into)));
    const code = await ended;
    if (code !== 0) throw new Error(`it ended with ${code}`);
    if (fs.statSync(into).size === 0) throw new Error('it printed nothing');
  } catch (error) {
    child.kill('SIGKILL');
    await ended.catch(() => undefined);
    fs.rmSync(into, { force: true });
    throwIfCancelled(signal);
    const reason = errorMessage(error);
    throw new ThroughlineError(
      'CAPTURE_FAILED',
      `Node.js could not read the V8 log of the app: ${reason}.`,
      errors,
    );
  }
}

function linkLog(folder: string, into: string): void {
  for (let tries = 0; ; tries++) {
    try {
      fs.linkSync(findLog(folder), into);
      return;
    } catch (error) {
      // Moved between the look and the link.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 5) throw error;
    }
  }
}

/** The log of the main thread: worker threads write their own. */
function findLog(folder: string): string {
  const logs = [FILES.out, FILES.logs].flatMap((name) => {
    const within = path.join(folder, name);
    const names = fs.readdirSync(within).filter((file) => LOG_NAME.test(file));
    return names.map((file) => path.join(within, file));
  });
  const [first] = logs;
  if (first === undefined) {
    throw new ThroughlineError(
      'CAPTURE_FAILED',
      'The app left no V8 log: it was ended before it could write one.',
    );
  }
  return logs.length === 1 ? first : (logs.find((log) => isOfMainThread(log)) ?? first);
}

/** The mark is written as the thread starts. */
const MARK_WITHIN_BYTES = 16 * 2 ** 20;

function isOfMainThread(log: string): boolean {
  const file = fs.openSync(log, 'r');
  try {
    const head = Buffer.alloc(Math.min(MARK_WITHIN_BYTES, fs.fstatSync(file).size));
    fs.readSync(file, head, 0, head.length, 0);
    const mark = /throughline-clock:\d+:\d+:(\d+)/u.exec(head.toString('latin1'));
    return mark?.[1] === '0';
  } finally {
    fs.closeSync(file);
  }
}

async function unlessCancelled(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let abort: () => void = () => undefined;
  const cancelled = new Promise<never>((_, reject) => {
    abort = () => reject(new CancelledError());
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    throwIfCancelled(signal);
    await Promise.race([work, cancelled]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The driver ends by itself with the app, unless 0x is at work on its page. */
function endDriver(folder: string): void {
  try {
    fs.rmSync(path.join(folder, FILES.wanted), { force: true });
    const pid = Number(fs.readFileSync(path.join(folder, FILES.ended), 'utf8'));
    if (Number.isInteger(pid) && pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // The app has not ended yet, or the driver has.
  }
}
