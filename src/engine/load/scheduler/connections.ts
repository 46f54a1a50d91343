import type net from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { nowMicros } from '../clock';
import { lookupOf } from '../hosts';
import { Exchange, type Reply } from './exchange';

export interface ConnectionOptions {
  readonly origin: string;
  readonly http2: boolean;
  readonly verifyCertificates: boolean;
  readonly timeoutMicros: number;
}

/** That a request is given to a connection, and how it ended; of the ends one is told, unless it was cancelled. */
export interface RequestEvents {
  onSent(sentMicros: number): void;
  onReply(reply: Reply, bytes: number, completedMicros: number): void;
  /** No full reply within the timeout. */
  onTimeout(): void;
  onConnectionError(error: Error): void;
}

/** What undici is told to send. */
export type Outgoing = Dispatcher.DispatchOptions;

/** Requests at a time on an HTTP/2 session: what Node's servers allow by default. */
const STREAMS = 100;
const MAX_BACKOFF_MS = 500;

/**
 * A bounded set of connections to one origin, opened as they are needed. A request takes the connection that was
 * used last, else a new one, else waits in turn. A connection that failed is tried again at once, and after each
 * further failure in a row twice as late, to half a second, so that a dead server is not hammered.
 */
export class Connections {
  completed = 0;
  lastError: Error | undefined;
  /** Requests that failed by their connection since the last reply, and when the first of them did. */
  failuresInRow = 0;
  firstFailureMicros = 0;
  private most = 1;
  private readonly slots = new Set<Slot>();
  private readonly idle: Slot[] = [];
  private readonly waiting = new RequestList();
  /** In the order in which they were sent, which is the order of their timeouts. */
  private readonly sent = new RequestList();
  private ended: (() => void)[] = [];
  private closed = false;

  constructor(private readonly options: ConnectionOptions) {}

  /** Most connections at a time; those above are closed as soon as they are idle. */
  setMost(most: number): void {
    this.most = most;
    while (this.slots.size > most && this.idle.length > 0) this.drop(this.idle.pop()!);
  }

  send(outgoing: Outgoing, keepsBody: boolean, events: RequestEvents): PendingRequest {
    const request = new PendingRequest(outgoing, keepsBody, events);
    if (this.closed) return request;
    const slot = this.waiting.first ? undefined : this.takeSlot();
    if (slot) this.sendOn(slot, request);
    else this.waiting.append(request);
    return request;
  }

  /** Cuts the request off; nothing of it is told. */
  cancel(request: PendingRequest): void {
    const { list, exchange } = request;
    if (!list) return;
    list.remove(request);
    if (exchange) this.abandon(request.slot!, exchange);
  }

  /** Tells the requests that have waited for too long. To be called some times a second. */
  checkTimeouts(now: number): void {
    for (let oldest = this.sent.first; oldest; oldest = this.sent.first) {
      if (now - oldest.exchange!.sentMicros < this.options.timeoutMicros) return;
      this.sent.remove(oldest);
      this.abandon(oldest.slot!, oldest.exchange!);
      oldest.events.onTimeout();
    }
  }

  /** When the request that has waited longest for its reply was sent. */
  get oldestSentMicros(): number | undefined {
    return this.sent.first?.exchange?.sentMicros;
  }

  close(): void {
    this.closed = true;
    for (const slot of this.slots) slot.destroy();
  }

  private takeSlot(): Slot | undefined {
    const idle = this.idle.pop();
    if (idle) return idle;
    if (this.slots.size < this.most) {
      const slot = new Slot(this.options, () => this.release(slot));
      this.slots.add(slot);
      return slot;
    }
    if (!this.options.http2) return undefined;
    let least: Slot | undefined;
    for (const slot of this.slots)
      if (!slot.resting && slot.inFlight < (least?.inFlight ?? STREAMS)) least = slot;
    return least;
  }

  private sendOn(slot: Slot, request: PendingRequest): void {
    slot.inFlight++;
    const exchange = new Exchange(
      request.keepsBody,
      (reply) => {
        const completedMicros = nowMicros();
        this.completed++;
        this.failuresInRow = 0;
        slot.failures = 0;
        const bytes = slot.takeBytes();
        this.end(request, slot, () => request.events.onReply(reply, bytes, completedMicros));
      },
      (error) => {
        if (this.closed) return;
        this.lastError = error;
        if (this.failuresInRow++ === 0) this.firstFailureMicros = nowMicros();
        slot.failures++;
        this.end(request, slot, () => request.events.onConnectionError(error));
      },
    );
    request.slot = slot;
    request.exchange = exchange;
    this.sent.append(request);
    request.events.onSent(exchange.sentMicros);
    slot.trust();
    slot.client.dispatch(request.outgoing, exchange);
  }

  /**
   * What follows an end happens after the event loop has read all that has come: a connection that the server
   * closed after its reply is known as closed then, and nothing is sent from within undici's parser.
   */
  private end(request: PendingRequest, slot: Slot, tell: () => void): void {
    this.sent.remove(request);
    if (this.ended.length === 0)
      setImmediate(() => {
        const { ended } = this;
        this.ended = [];
        for (const task of ended) task();
      });
    this.ended.push(() => {
      this.finish(slot);
      tell();
    });
  }

  /** Takes a request off its connection, whatever state it is in. */
  private abandon(slot: Slot, exchange: Exchange): void {
    // HTTP/1.1 has no other way to end a request than to end its connection.
    if (!exchange.abort()) slot.renew();
    this.finish(slot);
  }

  private finish(slot: Slot): void {
    slot.inFlight--;
    if (slot.failures > 1) slot.rest(Math.min(MAX_BACKOFF_MS, 10 * 2 ** Math.min(slot.failures, 10)));
    else this.release(slot);
  }

  /** Gives the connection to whoever waits. */
  private release(slot: Slot): void {
    if (this.closed || slot.resting) return;
    if (this.slots.size > this.most && slot.inFlight === 0) return this.drop(slot);
    const next = this.waiting.first;
    if (next) {
      this.waiting.remove(next);
      this.sendOn(slot, next);
    } else if (slot.inFlight === 0) this.idle.push(slot);
  }

  private drop(slot: Slot): void {
    this.slots.delete(slot);
    slot.destroy();
  }
}

/** A request that waits for a connection, or for its reply. */
export class PendingRequest {
  slot: Slot | undefined;
  exchange: Exchange | undefined;
  /** Absent once it has ended. */
  list: RequestList | undefined;
  before: PendingRequest | undefined;
  after: PendingRequest | undefined;

  constructor(
    readonly outgoing: Outgoing,
    readonly keepsBody: boolean,
    readonly events: RequestEvents,
  ) {}
}

/** Linked, so that any of them can be taken out at once. */
class RequestList {
  first: PendingRequest | undefined;
  private last: PendingRequest | undefined;

  append(request: PendingRequest): void {
    request.list = this;
    request.before = this.last;
    request.after = undefined;
    if (this.last) this.last.after = request;
    else this.first = request;
    this.last = request;
  }

  remove(request: PendingRequest): void {
    const { before, after } = request;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.last = before;
    request.list = request.before = request.after = undefined;
  }
}

/** With undici's own marks. */
type UndiciSocket = net.Socket & Record<symbol, unknown>;

/**
 * Before each request on a kept connection undici (7.30) lets a turn of the event loop pass, to see whether the server
 * has closed it. `end` has done so already after the reply before. A server that closes connections without saying so
 * mostly does it after the first replies, so undici's turn is left out from then on.
 */
const TRUSTED_REPLIES = 100;

/** One connection, or HTTP/2 session, over its life: undici connects it again when it was closed. */
class Slot {
  client: Client;
  inFlight = 0;
  failures = 0;
  resting = false;
  private socket: UndiciSocket | undefined;
  /** undici's mark on the socket that a reply was read from it; absent where undici has no such mark (HTTP/2). */
  private usedKey: symbol | undefined;
  /** On this connection. */
  private replies = 0;
  private bytesBefore = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly onRested: () => void,
  ) {
    this.client = this.connect();
  }

  /** Bytes that came since the last call. */
  takeBytes(): number {
    const read = this.socket?.bytesRead ?? 0;
    const bytes = read - this.bytesBefore;
    this.bytesBefore = read;
    this.replies++;
    return bytes;
  }

  /** Lets undici send at once on a connection that has proved reliable. */
  trust(): void {
    const { socket, usedKey } = this;
    if (socket && usedKey && this.replies >= TRUSTED_REPLIES) socket[usedKey] = false;
  }

  rest(ms: number): void {
    if (this.resting) return;
    this.resting = true;
    this.timer = setTimeout(() => {
      this.resting = false;
      this.onRested();
    }, ms);
  }

  /** Begins a new connection, whatever is going on with the old one. */
  renew(): void {
    this.client.destroy(ignore);
    this.client = this.connect();
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.client.destroy(ignore);
  }

  private connect(): Client {
    const { origin, http2, verifyCertificates, timeoutMicros } = this.options;
    const lookup = lookupOf(origin);
    const connector = buildConnector({
      allowH2: http2,
      ...(http2 && { useH2c: true }), // without TLS: by prior knowledge
      timeout: timeoutMicros / 1000,
      rejectUnauthorized: verifyCertificates,
      ...(lookup && { lookup }),
    });
    return new Client(origin, {
      // Timeouts are of whole requests, and kept by `checkTimeouts`.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: http2,
      // A connection of HTTP/1.1 is given one request at a time all the same. With 1, undici lets a turn of the event
      // loop pass before each next one; `end` does so once for all of them.
      ...(http2 ? { pipelining: STREAMS, maxConcurrentStreams: STREAMS } : { pipelining: 2 }),
      connect: (details, callback) =>
        connector(details, (...result) => {
          const [error, socket] = result;
          if (error) return callback(plainError(error), null);
          if (http2 && alpnOf(socket) !== 'h2') {
            socket.destroy();
            return callback(new Error('the server does not speak HTTP/2'), null);
          }
          this.socket = socket as UndiciSocket;
          this.bytesBefore = this.replies = 0;
          callback(null, socket);
          this.usedKey = Object.getOwnPropertySymbols(socket).find(
            ({ description }) => description === 'kSocketUsed',
          );
        }),
    });
  }
}

/**
 * undici treats a certificate of another name by its code, and in a way that leaves its client unusable: the next
 * attempt to connect fails an assertion of its own (7.30, `client.js`). Without the code it is an error as others.
 */
function plainError(error: Error): Error {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? new Error(error.message, { cause: error }) : error;
}

/** undici sets it on sockets without TLS as well, where HTTP/2 is spoken by prior knowledge. */
function alpnOf(socket: net.Socket): unknown {
  return 'alpnProtocol' in socket ? socket.alpnProtocol : undefined;
}

function ignore(): void {
  // The client's own requests have been told already.
}
