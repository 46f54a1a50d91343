import { createScanner, parseTree, type Node, type ParseError } from 'jsonc-parser';
import type { Span } from './sourceText';

/** A file of requests that one person wrote is far below; the parser recurses and holds all in memory. */
const MAX_TEXT = 1024 * 1024;
const MAX_DEPTH = 64;

export type JsonTree =
  | { readonly state: 'ok'; readonly root: Node }
  | { readonly state: 'bad'; readonly message: string; readonly at: Span };

/** JSON with comments and trailing commas, as a tree with positions; else the first thing that is wrong with it. */
export function parseJsonTree(text: string): JsonTree {
  if (text.length > MAX_TEXT) return bad('The file is larger than 1 MB.', 0, 1);
  const tokens = scan(text);
  if ('tooDeep' in tokens) return bad(`The file nests deeper than ${MAX_DEPTH} levels.`, tokens.tooDeep, 1);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  if (tokens.ends.length === 0 && errors.every(({ error }) => (error as number) === VALUE_EXPECTED))
    return bad('The file is empty: write { "scenario": { … } }.', 0, 0);
  const [first] = errors;
  if (first) return { state: 'bad', ...describe(first, text, tokens.ends) };
  if (!root) return bad('This is no JSON.', 0, 0);
  return { state: 'ok', root };
}

function bad(message: string, offset: number, length: number): JsonTree {
  return { state: 'bad', message, at: { offset, length } };
}

/** Of jsonc-parser's `SyntaxKind`, a const enum, which a file that is compiled alone cannot read. */
const TOKEN = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const;

/** Where each token ends, comments and spaces left out; or where the nesting is too deep for a recursive parser. */
function scan(text: string): { readonly ends: readonly number[] } | { readonly tooDeep: number } {
  const scanner = createScanner(text, true);
  const ends: number[] = [];
  let depth = 0;
  for (;;) {
    const kind: number = scanner.scan();
    if (kind === TOKEN.end) return { ends };
    if (kind === TOKEN.openBrace || kind === TOKEN.openBracket) depth++;
    if (kind === TOKEN.closeBrace || kind === TOKEN.closeBracket) depth--;
    if (depth > MAX_DEPTH) return { tooDeep: scanner.getTokenOffset() };
    ends.push(scanner.getTokenOffset() + scanner.getTokenLength());
  }
}

/** What is missing is missing behind the token before; what is wrong is where it stands. */
function describe(
  { error, offset, length }: ParseError,
  text: string,
  ends: readonly number[],
): { message: string; at: Span } {
  const missing = MISSING.get(error);
  if (missing !== undefined) {
    const before = ends.findLast((end) => end <= offset) ?? 0;
    return { message: `${missing} is missing here.`, at: { offset: Math.max(0, before - 1), length: 1 } };
  }
  const at = { offset: Math.min(offset, text.length), length: Math.min(length, text.length - offset) };
  return { message: WRONG.get(error) ?? 'This is no JSON.', at };
}

/** Of `ParseErrorCode`, a const enum as well. */
const VALUE_EXPECTED: number = 4;

/** By `ParseErrorCode`. */
const MISSING: ReadonlyMap<number, string> = new Map([
  [VALUE_EXPECTED, 'A value'],
  [5, 'A colon'],
  [6, 'A comma'],
  [7, 'A closing brace "}"'],
  [8, 'A closing bracket "]"'],
]);

const WRONG: ReadonlyMap<number, string> = new Map([
  [1, 'This is nothing of JSON: names and texts stand in double quotes.'],
  [2, 'This is no number of JSON.'],
  [3, 'A name in double quotes is expected here.'],
  [9, 'Nothing may follow the end of the object.'],
  [11, 'The comment has no end "*/".'],
  [12, 'The text has no closing quote.'],
  [13, 'This is no number of JSON.'],
  [14, 'After "\\u" come four hexadecimal digits.'],
  [15, 'There is no such escape: write "\\\\" for a backslash.'],
  [16, 'A control character must be escaped, such as "\\n" or "\\t".'],
]);
