import assert from 'node:assert/strict';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLoad, type LoadSession } from '../../../src/engine/load/session';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';
import {
  buildGenerator,
  GET_ROOT,
  processesNaming,
  scenario,
  serveHttp,
  sleep,
  until,
  type TestServer,
} from './support';

describe('the load generator ends', () => {
  let dist: string;
  let remove: () => void;
  let server: TestServer;
  let received = 0;
  before(async () => {
    ({ dist, remove } = await buildGenerator());
    server = await serveHttp((_, response) => {
      received++;
      setTimeout(() => response.end(), 5);
    });
  });
  after(async () => {
    await server.close();
    remove();
  });
  afterEach(async () => {
    await until(async () => (await processesNaming(dist)).length === 0, 'the generator is gone');
  });

  const start = (signal?: AbortSignal): Promise<LoadSession> =>
    startLoad({
      dist,
      origin: server.origin,
      scenario: scenario(),
      routes: [GET_ROOT],
      ...(signal && { signal }),
    });

  const stages: [string, (session: LoadSession) => Promise<unknown>][] = [
    ['as soon as it has started', async () => undefined],
    ['in the warm-up', () => sleep(200)],
    ['while the window begins', async (session) => void session.beginWindow().catch(() => undefined)],
    ['in the window', (session) => session.beginWindow()],
    [
      'while the window ends',
      async (session) => {
        await session.beginWindow();
        session.endWindow().catch(() => undefined);
      },
    ],
    [
      'after the window',
      async (session) => {
        await session.beginWindow();
        await sleep(200);
        await session.endWindow();
      },
    ],
  ];
  for (const [when, reach] of stages) {
    it(`when stopped ${when}, and sends nothing more`, async () => {
      const session = await start();
      await reach(session);
      await session.stop();
      assert.deepEqual(await processesNaming(dist), []);
      await sleep(50); // what was on its way has arrived by now
      const before = received;
      await sleep(100);
      assert.equal(received, before);
      await session.stop(); // once more does no harm
    });

    it(`when cancelled ${when}`, async () => {
      const controller = new AbortController();
      const session = await start(controller.signal);
      await reach(session);
      controller.abort();
      await assert.rejects(session.failed, CancelledError);
      await assert.rejects(session.endWindow(), CancelledError);
      await session.stop();
    });
  }

  it('when cancelled before it has started', async () => {
    const controller = new AbortController();
    const starting = start(controller.signal);
    setImmediate(() => controller.abort());
    await assert.rejects(starting, CancelledError);
    await assert.rejects(start(controller.signal), CancelledError);
  });

  it('when its parent is killed', async () => {
    const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'parentProcess.ts');
    const parent = spawn(process.execPath, ['--import', 'tsx', script, dist, server.origin], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [chunk] = await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')]);
      assert.match(String(chunk), /loading/);
      assert.notDeepEqual(await processesNaming(path.join(dist, 'generator.cjs')), []);
    } finally {
      parent.kill('SIGKILL');
    }
    await until(async () => (await processesNaming(dist)).length === 0, 'the generator is gone');
  });

  it('by a crash, which is told', async () => {
    const session = await start();
    try {
      const [pid] = await processesNaming(path.join(dist, 'generator.cjs'));
      process.kill(pid!, 'SIGKILL');
      await assert.rejects(
        session.failed,
        (error) => error instanceof ThroughlineError && error.code === 'LOAD_GENERATOR_FAILED',
      );
      await assert.rejects(session.beginWindow(), /ended with SIGKILL/);
    } finally {
      await session.stop();
    }
  });

  it('when it cannot be started, which is told', async () => {
    await assert.rejects(
      startLoad({
        dist: path.join(dist, 'nowhere'),
        origin: server.origin,
        scenario: scenario(),
        routes: [GET_ROOT],
      }),
      (error) =>
        error instanceof ThroughlineError &&
        error.code === 'LOAD_GENERATOR_FAILED' &&
        error.detail.includes('Cannot find module'),
    );
  });

  it('not by the Ctrl+C of its terminal, which is its parent’s to answer', async () => {
    const session = await start();
    try {
      const [pid] = await processesNaming(path.join(dist, 'generator.cjs'));
      process.kill(pid!, 'SIGINT');
      await session.beginWindow();
      await sleep(200);
      assert.ok((await session.endWindow()).requests > 0);
    } finally {
      await session.stop();
    }
  });

  describe('by itself', () => {
    let child: ChildProcess;
    beforeEach(async () => {
      child = fork(path.join(dist, 'generator.cjs'), {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const [message] = await once(child, 'message');
      assert.deepEqual(message, { type: 'ready' });
    });

    const order = () => ({
      type: 'start',
      origin: server.origin,
      routes: [GET_ROOT],
      headers: {},
      connections: 2,
      timeoutSeconds: 10,
      apdexTargetMs: 100,
      hardLimitSeconds: 60,
      intervalMicros: 250_000,
    });

    /** Sends them all and waits for the end; answers the message that told why. */
    async function endsAfter(...messages: object[]): Promise<string> {
      const told = new Promise<string>((resolve) => {
        child.on('message', (message: { type: string; message?: string }) => {
          if (message.type === 'failed') resolve(message.message ?? '');
        });
      });
      const exit = once(child, 'exit');
      for (const message of messages) child.send(message);
      const [code] = await exit;
      assert.equal(code, 1);
      return told;
    }

    it('at its hard limit', async () => {
      assert.match(await endsAfter({ ...order(), hardLimitSeconds: 0.3 }), /longer than 0\.3 s/);
    });
    it('on a malformed message', async () => {
      assert.match(await endsAfter({ ...order(), connections: 'many' }), /malformed at "connections"/);
    });
    it('on messages in the wrong order', async () => {
      assert.match(await endsAfter({ type: 'begin' }), /before "start"/);
    });
    it('on an end without a beginning', async () => {
      assert.match(await endsAfter(order(), { type: 'end' }), /before it began/);
    });
    it('on a second start', async () => {
      assert.match(await endsAfter(order(), order()), /started twice/);
    });
    it('when told to load another host', async () => {
      assert.match(await endsAfter({ ...order(), origin: 'http://192.0.2.1' }), /not sent there/);
    });
    it('when told to send a header that would be two', async () => {
      assert.match(await endsAfter({ ...order(), headers: { a: 'b\r\nc: d' } }), /cannot be sent/);
    });
    it('when its parent disconnects', async () => {
      child.send(order());
      const exit = once(child, 'exit');
      child.disconnect();
      assert.deepEqual(await exit, [0, null]);
    });
  });
});
