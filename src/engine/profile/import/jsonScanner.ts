import { ByteWindow } from './byteWindow';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  ENDS_NUMBER,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SPACE,
  ZERO,
  type KeyTable,
} from './jsonBytes';

/** What `nextKey` returns at the object's end, and for a key that is not in the table. */
export const END = -2;
export const OTHER = -1;

/**
 * Reads JSON from bytes by demand, so that files of any size pass through a window of some megabytes. The reader says
 * what it expects; a value of another type is skipped and read as NaN or undefined, and its caller knows what to say.
 */
export class JsonScanner extends ByteWindow {
  /** An object or array was just entered: no comma stands before its first entry. */
  private fresh = false;
  private spanEnd = 0;
  private scratch = Buffer.allocUnsafe(256);
  /** Brackets that are open in a value that is skipped. */
  private open = new Uint8Array(64);

  /** Goes back, or on, to an `offset` at which a value begins. */
  seek(offset: number): void {
    this.moveTo(offset);
    this.fresh = false;
  }

  /** Enters the object that is next; false, and nothing consumed, where the next value is none. */
  beginObject(): boolean {
    return this.begin(OPEN_BRACE);
  }

  /** As `beginObject`. */
  beginArray(): boolean {
    return this.begin(OPEN_BRACKET);
  }

  /** Whether the array has another item, which is next then; its end is consumed. */
  nextItem(): boolean {
    const byte = this.peek();
    const { fresh } = this;
    this.fresh = false;
    if (byte === CLOSE_BRACKET) {
      this.pos++;
      return false;
    }
    if (fresh) {
      if (byte === -1) this.failCutOff();
      return true;
    }
    if (byte !== COMMA) this.failSyntax();
    this.pos++;
    if (this.peek() === CLOSE_BRACKET) this.failSyntax();
    return true;
  }

  /** As `nextItem` of an array that may end with the source, also behind a comma. */
  nextItemOfUnfinished(): boolean {
    if (this.peek() === COMMA && !this.fresh) this.pos++;
    const byte = this.peek();
    this.fresh = false;
    if (byte === CLOSE_BRACKET) this.pos++;
    return byte !== CLOSE_BRACKET && byte !== -1;
  }

  /** Consumes the next key and its colon: index in `keys`, `OTHER`, or `END` at the object's end. */
  nextKey(keys: KeyTable): number {
    if (!this.atKey()) return END;
    const start = this.pos + 1;
    let at = start;
    const { bytes } = this;
    let byte = bytes[at]!;
    while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) byte = bytes[++at]!;
    let found: number;
    if (byte === QUOTE && at < this.end) {
      found = keys.find(bytes, start, at);
      this.pos = at + 1;
    } else {
      found = keys.names.indexOf(this.string(KEY_BYTES)!);
    }
    if (this.peek() !== COLON) this.failSyntax();
    this.pos++;
    return found;
  }

  /** The next key as text, its colon consumed; undefined at the object's end. */
  nextName(cap: number): string | undefined {
    if (!this.atKey()) return undefined;
    const name = this.string(cap)!;
    if (this.peek() !== COLON) this.failSyntax();
    this.pos++;
    return name;
  }

  /** NaN for a value that is no number, which is skipped; infinite where it exceeds a double. */
  number(): number {
    const first = this.peek();
    if (this.end - this.pos < LONGEST_FAST) this.refill();
    const { bytes } = this;
    let at = this.pos;
    if (first === MINUS) at++;
    const start = at;
    let value = 0;
    let digit = (bytes[at]! - ZERO) >>> 0;
    while (digit <= 9 && at - start < 9) {
      value = (value * 10 + digit) | 0;
      digit = (bytes[++at]! - ZERO) >>> 0;
    }
    while (digit <= 9 && at - start < 16) {
      value = value * 10 + digit;
      digit = (bytes[++at]! - ZERO) >>> 0;
    }
    const digits = at - start;
    const behind = bytes[at]!;
    if (
      digits === 0 ||
      digits > 15 ||
      (digits > 1 && bytes[start] === ZERO) ||
      at >= this.end ||
      !ENDS_NUMBER[behind]
    ) {
      return this.slowNumber(first);
    }
    this.pos = at;
    return first === MINUS ? -value : value;
  }

  /**
   * Appends the numbers of the array that is next; false where there is none. An item that is no number is appended
   * as NaN.
   */
  numbers(list: { push(value: number): void }): boolean {
    if (!this.beginArray()) return false;
    while (this.nextItem()) {
      list.push(this.number());
      // Numbers without white space between them, as V8 writes them.
      const { bytes } = this;
      const safe = this.end - LONGEST_FAST;
      let at = this.pos;
      while (at < safe && bytes[at] === COMMA) {
        const negative = bytes[at + 1] === MINUS;
        const start = negative ? at + 2 : at + 1;
        let next = start;
        let value = 0;
        let digit = (bytes[next]! - ZERO) >>> 0;
        while (digit <= 9 && next - start < 9) {
          value = (value * 10 + digit) | 0;
          digit = (bytes[++next]! - ZERO) >>> 0;
        }
        const behind = bytes[next]!;
        if (behind !== COMMA && behind !== CLOSE_BRACKET) break;
        if (next === start || (next - start > 1 && bytes[start] === ZERO)) break;
        list.push(negative ? -value : value);
        at = next;
      }
      this.pos = at;
    }
    return true;
  }

  /** Undefined for a value that is no text, which is skipped. Longer texts are cut behind about `cap` bytes. */
  string(cap: number): string | undefined {
    if (this.peek() !== QUOTE) {
      this.skip();
      return undefined;
    }
    const { bytes } = this;
    const start = this.pos + 1;
    let at = start;
    let all = 0;
    let byte = bytes[at]!;
    while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) {
      all |= byte;
      byte = bytes[++at]!;
    }
    if (byte !== QUOTE || at - start > cap) return this.slowString(cap);
    this.pos = at + 1;
    return bytes.toString(all < 128 ? 'latin1' : 'utf8', start, at);
  }

  /** As `string` and `number`, for what may be either; undefined for all others. */
  stringOrNumber(cap: number): string | number | undefined {
    if (this.peek() === QUOTE) return this.string(cap);
    const value = this.number();
    return Number.isNaN(value) ? undefined : value;
  }

  /** Skips a value of any depth. */
  skip(): void {
    const first = this.peek();
    if (first === QUOTE) return this.skipString();
    if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return this.skipWord();
    let { open } = this;
    let depth = 0;
    do {
      const byte = this.peek();
      if (byte === QUOTE) {
        this.skipString();
        continue;
      }
      if (byte === -1) this.failCutOff();
      if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (depth === open.length) {
          this.open = new Uint8Array(depth * 2);
          this.open.set(open);
          open = this.open;
        }
        if (depth === DEEPEST) this.fail('is nested too deeply');
        open[depth++] = byte;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        // A closing bracket's code is that of the opening one plus 2.
        if (open[--depth]! + 2 !== byte) this.failSyntax();
      } else if (byte < SPACE) this.failSyntax();
      this.pos++;
    } while (depth > 0);
    this.fresh = false;
  }

  /**
   * Finds the end of the object that is next, without consuming it, and returns a hash of its bytes; -1 where it does
   * not fit into the window. `spanEquals` and `copySpan` speak of it until something is consumed.
   */
  objectSpan(): number {
    if (this.peek() !== OPEN_BRACE) return -1;
    const { bytes } = this;
    let at = this.pos;
    let hash = 0;
    let depth = 0;
    for (;;) {
      const byte = bytes[at]!;
      hash = Math.imul(hash ^ byte, 0x01000193);
      if (byte === QUOTE) {
        let inside = bytes[++at]!;
        while (inside !== QUOTE && inside >= SPACE) {
          hash = Math.imul(hash ^ inside, 0x01000193);
          if (inside === BACKSLASH) at++;
          inside = bytes[++at]!;
        }
        // In the middle of a text the window ends, or its bytes are not JSON; whoever reads them will tell.
        if (inside !== QUOTE || at >= this.end) {
          if (!this.refill()) return -1;
          at = this.pos;
          hash = depth = 0;
          continue;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (--depth === 0) break;
      } else if (byte === 0) {
        if (!this.refill()) return -1;
        at = this.pos;
        hash = depth = 0;
        continue;
      }
      at++;
    }
    this.spanEnd = at + 1;
    return (hash ^ (hash >>> 15)) & 0x7fffffff;
  }

  get spanBytes(): number {
    return this.spanEnd - this.pos;
  }

  spanEquals(other: Uint8Array, from: number, to: number): boolean {
    const { bytes, pos } = this;
    if (to - from !== this.spanEnd - pos) return false;
    return bytes.compare(other, from, to, pos, this.spanEnd) === 0;
  }

  copySpan(into: Uint8Array, at: number): void {
    into.set(this.bytes.subarray(this.pos, this.spanEnd), at);
  }

  skipSpan(): void {
    this.pos = this.spanEnd;
    this.fresh = false;
  }

  /** The value that was read is the whole source. */
  finish(): void {
    if (this.peek() !== -1) this.failSyntax();
  }

  private begin(bracket: number): boolean {
    const byte = this.peek();
    if (byte === -1) this.failCutOff();
    if (byte !== bracket) return false;
    this.pos++;
    return (this.fresh = true);
  }

  /** Whether a key is next; otherwise the object's end was consumed. */
  private atKey(): boolean {
    let byte = this.peek();
    const { fresh } = this;
    this.fresh = false;
    if (byte === CLOSE_BRACE) {
      this.pos++;
      return false;
    }
    if (!fresh) {
      if (byte !== COMMA) this.failSyntax();
      this.pos++;
      byte = this.peek();
    }
    if (byte !== QUOTE) this.failSyntax();
    return true;
  }

  private slowNumber(first: number): number {
    if (first !== MINUS && (first < ZERO || first > ZERO + 9)) {
      this.skip();
      return NaN;
    }
    const { offset } = this;
    let text = '';
    for (;;) {
      const byte = this.bytes[this.pos]!;
      if (this.pos >= this.end) {
        if (!this.refill()) break;
        continue;
      }
      if (ENDS_NUMBER[byte]) break;
      if (text.length > LONGEST_NUMBER) this.fail(`has a number without end at byte ${offset}`);
      text += String.fromCharCode(byte);
      this.pos++;
    }
    if (!NUMBER.test(text)) {
      if (this.peek() === -1) this.failCutOff();
      this.fail(`is not JSON: it has a malformed number at byte ${offset}`);
    }
    return Number(text);
  }

  private slowString(cap: number): string {
    this.pos++;
    let size = 0;
    let surrogate = 0;
    let cut = false;
    const limit = cap + 8;
    if (this.scratch.length < limit) this.scratch = Buffer.allocUnsafe(limit);
    const { scratch } = this;
    for (;;) {
      const byte = this.byteOfString();
      if (byte === QUOTE) break;
      const code = byte === BACKSLASH ? this.escape() : -1;
      if (cut) continue;
      if (size >= cap && (byte & 0xc0) !== 0x80) {
        cut = true;
      } else if (code < 0) {
        surrogate = 0;
        if (size < limit) scratch[size++] = byte;
      } else if (surrogate > 0 && code >= 0xdc00 && code < 0xe000) {
        // The first half was written as the character that stands for what cannot be read.
        const point = 0x10000 + ((surrogate - 0xd800) << 10) + (code - 0xdc00);
        size += scratch.write(String.fromCodePoint(point), size - 3) - 3;
        surrogate = 0;
      } else {
        size += scratch.write(String.fromCharCode(code), size);
        surrogate = code >= 0xd800 && code < 0xdc00 ? code : 0;
      }
    }
    return scratch.toString('utf8', 0, size) + (cut ? '…' : '');
  }

  private escape(): number {
    const kind = this.byteOfString();
    if (kind !== 0x75) {
      const code = ESCAPES.get(kind);
      return code ?? this.failEscape();
    }
    let code = 0;
    for (let i = 0; i < 4; i++) {
      const digit = parseInt(String.fromCharCode(this.byteOfString()), 16);
      if (Number.isNaN(digit)) this.failEscape();
      code = code * 16 + digit;
    }
    return code;
  }

  private failEscape(): never {
    return this.fail(`is not JSON: it has an unknown escape at byte ${this.offset - 1}`);
  }

  private byteOfString(): number {
    if (this.pos >= this.end && !this.refill()) this.failCutOff();
    const byte = this.bytes[this.pos]!;
    if (byte < SPACE) this.failControl(byte);
    this.pos++;
    return byte;
  }

  private failControl(byte: number): never {
    return this.fail(`is not JSON: it has an unexpected byte ${byte} at byte ${this.offset}`);
  }

  private skipString(): void {
    const { bytes } = this;
    this.pos++;
    for (;;) {
      let at = this.pos;
      let byte = bytes[at]!;
      while (byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE) byte = bytes[++at]!;
      this.pos = at;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        this.pos++;
        this.byteOfString();
      } else {
        if (at < this.end) this.failControl(byte);
        if (!this.refill()) this.failCutOff();
      }
    }
    this.pos++;
  }

  /** A number, `true`, `false` or `null`. */
  private skipWord(): void {
    let text = '';
    let byte = this.peek();
    while (byte > SPACE && !ENDS_NUMBER[byte] && text.length <= LONGEST_NUMBER) {
      text += String.fromCharCode(byte);
      this.pos++;
      if (this.pos >= this.end) this.refill();
      byte = this.pos < this.end ? this.bytes[this.pos]! : -1;
    }
    if (text === 'true' || text === 'false' || text === 'null' || NUMBER.test(text)) return;
    if (byte === -1 && /^(?:-?[0-9].*|-|t|tr|tru|f|fa|fal|fals|n|nu|nul)?$/u.test(text)) this.failCutOff();
    if (text !== '') this.fail(`is not JSON: it has an unexpected ${JSON.stringify(text.slice(0, 20))}`);
    this.failSyntax();
  }
}

/** Longer than any whole number that is read without making a text of it. */
const LONGEST_FAST = 24;
const LONGEST_NUMBER = 1000;
const DEEPEST = 100_000_000;
const KEY_BYTES = 64;

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/u;
const ESCAPES = new Map(
  [...'"\\/bfnrt'].map((kind, i) => [kind.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(i)]),
);
