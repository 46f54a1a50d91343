import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { Socket } from 'node:net';

export interface WebSocketEvents {
  onMessage(text: string): void;
  /** Called once, whoever ended the connection. */
  onClose(): void;
}

export interface WebSocketConnection {
  send(text: string): void;
  close(): void;
}

/** V8's longest string, in bytes of ASCII. */
const LONGEST_MESSAGE = 0x1fffffe8;

/**
 * Connects to an inspector (RFC 6455, without extensions; Node 20 has no client of its own). Rejects where it cannot
 * within `timeoutMs`.
 */
export function connectWebSocket(
  url: URL,
  events: WebSocketEvents,
  timeoutMs: number,
): Promise<WebSocketConnection> {
  return new Promise((resolve, reject) => {
    const key = randomBytes(16).toString('base64');
    const request = http.get({
      host: url.hostname,
      port: url.port,
      path: url.pathname,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      response.destroy();
      reject(new Error(`${url.host} answered with status ${response.statusCode ?? 0}`));
    });
    request.on('upgrade', (response, socket, head) => {
      if (response.headers['sec-websocket-accept'] !== acceptOf(key)) {
        socket.destroy();
        reject(new Error(`${url.host} is no WebSocket server`));
        return;
      }
      resolve(new Connection(socket, head, events));
    });
  });
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

class Connection implements WebSocketConnection {
  private chunks: Buffer[] = [];
  private buffered = 0;
  /** Of the frame whose head was read; the frames of one message. */
  private wanted = 2;
  private parts: Buffer[] = [];
  private closed = false;

  constructor(
    private readonly socket: Socket,
    head: Buffer,
    private readonly events: WebSocketEvents,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => this.end());
    socket.on('close', () => this.end());
    if (head.length > 0) this.receive(head);
  }

  send(text: string): void {
    this.write(TEXT, Buffer.from(text));
  }

  close(): void {
    if (!this.closed) this.write(CLOSE, Buffer.alloc(0));
    this.end();
  }

  private write(opcode: number, payload: Buffer): void {
    if (this.closed) return;
    const mask = randomBytes(4);
    const size = payload.length;
    const head = size < 126 ? Buffer.alloc(2) : size < 0x10000 ? Buffer.alloc(4) : Buffer.alloc(10);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (size < 126 ? size : size < 0x10000 ? 126 : 127);
    if (head.length === 4) head.writeUInt16BE(size, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
    const masked = Buffer.alloc(size);
    for (let i = 0; i < size; i++) masked[i] = payload[i]! ^ mask[i & 3]!;
    this.socket.write(Buffer.concat([head, mask, masked]));
  }

  private receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    while (!this.closed && this.buffered >= this.wanted) {
      const data = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
      const frame = readFrame(data);
      if (typeof frame === 'number') {
        this.chunks = [data];
        this.wanted = frame;
        if (frame > LONGEST_MESSAGE) this.end();
        continue;
      }
      const rest = data.subarray(frame.end);
      this.chunks = rest.length > 0 ? [rest] : [];
      this.buffered = rest.length;
      this.wanted = 2;
      this.handle(frame);
    }
  }

  private handle({ opcode, final, payload }: Frame): void {
    if (opcode === CLOSE) return this.close();
    if (opcode === PING) return this.write(PONG, payload);
    if (opcode === PONG) return;
    this.parts.push(payload);
    if (!final) return;
    const message = this.parts.length === 1 ? payload : Buffer.concat(this.parts);
    this.parts = [];
    if (message.length > LONGEST_MESSAGE) this.end();
    else this.events.onMessage(message.toString('utf8'));
  }

  private end(): void {
    if (this.closed) return;
    this.closed = true;
    this.chunks = [];
    this.socket.end();
    // A peer that reads no more must not hold the socket.
    setTimeout(() => this.socket.destroy(), 500).unref();
    this.events.onClose();
  }
}

interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Buffer;
  /** Offset behind the frame. */
  readonly end: number;
}

/** The first frame of `data`; where that is not whole, how many bytes there have to be to look again. */
function readFrame(data: Buffer): Frame | number {
  const short = data[1]! & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < head) return head;
  const size = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  const end = head + size;
  if (data.length < end) return end;
  return {
    opcode: data[0]! & 0x0f,
    final: (data[0]! & 0x80) !== 0,
    payload: data.subarray(head, end),
    end,
  };
}
