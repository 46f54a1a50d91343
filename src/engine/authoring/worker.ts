import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { errorMessage, ThroughlineError, type ErrorCode } from '../model/errors';
import {
  DOCUMENT_KINDS,
  type AuthoringDocument,
  type Composed,
  type DocumentKind,
  type Offered,
} from './document';
import { openDocument, tooLarge } from './openDocument';
import { badDocument, MOST_BYTES } from './reading';

/** One after the other: first `open`, then `compose` as often as wanted. Each has one reply. */
export type DocumentRequest =
  | { readonly type: 'open'; readonly kind: DocumentKind; readonly file: string }
  | { readonly type: 'compose'; readonly chosen: readonly number[] };

export type DocumentReply =
  | {
      readonly type: 'opened';
      readonly name: string;
      readonly offered: readonly Offered[];
      readonly notes: readonly string[];
    }
  | ({ readonly type: 'composed' } & Composed)
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Answers requests for one document. */
export function serveDocuments(port: MessagePort): void {
  let document: AuthoringDocument | undefined;
  const answer = async (request: DocumentRequest): Promise<DocumentReply> => {
    if (request.type === 'open') {
      document = await readDocument(request.kind, request.file);
      const { name, offered, notes } = document;
      return { type: 'opened', name, offered, notes };
    }
    if (!document) throw new ThroughlineError('INTERNAL', 'No document is open.');
    return { type: 'composed', ...document.compose(request.chosen) };
  };
  port.on('message', (request: DocumentRequest) => {
    void answer(request).then(
      (reply) => port.postMessage(reply),
      (error: unknown) => {
        const code = error instanceof ThroughlineError ? error.code : 'INTERNAL';
        port.postMessage({ type: 'failed', code, message: errorMessage(error) } satisfies DocumentReply);
      },
    );
  });
}

/** Throws `BAD_DOCUMENT` where the file cannot be read, is too large, or is not of the kind. */
export async function readDocument(kind: DocumentKind, file: string): Promise<AuthoringDocument> {
  if (!DOCUMENT_KINDS.includes(kind)) throw new ThroughlineError('BAD_USAGE', `There is no kind "${kind}".`);
  const name = path.basename(file);
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES[kind]) throw tooLarge(kind, size, name);
    return openDocument(kind, await readFile(file), name);
  } catch (error) {
    if (error instanceof ThroughlineError) throw error;
    throw badDocument(name, `It cannot be read: ${errorMessage(error)}`);
  }
}
