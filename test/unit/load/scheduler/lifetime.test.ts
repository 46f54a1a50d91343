import assert from 'node:assert/strict';
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CancelledError, ThroughlineError } from '../../../../src/engine/model/errors';
import { DEFAULT_LIMITS, type SchedulerSession } from '../../../../src/engine/model/loadSession';
import { processesNaming, serveHttp, sleep, until, type TestServer } from '../support';
import { buildScheduler, constantRate, loadTest, request, start, users } from './support';

describe('the generators of the scheduler end', () => {
  let dist: string;
  let remove: () => void;
  let server: TestServer;
  let received = 0;
  before(async () => {
    ({ dist, remove } = await buildScheduler());
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
    await until(async () => (await processesNaming(dist)).length === 0, 'the generators are gone');
  });

  const test = loadTest([request('/')], { http: { processes: 2 } });
  const stages: [string, (session: SchedulerSession) => Promise<unknown>][] = [
    ['before any load', async () => undefined],
    ['as a run begins', async (session) => void session.run(constantRate(100)).catch(() => undefined)],
    ['in a run', (session) => session.run(users(5)).then(() => sleep(200))],
    [
      'in the window',
      async (session) => {
        await session.run(constantRate(100));
        await session.beginWindow();
      },
    ],
    [
      'while the window ends',
      async (session) => {
        await session.run(constantRate(100));
        await session.beginWindow();
        session.endWindow().catch(() => undefined);
      },
    ],
  ];
  for (const [when, reach] of stages) {
    it(`when stopped ${when}, and send nothing more`, async () => {
      const session = await start({ dist, origin: server.origin, test });
      await reach(session);
      await session.stop();
      assert.deepEqual(await processesNaming(dist), []);
      await sleep(50); // what was on its way has arrived by now
      const before = received;
      await sleep(100);
      assert.equal(received, before);
      await session.stop(); // once more does no harm
    });
  }

  it('when cancelled, also before they have started', async () => {
    const controller = new AbortController();
    const session = await start({ dist, origin: server.origin, signal: controller.signal });
    const { ended } = await session.run(constantRate(100));
    controller.abort();
    await assert.rejects(session.failed, CancelledError);
    await assert.rejects(ended, CancelledError);
    await assert.rejects(session.beginWindow(), CancelledError);
    await session.stop();
    await assert.rejects(start({ dist, origin: server.origin, signal: controller.signal }), CancelledError);
    const second = new AbortController();
    const starting = start({ dist, origin: server.origin, signal: second.signal });
    setImmediate(() => second.abort());
    await assert.rejects(starting, CancelledError);
  });

  it('when their parent is killed', async () => {
    const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'schedulerParent.ts');
    const parent = spawn(process.execPath, ['--import', 'tsx', script, dist, server.origin], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [chunk] = await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')]);
      assert.match(String(chunk), /loading/);
      assert.notDeepEqual(await processesNaming(path.join(dist, 'scheduler.cjs')), []);
    } finally {
      parent.kill('SIGKILL');
    }
    await until(async () => (await processesNaming(dist)).length === 0, 'the generators are gone');
  });

  it('by a crash of one, which is told and ends the others', async () => {
    const session = await start({ dist, origin: server.origin, test });
    const [pid] = await processesNaming(path.join(dist, 'scheduler.cjs'));
    process.kill(pid!, 'SIGKILL');
    await assert.rejects(
      session.failed,
      (error) => error instanceof ThroughlineError && error.code === 'LOAD_GENERATOR_FAILED',
    );
    await until(async () => (await processesNaming(dist)).length === 0, 'the other is gone');
    await assert.rejects(session.run(constantRate(1)), /ended with SIGKILL/);
    await session.stop();
  });

  it('when they cannot be started, which is told', async () => {
    await assert.rejects(
      start({ dist: path.join(dist, 'nowhere'), origin: server.origin }),
      (error) =>
        error instanceof ThroughlineError &&
        error.code === 'LOAD_GENERATOR_FAILED' &&
        error.detail.includes('Cannot find module'),
    );
  });

  it('without a secret in their command lines, environment or errors', async () => {
    const secret = 'a-Secret-0815';
    const steps = [request('/', { headers: { authorization: '${secret:TOKEN}' } })];
    const values = { env: {}, secrets: { TOKEN: secret } };
    const session = await start({ dist, origin: server.origin, test: loadTest(steps), values });
    try {
      const [pid] = await processesNaming(path.join(dist, 'scheduler.cjs'));
      assert.deepEqual(await processesNaming(secret), []);
      if (process.platform === 'linux') {
        const { readFileSync } = await import('node:fs');
        assert.ok(!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(secret));
      }
    } finally {
      await session.stop();
    }
  });

  describe('by themselves', () => {
    let child: ChildProcess;
    beforeEach(async () => {
      child = fork(path.join(dist, 'scheduler.cjs'), {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const [message] = await once(child, 'message');
      assert.deepEqual(message, { type: 'ready' });
    });

    const order = (changes: object = {}) => {
      const { flows, headers, data, http, apdexTargetMs } = loadTest();
      return {
        type: 'start',
        origin: server.origin,
        test: { flows, headers, data, http, apdexTargetMs },
        values: { env: {}, secrets: {} },
        limits: DEFAULT_LIMITS,
        intervalMicros: 500_000,
        seriesMicros: 250_000,
        baseMicros: 0,
        hardLimitSeconds: 60,
        ...changes,
      };
    };
    const run = (executor: object) => ({
      type: 'run',
      phase: 1,
      executor,
      startMicros: 0,
      slice: { index: 0, count: 1, connections: 1, generation: 0 },
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

    it('at their hard limit', async () => {
      assert.match(await endsAfter(order({ hardLimitSeconds: 0.3 })), /longer than 0\.3 s/);
    });
    it('on a malformed message', async () => {
      assert.match(await endsAfter(order({ values: 'none' })), /malformed at "values"/);
    });
    it('on messages in the wrong order', async () => {
      assert.match(await endsAfter({ type: 'begin', atMicros: 0 }), /before "start"/);
    });
    it('on an end without a beginning', async () => {
      assert.match(
        await endsAfter(order(), { type: 'end', atMicros: 0, gracefulStopSeconds: 0 }),
        /before it began/,
      );
    });
    it('on a second start', async () => {
      assert.match(await endsAfter(order(), order()), /started twice/);
    });
    it('when told to load a host that is not allowed', async () => {
      assert.match(await endsAfter(order({ origin: 'http://192.0.2.1' })), /not sent there/);
    });
    it('when told to exceed the limits', async () => {
      const limits = { ...DEFAULT_LIMITS, maxRate: 1e9 };
      assert.match(await endsAfter(order({ limits }), run(constantRate(300_000))), /limit of 200000/);
    });
    it('when their parent disconnects', async () => {
      child.send(order());
      child.send(run(constantRate(100)));
      const exit = once(child, 'exit');
      child.disconnect();
      assert.deepEqual(await exit, [0, null]);
    });
  });
});
