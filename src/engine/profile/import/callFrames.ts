import { MAX_FRAMES } from '../../model/stackProfile';
import type { CallFrame } from '../cpuProfile';
import { KeyTable } from './jsonBytes';
import { END, type JsonScanner } from './jsonScanner';

/**
 * Reads V8's call frames and numbers the distinct ones. A frame that was met before, byte for byte, is known by the
 * hash of its bytes, so that no texts are made for it.
 */
export class CallFrameReader {
  readonly callFrames: CallFrame[] = [];
  /** Distinct frames that were too many to keep. */
  folded = 0;
  private readonly byText = new Map<string, number>();
  /** Open addressing: frame + 1 by hash, and where its bytes are. */
  private slots = new Int32Array(1 << 12);
  private entries = 0;
  private hashes = new Int32Array(1 << 11);
  private frames = new Int32Array(1 << 11);
  private ends = new Float64Array(1 << 11);
  private bytes = new Uint8Array(1 << 18);
  private textSize = 0;

  constructor(private readonly scanner: JsonScanner) {}

  /** Index in `callFrames` of the call frame that is next; `where` names it in errors. */
  read(where: () => string): number {
    const { scanner } = this;
    const hash = scanner.objectSpan();
    if (hash < 0) return this.readNew(where);
    const mask = this.slots.length - 1;
    let slot = spread(hash) & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const entry = this.slots[slot]! - 1;
      if (this.hashes[entry] !== hash) continue;
      if (scanner.spanEquals(this.bytes, entry === 0 ? 0 : this.ends[entry - 1]!, this.ends[entry]!)) {
        scanner.skipSpan();
        return this.frames[entry]!;
      }
    }
    const size = scanner.spanBytes;
    const keeps = this.reserve(size);
    if (keeps) scanner.copySpan(this.bytes, this.bytesUsed);
    const frame = this.readNew(where);
    if (keeps) this.remember(hash, frame, size);
    return frame;
  }

  private get bytesUsed(): number {
    return this.entries === 0 ? 0 : this.ends[this.entries - 1]!;
  }

  /** Room for another entry; false where frames take more memory than they are worth. */
  private reserve(size: number): boolean {
    const needed = this.bytesUsed + size;
    if (needed > MAX_BYTES) return false;
    if (needed > this.bytes.length) {
      const wider = new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, this.bytes.length * 2)));
      wider.set(this.bytes);
      this.bytes = wider;
    }
    return true;
  }

  private remember(hash: number, frame: number, size: number): void {
    if (this.entries === this.hashes.length) this.grow();
    const end = this.bytesUsed + size;
    const entry = this.entries++;
    this.hashes[entry] = hash;
    this.frames[entry] = frame;
    this.ends[entry] = end;
    this.insert(entry);
  }

  private insert(entry: number): void {
    const mask = this.slots.length - 1;
    let slot = spread(this.hashes[entry]!) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = entry + 1;
  }

  private grow(): void {
    const { hashes, frames, ends } = this;
    this.hashes = new Int32Array(hashes.length * 2);
    this.frames = new Int32Array(hashes.length * 2);
    this.ends = new Float64Array(hashes.length * 2);
    this.hashes.set(hashes);
    this.frames.set(frames);
    this.ends.set(ends);
    this.slots = new Int32Array(this.slots.length * 2);
    for (let entry = 0; entry < this.entries; entry++) this.insert(entry);
  }

  private readNew(where: () => string): number {
    const frame = this.fields(where);
    const key = `${frame.scriptId}\n${frame.line}\n${frame.column}\n${frame.functionName}\n${frame.url}`;
    const known = this.byText.get(key);
    if (known !== undefined) return known;
    if (this.callFrames.length >= MAX_FRAMES - 1 || this.textSize + key.length > MAX_TEXT) {
      this.folded++;
      return this.others();
    }
    this.textSize += key.length;
    this.byText.set(key, this.callFrames.length);
    return this.callFrames.push(frame) - 1;
  }

  private others(): number {
    const known = this.byText.get('');
    if (known !== undefined) return known;
    this.byText.set('', this.callFrames.length);
    return this.callFrames.push(OTHERS) - 1;
  }

  private fields(where: () => string): CallFrame {
    const { scanner } = this;
    let scriptId = '0';
    let functionName: string | undefined;
    let url = '';
    let line = -1;
    let column = -1;
    if (!scanner.beginObject()) scanner.failType(`has no object at ${where()}`);
    for (let key = scanner.nextKey(KEYS); key !== END; key = scanner.nextKey(KEYS)) {
      if (key === FUNCTION_NAME) functionName = this.text(where, 'functionName');
      else if (key === URL) url = this.text(where, 'url');
      else if (key === SCRIPT_ID) scriptId = this.scriptId(where);
      else if (key === LINE) line = this.place(where, 'lineNumber');
      else if (key === COLUMN) column = this.place(where, 'columnNumber');
      else scanner.skip();
    }
    // Traces of Chrome leave out what is empty.
    if (functionName === undefined) return scanner.failType(`has no text at ${where()}.functionName`);
    return { functionName, scriptId, url, line, column };
  }

  private text(where: () => string, what: string): string {
    const text = this.scanner.string(MAX_NAME_BYTES);
    return text ?? this.scanner.failType(`has no text at ${where()}.${what}`);
  }

  private scriptId(where: () => string): string {
    const id = this.scanner.stringOrNumber(MAX_ID_BYTES);
    return String(id ?? this.scanner.failType(`lacks ${where()}.scriptId`));
  }

  private place(where: () => string, what: string): number {
    const place = this.scanner.number();
    if (!Number.isSafeInteger(place)) this.scanner.failType(`has no whole number at ${where()}.${what}`);
    if (place > MAX_LINE) this.scanner.failType(`has a place out of range in ${where()}.${what}`);
    return Math.max(-1, place);
  }
}

export const MAX_LINE = 0x7fffffff;
/** Names of functions and addresses of scripts are cut there. */
const MAX_NAME_BYTES = 4096;
const MAX_ID_BYTES = 64;
/** Of distinct frames as the file has them. */
const MAX_BYTES = 256 << 20;
/** Characters of all names and addresses. */
const MAX_TEXT = 256 << 20;

const OTHERS: CallFrame = { functionName: '(other functions)', scriptId: '0', url: '', line: -1, column: -1 };

const [FUNCTION_NAME, SCRIPT_ID, URL, LINE, COLUMN] = [0, 1, 2, 3, 4];
const KEYS = new KeyTable(['functionName', 'scriptId', 'url', 'lineNumber', 'columnNumber']);

/** The low bits of the hash of bytes that differ little are much alike. */
function spread(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 8;
}
