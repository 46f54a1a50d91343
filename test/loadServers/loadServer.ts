import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the server does; see `behaviours.cjs` and `rawServers.cjs`. */
export type Behaviour =
  | {
      readonly type: 'fixed';
      readonly serviceMs: number;
      readonly closes?: boolean;
      readonly status?: number;
    }
  | { readonly type: 'fifo'; readonly perSecond: number }
  | { readonly type: 'stall'; readonly serviceMs: number }
  | { readonly type: 'bursts'; readonly everyMs: number }
  | { readonly type: 'hang'; readonly serviceMs: number; readonly hangs?: boolean }
  | { readonly type: 'reset'; readonly serviceMs: number; readonly every: number }
  | { readonly type: 'slowBody'; readonly parts: number; readonly gapMs: number }
  | { readonly type: 'redirect'; readonly location?: string }
  | { readonly type: 'status' }
  | { readonly type: 'fast' }
  | { readonly type: 'garbage' }
  | { readonly type: 'hangUp' }
  | { readonly type: 'untilClose'; readonly serviceMs: number };

export interface Listening {
  /** Absent: any free one. */
  readonly port?: number;
  /** TLS with this certificate. */
  readonly certificate?: 'good' | 'selfSigned' | 'expired' | 'wrongName';
  /** HTTP/2 and nothing else; needs a certificate. */
  readonly http2?: boolean;
}

/** What the server itself saw. Times are of the monotonic clock, in microseconds. */
export interface ServerLog {
  readonly arrivals: Float64Array;
  /** When the reply was handed over, for each arrival; `NaN` without one. */
  readonly replies: Float64Array;
  /** Of the server's whole life, as are those below. */
  readonly connections: number;
  readonly httpVersions: Readonly<Record<string, number>>;
  readonly tlsFailures: number;
  /** How much too late the server's process itself was at most, on a machine that was busy. */
  readonly latestMicros: number;
}

export interface LoadServer {
  readonly origin: string;
  readonly port: number;
  /** Of the authority, PEM; where TLS is spoken. */
  readonly ca?: string;
  /** Of requests that arrived since that time. */
  log(sinceMicros?: number): Promise<ServerLog>;
  /** Nothing is answered for so long, beginning now. Of `stall` servers. */
  stall(stallMs: number): Promise<{ readonly startMicros: number; readonly endMicros: number }>;
  /** From now on nothing is answered. Of `hang` servers. */
  hang(): Promise<void>;
  /** CPU time so far, in microseconds. */
  cpuMicros(): Promise<number>;
  /** Kills it, connections and all. */
  close(): Promise<void>;
}

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'server.cjs');

/** Its owner must `close` it; it ends with this process at the latest. */
export async function startServer(behaviour: Behaviour, listening: Listening = {}): Promise<LoadServer> {
  const child = fork(script, [JSON.stringify({ ...behaviour, ...listening })], {
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { port, ca } = await nextMessage<{ port: number; ca?: string }>(child);
  let asked: Promise<unknown> = Promise.resolve();
  /** One question at a time, so that each gets its own answer. */
  const ask = <T>(message: object): Promise<T> => {
    const answer = asked.then(() => {
      const next = nextMessage<T>(child);
      child.send(message);
      return next;
    });
    asked = answer.catch(() => undefined);
    return answer;
  };
  return {
    origin: `${listening.certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    ...(ca !== undefined && { ca }),
    log: (sinceMicros = 0) => ask({ type: 'log', sinceMicros }),
    stall: (stallMs) => ask({ type: 'stall', stallMs }),
    hang: async () => void (await ask({ type: 'hang' })),
    cpuMicros: async () => {
      const { user, system } = await ask<NodeJS.CpuUsage>({ type: 'cpu' });
      return user + system;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  try {
    const exit = once(child, 'exit', { signal: ended.signal }).then(() => {
      throw new Error('the server ended');
    });
    const [message] = (await Promise.race([once(child, 'message', { signal: ended.signal }), exit])) as [T];
    return message;
  } finally {
    ended.abort();
  }
}
