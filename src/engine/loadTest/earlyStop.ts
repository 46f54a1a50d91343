/**
 * The user's wish to end a test but keep what it has measured; see `LoadTestOptions.stopEarly`. Where there is
 * nothing to keep it cancels the test.
 */
export class EarlyStop {
  /** Aborts with the user's cancel, and with the wish to end where nothing can be kept. */
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private keep: (() => void) | undefined;

  constructor(cancel: AbortSignal, stop: AbortSignal | undefined) {
    const abort = () => this.controller.abort();
    const end = () => (this.keep ? this.keep() : abort());
    this.signal = this.controller.signal;
    if (cancel.aborted || stop?.aborted) abort();
    cancel.addEventListener('abort', abort, { once: true });
    stop?.addEventListener('abort', end, { once: true });
  }

  /** From here on there is something to keep. Resolves when the user wants to end; never where that does not happen. */
  requested(): Promise<void> {
    return new Promise((resolve) => (this.keep = resolve));
  }
}
