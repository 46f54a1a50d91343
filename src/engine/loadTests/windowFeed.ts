import { throwIfCancelled } from '../model/errors';
import type { SchedulerSession } from '../model/loadSession';
import type { LoadWindow } from '../model/loadWindow';

/** The windows of a session in order, one at a time. Its owner must `dispose` it. */
export class WindowFeed {
  private readonly queue: LoadWindow[] = [];
  private readonly unsubscribe: () => void;
  private wake: (() => void) | undefined;
  private first: LoadWindow | undefined;
  private last: LoadWindow | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    session: SchedulerSession,
    private readonly signal: AbortSignal,
  ) {
    this.unsubscribe = session.onWindow((window) => {
      this.queue.push(window);
      this.wake?.();
    });
    session.failed.catch((error: unknown) => {
      this.failure = { error };
      this.wake?.();
    });
    signal.addEventListener('abort', this.onAbort);
  }

  /** Rejects with `CancelledError` on the signal, and as the session's `failed` does. */
  async next(): Promise<LoadWindow> {
    throwIfCancelled(this.signal);
    while (this.queue.length === 0) {
      if (this.failure) throw this.failure.error;
      await new Promise<void>((resolve) => (this.wake = resolve));
      throwIfCancelled(this.signal);
    }
    const window = this.queue.shift()!;
    this.first ??= window;
    this.last = window;
    return window;
  }

  /** From the first window to the end of the last one that was taken. */
  get elapsedSeconds(): number {
    return this.first && this.last ? (this.last.endMicros - this.first.startMicros) / 1e6 : 0;
  }

  dispose(): void {
    this.unsubscribe();
    this.signal.removeEventListener('abort', this.onAbort);
  }

  private readonly onAbort = () => this.wake?.();
}
