import { ThroughlineError } from '../../model/errors';
import type { ByteSource, ImportOptions } from './source';

/** A list that is a member of the document's one object, e.g. `ticks`, and what to do with each of its elements. */
export type ListReaders = Readonly<Record<string, (element: unknown, index: number) => void>>;

const CHUNK_BYTES = 1 << 20;
/** One element is parsed as a string: a script's text is the largest there is. */
const MAX_ELEMENT_BYTES = 256 * 2 ** 20;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Reads a JSON object whose members are long lists, an element at a time, so that memory does not grow with the file.
 * Members that no reader is given for are skipped.
 * @returns the names of the members that it met, in order.
 * @throws {ThroughlineError} BAD_PROFILE where it is not such JSON or ends early.
 */
export function readLists(source: ByteSource, readers: ListReaders, options: ImportOptions): string[] {
  const bytes = new Bytes(source, options);
  const fail = (what: string, detail?: string): never => {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${source.name} ${what}.`, detail);
  };
  const value = (from: number): unknown => {
    const text = bytes.textFrom(from);
    try {
      return JSON.parse(text);
    } catch (error) {
      return fail('is not JSON', String(error));
    }
  };
  const cutOff = (): never => fail('is cut off: its JSON ends early');

  if (bytes.skipSpace() !== OPEN_OBJECT) fail('is not a processed V8 log');
  bytes.at++;
  const met: string[] = [];
  for (;;) {
    let byte = bytes.skipSpace();
    if (byte === COMMA) {
      bytes.at++;
      byte = bytes.skipSpace();
    }
    if (byte === CLOSE_OBJECT) return met;
    if (byte === undefined) return cutOff();
    if (byte !== QUOTE) fail('is not JSON', `Byte ${bytes.position}: a name was expected.`);
    const nameAt = bytes.at;
    if (!bytes.skipValue(MAX_ELEMENT_BYTES)) cutOff();
    const name = String(value(nameAt));
    met.push(name);
    if (bytes.skipSpace() !== 0x3a) fail('is not JSON', `Byte ${bytes.position}: a colon was expected.`);
    bytes.at++;
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (bytes.skipSpace() !== OPEN_LIST) {
      if (read) fail(`has no list of ${name}`);
      if (!bytes.skipValue(MAX_ELEMENT_BYTES)) cutOff();
      continue;
    }
    bytes.at++;
    for (let index = 0; ; index++) {
      byte = bytes.skipSpace();
      if (byte === COMMA) {
        bytes.at++;
        byte = bytes.skipSpace();
      }
      if (byte === CLOSE_LIST) break;
      if (byte === undefined) cutOff();
      const from = bytes.mark();
      if (!bytes.skipValue(MAX_ELEMENT_BYTES)) {
        if (bytes.at - from >= MAX_ELEMENT_BYTES) fail(`holds an entry of ${name} that is too large`);
        cutOff();
      }
      if (bytes.at === from) fail('is not JSON', `Byte ${bytes.position}: a value was expected.`);
      if (read) read(value(from), index);
    }
    bytes.at++;
  }
}

/** A window on a source that moves on with what is read. */
class Bytes {
  /** In `buffer`. */
  at = 0;
  private buffer = Buffer.alloc(2 * CHUNK_BYTES);
  private length = 0;
  /** Of the buffer's first byte in the source. */
  private base = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly options: ImportOptions,
  ) {}

  get position(): number {
    return this.base + this.at;
  }

  /** The next byte that is no white space; undefined at the end. */
  skipSpace(): number | undefined {
    for (;;) {
      if (this.at >= this.length) {
        this.mark();
        if (!this.more()) return undefined;
      }
      const byte = this.buffer[this.at]!;
      if (byte > 0x20) return byte;
      this.at++;
    }
  }

  /** Moves behind one value; false where the source ends within it or it is larger than `limit`. */
  skipValue(limit: number): boolean {
    const from = this.at;
    const end = this.base + from + limit;
    let depth = 0;
    let inText = false;
    for (;;) {
      if (this.at >= this.length && !this.more()) return depth === 0 && !inText && this.at > from;
      const { buffer, length } = this;
      let at = this.at;
      for (; at < length; at++) {
        const byte = buffer[at]!;
        if (inText) {
          if (byte === BACKSLASH) {
            at++;
          } else if (byte === QUOTE) {
            inText = false;
            if (depth === 0) return this.reach(at + 1);
          }
        } else if (byte === QUOTE) {
          inText = true;
        } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
          depth++;
        } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
          // The end of what encloses a number or a word.
          if (depth === 0) return this.reach(at);
          if (--depth === 0) return this.reach(at + 1);
        } else if (depth === 0 && (byte === COMMA || byte <= 0x20)) {
          return this.reach(at);
        }
      }
      // An escape may begin at the buffer's last byte: then `at` is one beyond it.
      this.at = at;
      if (this.base + at > end) return false;
    }
  }

  /** Drops what is read, which moves the buffer; returns where the next value begins. */
  mark(): number {
    if (this.at > CHUNK_BYTES || this.at >= this.length) {
      const gone = Math.min(this.at, this.length);
      this.buffer.copyWithin(0, gone, this.length);
      this.base += gone;
      this.length -= gone;
      this.at -= gone;
    }
    return this.at;
  }

  textFrom(from: number): string {
    return this.buffer.toString('utf8', from, this.at);
  }

  private reach(at: number): true {
    this.at = at;
    return true;
  }

  private more(): boolean {
    const position = this.base + this.length;
    if (this.length + CHUNK_BYTES > this.buffer.length) {
      const larger = Buffer.alloc(2 * this.buffer.length);
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    const read = this.source.read(this.buffer.subarray(this.length, this.length + CHUNK_BYTES), position);
    this.length += read;
    this.options.onProgress?.(position + read, this.source.size);
    return this.at < this.length;
  }
}
