import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { startScheduler } from '../../../src/engine/load/scheduler/session';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { errorCount } from '../../../src/engine/model/load';
import type { Check } from '../../../src/engine/model/loadTest';
import {
  arrivalRate,
  buildEngines,
  drive,
  measureTruth,
  type Truth,
  type TruthPlan,
  undisturbed,
} from '../../loadServers/engines';
import { startServer, type Behaviour, type ServerLog } from '../../loadServers/loadServer';
import { loadTest, orFailed, request, sessionOptions } from '../../loadServers/loadTests';
import { Pool } from '../../loadServers/pool';
import { processesNaming, sleep } from './support';

/*
 * What autocannon 9.0.0 is known to get wrong, by the numbers of the list of its defects, and what our own scheduler
 * reports in its place. The arithmetic of stalls and queues is held to in `test/truth/load.truth.test.ts`.
 */
describe('A defect of autocannon does not show in our open model:', () => {
  const pool = new Pool(2);
  let dist: string;
  let remove: () => void;
  let built!: () => void;
  const ready = new Promise<void>((resolve) => (built = resolve));
  before(async () => {
    ({ dist, remove } = await buildEngines());
    built();
  });
  after(() => remove());

  /** Begins as soon as the pool has room, and gives its result to the test that asks. */
  const truth = (behaviour: Behaviour, plan: TruthPlan) => {
    const result = during(() => measureTruth(dist, behaviour, plan));
    return async (test: Mocha.Context): Promise<Truth> => undisturbed(await result(), test);
  };
  const during = <T>(work: () => Promise<T>) =>
    pool.add(async () => {
      await ready;
      return work();
    });

  const http = loadTest().http;
  const second = { windowMs: 1000 };
  const slow = truth({ type: 'fixed', serviceMs: 50 }, { executor: arrivalRate(100), ...second });
  const even = truth(
    { type: 'fast' },
    { executor: arrivalRate(500), test: { http: { ...http, connections: 50 } } },
  );
  const asked = truth({ type: 'fixed', serviceMs: 50 }, { executor: arrivalRate(400, 10), ...second });
  const closing = truth(
    { type: 'fixed', serviceMs: 20, closes: true },
    { executor: arrivalRate(100), ...second },
  );
  const two = truth(
    { type: 'fixed', serviceMs: 5 },
    { executor: arrivalRate(300), test: { http: { ...http, processes: 2 } } },
  );

  it('1, latencies that were never measured, and a median below the service time', async function () {
    const { load, log } = await slow(this);
    const { intended, started } = load.schedule!;
    assert.equal(started, intended);
    assert.equal(decodeFromCompressedBase64(load.histogram).totalCount, intended);
    assert.ok(Math.abs(intended - (100 * (load.endMicros - load.startMicros)) / 1e6) <= 1);
    assertMedian(load.latency.p50Micros, log, 50_000);
  });

  it('2, bursts: requests come as evenly as they are due', async function () {
    const { load, log } = await even(this);
    const arrivals = log.arrivals.filter((micros) => micros < load.endMicros);
    // One is due each 2 ms. autocannon sends those of a second in its first milliseconds.
    const gaps = [...arrivals.slice(1)]
      .map((micros, index) => micros - arrivals[index]!)
      .sort((a, b) => a - b);
    const median = gaps[gaps.length >> 1]!;
    assert.ok(median > 1500 && median < 2500, `the median gap is ${median} µs`);
    const perTenth = new Map<number, number>();
    for (const micros of arrivals) {
      const tenth = Math.floor((micros - load.startMicros) / 1e5);
      perTenth.set(tenth, (perTenth.get(tenth) ?? 0) + 1);
    }
    const most = Math.max(...perTenth.values());
    assert.ok(most <= 150, `${most} in a tenth of a second`);
  });

  it('3, a rate that is not reached and not told: ten users of 50 ms make 200/s of the 400', async function () {
    const { load, log } = await asked(this);
    const { intended, started, unstarted } = load.schedule!;
    assert.equal(started + unstarted, intended);
    assert.ok(unstarted / intended > 0.45, `${unstarted} of ${intended} were not started`);
    assert.ok(load.latency.measuredTo! <= load.latency.count / intended);
    // Little's law: all ten were busy throughout, whatever the machine made of their 50 ms.
    const seconds = (load.endMicros - load.startMicros) / 1e6;
    const busy = (started / seconds) * (load.latency.meanMicros / 1e6);
    assert.ok(busy > 8 && busy < 11.5, `${busy} users were busy`);
    assertMedian(load.latency.p50Micros, log, 50_000); // users that are free begin at once
  });

  it('4, replies taken for others where connections close', async function () {
    const { load, log } = await closing(this);
    assert.equal(errorCount(load.errors), 0);
    assert.ok(
      load.latency.p50Micros >= 20_000 && load.latency.p50Micros < 60_000,
      `${load.latency.p50Micros}`,
    );
    assert.ok(log.connections >= load.latency.count);
  });

  it(
    '5, replies taken for others after a restart: nothing else shifts, and what fell into it is counted',
    during(async () => {
      let server = await startServer({ type: 'fixed', serviceMs: 20 });
      const { origin, port } = server;
      const restart = async () => {
        await sleep(500);
        await server.close();
        server = await startServer({ type: 'fixed', serviceMs: 20 }, { port });
      };
      let restarted = Promise.resolve();
      try {
        const { load } = await drive({
          dist,
          origin,
          executor: arrivalRate(100),
          test: { http: { ...http, connections: 20 } },
          windowMs: 2500,
          inWindow: () => void (restarted = restart()),
        });
        await restarted;
        const { intended, started } = load.schedule!;
        assert.equal(started, intended);
        assert.equal(load.latency.count + load.errors.connection, intended);
        assert.ok(
          load.errors.connection > 0 && load.errors.connection < intended / 2,
          `${load.errors.connection}`,
        );
        // Most were due before it and after it, while the server was up.
        const { p50Micros } = load.latency;
        const latest = 200_000 + 4 * load.schedule!.lagMaxMicros; // a generator that had no time was late itself
        assert.ok(
          p50Micros >= 20_000 && p50Micros <= latest,
          `p50 ${p50Micros} µs, expected ${latest} at most`,
        );
      } finally {
        await restarted;
        await server.close();
      }
    }),
  );

  it(
    '6, a server that is down hit without end: no more attempts than there were requests',
    during(async () => {
      const server = await startServer({ type: 'fixed', serviceMs: 2 });
      const { load } = await drive({
        dist,
        origin: server.origin,
        executor: arrivalRate(200, 20),
        windowMs: 1500,
        inWindow: () => void setTimeout(() => void server.close(), 300),
      });
      const { intended } = load.schedule!;
      assert.ok(
        load.errors.connection > 0 && load.errors.connection <= intended,
        `${load.errors.connection}`,
      );
      assert.ok(load.latency.count + load.errors.connection <= intended);
    }),
  );

  it(
    '7, a hung server that looks clean: each request that it took is a timeout',
    during(async () => {
      const server = await startServer({ type: 'hang', serviceMs: 5 });
      try {
        const { load } = await drive({
          dist,
          origin: server.origin,
          executor: arrivalRate(50),
          test: { http: { ...http, timeoutSeconds: 1 } },
          windowMs: 1000,
          inWindow: () => void setTimeout(() => void server.hang(), 300),
        });
        const { intended, started } = load.schedule!;
        assert.equal(started, intended);
        assert.ok(load.errors.timeouts >= intended / 4, `${load.errors.timeouts} of ${intended}`);
        assert.equal(load.latency.count + load.errors.timeouts, intended);
        assert.ok(load.apdex.score < 0.9);
      } finally {
        await server.close();
      }
      const silent = await startServer({ type: 'hang', serviceMs: 5, hangs: true });
      try {
        await assert.rejects(
          drive({
            dist,
            origin: silent.origin,
            executor: arrivalRate(20),
            test: { http: { ...http, timeoutSeconds: 1 } },
            windowMs: 300,
          }),
          (error) => error instanceof ThroughlineError && error.code === 'LOAD_NO_REQUESTS',
        );
      } finally {
        await silent.close();
      }
    }),
  );

  describe('8 and 9, a stop that does not settle,', () => {
    for (const stage of ['in the warm-up', 'in the window', 'of generators that are stuck'] as const)
      it(
        stage,
        during(async () => {
          const own = path.join(dist, stage.replaceAll(' ', '-')); // its processes are told from the others by it
          fs.mkdirSync(own);
          fs.copyFileSync(path.join(dist, 'scheduler.cjs'), path.join(own, 'scheduler.cjs'));
          const server = await startServer({ type: 'hang', serviceMs: 5, hangs: true });
          const test = loadTest({ http: { ...http, processes: 2 } });
          const session = await startScheduler(sessionOptions({ dist: own, origin: server.origin, test }));
          try {
            await orFailed(session, session.run(arrivalRate(50)));
            if (stage === 'in the window') await session.beginWindow();
            const pids = await processesNaming(own);
            assert.equal(pids.length, 2);
            if (stage === 'of generators that are stuck')
              for (const pid of pids) process.kill(pid, 'SIGSTOP');
          } finally {
            await session.stop();
            await server.close();
          }
          assert.deepEqual(await processesNaming(own), []);
        }),
      );
  });

  it('10, workers that tell nothing and each send the whole rate: two processes share it', async function () {
    const { load, windows, log } = await two(this);
    const seconds = (load.endMicros - load.startMicros) / 1e6;
    assert.ok(
      Math.abs(load.schedule!.intended - 300 * seconds) <= 2,
      `${load.schedule!.intended} in ${seconds} s`,
    );
    const arrived = log.arrivals.filter((micros) => micros < load.endMicros).length;
    assert.ok(Math.abs(arrived - 300 * seconds) <= 60, `${arrived} arrived`);
    assert.equal(decodeFromCompressedBase64(load.histogram).totalCount, load.schedule!.intended);
    assert.ok(windows.length >= 3);
    for (const window of windows.slice(1, -1))
      assert.ok(Math.abs(window.intended - 150) <= 2, `${window.intended}`);
  });

  it('11, milliseconds without a fraction: a fast reply took more than nothing', async function () {
    const { load } = await even(this);
    assert.ok(load.latency.p50Micros > 0);
    assert.ok([load.latency.p50Micros, load.latency.p99Micros].some((micros) => micros % 1000 !== 0));
  });

  it(
    '12, replies that bring the process down: checks and captures that find nothing fail alone',
    during(async () => {
      const check = (name: string, test: Check['test']) => ({ name, test });
      const step = request({
        path: '/200',
        captures: [
          { name: 'a', from: { type: 'json', pointer: '/no/such/~1place' } },
          { name: 'b', from: { type: 'regex', pattern: '(never)' } },
          { name: 'c', from: { type: 'header', header: 'x-none' } },
        ],
        checks: [
          check('json', { type: 'json', pointer: '/a/b', equals: 1 }),
          check('header', { type: 'header', header: 'x-none', pattern: '^y' }),
          check('body', { type: 'bodyMatches', pattern: '^ok$' }),
        ],
      });
      const using = request({ name: 'using', path: '/200?${a}' });
      const server = await startServer({ type: 'status' });
      try {
        const { load, checks } = await drive({
          dist,
          origin: server.origin,
          executor: arrivalRate(50),
          test: { flows: [{ name: 'flow', weight: 1, steps: [step, using] }] },
          windowMs: 500,
        });
        assert.ok(load.requests > 0);
        const [json, header, body] = ['json', 'header', 'body'].map((name) =>
          checks.find((one) => one.name === name),
        );
        assert.ok(json!.fails > 0 && json!.passes === 0 && header!.fails > 0 && header!.passes === 0);
        assert.ok(body!.passes > 0 && body!.fails === 0);
      } finally {
        await server.close();
      }
    }),
  );

  it(
    '12 as well, what a listener throws brought to the host: the session fails with it',
    during(async () => {
      const server = await startServer({ type: 'fixed', serviceMs: 1 });
      const thrown = new Error('thrown by a listener');
      const session = await startScheduler(
        sessionOptions({ dist, origin: server.origin, test: loadTest(), intervalMs: 100 }),
      );
      session.onWindow(() => {
        throw thrown;
      });
      try {
        await assert.rejects(
          orFailed(
            session,
            session.run(arrivalRate(20)).then(() => sleep(10_000)),
          ),
          thrown,
        );
      } finally {
        await session.stop();
        await server.close();
      }
    }),
  );

  it(
    '13, a pseudo-header that makes a run endless: it is refused',
    during(async () => {
      const server = await startServer({ type: 'fixed', serviceMs: 1 });
      try {
        await assert.rejects(
          drive({
            dist,
            origin: server.origin,
            executor: arrivalRate(20),
            test: { headers: { ':authority': 'example.com' } },
          }),
          (error) =>
            error instanceof ThroughlineError &&
            error.code === 'BAD_USAGE' &&
            /:authority/.test(error.message),
        );
        assert.equal((await server.log()).arrivals.length, 0);
      } finally {
        await server.close();
      }
    }),
  );
});

/** It is what the server itself took, and never less, but for what the way there and back costs on a busy machine. */
function assertMedian(p50Micros: number, { arrivals, replies }: ServerLog, serviceMicros: number): void {
  const served = [...replies].map((reply, index) => reply - arrivals[index]!).filter((micros) => micros > 0);
  const ownP50 = served.sort((a, b) => a - b)[served.length >> 1]!;
  const text = `p50 ${p50Micros} µs, of the server ${ownP50} µs`;
  assert.ok(p50Micros >= serviceMicros && p50Micros <= ownP50 + 80_000, text);
}
