import type { Capture, Check, JsonValue } from '../../model/loadTest';
import type { Reply } from './exchange';
import { matchIn } from './patterns';

/** Of a value that is captured. */
const MAX_CAPTURED = 64 * 1024;

/** What captures and checks ask of a reply; its body is decoded and parsed once, and only when asked for. */
export class ReplyReader {
  private bodyText: string | undefined;
  private json: { readonly value: unknown } | undefined;

  constructor(private readonly reply: Reply) {}

  /** Undefined where there is no such value. */
  capture({ from }: Capture): string | undefined {
    const value = this.find(from);
    return value === undefined || value.length > MAX_CAPTURED ? undefined : value;
  }

  check({ test }: Check): boolean {
    switch (test.type) {
      case 'status':
        return test.ranges.some(([low, high]) => this.reply.status >= low && this.reply.status <= high);
      case 'bodyIncludes':
        return this.text().includes(test.text);
      case 'bodyMatches':
        return matchIn(test.pattern, this.text()) !== null;
      case 'json': {
        const found = this.pointed(test.pointer);
        return test.equals === undefined ? found !== undefined : sameJson(found, test.equals);
      }
      case 'header': {
        const value = this.header(test.header);
        if (value === undefined) return false;
        if (test.equals !== undefined) return value === test.equals;
        return test.pattern === undefined || matchIn(test.pattern, value) !== null;
      }
    }
  }

  /** Several of one name are joined as lists are. */
  header(name: string): string | undefined {
    const { headers } = this.reply;
    const wanted = name.toLowerCase();
    let value: string | undefined;
    for (let at = 0; at + 1 < headers.length; at += 2) {
      if (headers[at]!.length !== wanted.length || headers[at]!.toString('latin1').toLowerCase() !== wanted)
        continue;
      const text = headers[at + 1]!.toString('latin1');
      value = value === undefined ? text : `${value}, ${text}`;
    }
    return value;
  }

  private find(from: Capture['from']): string | undefined {
    switch (from.type) {
      case 'header':
        return this.header(from.header);
      case 'json': {
        const value = this.pointed(from.pointer);
        if (value === undefined || value === null) return undefined;
        return typeof value === 'string' ? value : JSON.stringify(value);
      }
      case 'regex': {
        const match = matchIn(from.pattern, this.text());
        return match?.[1] ?? match?.[0];
      }
    }
  }

  private text(): string {
    return (this.bodyText ??= this.reply.body.toString());
  }

  private pointed(pointer: string): unknown {
    this.json ??= { value: parseJson(this.text()) };
    return resolvePointer(this.json.value, pointer);
  }
}

/** RFC 6901. Undefined where it leads nowhere. */
export function resolvePointer(value: unknown, pointer: string): unknown {
  if (pointer === '') return value;
  if (!pointer.startsWith('/')) return undefined;
  let found = value;
  for (const token of pointer.slice(1).split('/')) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found))
      found = /^(?:0|[1-9]\d*)$/.test(key) ? (found as unknown[])[Number(key)] : undefined;
    else if (typeof found === 'object' && found !== null && Object.hasOwn(found, key))
      found = (found as Record<string, unknown>)[key];
    else return undefined;
  }
  return found;
}

function sameJson(a: unknown, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  return (
    left.length === Object.keys(b).length &&
    left.every(
      ([key, value]) => Object.hasOwn(b, key) && sameJson(value, (b as Record<string, JsonValue>)[key]!),
    )
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
