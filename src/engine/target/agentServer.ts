import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod/mini';
import type { AgentListener, AgentMessage, EngineMessage } from '../model/agent';
import { CancelledError, ThroughlineError } from '../model/errors';
import type { MemoryReading, MetricSample } from '../model/metrics';
import type { ProcessInfo } from '../model/target';

/** The largest line an agent sends is its routes: 200 paths. */
const MAX_LINE_CHARS = 4e6;

const count = z.number().check(z.nonnegative());
const MESSAGE = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    token: z.string(),
    pid: z.int().check(z.positive()),
    parentPid: z.int(),
    argv: z.array(z.string()),
    nodeVersion: z.string(),
    clusterWorker: z.boolean(),
    threadId: z.optional(z.int().check(z.positive())),
  }),
  z.object({
    type: z.literal('listening'),
    listeners: z.array(
      z.object({
        port: z.int().check(z.positive(), z.maximum(65535)),
        address: z.string(),
        protocol: z.enum(['http', 'https', 'tcp']),
      }),
    ),
  }),
  z.object({ type: z.literal('routes'), routes: z.array(z.tuple([z.string(), z.string(), count])) }),
  z.object({
    type: z.literal('metrics'),
    sample: z.object({
      pid: count,
      timeMicros: count,
      intervalMicros: count,
      cpuUserMicros: count,
      cpuSystemMicros: count,
      rssBytes: count,
      heapUsedBytes: count,
      heapTotalBytes: count,
      heapLimitBytes: count,
      externalBytes: count,
      eventLoopDelayMeanMs: count,
      eventLoopDelayP99Ms: count,
      eventLoopDelayMaxMs: count,
      eventLoopUtilization: count,
      gcMicros: count,
      gcMajorMicros: count,
      gcCount: count,
      gcMajorCount: count,
      activeHandles: count,
      requests: count,
    }),
  }),
  z.object({
    type: z.literal('reply'),
    id: z.int(),
    error: z.optional(z.string()),
    memory: z.optional(z.object({ heapUsed: count, external: count })),
  }),
]);

/** One process of the app, for as long as its agent is connected and after, or one of its worker threads. */
export interface AgentProcess {
  readonly info: ProcessInfo;
  /** 0 for the main thread. */
  readonly threadId: number;
  readonly listeners: readonly AgentListener[];
  readonly connected: boolean;
}

export interface AgentEvents {
  onProcess(process: AgentProcess): void;
  onWorker(worker: AgentConnection): void;
  /** What a process listens on changed, or it is gone. */
  onListening(process: AgentProcess): void;
  onMetrics(sample: MetricSample): void;
}

/** The engine's end of the agents' sockets. */
export class AgentServer {
  readonly token = randomBytes(24).toString('hex');
  private readonly connections = new Set<AgentConnection>();
  private readonly workerThreads = new Set<AgentConnection>();
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly socketPath: string,
    private readonly folder: string | undefined,
    private readonly server: Server,
  ) {}

  static async open(events: AgentEvents): Promise<AgentServer> {
    const server = createServer();
    // Of mode 0700: no other user of the machine can connect.
    const folder = process.platform === 'win32' ? undefined : await socketFolder();
    const socketPath = folder
      ? path.join(folder, 'agent.sock')
      : `\\\\.\\pipe\\throughline-${randomBytes(12).toString('hex')}`;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
    const agents = new AgentServer(socketPath, folder, server);
    server.on('connection', (socket) => agents.accept(socket, events));
    return agents;
  }

  /** In the order in which they started; those that ended stay. */
  processes(): readonly AgentConnection[] {
    return [...this.connections];
  }

  /** Worker threads that are alive. */
  workers(): readonly AgentConnection[] {
    return [...this.workerThreads];
  }

  /** Fails every request that waits for a reply. */
  cancel(): void {
    for (const agent of [...this.connections, ...this.workerThreads]) agent.cancel();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  private accept(socket: Socket, events: AgentEvents): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    let connection: AgentConnection | undefined;
    readLines(socket, (line) => {
      const message = parseMessage(line);
      if (!message) return false;
      if (message.type !== 'hello') return connection?.receive(message) ?? false;
      if (message.token !== this.token || connection) return false;
      const agent = (connection = new AgentConnection(socket, message, events));
      if (agent.threadId === 0) {
        this.connections.add(agent);
        events.onProcess(agent);
      } else {
        // An app may start a worker for each of its requests.
        this.workerThreads.add(agent);
        socket.once('close', () => this.workerThreads.delete(agent));
        events.onWorker(agent);
      }
      return true;
    });
  }
}

export class AgentConnection implements AgentProcess {
  listeners: readonly AgentListener[] = [];
  connected = true;
  requests = 0;
  /** Requests by method and path, joined by a space. */
  readonly routes = new Map<string, number>();
  private nextId = 1;
  private readonly waiting = new Map<number, Settle>();

  constructor(
    private readonly socket: Socket,
    private readonly hello: Extract<AgentMessage, { type: 'hello' }>,
    private readonly events: AgentEvents,
  ) {
    socket.once('close', () => {
      this.connected = false;
      this.listeners = [];
      for (const settle of this.waiting.values()) settle('it ended');
      events.onListening(this);
    });
  }

  get threadId(): number {
    return this.hello.threadId ?? 0;
  }

  get info(): ProcessInfo {
    const { pid, parentPid, argv, nodeVersion, clusterWorker } = this.hello;
    const listening = this.listeners.map(({ port, address }) => ({ port, address }));
    return { pid, parentPid, argv, nodeVersion, clusterWorker, listening, requests: this.requests };
  }

  /** @internal False for a message that no agent sends. */
  receive(message: Exclude<AgentMessage, { type: 'hello' }>): boolean {
    switch (message.type) {
      case 'listening':
        this.listeners = message.listeners;
        this.events.onListening(this);
        return true;
      case 'routes':
        for (const [method, route, requests] of message.routes) {
          const key = `${method} ${route}`;
          this.routes.set(key, (this.routes.get(key) ?? 0) + requests);
        }
        return true;
      case 'metrics':
        this.requests += message.sample.requests;
        this.events.onMetrics({ ...message.sample, pid: this.hello.pid });
        return true;
      case 'reply':
        this.waiting.get(message.id)?.(message.error, message.memory);
        return true;
    }
  }

  cancel(): void {
    for (const settle of this.waiting.values()) settle(new CancelledError());
  }

  /**
   * Resolves with what the agent read of its memory, if it was asked to. Rejects with `CAPTURE_FAILED` if it fails, ends or does not reply in time, with
   * `CancelledError` on the signal or `cancel`.
   */
  ask(
    message: AgentRequest,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<MemoryReading | undefined> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const settle: Settle = (failure, memory) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.waiting.delete(id);
        if (failure === undefined) return resolve(memory);
        const { pid, threadId = 0 } = this.hello;
        const where = threadId === 0 ? `process ${pid}` : `worker ${threadId} of process ${pid}`;
        const text = `The profiler of ${where} failed: ${String(failure)}.`;
        reject(typeof failure === 'string' ? new ThroughlineError('CAPTURE_FAILED', text) : failure);
      };
      const abort = () => settle(new CancelledError());
      const timer = setTimeout(() => settle(`no reply within ${timeoutMs / 1000} s`), timeoutMs);
      if (signal?.aborted) return abort();
      if (!this.connected) return settle('it ended');
      signal?.addEventListener('abort', abort);
      this.waiting.set(id, settle);
      this.socket.write(`${JSON.stringify({ ...message, id } satisfies EngineMessage)}\n`);
    });
  }
}

type Settle = (failure: string | Error | undefined, memory?: MemoryReading) => void;

/** An `EngineMessage` without its id. */
export type AgentRequest = EngineMessage extends infer Message
  ? Message extends unknown
    ? Omit<Message, 'id'>
    : never
  : never;

/** Ends the socket when `onLine` returns false or a line has no end. */
function readLines(socket: Socket, onLine: (line: string) => boolean): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_CHARS || !lines.every((line) => onLine(line))) socket.destroy();
  });
}

function parseMessage(line: string): AgentMessage | undefined {
  try {
    const parsed = z.safeParse(MESSAGE, JSON.parse(line));
    return parsed.success ? (parsed.data as AgentMessage) : undefined;
  } catch {
    return undefined;
  }
}

/** A Unix socket's path holds about 100 bytes, and some temporary folders are long. */
async function socketFolder(): Promise<string> {
  const base = tmpdir().length > 70 ? '/tmp' : tmpdir();
  const folder = await mkdtemp(path.join(base, 'throughline-'));
  await chmod(folder, 0o700);
  return folder;
}
