import type { Dispatcher } from 'undici';
import { nowMicros } from '../clock';

/** Of a body, most bytes that are kept for captures and checks. */
export const MAX_KEPT_BYTES = 1024 * 1024;

export interface Reply {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly Buffer[];
  /** At most `MAX_KEPT_BYTES`; empty where it was not to be kept. */
  readonly body: Buffer;
}

/** One request and its reply on a connection; what undici calls a handler. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** When undici was given the request. */
  readonly sentMicros = nowMicros();
  private settled = false;
  private status = 0;
  private headers: readonly Buffer[] = [];
  private chunks: Buffer[] | undefined;
  private kept = 0;
  private cut: ((error?: Error) => void) | undefined;

  /** `onReply`: the body has been read to its end. One of the two is called, unless it is aborted before. */
  constructor(
    private readonly keepsBody: boolean,
    private readonly onReply: (reply: Reply) => void,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /** Cuts the request off without telling. False where it has not been written to a connection yet. */
  abort(): boolean {
    this.settled = true;
    this.cut?.(new Error('cut off'));
    return this.cut !== undefined;
  }

  onConnect(abort: (error?: Error) => void): void {
    this.cut = abort;
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    this.status = status;
    this.headers = headers;
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.keepsBody && this.kept < MAX_KEPT_BYTES) {
      // A copy: undici's chunk is a view of all that it read.
      const part = Buffer.from(chunk.subarray(0, MAX_KEPT_BYTES - this.kept));
      this.kept += part.length;
      (this.chunks ??= []).push(part);
    }
    return true;
  }

  onComplete(): void {
    if (this.settled) return;
    this.settled = true;
    const { status, headers, chunks } = this;
    this.onReply({ status, headers, body: chunks ? Buffer.concat(chunks) : NO_BODY });
  }

  onError(error: Error): void {
    if (this.settled) return;
    this.settled = true;
    this.onFailure(error);
  }
}

const NO_BODY = Buffer.alloc(0);
