import os from 'node:os';
import type { Worker } from 'node:worker_threads';
import { CancelledError, throwIfCancelled, ThroughlineError } from '../model/errors';
import type {
  Activity,
  ExportFormat,
  Page,
  PageRequest,
  Sandwich,
  SearchRequest,
  SearchResult,
  TablePage,
  TableRequest,
  ViewSpec,
} from '../model/view';
import { joinCosts } from './costParts';
import type {
  OpenedProfile,
  OpenProgress,
  OpenRequest,
  SessionCosts,
  SessionReplies,
  SessionReply,
  SessionRequest,
} from './sessionMessages';
import { crashError, errorOfReply, startWorker } from './workerThread';

export type { OpenedProfile, OpenProgress, OpenRequest, SessionCosts };

export interface OpenOptions {
  /** Ends the opening, and the worker with it. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: OpenProgress) => void;
}

/**
 * A profile, or the difference of two, held open in a worker thread of `dist/session.cjs` that answers what views ask.
 * Every request rejects with a ThroughlineError where it cannot be answered, all pending ones where the worker is
 * gone, and with a CancelledError after `dispose`.
 */
export class ProfileSession {
  private constructor(
    private readonly conversation: Conversation,
    readonly opened: OpenedProfile,
  ) {}

  /**
   * @param dist folder of the built bundles.
   * @throws {ThroughlineError} BAD_PROFILE, or INTERNAL where the worker crashed.
   * @throws {CancelledError} on the signal.
   */
  static async open(dist: string, request: OpenRequest, options: OpenOptions = {}): Promise<ProfileSession> {
    const { signal, onProgress } = options;
    if (signal) throwIfCancelled(signal);
    const worker = startWorker(dist, 'session.cjs', { maxOldGenerationSizeMb: heapLimitMb() });
    const conversation = new Conversation(worker, onProgress);
    const cancel = () => conversation.end();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return new ProfileSession(conversation, await conversation.ask({ type: 'open', request }));
    } catch (error) {
      conversation.end();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  page(request: PageRequest): Promise<Page> {
    return this.conversation.ask({ type: 'page', request });
  }

  /** Callers and callees of a function, an index in the profile's frames. */
  sandwich(spec: ViewSpec, frame: number): Promise<Sandwich> {
    return this.conversation.ask({ type: 'sandwich', spec, frame });
  }

  table(request: TableRequest): Promise<TablePage> {
    return this.conversation.ask({ type: 'table', request });
  }

  search(request: SearchRequest): Promise<SearchResult> {
    return this.conversation.ask({ type: 'search', request });
  }

  /** Undefined where the profile has no timeline. */
  activity(buckets: number): Promise<Activity | undefined> {
    return this.conversation.ask({ type: 'activity', buckets });
  }

  /** Functions and lines of the sources; of a difference those of the side after. */
  costs(): Promise<SessionCosts> {
    return joinCosts((part) => this.conversation.ask({ type: 'costs', part }));
  }

  /** The document's text. */
  export(format: ExportFormat, spec: ViewSpec): Promise<string> {
    return this.conversation.ask({ type: 'export', format, spec });
  }

  /** Ends the worker; what is pending is cancelled. */
  dispose(): void {
    this.conversation.end();
  }
}

type Unnumbered<R> = R extends { readonly id: number } ? Omit<R, 'id'> : never;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Requests to one worker and what it replies to each. */
class Conversation {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  /** Why nothing can be asked any more. */
  private over: Error | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly onProgress: OpenOptions['onProgress'],
  ) {
    worker.on('message', (reply: SessionReply) => this.receive(reply));
    worker.on('error', (error: Error) => this.fail(crashError(error, 'profile session')));
    worker.on('exit', (code) =>
      this.fail(new ThroughlineError('INTERNAL', `The profile session ended early (exit code ${code}).`)),
    );
  }

  ask<T extends keyof SessionReplies>(
    request: Extract<Unnumbered<SessionRequest>, { readonly type: T }>,
  ): Promise<SessionReplies[T]> {
    if (this.over) return Promise.reject(this.over);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      // The worker answers each type of request with its own type of value; see `SessionReplies`.
      this.pending.set(id, { resolve: (value) => resolve(value as SessionReplies[T]), reject });
      this.worker.postMessage({ ...request, id });
    });
  }

  end(): void {
    this.fail(new CancelledError());
    void this.worker.terminate();
  }

  private receive(reply: SessionReply): void {
    if (reply.type === 'progress') {
      if (!this.over) this.onProgress?.(reply.progress);
      return;
    }
    const asked = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if (reply.type === 'error') asked?.reject(errorOfReply(reply));
    else asked?.resolve(reply.value);
  }

  private fail(error: Error): void {
    this.over ??= error;
    for (const { reject } of this.pending.values()) reject(this.over);
    this.pending.clear();
  }
}

/** Strings and objects only: columns are outside of V8's heap. Half of the machine's memory, within bounds. */
function heapLimitMb(): number {
  return Math.min(8192, Math.max(2048, Math.floor(os.totalmem() / 2 / 1024 / 1024)));
}
