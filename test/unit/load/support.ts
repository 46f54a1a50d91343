import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startLoad, type LoadOptions, type LoadSession } from '../../../src/engine/load/session';
import type { LoadResult, Scenario } from '../../../src/engine/model/load';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Bundles the generator into a folder of its own, so that its processes can be told from any others. */
export async function buildGenerator(): Promise<{ dist: string; remove: () => void }> {
  const dist = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-load-'));
  await build({
    absWorkingDir: root,
    entryPoints: ['src/engine/load/generator.ts'],
    outfile: path.join(dist, 'generator.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
  });
  return { dist, remove: () => fs.rmSync(dist, { recursive: true, force: true }) };
}

/** Running processes whose command line names `text`. */
export async function processesNaming(text: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,stat=,args=']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line))
    .map((line) => Number.parseInt(line, 10));
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await condition()) return;
    await sleep(50);
  }
  throw new Error(`waited in vain until ${what}`);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function scenario(changes: Partial<Scenario> = {}): Scenario {
  return {
    connections: 10,
    warmupSeconds: 0,
    durationSeconds: 1,
    routes: [],
    timeoutSeconds: 10,
    apdexTargetMs: 100,
    ...changes,
  };
}

/** One load with its window, as the conductor drives it. */
export async function loadFor(
  options: Partial<LoadOptions> & { dist: string; origin: string },
  times: { warmupMs?: number; windowMs?: number; inWindow?: () => void } = {},
): Promise<LoadResult> {
  const session = await startLoad({ scenario: scenario(), routes: [GET_ROOT], ...options });
  try {
    await orFailed(session, sleep(times.warmupMs ?? 200));
    await session.beginWindow();
    times.inWindow?.();
    await orFailed(session, sleep(times.windowMs ?? 600));
    return await session.endWindow();
  } finally {
    await session.stop();
  }
}

export function orFailed<T>(session: LoadSession, work: Promise<T>): Promise<T> {
  return Promise.race([session.failed, work]);
}

export const GET_ROOT = { method: 'GET', path: '/' };

export interface TestServer {
  readonly origin: string;
  readonly port: number;
  /** Ends the server and every connection. */
  close(): Promise<void>;
}

export async function serveHttp(
  handler: http.RequestListener,
  listen: { port?: number; host?: string } = {},
): Promise<TestServer> {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, handler);
  return listening(server, listen, () => server.closeAllConnections());
}

/** `handler` gets each connection; whatever it does with it is on it. */
export async function serveRaw(handler: (socket: net.Socket) => void): Promise<TestServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    handler(socket);
  });
  return listening(server, {}, () => sockets.forEach((socket) => socket.destroy()));
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = await serveRaw(() => undefined);
  await server.close();
  return server.port;
}

/** Runs a server in a process of its own; `code` must call `ready(port)`. */
export async function serveInProcess(code: string): Promise<TestServer> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const ready = (port) => console.log(port);\n${code}\nprocess.stdin.on('end', () => process.exit()).resume();`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    child.on('exit', () => reject(new Error('the server ended')));
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

async function listening(
  server: net.Server,
  { port = 0, host = '127.0.0.1' }: { port?: number; host?: string },
  closeConnections: () => void,
): Promise<TestServer> {
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as net.AddressInfo).port;
  return {
    origin: `http://${net.isIPv6(host) ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        closeConnections();
      }),
  };
}
