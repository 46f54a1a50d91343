import { ThroughlineError } from '../../model/errors';
import { SPACE } from './jsonBytes';
import type { ByteSource, ImportOptions } from './source';

export interface ScannerOptions extends ImportOptions {
  /** Bytes held at a time. Tokens may be longer. */
  readonly windowBytes?: number;
}

/** The part of a source that is in memory, and what to say where the source is not what it should be. */
export class ByteWindow {
  protected readonly bytes: Buffer;
  protected pos = 0;
  protected end = 0;
  /** Offset in the source of `bytes[0]`. */
  private base = 0;
  private sourceEnded = false;
  private reportedAt = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly options: ScannerOptions = {},
  ) {
    const window = Math.max(1, Math.min(options.windowBytes ?? WINDOW_BYTES, source.size + 1));
    // One byte more: a 0 behind the last stops every loop.
    this.bytes = Buffer.allocUnsafe(window + 1);
    this.bytes[0] = 0;
    this.skipByteOrderMark();
  }

  /** Position of the next byte in the source. */
  get offset(): number {
    return this.base + this.pos;
  }

  protected moveTo(offset: number): void {
    if (offset >= this.base && offset <= this.base + this.end) {
      this.pos = offset - this.base;
    } else {
      this.base = offset;
      this.pos = this.end = 0;
      this.bytes[0] = 0;
      this.sourceEnded = false;
    }
  }

  /** First byte of the next value or punctuation, which is not consumed; -1 at the end of the source. */
  peek(): number {
    for (;;) {
      const byte = this.bytes[this.pos]!;
      if (byte > SPACE) return byte;
      if (byte === SPACE || byte === 10 || byte === 13 || byte === 9) this.pos++;
      else if (this.pos < this.end) return byte;
      else if (!this.refill()) return -1;
    }
  }

  /** For a value of an unexpected type: a file that was cut off is called that first. */
  failType(what: string): never {
    if (this.looksCutOff()) this.failCutOff();
    return this.fail(what);
  }

  fail(what: string, detail = ''): never {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${this.source.name} ${what}.`, detail);
  }

  failSyntax(): never {
    const byte = this.peek();
    if (byte === -1) return this.failCutOff();
    const shown = byte > SPACE && byte < 127 ? JSON.stringify(String.fromCharCode(byte)) : `byte ${byte}`;
    return this.fail(`is not JSON: it has an unexpected ${shown} at byte ${this.offset}`);
  }

  protected failCutOff(): never {
    return this.fail(`is cut off: its JSON ends early, at byte ${this.source.size}`);
  }

  /** Moves what is not read yet to the front and reads more behind it; false where there is no more, or no room. */
  protected refill(): boolean {
    if (this.sourceEnded) return false;
    const { bytes } = this;
    const room = bytes.length - 1;
    const kept = this.end - this.pos;
    if (kept >= room) return false;
    if (this.pos > 0) bytes.copyWithin(0, this.pos, this.end);
    this.base += this.pos;
    this.pos = 0;
    const read = this.source.read(bytes.subarray(kept, room), this.base + kept);
    this.end = kept + read;
    bytes[this.end] = 0;
    if (read === 0) this.sourceEnded = true;
    this.report();
    return read > 0;
  }

  private report(): void {
    const done = this.base + this.end;
    if (done - this.reportedAt < REPORT_BYTES) return;
    this.reportedAt = done;
    this.options.onProgress?.(Math.min(done, this.source.size), this.source.size);
  }

  private skipByteOrderMark(): void {
    const mark = Buffer.alloc(3);
    if (this.source.read(mark, 0) === 3 && mark[0] === 0xef && mark[1] === 0xbb && mark[2] === 0xbf) {
      this.base = 3;
    }
  }

  /** Whether the source begins as an object or array and does not end as that. */
  private looksCutOff(): boolean {
    const head = Buffer.alloc(64);
    const tail = Buffer.alloc(64);
    const first = head.toString('latin1', 0, this.source.read(head, 0)).replace(/^\u00ef\u00bb\u00bf/u, '');
    const from = Math.max(0, this.source.size - tail.length);
    const last = tail.toString('latin1', 0, this.source.read(tail, from)).trimEnd();
    const opened = first.trimStart()[0];
    return (opened === '{' && !last.endsWith('}')) || (opened === '[' && !last.endsWith(']'));
  }
}

const WINDOW_BYTES = 4 << 20;
const REPORT_BYTES = 8 << 20;
