import type { JsonValue } from '../model/loadTest';
import type { RequestFile } from '../model/loadTestFile';
import { isSecretHeader } from '../model/secrets';
import { encodeInPath } from '../model/template';
import { literal, placeholderName } from './document';

/** Methods that a load test can send. */
export const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
]);

export const CHANGES_DATA = 'It may change data.';

/** They are asked for anew each time without harm. */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Set by the client from the request itself, or of the browser, its cache and its connection alone. */
const DROPPED =
  /^(:.*|host|content-length|connection|expect|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-connection|accept-encoding|if-(none-)?match|if-(un)?modified-since|if-range|referer|priority|dnt|upgrade-insecure-requests|sec-.*)$/;

export type Fill = (value: string) => string | undefined;

/**
 * Headers as templates, names in lower case. Those that the client sets itself are left out; the values of secret
 * ones become `${secret:NAME}`, but for what an earlier reply held.
 */
export function headersOf(
  headers: readonly { readonly name: string; readonly value: string }[],
  fill: Fill = () => undefined,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, value } of headers) {
    const lower = name.trim().toLowerCase();
    if (DROPPED.test(lower) || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower) || lower in found) continue;
    const text = headerValue(lower, value.trim(), fill);
    if (!/[^\t\x20-\x7e\x80-\xff]/.test(text)) found[lower] = text;
  }
  return found;
}

function headerValue(name: string, value: string, fill: Fill): string {
  const whole = fill(value);
  if (whole !== undefined) return whole;
  const [, scheme, rest] = /^(Bearer|Basic|Token|Digest)\s+(.+)$/i.exec(value) ?? [];
  const known = rest === undefined ? undefined : fill(rest);
  if (known !== undefined) return `${scheme} ${known}`;
  if (!isSecretHeader(name)) return literal(value);
  const secret = `\${secret:${secretName(name, scheme)}}`;
  return scheme === undefined ? secret : `${scheme} ${secret}`;
}

function secretName(header: string, scheme: string | undefined): string {
  if (header !== 'authorization') return placeholderName(header).toUpperCase();
  return scheme?.toLowerCase() === 'basic' ? 'BASIC_CREDENTIALS' : 'TOKEN';
}

const SECRET_FIELD = /passw|passphrase|secret|token|api[-_]?key|credential|^pwd$|^pin$|^otp$/i;

/** Whether what a field of a body or query carries is likely a secret. */
export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name);
}

/** Path and query as a template; `path` may be percent-encoded already. */
export function pathTemplate(path: string, fill: Fill = () => undefined): string {
  const [before, ...after] = path.split('?');
  const segments = before!.split('/').map((segment) => filled(segment, fill));
  const query = after.join('?');
  const joined = segments.join('/').replace(/^\/*/, '/');
  if (query === '') return joined;
  const pairs = query.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 0) return encodeInPath(pair);
    const key = pair.slice(0, equals);
    const value = pair.slice(equals + 1);
    const known = value === '' ? undefined : fill(decoded(value));
    const secret =
      isSecretField(key) && value !== '' ? `\${secret:${placeholderName(key).toUpperCase()}}` : undefined;
    return `${encodeInPath(key)}=${known ?? secret ?? encodeInPath(value)}`;
  });
  return `${joined}?${pairs.join('&')}`;
}

function filled(segment: string, fill: Fill): string {
  return (segment === '' ? undefined : fill(decoded(segment))) ?? encodeInPath(segment);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** A JSON body as `json`; numbers that an earlier reply held need the text form, where a placeholder stands bare. */
export function jsonBody(
  value: unknown,
  fill: Fill = () => undefined,
): Pick<RequestFile, 'json' | 'body' | 'headers'> {
  const bare: string[] = [];
  const walk = (each: unknown, key = ''): JsonValue => {
    if (typeof each === 'string') {
      const known = fill(each);
      if (known !== undefined) return known;
      return isSecretField(key) && each !== ''
        ? `\${secret:${placeholderName(key).toUpperCase()}}`
        : literal(each);
    }
    if (typeof each === 'number') {
      const known = fill(String(each));
      if (known === undefined) return each;
      bare.push(known);
      return known;
    }
    if (Array.isArray(each)) return each.map((item) => walk(item, key));
    if (typeof each === 'object' && each !== null)
      return Object.fromEntries(
        Object.entries(each).map(([name, item]) => [literal(name), walk(item, name)]),
      );
    return (each ?? null) as JsonValue;
  };
  const json = walk(value);
  if (bare.length === 0) return { json };
  const text = bare.reduce(
    (body, known) => body.replaceAll(JSON.stringify(known), known),
    JSON.stringify(json),
  );
  return { body: text };
}

/** A form body: `a=1&b=2`. */
export function formBody(text: string, fill: Fill = () => undefined): string {
  return pathTemplate(`/?${text}`, fill).slice('/?'.length);
}
