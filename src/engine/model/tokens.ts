/**
 * A token of JavaScript or TypeScript, as far as finding calls needs them: comments, regular expressions and types
 * are not understood but are told apart well enough not to be mistaken for code.
 */
export interface Token {
  readonly type: 'name' | 'string' | 'template' | 'number' | 'regexp' | 'punctuator';
  /** Of a `string`, and of a `template` without substitutions: its value; else the source text. */
  readonly text: string;
  /** Of a template: it has substitutions, so its value is not known. */
  readonly dynamic: boolean;
  /** Offset in the source. */
  readonly start: number;
  readonly end: number;
}

/** Never throws: what cannot be read as code is passed over. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  // Each open `{` of a template's substitution, by the depth of braces at which it ends.
  const templates: { depth: number; start: number }[] = [];
  let depth = 0;
  let at = source.startsWith('#!') ? endOfLine(source, 0) : 0;
  const push = (type: Token['type'], text: string, start: number, dynamic = false) =>
    tokens.push({ type, text, dynamic, start, end: at });

  while (at < source.length) {
    const start = at;
    const char = source[at]!;
    if (/\s/.test(char)) {
      at++;
    } else if (source.startsWith('//', at)) {
      at = endOfLine(source, at);
    } else if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      at = end < 0 ? source.length : end + 2;
    } else if (char === '"' || char === "'") {
      at = endOfString(source, at);
      push('string', unescaped(source.slice(start + 1, at - 1)), start);
    } else if (char === '`') {
      template(start);
    } else if (char === '}' && templates.at(-1)?.depth === depth) {
      template(templates.pop()!.start);
    } else if (char === '/' && regexpMayFollow(tokens.at(-1))) {
      at = endOfRegexp(source, at);
      push('regexp', source.slice(start, at), start);
    } else if (NAME_START.test(char)) {
      NAME.lastIndex = at;
      at += NAME.exec(source)?.[0].length ?? 1;
      push('name', source.slice(start, at), start);
    } else if (/\d/.test(char)) {
      NUMBER.lastIndex = at;
      at += NUMBER.exec(source)?.[0].length ?? 1;
      push('number', source.slice(start, at), start);
    } else {
      if (char === '{') depth++;
      if (char === '}') depth--;
      at += source.startsWith('?.', at) ? 2 : source.startsWith('=>', at) ? 2 : 1;
      push('punctuator', source.slice(start, at), start);
    }
  }
  return tokens;

  /** From a backtick, or from the `}` that ends a substitution, on to the end or to the next substitution. */
  function template(templateStart: number): void {
    const resumed = source[at] === '}';
    for (at++; at < source.length; at++) {
      if (source[at] === '\\') at++;
      else if (source[at] === '`') break;
      else if (source[at] === '$' && source[at + 1] === '{') {
        at += 2;
        templates.push({ depth, start: templateStart });
        if (!resumed) push('template', '', templateStart, true);
        return;
      }
    }
    at = Math.min(at + 1, source.length);
    if (!resumed) push('template', unescaped(source.slice(templateStart + 1, at - 1)), templateStart);
  }
}

export function isPunctuator(token: Token | undefined, text: string): boolean {
  return token?.type === 'punctuator' && token.text === text;
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Index of each opening round, square or curly bracket -> that of the one that closes it; those without are left out. */
export function matchBrackets(tokens: readonly Token[]): Map<number, number> {
  const pairs = new Map<number, number>();
  const open: { readonly at: number; readonly closing: string }[] = [];
  for (const [index, { type, text }] of tokens.entries()) {
    if (type !== 'punctuator') continue;
    const closing = CLOSING[text];
    if (closing !== undefined) open.push({ at: index, closing });
    else if (text === ')' || text === ']' || text === '}') {
      // A bracket that is left open within one that closes has no end.
      const from = open.findLastIndex((each) => each.closing === text);
      if (from < 0) continue;
      pairs.set(open[from]!.at, index);
      open.length = from;
    }
  }
  return pairs;
}

/** Places of offsets in a source. */
export class LineTable {
  private readonly starts: number[] = [0];

  constructor(source: string) {
    for (const match of source.matchAll(/\r\n|[\n\r\u2028\u2029]/g))
      this.starts.push(match.index + match[0].length);
  }

  /** 1-based line and column (UTF-16) of an offset. */
  place(offset: number): [line: number, column: number] {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return [low + 1, offset - this.starts[low]! + 1];
  }
}

const NAME_START = /[\p{ID_Start}$_#@]/u;
/** Without the joiners that identifiers may also hold: they occur in no name that is looked for. */
const NAME = /[\p{ID_Continue}$_#@]+/uy;
const NUMBER = /[\w.]+/y;

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end < 0 ? source.length : end;
}

/** A string that is not closed ends with its line, so that one mistake does not swallow the file. */
function endOfString(source: string, from: number): number {
  const quote = source[from];
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === quote || source[at] === '\n') return at + 1;
  }
  return source.length;
}

function endOfRegexp(source: string, from: number): number {
  let inClass = false;
  let at = from + 1;
  for (; at < source.length && source[at] !== '\n'; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === '[') inClass = true;
    else if (source[at] === ']') inClass = false;
    else if (source[at] === '/' && !inClass) {
      at++;
      break;
    }
  }
  while (/\w/.test(source[at] ?? '')) at++;
  return at;
}

/** A `/` divides after a value, and begins a regular expression elsewhere. `)` and `}` are taken for ends of values. */
function regexpMayFollow(last: Token | undefined): boolean {
  if (!last) return true;
  if (last.type === 'name') return KEYWORDS_BEFORE_VALUE.has(last.text);
  return last.type === 'punctuator' && ![')', ']', '}'].includes(last.text);
}

const KEYWORDS_BEFORE_VALUE = new Set([
  ...['return', 'typeof', 'instanceof', 'in', 'of', 'new', 'delete', 'void', 'throw', 'case', 'do', 'else'],
  ...['await', 'yield'],
]);

function unescaped(raw: string): string {
  return raw.replace(
    /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|(\r\n|[^]))/gi,
    (_all, point?: string, unicode?: string, byte?: string, char?: string) => {
      const code = point ?? unicode ?? byte;
      if (code !== undefined) {
        const value = parseInt(code, 16);
        return value <= 0x10ffff ? String.fromCodePoint(value) : '';
      }
      return char === undefined ? '' : (SIMPLE_ESCAPES[char] ?? char);
    },
  );
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', '0': '\0' },
  // A line that goes on.
  ...{ '\n': '', '\r\n': '' },
};
