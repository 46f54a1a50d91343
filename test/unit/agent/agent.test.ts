import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { AGENT_VARIABLE } from '../../../src/engine/model/agent';
import { DEFAULT_CAPTURE } from '../../../src/engine/model/target';
import {
  build,
  DIST,
  mark,
  nodeBinaries,
  readCapture,
  request,
  ROOT,
  spec,
  start,
  temporaryFolder,
  TSX_CLI,
  until,
} from '../target/launching';

const AGENT = path.join(DIST, 'agent.cjs');

describe('agent', () => {
  let folder = '';
  before(() => {
    build();
    folder = temporaryFolder();
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const file = (name: string, text: string) => {
    const where = path.join(folder, name);
    fs.writeFileSync(where, text);
    return where;
  };
  const launch = (name: string, text: string, options: Parameters<typeof start>[1] = {}, env = {}) => {
    file(name, text);
    return start({ label: name, folder, program: 'node', args: [name], env: { ...mark(), ...env } }, options);
  };

  it('is at most 10 kB and needs Node alone', () => {
    assert.ok(fs.statSync(AGENT).size <= 10_000);
    const names = [...fs.readFileSync(AGENT, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)].map(
      ([, name]) => name,
    );
    assert.ok(names.length > 3);
    assert.deepEqual(
      names.filter((name) => !name?.startsWith('node:')),
      [],
    );
    // A bundle that lost half of itself would still be small.
    assert.ok(gzipSync(fs.readFileSync(AGENT)).length > 1500);
  });

  for (const node of nodeBinaries()) {
    it(`changes nothing that an app on Node ${node.version} can see of itself`, async () => {
      const socket = path.join(folder, `engine-${node.version}.sock`);
      // The system accepts for it while `spawnSync` holds this thread.
      const engine = createServer();
      await new Promise<void>((resolve) => engine.listen(socket, resolve));
      const probe = file(
        'probe.cjs',
        `const names = (emitter) => emitter.eventNames().map(String).sort();
        process.exitCode = 5;
        setTimeout(() => {
          console.log(JSON.stringify({
            events: names(process),
            signals: ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'exit', 'uncaughtException'].map((name) => process.listenerCount(name)),
            globals: Object.getOwnPropertyNames(globalThis).sort(),
            modules: Object.keys(require.cache),
            resources: process.getActiveResourcesInfo(),
            handles: process._getActiveHandles().length,
            exitCode: process.exitCode,
            argv: process.argv.slice(2),
          }));
        }, 50);`,
      );
      const run = (env: NodeJS.ProcessEnv) =>
        spawnSync(node.file, [probe, 'x'], {
          env: { ...process.env, ...env },
          encoding: 'utf8',
          timeout: 30_000,
        });
      const bare = run({});
      assert.equal(bare.status, 5);
      const withAgent = run({
        NODE_OPTIONS: `--require "${AGENT}"`,
        [AGENT_VARIABLE]: agentVariable(socket),
      });
      engine.close();
      assert.deepEqual(
        [withAgent.status, withAgent.stdout, withAgent.stderr],
        [bare.status, bare.stdout, bare.stderr],
      );
    });
  }

  it('lets a process end while the engine neither reads nor answers', async () => {
    const socket = path.join(folder, 'silent.sock');
    const connections: Socket[] = [];
    const silent = createServer((connection) => connections.push(connection.pause()));
    await new Promise<void>((resolve) => silent.listen(socket, resolve));
    const short = file(
      'short.cjs',
      `require('http').createServer().listen(0, function () { this.close(); });`,
    );
    const child = spawn(process.execPath, [short], {
      env: { ...process.env, NODE_OPTIONS: `--require "${AGENT}"`, [AGENT_VARIABLE]: agentVariable(socket) },
      stdio: 'ignore',
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.once('exit', (...how) => resolve(how)),
    );
    clearTimeout(timer);
    for (const connection of connections) connection.destroy();
    await new Promise((resolve) => silent.close(resolve));
    assert.equal(connections.length, 1);
    assert.deepEqual([code, signal], [0, null]);
  });

  it('does nothing without the engine, or with an environment that is not the engine’s', () => {
    const gone = agentVariable(path.join(folder, 'gone.sock'));
    for (const value of ['', 'no JSON', '{}', '7', gone]) {
      const output = execFileSync(process.execPath, ['-e', 'console.log("fine")'], {
        env: { ...process.env, NODE_OPTIONS: `--require "${AGENT}"`, [AGENT_VARIABLE]: value },
        encoding: 'utf8',
      });
      assert.equal(output, 'fine\n');
    }
  });

  it('counts requests by route without query, and at most 200 routes', async () => {
    const target = await start(spec('cjs', 'node', ['server.js'], mark()));
    for (let id = 0; id < 260; id++) await request(target.origin, `/item/${id}?secret=${id}`, 1);
    for (let again = 0; again < 5; again++) await request(target.origin, '/item/7', 1);
    await until('the counts', () => target.processes()[0]?.requests === 265);
    const routes = target.routesSeen();
    await target.stop();
    assert.equal(routes.length, 200);
    assert.deepEqual(routes[0], { method: 'GET', path: '/item/7' });
    assert.ok(routes.every((route) => /^\/item\/\d+$/.test(route.path)));
  });

  it('reports a blocked loop as delay, and an idle one without the resolution of its timer', async () => {
    const target = await launch(
      'block.cjs',
      `require('http').createServer((request, response) => {
        const end = Date.now() + 400;
        if (request.url === '/block') while (Date.now() < end);
        response.end();
      }).listen(0);`,
    );
    const samples: { maxMs: number; meanMs: number; utilization: number; requests: number }[] = [];
    target.onMetrics((sample) =>
      samples.push({
        maxMs: sample.eventLoopDelayMaxMs,
        meanMs: sample.eventLoopDelayMeanMs,
        utilization: sample.eventLoopUtilization,
        requests: sample.requests,
      }),
    );
    await until('idle samples', () => samples.length >= 4);
    // The least of several: other work on the machine only adds.
    assert.ok(Math.min(...samples.map(({ meanMs }) => meanMs)) < 8);
    samples.length = 0;
    await request(target.origin, '/block', 1);
    const blocked = await until('the request', () => samples.find(({ requests }) => requests === 1));
    await target.stop();
    assert.ok(blocked.maxMs > 300, `${blocked.maxMs} ms`);
    assert.ok(blocked.utilization > 0.5);
  });

  it('reports garbage collection, memory and open handles', async () => {
    const target = await launch(
      'garbage.cjs',
      `require('http').createServer((request, response) => {
        let kept = [];
        for (let i = 0; i < 300000; i++) kept.push({ i, text: 'x' + i });
        response.end(String(kept.length));
      }).listen(0);`,
    );
    let [gcMicros, gcCount, heap, handles] = [0, 0, 0, 0];
    target.onMetrics((sample) => {
      gcMicros += sample.gcMicros;
      gcCount += sample.gcCount;
      heap = Math.max(heap, sample.heapUsedBytes);
      handles = Math.max(handles, sample.activeHandles);
      assert.ok(sample.rssBytes >= sample.heapUsedBytes && sample.heapLimitBytes > sample.heapTotalBytes);
    });
    await request(target.origin, '/', 20);
    await until('collections', () => gcCount > 3);
    await target.stop();
    assert.ok(gcMicros > 1000 && heap > 5e6 && handles >= 1);
  });

  it('knows code that V8 optimised before the window, and holds samples of the window alone', async () => {
    const target = await start(spec('cjs', 'node', ['server.js'], mark()));
    await request(target.origin, '/work', 200);
    const before = Number(process.hrtime.bigint() / 1000n);
    await target.startWindow();
    await request(target.origin, '/work', 200);
    const [capture] = (await target.stopWindow(path.join(folder, 'early'))).map(readCapture);
    await target.stop();
    assert.ok(capture);
    const { nodes, startTime, endTime } = capture.profile;
    assert.ok(startTime >= before && endTime > startTime);
    const ticks = nodes
      .filter(({ callFrame }) => callFrame.url.endsWith('server.js'))
      .flatMap(({ callFrame, positionTicks = [] }) => positionTicks.map((tick) => ({ ...tick, callFrame })));
    const sum = (list: typeof ticks) => list.reduce((total, tick) => total + tick.ticks, 0);
    const planted = ticks.filter(({ callFrame }) => callFrame.functionName === 'plantedWork');
    assert.ok(sum(planted) > 20);
    // Code that the profiler does not know is charged to its caller.
    assert.ok(sum(planted) > 0.9 * sum(ticks), `${sum(planted)} of ${sum(ticks)}`);
    const lines = fs.readFileSync(path.join(ROOT, 'test/apps/cjs/server.js'), 'utf8').split('\n');
    for (const { line } of planted) assert.match(lines[line - 1] ?? '', /plantedWork|sum|for|}/);
  });

  it('keeps its own work at the window’s edges out of the metrics', async () => {
    const target = await start(spec('cjs', 'node', ['server.js'], mark()));
    const samples: { from: number; to: number }[] = [];
    target.onMetrics(({ timeMicros, intervalMicros }) =>
      samples.push({ from: timeMicros - intervalMicros, to: timeMicros }),
    );
    await until('a sample', () => samples.length > 0);
    const now = () => Number(process.hrtime.bigint() / 1000n);
    const asked = now();
    await target.startWindow();
    const began = now();
    await request(target.origin, '/work', 50);
    const ended = now();
    const [capture] = (await target.stopWindow(path.join(folder, 'edges'))).map(readCapture);
    const written = now();
    await until('a later sample', () => samples.some(({ to }) => to > written));
    await target.stop();
    assert.ok(capture);
    const within = (from: number, to: number) => samples.some((each) => each.to >= from && each.to <= to);
    assert.ok(within(asked, began) && within(ended, written));
    const { startTime, endTime } = capture.profile;
    for (const time of [startTime, endTime]) {
      assert.ok(!samples.some(({ from, to }) => from < time && time < to), 'a sample holds the agent’s work');
    }
    assert.ok(samples.filter(({ from, to }) => from >= startTime && to <= endTime).length > 0);
  });

  it('leaves out the text of too much, the app’s own last, and marks it', async () => {
    const padding = `/*${'x'.repeat(40e6)}*/`;
    const spin = 'module.exports = () => { const end = Date.now() + 30; while (Date.now() < end); };';
    fs.mkdirSync(path.join(folder, 'node_modules/large'), { recursive: true });
    file('node_modules/large/index.js', spin + padding);
    file('own.js', spin + padding);
    const target = await launch(
      'large.cjs',
      `const spins = [require('large'), require('./own.js')];
      require('http').createServer((_, response) => response.end(String(spins.map((spin) => spin())))).listen(0);`,
    );
    await target.startWindow();
    await request(target.origin, '/', 3);
    const [capture] = (await target.stopWindow(path.join(folder, 'too-large'))).map(readCapture);
    await target.stop();
    assert.ok(capture);
    const script = (name: string) => capture.scripts.find(({ url }) => url.endsWith(name));
    for (const name of ['large.cjs', '/own.js'])
      assert.ok(script(name)?.sourceFile && !script(name)?.omitted);
    assert.ok(capture.source(script('/own.js')?.scriptId ?? '').length > 40e6);
    assert.equal(script('large/index.js')?.omitted, 'size');
    assert.equal(script('large/index.js')?.sourceFile, undefined);
  });

  it('works beside an app that uses the inspector itself', async () => {
    const target = await launch(
      'inspects.cjs',
      `const { Session } = require('inspector');
      const session = new Session();
      session.connect();
      const post = (method) => new Promise((resolve, reject) =>
        session.post(method, (error, value) => (error ? reject(error) : resolve(value))));
      require('http').createServer(async (request, response) => {
        await post('Profiler.enable');
        await post('Profiler.start');
        const end = Date.now() + 50;
        while (Date.now() < end);
        debugger;
        const { profile } = await post('Profiler.stop');
        response.end(String(profile.nodes.length));
      }).listen(0);`,
    );
    const nodesOfApp = async () => Number(await (await fetch(target.origin)).text());
    await target.startWindow();
    assert.ok((await nodesOfApp()) > 2);
    const captures = await target.stopWindow(path.join(folder, 'inspects'));
    assert.equal(captures.length, 1);
    assert.ok((await nodesOfApp()) > 2);
    await target.startWindow();
    assert.ok((await nodesOfApp()) > 2);
    const again = (await target.stopWindow(path.join(folder, 'again'))).map(readCapture);
    assert.ok((again[0]?.profile.samples.length ?? 0) > 10);
    await target.stop();
  });

  it('lives in a folder with spaces and quotes, and leaves the user’s own NODE_OPTIONS at work', async () => {
    const dist = path.join(folder, `it's a "dist"`);
    fs.mkdirSync(dist);
    for (const name of ['agent.cjs', 'supervisor.cjs'])
      fs.copyFileSync(path.join(DIST, name), path.join(dist, name));
    file('own.cjs', 'globalThis.own = 1;');
    const target = await launch(
      'serves.cjs',
      `require('http').createServer((_, response) => response.end(String(globalThis.own))).listen(0);`,
      { dist },
      { NODE_OPTIONS: '--require ./own.cjs' },
    );
    assert.equal(await (await fetch(target.origin)).text(), '1');
    await target.stop();
  });

  it('sees a server only while it listens', async () => {
    const target = await launch(
      'moves.cjs',
      `const { createServer } = require('http');
      const first = createServer((_, response) => response.end()).listen(0, () =>
        createServer((request, response) => {
          if (request.url === '/close') first.close();
          response.end();
        }).listen(0));`,
    );
    const ports = () => target.processes()[0]?.listening.length;
    await until('both servers', () => ports() === 2);
    assert.equal((await fetch(`${target.origin}/close`)).status, 200);
    await until('the other to close', () => ports() === 1);
    await target.stop();
  });

  for (const node of nodeBinaries()) {
    it(`has V8 of Node ${node.version} inline nothing if asked to, without a word`, async () => {
      file('inlines.cjs', INLINES);
      const target = await start(
        { label: 'inlines', folder, program: node.file, args: ['inlines.cjs'], env: mark() },
        { capture: { ...DEFAULT_CAPTURE, inlining: 'off' } },
      );
      await request(target.origin, '/', 20);
      await target.startWindow();
      await request(target.origin, '/', 40);
      const [capture] = (await target.stopWindow(path.join(folder, `inlines-${node.version}`))).map(
        readCapture,
      );
      const output = target.output();
      await target.stop();
      assert.equal(output, '');
      const self = (name: string) =>
        capture?.profile.nodes
          .filter(({ callFrame }) => callFrame.functionName === name)
          .reduce((sum, { hitCount }) => sum + hitCount, 0) ?? 0;
      assert.ok(self('inner') > self('outer'), `inner ${self('inner')}, outer ${self('outer')}`);
    });

    for (const [name, args] of [
      ['tsx-esm', ['--import', 'tsx', 'server.ts']],
      ['tsx-cjs', [TSX_CLI, 'server.ts']],
    ] as const) {
      it(`keeps the lines of ${name} on Node ${node.version}`, async () => {
        const target = await start(spec(name, node.file, [...args], mark()));
        await request(target.origin, '/work', 1);
        await target.startWindow();
        await request(target.origin, '/work', 200);
        const captures = await target.stopWindow(path.join(folder, `${name}-${node.version}`));
        await target.stop();
        const [capture] = captures.map(readCapture);
        assert.ok(capture);
        const script = capture.scripts.find(({ url }) => /server\.ts(\?|$)/.test(url));
        assert.match(script?.sourceMapUrl ?? '', /^data:application\/json;base64,/);
        const lines = capture.source(script?.scriptId ?? '').split('\n');
        const ticks = capture.profile.nodes
          .filter(({ callFrame }) => callFrame.functionName === 'plantedWork')
          .flatMap(({ positionTicks = [] }) => positionTicks);
        const hottest = [...ticks].sort((a, b) => b.ticks - a.ticks)[0];
        assert.match(lines[(hottest?.line ?? 0) - 1] ?? '', /^\s*(sum \+= Math\.sqrt|for \(let i)/);
      });
    }
  }
});

/** `inner` is small enough for V8 to inline it wherever it is called. */
const INLINES = `function inner(a, b) {
  return Math.sqrt(a) + Math.cbrt(b) * Math.sin(a);
}
function outer(rounds) {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum = inner(sum, i);
  return sum;
}
require('http').createServer((_, response) => response.end(String(outer(3e5)))).listen(0);
`;

function agentVariable(socket: string): string {
  return JSON.stringify({ socket, token: 'x', cpu: true, intervalMicros: 1000, inlining: 'reattribute' });
}
