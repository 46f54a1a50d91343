import type autocannon from 'autocannon';
import { nowMicros } from './clock';

/** What a virtual user tells. Called on the hot path: must not throw. */
export interface VirtualUserEvents {
  /** A request is being sent; `route` is its own. */
  onRequest(): void;
  /** A connection was refused, reset or closed while a request had no full reply. */
  onConnectionError(error: Error): void;
  /** A request had no full reply within the timeout; its connection was dropped. */
  onTimeout(): void;
}

/**
 * One connection of autocannon's closed model, put right. autocannon hands each of its clients to `setupClient`
 * before the client connects, and this takes over two of its parts:
 *
 * - The queue of pending requests, which there holds one entry for each request written. A connection that ends
 *   leaves its entry behind, and from then on every reply is taken for the one before it: a 20 ms server that
 *   closes connections shows 1.2 s. Here one request is pending or none, and a new connection begins anew. The
 *   queue also kept the text of every body, which nothing here reads.
 * - How it connects: at once after a failure, thousands of times a second against a server that is down, and
 *   without telling when the server closed the connection on a request. Here failures are told, and each in a
 *   row doubles the wait before the next attempt, to half a second.
 */
export class VirtualUser {
  /** When the last reply was complete, on `nowMicros`. */
  completedMicros = 0;
  /** When the request that waits for its reply was sent; `NaN` when none waits. */
  sentMicros = NaN;
  /** When the last attempt failed; 0 since a reply. */
  failedMicros = 0;

  private failures = 0;
  private closing = false;
  private droppedRequest = false;
  private retry: NodeJS.Timeout | undefined;
  private readonly pending = new PendingRequest(this);
  private readonly doRequest: () => void;
  private readonly connect: () => void;

  constructor(
    readonly client: Client,
    firstRoute: number,
    readonly events: VirtualUserEvents,
  ) {
    client.pipelinedRequests = this.pending;
    // The users begin at different routes, so that they do not send the same one in step.
    const iterator = client.requestIterator;
    iterator.currentRequestIndex = firstRoute % iterator.requests.length;
    iterator.currentRequest = iterator.requests[iterator.currentRequestIndex];

    const prototype = Object.getPrototypeOf(client) as Client;
    this.doRequest = prototype._doRequest.bind(client);
    this.connect = prototype._connect.bind(client);
    client._doRequest = () => this.nextRequest();
    client._connect = () => {
      this.wrapParser(); // the constructor has set its handlers by now
      // From here on autocannon connects only after its timeout, when it has dropped the connection.
      client._connect = () => {
        if (this.droppedRequest) events.onTimeout();
        this.reconnect();
      };
      this.reconnect();
    };
  }

  /** Index in the routes of the request that was sent last. */
  get route(): number {
    return this.client.requestIterator.currentRequestIndex;
  }

  stop(): void {
    clearTimeout(this.retry);
    this.client.destroy();
  }

  /** Called by autocannon when a reply is complete, and by its `_connect`. */
  private nextRequest(): void {
    if (!this.closing) return this.doRequest();
    this.closing = false;
    // Not at once: the parser is still at work on the old connection's bytes.
    process.nextTick(() => {
      if (!this.client.destroyed) this.reconnect();
    });
  }

  private reconnect(): void {
    const { client } = this;
    clearTimeout(this.retry);
    if (client.conn) client._destroyConnection();
    this.closing = false;
    client.parser.reinitialize(client.parser.type);
    this.connect();
    const connection = client.conn!;
    connection.removeAllListeners('error');
    connection.removeAllListeners('end');
    connection.on('error', (error: Error) => this.lose(connection, error));
    connection.on('end', () => this.lose(connection, undefined));
  }

  /** The connection failed (`error`), or the server closed it. */
  private lose(connection: Client['conn'], error: Error | undefined): void {
    const { client } = this;
    if (client.destroyed || client.conn !== connection) return;
    if (error === undefined && client.parser.state === 'BODY_RAW') {
      client.parser.finish(); // a body without a length ends with its connection: the reply is complete
      return;
    }
    const waited = !Number.isNaN(this.sentMicros);
    client._destroyConnection();
    if (!waited) return; // it closed as it had said it would, and a reconnect is under way
    this.fail(error ?? new Error('The server closed the connection without a reply'));
  }

  private fail(error: Error): void {
    this.failures++;
    this.failedMicros = nowMicros();
    this.events.onConnectionError(error);
    // A single loss is made good at once.
    const waitMs = this.failures === 1 ? 0 : Math.min(500, 10 * 2 ** Math.min(this.failures, 10));
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      if (!this.client.destroyed) this.reconnect();
    }, waitMs);
  }

  private wrapParser(): void {
    const { client } = this;
    const { parser } = client;
    const { kOnHeadersComplete, kOnBody, kOnMessageComplete } = parser.constructor;
    const messageComplete = parser[kOnMessageComplete] as () => void;
    parser[kOnHeadersComplete] = (info: HeadersInfo): boolean => {
      this.pending.headers = info;
      const isHead = client.requestIterator.currentRequest?.method === 'HEAD';
      if (!info.shouldKeepAlive && info.statusCode >= 200)
        this.closing = !isHead || parser.connection.includes('close');
      return isHead; // a reply to HEAD has the length of a body, and no body
    };
    parser[kOnBody] = () => undefined; // bodies are counted, not kept
    parser[kOnMessageComplete] = () => {
      if (this.pending.headers.statusCode < 200) return; // an interim reply: the real one follows
      if (Number.isNaN(this.sentMicros)) return; // more than was asked for
      this.failures = 0;
      this.failedMicros = 0;
      messageComplete();
    };
    const execute = parser.execute.bind(parser);
    parser.execute = (chunk: Buffer) => {
      const outcome = execute(chunk);
      if (outcome instanceof Error && !client.destroyed) {
        client._destroyConnection();
        this.fail(new Error('The reply is not HTTP', { cause: outcome }));
      }
      return outcome;
    };
  }

  /** Of the pending request; called when its connection is dropped. */
  dropped(): void {
    this.droppedRequest = !Number.isNaN(this.sentMicros);
    this.sentMicros = NaN;
  }
}

/** What autocannon asks of its queue of pending requests, for one request. */
class PendingRequest implements RequestQueue {
  headers: HeadersInfo = { statusCode: 0, shouldKeepAlive: true };
  private request: unknown;
  private bytes = 0;

  constructor(private readonly user: VirtualUser) {}

  insertRequest(request: unknown): void {
    this.request = request;
    this.bytes = 0;
    this.user.sentMicros = nowMicros();
    this.user.events.onRequest();
  }

  addByteCount(count: number): void {
    this.bytes += count;
  }

  addBody(): void {
    // Never called: the parser's handler is replaced.
  }

  setHeaders(headers: HeadersInfo): void {
    this.headers = headers;
  }

  terminateRequest(): unknown {
    const { user, headers, bytes, request } = this;
    const completed = nowMicros();
    const duration = (completed - user.sentMicros) / 1e3;
    user.completedMicros = completed;
    user.sentMicros = NaN;
    return { req: request, bytes, body: '', headers, duration };
  }

  clear(): void {
    this.user.dropped();
  }
}

interface RequestQueue {
  insertRequest(request: unknown): void;
  addByteCount(count: number): void;
  addBody(data: Buffer): void;
  setHeaders(headers: HeadersInfo): void;
  terminateRequest(): unknown;
  clear(): void;
}

interface HeadersInfo {
  readonly statusCode: number;
  readonly shouldKeepAlive: boolean;
}

/** Parts of autocannon 9.0.0's `lib/httpClient.js` that its types do not name. */
export interface Client extends autocannon.Client {
  pipelinedRequests: RequestQueue;
  readonly requestIterator: {
    readonly requests: readonly { readonly method?: string }[];
    currentRequestIndex: number;
    currentRequest: { readonly method?: string } | undefined;
  };
  readonly parser: {
    readonly constructor: Readonly<Record<'kOnHeadersComplete' | 'kOnBody' | 'kOnMessageComplete', number>>;
    readonly type: string;
    readonly state: string;
    readonly connection: string;
    reinitialize(type: string): void;
    finish(): void;
    execute(chunk: Buffer): unknown;
    [handler: number]: unknown;
  };
  readonly destroyed: boolean;
  readonly conn: NodeJS.EventEmitter | undefined;
  _connect(): void;
  _doRequest(): void;
  _destroyConnection(): void;
  destroy(): void;
}
