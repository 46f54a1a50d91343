/**
 * A source line with comments and the insides of quotes blanked, columns kept, so that a word found in it is code.
 * Judges one line alone: inside a block comment or a template that began on an earlier line it sees code.
 */
export function codeOf(line: string): string {
  // A minified line holds a whole program: that it calls something says nothing about its cost.
  if (line.length > MAX_LINE_CHARS) return '';
  if (/^\s*\*/.test(line)) return '';
  return line.replace(QUOTED_OR_COMMENT, (match) => ' '.repeat(match.length));
}

const MAX_LINE_CHARS = 1000;

const QUOTED_OR_COMMENT = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\/\*.*?(?:\*\/|$)|\/\/.*$/g;

const JSON_CALL = /(?<![\w$.])(?:globalThis\.)?JSON\s*\.\s*(stringify|parse)\s*\(/;

/** Which builtin of `JSON` the line calls. */
export function jsonCallOf(line: string): 'stringify' | 'parse' | undefined {
  return JSON_CALL.exec(codeOf(line))?.[1] as 'stringify' | 'parse' | undefined;
}
