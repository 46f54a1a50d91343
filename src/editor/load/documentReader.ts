import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Composed, DocumentKind, Offered } from '../../engine/authoring/document';
import type { DocumentReply, DocumentRequest } from '../../engine/authoring/worker';
import { CancelledError, ThroughlineError } from '../../engine/model/errors';

/** A document that a load test is made of, read on a thread of its own: a recording may have many megabytes. */
export class DocumentReader {
  private readonly worker: Worker;
  private waiting: { resolve(reply: DocumentReply): void; reject(error: Error): void } | undefined;

  /** @param dist folder of the bundles. */
  constructor(dist: string) {
    this.worker = new Worker(path.join(dist, 'authoring.cjs'));
    this.worker.on('message', (reply: DocumentReply) => this.waiting?.resolve(reply));
    this.worker.on('error', (error: Error) =>
      // Of a document that takes more memory than there is, for instance.
      this.waiting?.reject(new ThroughlineError('BAD_DOCUMENT', `It cannot be read: ${error.message}`)),
    );
    this.worker.on('exit', () => this.waiting?.reject(new CancelledError()));
  }

  /** Rejects with `BAD_DOCUMENT` where it cannot be read. */
  async open(
    kind: DocumentKind,
    file: string,
  ): Promise<{
    readonly name: string;
    readonly offered: readonly Offered[];
    readonly notes: readonly string[];
  }> {
    const reply = await this.ask({ type: 'open', kind, file });
    if (reply.type !== 'opened') throw unexpected(reply);
    return reply;
  }

  async compose(chosen: readonly number[]): Promise<Composed> {
    const reply = await this.ask({ type: 'compose', chosen });
    if (reply.type !== 'composed') throw unexpected(reply);
    return reply;
  }

  /** Ends the thread, also one that is still reading: what is waited for rejects as cancelled. */
  dispose(): void {
    void this.worker.terminate();
  }

  private ask(request: DocumentRequest): Promise<DocumentReply> {
    return new Promise<DocumentReply>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.worker.postMessage(request);
    }).finally(() => (this.waiting = undefined));
  }
}

function unexpected(reply: DocumentReply): ThroughlineError {
  if (reply.type === 'failed') return new ThroughlineError(reply.code, reply.message);
  return new ThroughlineError('INTERNAL', `The reader of documents replied "${reply.type}".`);
}
