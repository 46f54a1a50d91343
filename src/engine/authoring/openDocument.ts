import { documentOf } from './compose';
import type { ThroughlineError } from '../model/errors';
import type { AuthoringDocument, DocumentKind } from './document';
import { readHar } from './har/readHar';
import { readHttp } from './http/readHttp';
import { readOpenApi } from './openapi/readOpenApi';
import { badDocument, MOST_BYTES } from './reading';

const READERS = { openapi: readOpenApi, har: readHar, http: readHttp } as const;
const WHAT = { openapi: 'OpenAPI document', har: 'HAR recording', http: 'file of HTTP requests' } as const;

/**
 * Reads a document that a load test is to be made of. Throws `BAD_DOCUMENT` with its line where that is known, also of
 * one that is too large.
 *
 * @param name of the file, without its folder.
 */
export function openDocument(kind: DocumentKind, bytes: Uint8Array, name: string): AuthoringDocument {
  if (bytes.byteLength > MOST_BYTES[kind]) throw tooLarge(kind, bytes.byteLength, name);
  const draft = READERS[kind](
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    name,
  );
  const own = name.replace(/\.[^.]*$/, '');
  return documentOf(
    kind,
    { ...draft, ...(kind !== 'openapi' && own !== '' && { name: own }) },
    `Made from ${name}.`,
  );
}

/** By the name of a file; undefined where that does not tell. */
export function kindOfFile(name: string): DocumentKind | undefined {
  if (/\.har$/i.test(name)) return 'har';
  if (/\.(http|rest)$/i.test(name)) return 'http';
  return /\.(ya?ml|json)$/i.test(name) ? 'openapi' : undefined;
}

/** @param bytes how many there are. */
export function tooLarge(kind: DocumentKind, bytes: number, name: string): ThroughlineError {
  const limit = `at most ${megabytes(MOST_BYTES[kind])} MB of a ${WHAT[kind]} are read.`;
  const advice = kind === 'har' ? ' Record a shorter session, or without the content of replies.' : '';
  return badDocument(name, `It has ${megabytes(bytes)} MB; ${limit}${advice}`);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}
