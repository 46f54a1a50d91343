import { ThroughlineError } from '../../model/errors';

import { describeBytes, isBinary, OPENABLE, readHead, textOf } from './fileKinds';
import { jsonKind, type FileFormat, type JsonKind } from './jsonKind';
import { parsePerfFrame, parsePerfHeader } from './perfLines';
import { looksLikePprof } from './pprofShape';
import type { ByteSource } from './source';
import { findTreesInPage } from './zeroXPage';

/** The format of a file, by its content alone; undefined for what cannot be opened. Of gzip, unpack it first. */
export function detectFormat(source: ByteSource): FileFormat | undefined {
  const kind = kindOf(source);
  return 'format' in kind ? kind.format : undefined;
}

/** As `detectFormat`. @throws {ThroughlineError} BAD_PROFILE with a sentence that names what the file looks like. */
export function requireFormat(source: ByteSource): FileFormat {
  const kind = kindOf(source);
  if ('format' in kind) return kind.format;
  throw new ThroughlineError(
    'BAD_PROFILE',
    `${source.name} is no profile that can be opened: it ${kind.looksLike}. What can be opened: ${OPENABLE}.`,
  );
}

function kindOf(source: ByteSource): JsonKind {
  const head = readHead(source);
  if (head.length === 0) return { looksLike: 'is empty' };
  if (isBinary(head)) {
    const what = describeBytes(head);
    if (what === BINARY && looksLikePprof(head, source.size)) return { format: 'pprof' };
    return looksLike(what ?? BINARY);
  }
  let text = textOf(head).trimStart();
  // Stacks of very many functions are longer than the head.
  if (!text.includes('\n') && text.includes(';'))
    text = textOf(readHead(source, LONG_HEAD_BYTES)).trimStart();
  if (text.startsWith('{') || text.startsWith('[')) return kindOfBrackets(source, text);
  if (text.startsWith('v8-version,')) return { format: 'v8log' };
  if (text.startsWith('<') && findTreesInPage(source) !== undefined) return { format: '0x' };
  const lines = wholeLines(text, head.length < source.size);
  if (isPerfScript(lines)) return { format: 'perfScript' };
  // Before what looks like XML: Python's stacks begin with `<module>`.
  if (isCollapsed(lines)) return { format: 'collapsed' };
  return looksLike(describeBytes(head) ?? 'a text without stacks');
}

/** JSON, or stacks that begin with a bracket such as `[unknown];main 3`. */
function kindOfBrackets(source: ByteSource, text: string): JsonKind {
  const kind = jsonKind(source);
  if ('format' in kind) return kind;
  const isStacks = text.startsWith('[') && isCollapsed(wholeLines(text, source.size > text.length));
  return isStacks ? { format: 'collapsed' } : looksLike(kind.looksLike);
}

const LONG_HEAD_BYTES = 4 << 20;
const BINARY = 'a binary file of an unknown format';

function looksLike(what: string): JsonKind {
  return { looksLike: /^(compressed|recorded)/u.test(what) ? `is ${what}` : `looks like ${what}` };
}

/** Lines of the head; of a file that goes on, without the last, which may be cut. */
function wholeLines(text: string, goesOn: boolean): string[] {
  const lines = text.split(/\r?\n/u);
  if (goesOn && lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== '').slice(0, MOST_LINES);
}

const MOST_LINES = 400;

/** Headers of samples, of whichever fields, and frames of an address and a symbol. */
function isPerfScript(lines: readonly string[]): boolean {
  const told = lines.filter((line) => !line.startsWith('#'));
  let headers = 0;
  let frames = 0;
  for (const line of told) {
    if (/^\s/u.test(line)) {
      if (parsePerfFrame(line)) frames++;
      continue;
    }
    const header = parsePerfHeader(line);
    if (!header || (header.seconds === undefined && header.event === '')) continue;
    headers++;
    // Without call graphs the frame stands behind its header.
    if (parsePerfFrame(header.rest)) frames++;
  }
  return frames > 0 && (headers + frames) * 10 >= told.length * 8;
}

/** Lines of frames parted by semicolons, and a number behind a space. */
function isCollapsed(lines: readonly string[]): boolean {
  const stacks = lines.filter((line) => !line.startsWith('#'));
  if (stacks.length === 0) return false;
  const sound = stacks.filter((line) => /\S\s+-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\s*$/iu.test(line));
  if (sound.length * 10 < stacks.length * 9) return false;
  return sound.some((line) => line.includes(';')) || (sound.length > 1 && sound.every(isOneFrame));
}

/** A stack of a single function: prose that ends in a number has words before it. */
function isOneFrame(line: string): boolean {
  return /^\S+\s+\d+(?:\.\d+)?\s*$/u.test(line);
}
