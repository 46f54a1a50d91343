import type { Node } from 'jsonc-parser';
import { isSecretHeader } from '../model/secrets';
import { compileTemplate } from '../model/template';
import type { Reader } from './reader';
import { readTemplate, type Scope } from './templates';

/** The client sets them from the request itself. */
const OF_THE_CLIENT = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** A token of RFC 9110. */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

/** Names in lower case. */
export function readHeaders(reader: Reader, node: Node, scope: Scope): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const [written, { key, value }] of reader.properties(node) ?? []) {
    const name = written.toLowerCase();
    const text = readTemplate(reader, value, scope);
    if (!isHeaderName(written)) reader.error(key, `"${written}" is no name of a header.`);
    else if (OF_THE_CLIENT.includes(name))
      reader.error(key, `"${written}" is set by the client that sends the request; leave it away.`);
    else if (headers.has(name)) reader.error(key, `"${written}" is there twice: case makes no difference.`);
    else if (text !== undefined && checkValue(reader, value, name, text)) headers.set(name, text);
  }
  return Object.fromEntries(headers);
}

function checkValue(reader: Reader, node: Node, name: string, text: string): boolean {
  const { parts } = compileTemplate(text);
  const literals = parts.filter((part) => typeof part === 'string').join('');
  if (/[^\t\x20-\x7e\x80-\xff]/.test(literals)) {
    reader.error(node, `The value of "${name}" has a character that no header can carry.`);
    return false;
  }
  if (isSecretHeader(name) && text.trim() !== '' && parts.every((part) => typeof part === 'string')) {
    reader.warn(
      node,
      `"${name}" looks like a secret in plain text: write \${secret:NAME} or \${env:NAME} in its place.`,
    );
  }
  return true;
}
