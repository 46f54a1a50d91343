// JMeter itself, on this machine and on two servers: what it is told to send arrives, and its result is what arrived.
// Needs Debian's packages: apt-get install jmeter default-jdk-headless. Skipped, and counted, where they are missing.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { importLoadResult } from '../../src/engine/importLoad';
import { DEFAULT_LIMITS } from '../../src/engine/model/loadSession';
import type { LoadTest } from '../../src/engine/model/loadTest';
import { CancelledError } from '../../src/engine/model/errors';
import { RunStore } from '../../src/engine/runs/store';
import { runJMeter, type JMeterOptions } from '../../src/engine/runTool/jmeter';
import { fullTest } from '../unit/handoff/tests';

const root = path.resolve(__dirname, '../..');
const XSTREAM = '/usr/share/java/xstream.jar';
const missing = [
  ...['jmeter', 'javac'].filter((name) => spawnSync('which', [name]).status !== 0),
  ...(fs.existsSync(XSTREAM) ? [] : [XSTREAM]),
];

describe('Truth: JMeter', function () {
  this.timeout(180_000);
  let folder = '';
  let listener: Listener;
  let classes = '';
  const servers: ChildProcess[] = [];
  const ports: number[] = [];

  before(async function () {
    if (missing.length > 0) {
      console.log(`        without ${missing.join(', ')}: apt-get install jmeter default-jdk-headless`);
      return this.skip();
    }
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-jmeter-'));
    classes = compileAllowList(folder);
    listener = await listen();
    execFileSync(process.execPath, [path.join(root, 'esbuild.mjs'), '--only=supervisor'], { cwd: root });
  });
  after(async () => {
    for (const server of servers) {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
    }
    listener?.server.close();
    if (folder !== '') fs.rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => listener?.reset());

  const options = (test: LoadTest, name: string): JMeterOptions => ({
    dist: path.join(root, 'dist'),
    signal: new AbortController().signal,
    onOutput: () => undefined,
    env: { JAVA_CLASSPATH: classes },
    test,
    folder: path.join(folder, name),
    limits: DEFAULT_LIMITS,
    values: { env: { REGION: 'eu "west" \\ ${x}' }, secrets: { 'SHOP.PASSWORD': 's3cr\u00e9t=#!:' } },
  });
  const target = () => `http://127.0.0.1:${listener.port}`;

  it('sends flows, data, captures and secrets as the file says; the run counts what the listener counted', async () => {
    const test = flowTest(target());
    const own = options(test, 'local');
    const { result, notes } = await runJMeter(own);
    const store = new RunStore(fs.mkdtempSync(path.join(folder, 'store-')));
    const run = await importLoadResult(result, { store, signal: own.signal, test, notes });

    const isWarmup = listener.seen.length - run.load.requests;
    assert.ok(isWarmup > 0, 'the warm-up sent nothing');
    // 3 users, 8 iterations each: 3 of 4 turns browse (2 requests), 1 of 4 buys (1 request).
    assert.equal(run.load.requests, 18 * 2 + 6);
    const byName = Object.fromEntries(run.load.routes.map(({ name, requests }) => [name, requests]));
    assert.deepEqual(byName, { 'GET /items': 18, 'GET /items/{id} ${x} "y"': 18, 'POST /login': 6 });
    assert.deepEqual(run.load.errors, { byStatus: {}, timeouts: 0, connection: 0 });

    const logins = listener.seen.filter(({ url }) => url === '/login').slice(-6);
    const users = test.data['users']!.rows.map(([, name]) => name);
    for (const { body } of logins) {
      const sent = JSON.parse(body) as Record<string, string>;
      assert.ok(users.includes(sent['user']), body);
      assert.equal(sent['password'], 's3cr\u00e9t=#!:');
      assert.equal(sent['literal'], '${kept} \\ $');
    }
    assert.deepEqual(
      new Set(logins.map(({ body }) => (JSON.parse(body) as { user: string }).user)),
      new Set(users),
    );
    const details = listener.seen.filter(({ url }) => url.startsWith('/items/'));
    assert.ok(
      details.every(({ url, etag }) => url === `/items/${etag?.slice(1)}`),
      JSON.stringify(details[0]),
    );
    // No secret is left behind in what was written.
    for (const file of fs.readdirSync(own.folder))
      assert.ok(!fs.readFileSync(path.join(own.folder, file), 'utf8').includes('s3cr'), file);
  });

  it('divides the threads over two servers; both send, and the run counts what they sent', async () => {
    ports.push(await freePort(), await freePort());
    const local = [await freePort(), await freePort()];
    for (const [index, port] of ports.entries())
      servers.push(startServer(index, port, local[index]!, folder, classes));
    await Promise.all(ports.map((port) => untilListening(port)));
    const test = fullTest({
      name: 'Distributed',
      target: target(),
      flows: [
        {
          ...{ name: 'one', weight: 1 },
          steps: [
            {
              type: 'request',
              name: 'GET /',
              method: 'GET',
              path: '/?vu=${vu}',
              headers: {},
              captures: [],
              checks: [],
            },
            { type: 'sleep', minSeconds: 0.02, maxSeconds: 0.02 },
          ],
        },
      ],
      ...{ warmupSeconds: 0, thresholds: [] },
      executor: { executor: 'per-vu-iterations', vus: 6, iterations: 20, maxDuration: 90, gracefulStop: 0 },
    });
    const own = { ...options(test, 'distributed'), remotes: ports.map((port) => `127.0.0.1:${port}`) };
    const { result } = await runJMeter(own);
    const store = new RunStore(fs.mkdtempSync(path.join(folder, 'store-')));
    const run = await importLoadResult(result, { store, signal: own.signal, test });
    // 6 users of 20 iterations, 3 of them on each server.
    assert.equal(listener.seen.length, 120);
    assert.equal(run.load.requests, 120);
    assert.equal(listener.connections.size, 6);
    for (const index of ports.keys()) {
      const log = fs.readFileSync(path.join(folder, `server-${index}.log`), 'utf8');
      const started = log.match(/Thread started: throughline load \d+-\d+/g) ?? [];
      assert.equal(started.length, 3, log);
    }
    await assert.rejects(
      runJMeter({
        ...own,
        test: { ...test, executor: { ...test.executor, vus: 5 } as LoadTest['executor'] },
      }),
      {
        code: 'BAD_USAGE',
      },
    );
  });

  it('paces an arrival rate that ramps', async () => {
    const test = fullTest({
      name: 'Arrivals',
      target: target(),
      flows: [
        {
          name: 'one',
          weight: 1,
          steps: [
            {
              type: 'request',
              name: 'GET /',
              method: 'GET',
              path: '/',
              headers: {},
              captures: [],
              checks: [],
            },
          ],
        },
      ],
      ...{ warmupSeconds: 0, thresholds: [] },
      executor: {
        ...{
          executor: 'ramping-arrival-rate',
          startRate: 0,
          timeUnit: 1,
          preAllocatedVUs: 5,
          maxVUs: 10,
          gracefulStop: 0,
        },
        stages: [
          { duration: 3, target: 40 },
          { duration: 3, target: 40 },
        ],
      },
    });
    await runJMeter(options(test, 'arrivals'));
    // 61 in three steps of the ramp, 120 after; a busy machine reaches less, never much more.
    assert.ok(listener.seen.length <= 200, `${listener.seen.length}`);
    assert.ok(listener.seen.length >= 110, `${listener.seen.length}`);
  });

  it('stops when it is told to, and sends nothing after', async () => {
    const test = fullTest({
      ...{ name: 'Stopped', target: target(), warmupSeconds: 0, thresholds: [] },
      flows: [
        {
          name: 'one',
          weight: 1,
          steps: [
            {
              type: 'request',
              name: 'GET /',
              method: 'GET',
              path: '/',
              headers: {},
              captures: [],
              checks: [],
            },
            { type: 'sleep', minSeconds: 0.01, maxSeconds: 0.01 },
          ],
        },
      ],
      executor: { executor: 'constant-vus', vus: 2, duration: 120, gracefulStop: 0 },
    });
    const cancel = new AbortController();
    const running = runJMeter({ ...options(test, 'stopped'), signal: cancel.signal });
    while (listener.seen.length < 20) await sleep(50);
    cancel.abort();
    await assert.rejects(running, CancelledError);
    const { length } = listener.seen;
    await sleep(500);
    assert.equal(listener.seen.length, length);
  });

  it('sends nothing to a host that was not confirmed', async () => {
    const test = fullTest({ target: 'http://example.com' });
    await assert.rejects(runJMeter(options(test, 'refused')), { code: 'LOAD_HOST_NOT_ALLOWED' });
  });
});

function flowTest(target: string): LoadTest {
  const base = fullTest({ name: 'Flows ${x} & <"y">', target });
  return {
    ...base,
    ...{ thresholds: [], warmupSeconds: 1 },
    executor: { executor: 'per-vu-iterations', vus: 3, iterations: 8, maxDuration: 60, gracefulStop: 0 },
    flows: [
      {
        ...base.flows[0]!,
        steps: [
          {
            ...{ type: 'request', name: 'GET /items', method: 'GET', path: '/items', headers: {} },
            captures: [
              { name: 'etag', from: { type: 'header', header: 'eTag' } },
              { name: 'next', from: { type: 'regex', pattern: 'next="([^"]+)"' } },
            ],
            checks: [
              { name: 'status', test: { type: 'status', ranges: [[200, 204]] } },
              { name: 'body', test: { type: 'bodyIncludes', text: '"next="' } },
              { name: 'header', test: { type: 'header', header: 'content-type', pattern: 'text' } },
            ],
          },
          { type: 'sleep', minSeconds: 0.01, maxSeconds: 0.03 },
          {
            ...{ type: 'request', name: 'GET /items/{id} ${x} "y"', method: 'GET', path: '/items/${next}' },
            ...{ headers: { 'If-None-Match': 'W${etag}' }, captures: [], checks: [] },
          },
        ],
      },
      {
        ...base.flows[1]!,
        steps: [
          {
            ...{ type: 'request', name: 'POST /login', method: 'POST', path: '/login' },
            headers: { 'Content-Type': 'application/json' },
            body: '{"user":"${data:users.name}","password":"${secret:SHOP.PASSWORD}","literal":"$${kept} \\\\ $"}',
            ...{ bodyType: 'json', captures: [], checks: [] },
          },
        ],
      },
    ],
  };
}

interface Seen {
  readonly url: string;
  readonly body: string;
  readonly etag: string | undefined;
}
interface Listener {
  readonly server: http.Server;
  readonly port: number;
  readonly seen: Seen[];
  readonly connections: Set<unknown>;
  reset(): void;
}

async function listen(): Promise<Listener> {
  const seen: Seen[] = [];
  const connections = new Set<unknown>();
  let number = 0;
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      connections.add(request.socket);
      seen.push({ url: request.url ?? '', body, etag: request.headers['if-none-match'] });
      const id = `t${number++}`;
      response.setHeader('ETag', id);
      response.setHeader('Content-Type', 'text/plain');
      response.end(`{"a":1,"next="${id}"}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reset = () => {
    seen.length = 0;
    connections.clear();
  };
  return { server, port: (server.address() as AddressInfo).port, seen, connections, reset };
}

/** Debian's XStream reads no plan of its own JMeter: this class lets it read JMeter's classes and Java's. For this test alone. */
function compileAllowList(folder: string): string {
  const source = path.join(folder, 'SecurityMapper.java');
  const classes = path.join(folder, 'classes');
  fs.mkdirSync(classes);
  fs.writeFileSync(
    source,
    `package com.thoughtworks.xstream.mapper;
public class SecurityMapper extends MapperWrapper {
  public SecurityMapper(Mapper inner) { super(inner); }
  public SecurityMapper(Mapper inner, com.thoughtworks.xstream.security.TypePermission[] ignored) { super(inner); }
  public void addPermission(com.thoughtworks.xstream.security.TypePermission ignored) {}
  @Override public Class realClass(String name) {
    Class found = super.realClass(name);
    String own = found.getName();
    if (own.startsWith("org.apache.jmeter.") || own.startsWith("org.apache.jorphan.") || own.startsWith("java.lang.") || own.startsWith("java.util.") || found.isPrimitive()) return found;
    throw new com.thoughtworks.xstream.security.ForbiddenClassException(found);
  }
}
`,
  );
  execFileSync('javac', ['-nowarn', '-Xlint:none', '-cp', XSTREAM, '-d', classes, source], { stdio: 'pipe' });
  return classes;
}

function startServer(
  index: number,
  port: number,
  localPort: number,
  folder: string,
  classes: string,
): ChildProcess {
  const log = path.join(folder, `server-${index}.log`);
  return spawn(
    'jmeter',
    [
      '-s',
      '-j',
      log,
      `-Dserver_port=${port}`,
      `-Jserver.rmi.localport=${localPort}`,
      '-Djava.rmi.server.hostname=127.0.0.1',
    ],
    {
      cwd: folder,
      env: { ...process.env, JAVA_CLASSPATH: classes, JAVA_ARGS: '-Djava.rmi.server.hostname=127.0.0.1' },
      stdio: 'ignore',
    },
  );
}

async function untilListening(port: number): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(200);
  }
  throw new Error(`no server listens on ${port}`);
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
