import path from 'node:path';
import { CancelledError, errorMessage, ThroughlineError, throwIfCancelled } from '../../model/errors';
import { DEFAULT_CAPTURE, HEAP_INTERVAL_BYTES, type CaptureFolder } from '../../model/target';
import { ThreadCapture } from './captureThread';
import { ConnectionLost, type InspectorConnection, type InspectorSession } from './inspectorSession';
import { evaluate, openInspector } from './openInspector';
import { obstacle, seeProcess } from './processes';

export interface AttachOptions {
  readonly pid: number;
  readonly seconds: number;
  /** The captures are written below it; it is made. */
  readonly folder: string;
  /** On unless false. */
  readonly cpu?: boolean;
  readonly heap?: boolean;
  readonly intervalMicros?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: AttachProgress) => void;
}

export interface AttachProgress {
  readonly message: string;
  /** 0 to 1, of the whole. */
  readonly fraction: number;
}

export interface AttachedCapture {
  /** The main thread's first, then those of its workers. */
  readonly captures: readonly CaptureFolder[];
  readonly nodeVersion: string;
  /** What may mislead, in sentences. */
  readonly warnings: readonly string[];
}

export const MAX_ATTACH_SECONDS = 600;

/** What a session may take beyond its recording, until the process closes the inspector by itself. */
const SPARE_MS = 120_000;
const OLDEST_NODE = 20;

/**
 * Records a running Node process of this user for some seconds, without a restart, and closes its inspector again
 * if that was opened for it, however this ends. The captures are of the layout that `analyse` reads. Rejects with
 * `CAPTURE_FAILED`, `BAD_USAGE` or `CancelledError`.
 */
export async function attachAndCapture(options: AttachOptions): Promise<AttachedCapture> {
  const { pid, seconds, signal } = options;
  throwIfCancelled(signal);
  if (!(seconds > 0 && seconds <= MAX_ATTACH_SECONDS))
    throw new ThroughlineError(
      'BAD_USAGE',
      `A process is recorded for up to ${MAX_ATTACH_SECONDS} s, not ${seconds} s.`,
    );
  const tell = (message: string, fraction: number) => options.onProgress?.({ message, fraction });
  const seen = await seeProcess(pid);
  if (!seen) throw failed(`There is no process ${pid} of yours.`);
  const reason = obstacle(seen);
  if (reason !== undefined) throw failed(reason);
  tell(`Opening the inspector of process ${pid}`, 0);
  const opened = await openInspector(seen, seconds * 1000 + SPARE_MS, signal);
  const { connection } = opened;
  try {
    return await record(connection, options, tell);
  } catch (error) {
    if (error instanceof CancelledError || error instanceof ThroughlineError) throw error;
    if (error instanceof ConnectionLost)
      throw failed(`Process ${pid} ended, or closed its inspector, while it was recorded.`);
    throw failed(`Process ${pid} could not be recorded: ${errorMessage(error)}.`);
  } finally {
    await opened.close();
  }
}

type Tell = (message: string, fraction: number) => void;

async function record(
  connection: InspectorConnection,
  options: AttachOptions,
  tell: Tell,
): Promise<AttachedCapture> {
  const { pid, seconds, signal } = options;
  const nodeVersion = String(await evaluate(connection, 'process.version'));
  if (!(Number(/^v(\d+)/u.exec(nodeVersion)?.[1]) >= OLDEST_NODE))
    throw failed(`Process ${pid} runs Node ${nodeVersion}; ${OLDEST_NODE} or newer can be recorded.`);
  const threads = [
    { session: connection.main, thread: 'main' },
    ...(await connection.openWorkers().catch(() => [])),
  ].map(({ session, thread }) => ({ thread, capture: newCapture(session, options) }));
  const warnings: string[] = [...WARNINGS];
  try {
    const started = await startAll(threads);
    tell(`Recording process ${pid} for ${seconds} s`, 0.05);
    await wait(connection, seconds, signal, (fraction) =>
      tell(`Recording process ${pid} for ${seconds} s`, 0.05 + 0.85 * fraction),
    );
    tell('Writing the profile', 0.9);
    const captures: CaptureFolder[] = [];
    for (const { thread, capture } of started) {
      const name = thread === 'main' ? `pid-${pid}` : `pid-${pid}-${thread.replace(/\W/gu, '-')}`;
      const folder = path.join(options.folder, name);
      try {
        await capture.finish(folder);
        captures.push({ folder, pid, thread });
      } catch (error) {
        // A worker may end at any time.
        if (thread === 'main') throw error;
        warnings.push(`The profile of ${thread} is missing: ${errorMessage(error)}.`);
      }
      throwIfCancelled(signal);
    }
    return { captures, nodeVersion, warnings };
  } catch (error) {
    await Promise.all(threads.map(({ capture }) => capture.abandon()));
    throw error;
  }
}

/** V8 knows the places of code only if it was compiled while a profile ran. */
const WARNINGS: readonly string[] = [
  'Code that was compiled before the recording began, such as regular expressions and what ran in its first moments, may be charged to the function that called it.',
];

interface AttachedThread {
  readonly thread: string;
  readonly capture: ThreadCapture;
}

function newCapture(session: InspectorSession, options: AttachOptions): ThreadCapture {
  return new ThreadCapture(session, {
    cpu: options.cpu !== false,
    intervalMicros: options.intervalMicros ?? DEFAULT_CAPTURE.intervalMicros,
    heap: options.heap === true,
    heapIntervalBytes: HEAP_INTERVAL_BYTES,
  });
}

/** Workers that cannot be recorded are left out. */
async function startAll(threads: readonly AttachedThread[]): Promise<readonly AttachedThread[]> {
  const started = await Promise.all(
    threads.map(async (item) => {
      try {
        await item.capture.start();
        return [item];
      } catch (error) {
        if (item.thread === 'main') throw error;
        return [];
      }
    }),
  );
  return started.flat();
}

const TICK_MS = 250;

async function wait(
  connection: InspectorConnection,
  seconds: number,
  signal: AbortSignal,
  onFraction: (fraction: number) => void,
): Promise<void> {
  const start = performance.now();
  const lost = connection.closed.then(() => true);
  for (;;) {
    const passed = performance.now() - start;
    if (passed >= seconds * 1000) return;
    onFraction(passed / (seconds * 1000));
    let wake: () => void = () => undefined;
    const tick = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.min(TICK_MS, seconds * 1000 - passed));
      wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
      signal.addEventListener('abort', wake, { once: true });
    });
    const ended = await Promise.race([lost, tick]);
    wake();
    signal.removeEventListener('abort', wake);
    throwIfCancelled(signal);
    if (ended) throw new ConnectionLost();
  }
}

function failed(sentence: string): ThroughlineError {
  return new ThroughlineError('CAPTURE_FAILED', sentence);
}
