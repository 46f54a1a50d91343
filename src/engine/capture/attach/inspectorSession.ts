import { connectWebSocket } from './webSocket';

/** A conversation in the inspector's protocol with one thread of a process. */
export interface InspectorSession {
  /** Rejects with what the inspector says, when the connection ends, and when there is no reply in time. */
  post(method: string, params?: object, timeoutMs?: number): Promise<Record<string, unknown>>;
  /** Returns what ends the subscription. */
  on(event: string, listener: (params: Record<string, unknown>) => void): () => void;
}

/** The connection is gone: the process ended, or its inspector was closed. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  constructor() {
    super('the connection to the inspector ended');
  }
}

const REPLY_MS = 15_000;

/** Replies and events of one thread, whatever carries them. */
class Conversation implements InspectorSession {
  private nextId = 1;
  private ended = false;
  private readonly waiting = new Map<number, (reply: Reply) => void>();
  private readonly listeners = new Map<string, Set<(params: Record<string, unknown>) => void>>();

  constructor(private readonly transmit: (text: string) => void) {}

  post(method: string, params: object = {}, timeoutMs = REPLY_MS): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(new ConnectionLost());
      const id = this.nextId++;
      const settle = (reply: Reply) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        if (reply === 'lost') reject(new ConnectionLost());
        else if (reply === 'late') reject(new Error(`${method}: no reply within ${timeoutMs / 1000} s`));
        else if (reply.error) reject(new Error(`${method}: ${reply.error.message ?? 'failed'}`));
        else resolve(reply.result ?? {});
      };
      const timer = setTimeout(() => settle('late'), timeoutMs);
      this.waiting.set(id, settle);
      this.transmit(JSON.stringify({ id, method, params }));
    });
  }

  on(event: string, listener: (params: Record<string, unknown>) => void): () => void {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  receive(text: string): void {
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      return;
    }
    if (typeof message.id === 'number') this.waiting.get(message.id)?.(message);
    else if (typeof message.method === 'string') {
      for (const listener of this.listeners.get(message.method) ?? []) listener(message.params ?? {});
    }
  }

  end(): void {
    this.ended = true;
    for (const settle of [...this.waiting.values()]) settle('lost');
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly error?: { readonly message?: string };
  readonly result?: Record<string, unknown>;
}
type Reply = Message | 'lost' | 'late';

/** The main thread of a process, and the connection that its worker threads share. */
export class InspectorConnection {
  readonly main: InspectorSession;
  private readonly workers = new Map<string, { readonly session: Conversation; readonly thread: string }>();

  private constructor(
    private readonly conversation: Conversation,
    readonly close: () => void,
    /** Resolves when the connection is gone. */
    readonly closed: Promise<void>,
  ) {
    this.main = conversation;
    conversation.on('NodeWorker.attachedToWorker', ({ sessionId, workerInfo }) => {
      const id = String(sessionId);
      const { workerId } = workerInfo as { workerId?: string };
      const session = new Conversation((message) => {
        conversation
          .post('NodeWorker.sendMessageToWorker', { sessionId: id, message })
          .catch(() => session.end());
      });
      this.workers.set(id, { session, thread: `worker ${workerId ?? id}` });
    });
    conversation.on('NodeWorker.receivedMessageFromWorker', ({ sessionId, message }) =>
      this.workers.get(String(sessionId))?.session.receive(String(message)),
    );
    conversation.on('NodeWorker.detachedFromWorker', ({ sessionId }) => {
      this.workers.get(String(sessionId))?.session.end();
      this.workers.delete(String(sessionId));
    });
  }

  static async open(url: URL, timeoutMs: number): Promise<InspectorConnection> {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const conversation = new Conversation((text) => socket.send(text));
    const connection = new InspectorConnection(conversation, () => socket.close(), ended);
    const socket = await connectWebSocket(
      url,
      {
        onMessage: (text) => conversation.receive(text),
        onClose: () => {
          connection.end();
          end();
        },
      },
      timeoutMs,
    );
    return connection;
  }

  /** The worker threads that run now; those that start later are left alone. */
  async openWorkers(): Promise<readonly { readonly session: InspectorSession; readonly thread: string }[]> {
    await this.main.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    return [...this.workers.values()];
  }

  private end(): void {
    this.conversation.end();
    for (const { session } of this.workers.values()) session.end();
  }
}
