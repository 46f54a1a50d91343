import { createHash } from 'node:crypto';
import { matchLines } from './lineMatch';

/** How a document stands to the file that a run measured. Lines are 0-based. */
export type TextState =
  /** The very text that was measured. */
  | { readonly kind: 'fresh' }
  /** Edited since; `lines[i]` is where line `i` of the measured text is now, -1 where it was edited or deleted. */
  | { readonly kind: 'edited'; readonly lines: Int32Array }
  /**
   * Another version, and the measured one is not known: figures may belong to other code. `lines` follows the edits
   * since the document was first seen.
   */
  | { readonly kind: 'stale'; readonly lines: Int32Array };

/** Follows one document against the hash of the file that was measured. Holds no editor. */
export class TrackedText {
  private base: { readonly lines: readonly string[]; readonly measured: boolean } | undefined;

  /** @param sha256 hex, of the file's bytes when it was measured. */
  constructor(private readonly sha256: string) {}

  /** The measured text's lines, once it was seen. */
  get measuredLines(): readonly string[] | undefined {
    return this.base?.measured ? this.base.lines : undefined;
  }

  /** Tells what was measured, when the document itself is another version. Ignored unless its hash fits. */
  learn(bytes: Uint8Array): boolean {
    if (sha256(bytes) !== this.sha256) return false;
    this.base = { lines: splitLines(new TextDecoder().decode(bytes)), measured: true };
    return true;
  }

  learnLines(lines: readonly string[]): void {
    this.base = { lines, measured: true };
  }

  update(text: string): TextState {
    const lines = splitLines(text);
    if (this.base?.measured ? sameLines(this.base.lines, lines) : isTextOf(text, this.sha256)) {
      if (!this.base?.measured) this.base = { lines, measured: true };
      return { kind: 'fresh' };
    }
    this.base ??= { lines, measured: false };
    const small = lines.length <= MAX_LINES && this.base.lines.length <= MAX_LINES;
    return {
      kind: this.base.measured ? 'edited' : 'stale',
      lines: small ? matchLines(this.base.lines, lines) : new Int32Array(this.base.lines.length).fill(-1),
    };
  }
}

/** Longer texts are followed no further than their first edit, which keeps each keystroke's work to milliseconds. */
const MAX_LINES = 50_000;

/** Where line `line` (0-based) of the measured text is now; undefined where it is no more. */
export function currentLine(state: TextState, line: number): number | undefined {
  if (state.kind === 'fresh') return line;
  const now = state.lines[line];
  return now === undefined || now < 0 ? undefined : now;
}

/** Whether lines `first` to `last` (0-based, inclusive) stand together as they were measured. */
export function isUntouched(state: TextState, first: number, last: number): boolean {
  if (state.kind === 'fresh') return true;
  const start = state.lines[first];
  if (start === undefined || start < 0) return false;
  for (let line = first; line <= last; line++) if (state.lines[line] !== start + line - first) return false;
  return true;
}

/**
 * Last line (0-based) of the function declared on line `first`, by the indentation of formatted code: for profiles
 * that do not know. Never less than `first`.
 */
export function endByIndentation(lines: readonly string[], first: number): number {
  const indent = (line: string) => line.search(/\S/);
  const own = indent(lines[first] ?? '');
  for (let line = first + 1; line < lines.length; line++) {
    const text = lines[line] ?? '';
    if (indent(text) < 0 || indent(text) > own) continue;
    // A closing bracket ends the function; `) {` and the like go on with its head.
    if (/^\s*[)\]}].*[{([,]\s*$/.test(text)) continue;
    return /^\s*[)\]}]/.test(text) ? line : line - 1;
  }
  return Math.max(first, lines.length - 1);
}

/** Editors drop the byte-order mark and make line ends alike, so the bytes on disk may be any of these. */
export function isTextOf(text: string, hash: string): boolean {
  const unix = text.replaceAll('\r\n', '\n');
  const candidates = text === unix ? [text] : [text, unix];
  for (const candidate of candidates) {
    if (sha256(candidate) === hash || sha256(`\ufeff${candidate}`) === hash) return true;
  }
  if (!unix.includes('\n') || text !== unix) return false;
  const windows = unix.replaceAll('\n', '\r\n');
  return sha256(windows) === hash || sha256(`\ufeff${windows}`) === hash;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}
