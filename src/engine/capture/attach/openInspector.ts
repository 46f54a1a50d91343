import http from 'node:http';
import net from 'node:net';
import { CancelledError, errorMessage, throwIfCancelled, ThroughlineError } from '../../model/errors';
import { InspectorConnection } from './inspectorSession';
import { listeningPorts } from './linuxProcesses';
import { inspectorPort, type SeenProcess } from './nodeProcess';

/** A process's inspector, open for us. */
export interface OpenedInspector {
  readonly connection: InspectorConnection;
  /** Closes the inspector if it was opened for us, and the connection; never rejects. */
  close(): Promise<void>;
}

const CONNECT_MS = 2000;
/** From the signal until the inspector listens: at once, unless the process is in a long call of native code. */
const OPEN_MS = 8000;
/** Another attachment frees the port within moments; a debugger does not. */
const TAKEN_MS = 8000;
const POLL_MS = 50;

/**
 * Opens the inspector of a running process, or takes the one that it has. Node always opens it on the same port, so
 * it is moved to one of its own at once, and the next process can be attached to. Rejects with `CAPTURE_FAILED` or
 * `CancelledError`; once the process was signalled, a cancellation waits until its inspector can be closed.
 * @param lifetimeMs the process closes the inspector by itself after this time, should we be gone.
 */
export async function openInspector(
  seen: SeenProcess,
  lifetimeMs: number,
  signal: AbortSignal,
): Promise<OpenedInspector> {
  const { pid } = seen;
  const { port, asked } = inspectorPort(seen);
  // One that was asked for on port 0 is on any.
  const candidates = asked ? [port, ...((await listeningPorts(pid)) ?? [])] : [port];
  const existing = await connectToAny(pid, candidates);
  if (existing) return leaveOpen(existing);
  const woken = await wake(seen, port, signal);
  if (!woken.isNew) return leaveOpen(woken.connection);
  const moved = await move(woken.connection, pid);
  try {
    const opened = await closeInTheEnd(moved, lifetimeMs);
    if (!signal.aborted) return opened;
    await opened.close();
  } catch (error) {
    moved.close();
    throw error instanceof ThroughlineError ? error : lost(pid, error);
  }
  throw new CancelledError();
}

/** Signals the process until its inspector listens on `port`, or on another that the app chose for it. */
async function wake(
  seen: SeenProcess,
  port: number,
  signal: AbortSignal,
): Promise<{ readonly connection: InspectorConnection; readonly isNew: boolean }> {
  const { pid } = seen;
  const giveUpAt = performance.now() + TAKEN_MS;
  for (;;) {
    await untilFree(port, giveUpAt, signal);
    throwIfCancelled(signal);
    const before = (await listeningPorts(pid)) ?? new Set();
    signalProcess(pid);
    const connection = await untilOpen(pid, port, before);
    if (typeof connection === 'object') return { connection, isNew: true };
    // Another process was quicker to take the port: Node tries again at the next signal.
    if (connection === 'other') continue;
    // Where the inspector listens already the signal does nothing.
    const elsewhere = await connectToAny(pid, before);
    if (elsewhere) return { connection: elsewhere, isNew: false };
    throw failed(
      `Process ${pid} did not open its inspector within ${OPEN_MS / 1000} s of SIGUSR1: it handles that signal itself, forbids the inspector, or is blocked in native code.`,
    );
  }
}

async function connectToAny(pid: number, ports: Iterable<number>): Promise<InspectorConnection | undefined> {
  for (const port of ports) {
    const found = await connectTo(pid, port);
    if (typeof found === 'object') return found;
  }
  return undefined;
}

async function untilFree(port: number, giveUpAt: number, signal: AbortSignal): Promise<void> {
  while (await accepts(port)) {
    if (performance.now() > giveUpAt)
      throw failed(
        `Port ${port}, on which Node opens its inspector, is taken by another process: end the debugging session there first.`,
      );
    await pause(POLL_MS * 2, signal);
  }
}

/** @param before ports that the process listened on before. */
async function untilOpen(
  pid: number,
  port: number,
  before: ReadonlySet<number>,
): Promise<InspectorConnection | 'none' | 'other'> {
  const end = performance.now() + OPEN_MS;
  while (performance.now() < end) {
    await delay(POLL_MS);
    if (!isAlive(pid)) throw lost(pid);
    const found = await connectTo(pid, port);
    if (found !== 'none') return found;
    const opened = [...((await listeningPorts(pid)) ?? [])].filter((item) => !before.has(item));
    const elsewhere = await connectToAny(pid, opened);
    if (elsewhere) return elsewhere;
  }
  return 'none';
}

/** Connects to the inspector on `port` if it is the process's. */
async function connectTo(pid: number, port: number): Promise<InspectorConnection | 'none' | 'other'> {
  if (!(await accepts(port))) return 'none';
  // Whom a port belongs to is better asked of the system than of a stranger.
  if ((await listeningPorts(pid))?.has(port) === false) return 'other';
  const url = await inspectorUrl(port);
  if (url === undefined) return 'other';
  try {
    const connection = await InspectorConnection.open(url, CONNECT_MS);
    if ((await evaluate(connection, 'process.pid')) === pid) return connection;
    connection.close();
  } catch {
    return 'none';
  }
  return 'other';
}

/** Has the process close its inspector and open it again on a free port. */
async function move(connection: InspectorConnection, pid: number): Promise<InspectorConnection> {
  const port = await freePort();
  // There is no reply: the connection ends in the middle of it.
  void evaluate(connection, moveTo(port)).catch(() => undefined);
  await Promise.race([connection.closed, delay(OPEN_MS)]);
  connection.close();
  const found = await untilOpen(pid, port, new Set());
  if (typeof found === 'object') return found;
  throw failed(`The inspector of process ${pid} could not be moved to a free port.`);
}

/** The next signal is to open the inspector where the user would look for it. */
const moveTo = (port: number) => `{
  const inspector = ${INSPECTOR};
  const usual = process.debugPort;
  inspector.close();
  inspector.open(${port}, '127.0.0.1');
  process.debugPort = usual;
}`;

/** In an ES module there is no `require`; the inspector's console has one. */
const INSPECTOR = `(process.getBuiltinModule || require)('inspector')`;

async function closeInTheEnd(connection: InspectorConnection, lifetimeMs: number): Promise<OpenedInspector> {
  const { result } = await connection.main.post('Runtime.evaluate', {
    expression: `{
      const load = process.getBuiltinModule || require;
      const inspector = load('inspector');
      const timers = load('timers');
      const timer = timers.setTimeout(() => inspector.close(), ${lifetimeMs});
      timer.unref();
      (() => { timers.clearTimeout(timer); inspector.close(); });
    }`,
    includeCommandLineAPI: true,
  });
  const { objectId } = result as { objectId?: string };
  return {
    connection,
    async close() {
      const params = { objectId, functionDeclaration: 'function () { this(); }' };
      connection.main.post('Runtime.callFunctionOn', params).catch(() => undefined);
      await Promise.race([connection.closed, delay(CONNECT_MS)]);
      connection.close();
    },
  };
}

function leaveOpen(connection: InspectorConnection): OpenedInspector {
  return {
    connection,
    close: async () => connection.close(),
  };
}

export async function evaluate(connection: InspectorConnection, expression: string): Promise<unknown> {
  const { result } = await connection.main.post(
    'Runtime.evaluate',
    { expression, includeCommandLineAPI: true, returnByValue: true },
    CONNECT_MS,
  );
  return (result as { value?: unknown }).value;
}

/** The address of the first target of an inspector; undefined where what listens is none. */
function inspectorUrl(port: number): Promise<URL | undefined> {
  return new Promise((resolve) => {
    const request = http.get(
      { host: '127.0.0.1', port, path: '/json/list', timeout: CONNECT_MS, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > 1e6) response.destroy();
        });
        response.on('close', () => resolve(parseTargets(text, port)));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

function parseTargets(text: string, port: number): URL | undefined {
  try {
    const [first] = JSON.parse(text) as { webSocketDebuggerUrl?: unknown }[];
    const url = new URL(String(first?.webSocketDebuggerUrl));
    // Only the path is taken from the answer: it cannot lead elsewhere.
    return url.protocol === 'ws:' ? new URL(`ws://127.0.0.1:${port}${url.pathname}`) : undefined;
  } catch {
    return undefined;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port, timeout: CONNECT_MS });
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => settle(true));
    socket.on('timeout', () => settle(false));
    socket.on('error', () => settle(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function signalProcess(pid: number): void {
  try {
    // On Windows, where there are no signals, Node has a way of its own.
    if (process.platform === 'win32')
      (process as unknown as { _debugProcess(pid: number): void })._debugProcess(pid);
    else process.kill(pid, 'SIGUSR1');
  } catch (error) {
    throw failed(`Process ${pid} cannot be signalled.`, String(error));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new CancelledError();
  await delay(ms);
  if (signal.aborted) throw new CancelledError();
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function lost(pid: number, error?: unknown): ThroughlineError {
  return failed(
    `Process ${pid} ended when its inspector was to be opened.`,
    error === undefined ? '' : errorMessage(error),
  );
}

function failed(sentence: string, detail = ''): ThroughlineError {
  return new ThroughlineError('CAPTURE_FAILED', sentence, detail);
}
