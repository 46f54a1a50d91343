import assert from 'node:assert/strict';
import http from 'node:http';
import { crashFailure } from '../../../src/engine/target/failure';
import { findTargets } from '../../../src/engine/target/find';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';
import type { ErrorCode } from '../../../src/engine/model/errors';
import { DEFAULT_CAPTURE } from '../../../src/engine/model/target';
import { app, build, isAlive, mark, marked, request, spec, start, until } from './launching';

interface Case {
  readonly title: string;
  readonly app: string;
  readonly program?: string;
  readonly args?: string[];
  readonly env?: Record<string, string>;
  readonly readyTimeoutMs?: number;
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly detail?: RegExp;
}

const NPM = { program: 'npm', args: ['run', 'start'] };
const CASES: Case[] = [
  {
    title: 'a missing module',
    app: 'bad-exit',
    code: 'TARGET_EXITED',
    message: /^"node server\.js" ended with code 1: Error: Cannot find module '\.\/missing-module'\.$/,
    detail: /Require stack/,
  },
  {
    title: 'an end without a word',
    app: 'bad-exit-quiet',
    code: 'TARGET_EXITED',
    message: /^"node server\.js" ended with code 3 and wrote nothing\.$/,
  },
  {
    title: 'an end below nodemon, which waits on',
    app: 'bad-exit',
    program: 'nodemon',
    args: ['server.js'],
    code: 'TARGET_EXITED',
    message: /^"nodemon server\.js" ended: Error: Cannot find module '\.\/missing-module'\.$/,
  },
  {
    title: 'a file with a syntax error',
    app: 'bad-syntax',
    code: 'TARGET_EXITED',
    message: /^"node server\.js" ended with code 1: SyntaxError: Unexpected end of input\.$/,
    detail: /unfinished\.txt/,
  },
  {
    title: 'a script that is not there',
    app: 'bad-no-script',
    ...NPM,
    code: 'TARGET_EXITED',
    message: /^"npm run start" ended with code 1: .*Missing script: "start"\.$/,
  },
  {
    title: 'a script whose program is not there',
    app: 'bad-program',
    ...NPM,
    code: 'TARGET_EXITED',
    message: /^"npm run start" ended with code 127: .*no-such-program: .*not found\.$/,
  },
  {
    title: 'a program that is not there',
    app: 'cjs',
    program: 'no-such-program',
    code: 'TARGET_NOT_STARTED',
    message: /^The program "no-such-program" was not found\.$/,
  },
  {
    title: 'a folder that is not there',
    app: 'no-such-app',
    code: 'TARGET_NOT_STARTED',
    message: /^The folder .*no-such-app does not exist\.$/,
  },
  {
    title: 'an app that needs a variable',
    app: 'bad-env',
    code: 'TARGET_NEEDS_ENV',
    message: /^The app needs the environment variable DATABASE_URL\.$/,
  },
  {
    title: 'an app that never listens',
    app: 'bad-no-listen',
    readyTimeoutMs: 2000,
    code: 'TARGET_NOT_LISTENING',
    message: /^"node server\.js" listens on no port after 2 s\.$/,
    detail: /working, but not a server/,
  },
  {
    title: 'a server that does not speak HTTP',
    app: 'bad-not-http',
    readyTimeoutMs: 3000,
    code: 'TARGET_NOT_LISTENING',
    message: /^"node server\.js" listens on port \d+, but does not speak HTTP there\.$/,
  },
  {
    title: 'another runtime than Node',
    app: 'bad-bun',
    ...NPM,
    code: 'TARGET_NOT_STARTED',
    message: /^"npm run start" runs on Bun; only apps on Node\.js can be measured\.$/,
  },
];

describe('bad starts', () => {
  before(build);

  for (const each of CASES) {
    it(`tells of ${each.title}`, async () => {
      const env = { ...mark(), ...each.env };
      const launch = start(spec(each.app, each.program ?? 'node', each.args ?? ['server.js'], env), {
        readyTimeoutMs: each.readyTimeoutMs ?? 30_000,
      });
      const error = await failure(launch);
      assert.equal(error.code, each.code, error.message);
      assert.match(error.message, each.message);
      if (each.detail) assert.match(error.detail, each.detail);
      assert.deepEqual(marked(env), [], 'processes are left');
    });
  }

  it('tells of a port in use, and which, and leaves its owner alone', async () => {
    const owner = http.createServer((_, response) => response.end('owner'));
    await new Promise<void>((resolve) => owner.listen(0, '127.0.0.1', resolve));
    const { port } = owner.address() as { port: number };
    const env = { ...mark(), PORT: String(port) };
    const error = await failure(start(spec('bad-port', 'node', ['server.js'], env)));
    assert.equal(error.code, 'TARGET_PORT_IN_USE');
    assert.equal(error.message, `Port ${port} is in use by another process.`);
    assert.match(error.detail, /EADDRINUSE/);
    assert.deepEqual(marked(env), []);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), 'owner');
    owner.closeAllConnections();
    await new Promise((resolve) => owner.close(resolve));
  });

  it('finds no target where nothing says how to start', async () => {
    assert.deepEqual(await findTargets(app('bad-no-script')), []);
    assert.deepEqual(await findTargets(app('no-such-app')), []);
  });

  it('tells of a crash under load with the last output', async () => {
    const env = mark();
    const target = await start(spec('bad-crash', 'node', ['server.js'], env));
    await assert.rejects(request(target.origin, '/', 1000));
    const exit = await target.exited;
    assert.equal(exit.code, 1);
    const error = crashFailure(target.spec, exit);
    assert.equal(error.code, 'TARGET_CRASHED');
    assert.equal(error.message, '"node server.js" ended with code 1 under load: Error: out of widgets.');
    assert.match(error.detail, /at .*server\.js/);
    await target.stop();
    assert.deepEqual(marked(env), []);
  });

  it('ends an app that accepts and never replies', async () => {
    const env = mark();
    const target = await start(spec('bad-hang', 'node', ['server.js'], env));
    await assert.rejects(fetch(target.origin, { signal: AbortSignal.timeout(500) }));
    await target.stop();
    assert.deepEqual(marked(env), []);
  });

  it('fails to capture a process that is killed in the window, without waiting for it', async () => {
    const env = mark();
    const target = await start(spec('cjs', 'node', ['server.js'], env));
    await target.startWindow();
    const [{ pid } = { pid: 0 }] = target.processes();
    process.kill(pid, 'SIGKILL');
    const exit = await target.exited;
    assert.equal(exit.signal, 'SIGKILL');
    assert.deepEqual(await target.stopWindow('unused'), []);
    await target.stop();
  });

  it('waits neither at the window’s start nor at its end once that is cancelled or the app stopped', async () => {
    const env = mark();
    const target = await start(spec('bad-blocks', 'node', ['server.js'], env));
    const blocks = fetch(`${target.origin}/block`);
    blocks.catch(() => undefined);
    await until('the block', () => target.output().includes('blocking'));
    const controller = new AbortController();
    const begun = assert.rejects(target.startWindow(controller.signal), CancelledError);
    const written = assert.rejects(target.stopWindow('unused', controller.signal), CancelledError);
    controller.abort();
    await begun;
    await written;
    await assert.rejects(target.startWindow(controller.signal), CancelledError);
    const cut = assert.rejects(target.startWindow(), CancelledError);
    await Promise.all([cut, target.stop()]);
    assert.deepEqual(marked(env), []);
  });

  it('ends what was started when the launch is cancelled', async () => {
    const env = mark();
    const controller = new AbortController();
    const launch = start(spec('bad-no-listen', 'node', ['server.js'], env), { signal: controller.signal });
    const outcome = assert.rejects(launch, CancelledError);
    await until('the process', () => process.platform !== 'linux' || marked(env).length > 0);
    controller.abort();
    await outcome;
    assert.deepEqual(marked(env).filter(isAlive), []);
  });

  it('captures nothing where no profile is wanted', async () => {
    const env = mark();
    const target = await start(spec('cjs', 'node', ['server.js'], env), {
      capture: { ...DEFAULT_CAPTURE, cpu: false },
    });
    let samples = 0;
    target.onMetrics(() => void samples++);
    await request(target.origin, '/', 1);
    await until('samples', () => samples > 0);
    samples = 0;
    await target.startWindow();
    assert.ok(samples > 0, 'no mark of the metrics');
    await request(target.origin, '/work', 1);
    assert.deepEqual(await target.stopWindow('unused'), []);
    await target.stop();
  });
});

async function failure(launch: Promise<unknown>): Promise<ThroughlineError> {
  try {
    await launch;
  } catch (error) {
    assert.ok(error instanceof ThroughlineError, String(error));
    return error;
  }
  throw new Error('the launch succeeded');
}
