import type { JsonValue } from '../model/loadTest';

/** Longer values are written over several lines. */
const MAX_LINE = 90;

/** A value as JavaScript source. Nothing in it can end the literal, a line or a comment that it stands in. */
export function jsLiteral(value: JsonValue, indent = 0): string {
  if (typeof value === 'string') return jsString(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList
    ? (value as readonly JsonValue[]).map((item) => jsLiteral(item, indent + 2))
    : Object.entries(value).map(([key, item]) => `${jsKey(key)}: ${jsLiteral(item, indent + 2)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return open + close;
  const line = isList ? `[${items.join(', ')}]` : `{ ${items.join(', ')} }`;
  if (line.length + indent <= MAX_LINE && !line.includes('\n')) return line;
  const inner = ' '.repeat(indent + 2);
  return `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${' '.repeat(indent)}${close}`;
}

/** In double quotes, in ASCII. */
export function jsString(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]|<\/|\*\//g, (found) =>
    found.length === 2
      ? `${found[0] === '*' ? '\\u002a' : '\\u003c'}/`
      : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function jsKey(key: string): string {
  // As a plain key it would set the object's prototype.
  if (key === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key) ? key : jsString(key);
}

/** A regular expression of any text. */
export function jsRegExp(pattern: string): string {
  return `new RegExp(${jsString(pattern)})`;
}
