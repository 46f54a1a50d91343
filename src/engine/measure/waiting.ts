import { CancelledError, throwIfCancelled } from '../model/errors';
import type { LoadSession } from '../load/session';
import type { RunningTarget } from '../model/target';
import { crashFailure } from '../target/failure';

/** Waits, unless the load fails or the user cancels first. */
export async function settle(
  session: Pick<LoadSession, 'failed'>,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, seconds * 1000)));
  try {
    await unlessCancelled(Promise.race([session.failed, passed]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with `CancelledError` at once on the signal; `work` is left to end by itself. */
export async function unlessCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined); // the loser of the race must not be an unhandled rejection
  throwIfCancelled(signal);
  let onAbort: (() => void) | undefined;
  const cancelled = new Promise<never>((_, reject) => {
    onAbort = () => reject(new CancelledError());
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, cancelled]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/** Rejects with `TARGET_CRASHED` when the app ends before `work` does. */
export async function unlessEnded<T>(target: RunningTarget, work: Promise<T>): Promise<T> {
  work.catch(() => undefined); // the loser of the race must not be an unhandled rejection
  let exitFirst = false;
  const ended = target.exited.then((exit) => {
    exitFirst = true;
    throw crashFailure(target.spec, exit);
  });
  ended.catch(() => undefined);
  try {
    return await Promise.race([work, ended]);
  } catch (error) {
    if (exitFirst || error instanceof CancelledError) throw error;
    // A refused connection is often the first sign of a crash: prefer the cause, when it arrives at once.
    const exit = await Promise.race([target.exited, delay(500)]);
    throw exit ? crashFailure(target.spec, exit) : error;
  }
}

function delay(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}

/** What the work was rejected with; undefined where it was not. */
export async function attempt(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}
