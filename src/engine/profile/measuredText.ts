/** What is known of the text of a source file that was measured. One object each: verdicts are kept by identity. */
export type MeasuredText =
  /** V8 ran this text as the file's own. */
  | { readonly kind: 'run'; readonly text: string }
  /** What V8 ran was built from this text. */
  | { readonly kind: 'built'; readonly text: string }
  /** What V8 ran was built from the file as it was then or earlier, in milliseconds since 1970. */
  | { readonly kind: 'asOf'; readonly timeMs: number };

/** A file as it is on the disk now. */
export interface FileText {
  readonly file: string;
  readonly text: string;
  readonly mtimeMs: number;
}

/** Whether the file is still what was measured, in all that moves its lines. */
export function isUnchanged(measured: MeasuredText, now: FileText): boolean {
  if (measured.kind === 'asOf') return now.mtimeMs <= measured.timeMs;
  const text = withoutMark(now.text);
  if (measured.kind === 'run') return isRunOf(measured.text, text, /\.[cm]?tsx?$/u.test(now.file));
  const built = withoutMark(measured.text);
  return built === text || unixLines(built) === unixLines(text);
}

/** The exact text, where it is known. Node blanks out types before V8 sees them, so of TypeScript it is not. */
export function knownText(measured: MeasuredText, file: string): string | undefined {
  if (measured.kind === 'asOf') return undefined;
  return measured.kind === 'run' && /\.[cm]?tsx?$/u.test(file) ? undefined : measured.text;
}

const WRAPPER = '(function (exports, require, module, __filename, __dirname) { ';
const WRAPPER_END = '\n});';

function isRunOf(ran: string, text: string, typed: boolean): boolean {
  if (ran === text) return true;
  // Where a tool patches `Module.wrap`, V8 sees the wrapper.
  const body =
    ran.startsWith(WRAPPER) && ran.endsWith(WRAPPER_END)
      ? ran.slice(WRAPPER.length, -WRAPPER_END.length)
      : ran;
  const [a, b] = text.startsWith('#!') ? [afterFirstLine(body), afterFirstLine(text)] : [body, text];
  return a === b || (typed && isStripped(withoutSourceUrl(a), b));
}

/**
 * Whether `stripped` is TypeScript without its types: each character is the text's own, blank, or one of the signs
 * that Node puts in so that lines join as before. Lines keep their place; so do columns, but behind a type that holds
 * characters outside of ASCII.
 */
function isStripped(stripped: string, text: string): boolean {
  const ours = stripped.split('\n');
  const theirs = text.split('\n');
  while (ours.length > theirs.length && ours.at(-1) === '') ours.pop();
  if (ours.length !== theirs.length) return false;
  return ours.every((line, i) => {
    const full = theirs[i]!;
    if (line === full) return true;
    return /^[\0-\x7f]*$/u.test(full) ? isBlankedLine(line, full) : isSubsequence(line, full);
  });
}

function isBlankedLine(line: string, full: string): boolean {
  if (line.length !== full.length) return false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] !== full[i] && !INSERTED.includes(line[i]!)) return false;
  }
  return true;
}

const INSERTED = ' \r;),(=>';

function isSubsequence(line: string, full: string): boolean {
  let at = 0;
  for (const sign of line.replace(/\s/gu, '')) {
    const next = full.indexOf(sign, at);
    if (next >= 0) at = next + sign.length;
    else if (!INSERTED.includes(sign)) return false;
  }
  return true;
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function unixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function afterFirstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? '' : text.slice(end);
}

/** Node appends it to what it stripped. */
function withoutSourceUrl(text: string): string {
  const at = text.lastIndexOf('\n//# sourceURL=');
  return at < 0 || text.indexOf('\n', at + 1) >= 0 ? text : text.slice(0, at);
}
