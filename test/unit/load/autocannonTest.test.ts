import assert from 'node:assert/strict';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { startAutocannonTest } from '../../../src/engine/load/autocannonTest';
import { autocannonRefusals } from '../../../src/engine/load/autocannonRefusals';
import { autocannonRequests } from '../../../src/engine/load/autocannonRequests';
import { CancelledError, ThroughlineError, type ErrorCode } from '../../../src/engine/model/errors';
import type { Executor, LoadTest } from '../../../src/engine/model/loadTest';
import { DEFAULT_LIMITS, type SchedulerOptions } from '../../../src/engine/model/loadSession';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';
import { startServer, type LoadServer } from '../../loadServers/loadServer';
import { loadTest, orFailed, request, sessionOptions } from '../../loadServers/loadTests';
import { buildGenerator, closedPort, processesNaming, serveHttp, sleep } from './support';

const ORIGIN = 'http://127.0.0.1:3000';

const failsWith = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === code && text.test(error.message);

const constantVus = (vus: number, duration: number): Executor => ({
  executor: 'constant-vus',
  vus,
  duration,
  gracefulStop: 0,
});

describe('autocannon as an engine of load tests', () => {
  describe('refuses', () => {
    const flow = (...steps: LoadTest['flows'][number]['steps']) => [{ name: 'flow', weight: 1, steps }];
    const http = loadTest().http;
    const stages = [{ duration: 1, target: 2 }];
    const open = { timeUnit: 1, preAllocatedVUs: 1, maxVUs: 1, gracefulStop: 0 };
    const cases: [string, Partial<LoadTest>, RegExp, string?][] = [
      [
        'an arrival rate',
        { executor: { executor: 'constant-arrival-rate', rate: 1, duration: 1, ...open } },
        /cannot honour "constant-arrival-rate": its rates wait for replies/,
      ],
      [
        'a ramping arrival rate',
        { executor: { executor: 'ramping-arrival-rate', startRate: 1, stages, ...open } },
        /"ramping-arrival-rate"/,
      ],
      [
        'ramping users',
        { executor: { executor: 'ramping-vus', startVUs: 1, stages, gracefulRampDown: 0, gracefulStop: 0 } },
        /cannot honour "ramping-vus": it keeps its number/,
      ],
      [
        'iterations',
        {
          executor: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: 1, gracefulStop: 0 },
        },
        /"per-vu-iterations"/,
      ],
      [
        'users that share connections',
        { executor: constantVus(5, 1), http: { ...http, connections: 4 } },
        /4 are allowed for 5/,
      ],
      ['a search', { kind: 'stress' }, /a stress test sends at rates/],
      ['HTTP/2', { http: { ...http, http2: true } }, /HTTP\/2/],
      ['redirects', { http: { ...http, maxRedirects: 1 } }, /follows no redirects/],
      ['several processes', { http: { ...http, processes: 2 } }, /one process/],
      ['short timeouts', { http: { ...http, timeoutSeconds: 0.5 } }, /a second at least/],
      ['certificates to verify', {}, /does not verify certificates/, 'https://127.0.0.1:1'],
      ['other hosts', {}, /this machine alone/, 'http://example.com'],
      ['weights', { flows: [...flow(request()), ...flow(request({ path: '/a' }))] }, /by weight/],
      [
        'think time',
        { flows: flow(request(), { type: 'sleep', minSeconds: 1, maxSeconds: 1 }) },
        /think time/,
      ],
      [
        'captures',
        { flows: flow(request({ captures: [{ name: 'a', from: { type: 'header', header: 'a' } }] })) },
        /captures no values/,
      ],
      [
        'checks',
        {
          flows: flow(request({ checks: [{ name: 'ok', test: { type: 'status', ranges: [[200, 200]] } }] })),
        },
        /runs no checks/,
      ],
      ['data', { flows: flow(request({ path: '/${data:users.id}' })) }, /same texts each time/],
      ['numbers of iterations', { headers: { 'x-id': '${iteration}' } }, /same texts each time/],
      [
        'headers that it writes itself',
        { headers: { Connection: 'close' } },
        /sets the header "Connection" itself/,
      ],
    ];
    for (const [what, changes, reason, origin = ORIGIN] of cases)
      it(what, async () => {
        const refusals = autocannonRefusals(loadTest(changes), origin);
        assert.equal(refusals.length, 1, refusals.join('; '));
        assert.match(refusals[0]!, reason);
        const options = sessionOptions({ dist: '/nowhere', origin, test: loadTest(changes) });
        await assert.rejects(startAutocannonTest(options), failsWith('BAD_USAGE', reason));
      });

    it('nothing that it can do', () => {
      const test = loadTest({
        executor: constantVus(20, 60),
        headers: { authorization: 'Bearer ${secret:token}' },
        flows: flow(request(), request({ method: 'POST', path: '/${env:PLACE}', body: '{}' })),
      });
      assert.deepEqual(autocannonRefusals(test, ORIGIN), []);
      const unverified = loadTest({ http: { ...http, insecureSkipTLSVerify: true } });
      assert.deepEqual(autocannonRefusals(unverified, 'https://localhost:1'), []);
      assert.deepEqual(autocannonRefusals(loadTest(), 'http://[::1]:1'), []);
    });
  });

  it('fills in variables and secrets, each fit for where it stands, and names one that has no value', () => {
    const step = request({
      path: '/${env:PLACE}',
      headers: { 'X-Key': '${secret:key}' },
      body: '{"a":"${env:TEXT}"}',
      bodyType: 'json',
    });
    const test = loadTest({
      headers: { 'x-key': 'of all', accept: '*/*' },
      flows: [{ name: 'flow', weight: 1, steps: [step] }],
    });
    const env = { PLACE: 'a b', TEXT: 'say "hi"' };
    const [sent] = autocannonRequests(test, { env, secrets: { key: 'se\r\ncret' } });
    assert.equal(sent!.path, '/a%20b');
    assert.deepEqual(sent!.headers, { accept: '*/*', 'X-Key': 'se cret' });
    assert.equal(sent!.body, '{"a":"say \\"hi\\""}');
    assert.throws(
      () => autocannonRequests(test, { env, secrets: {} }),
      failsWith('BAD_USAGE', /"\$\{secret:key\}" has no value/),
    );
  });

  describe('with its generator', () => {
    let dist: string;
    let remove: () => void;
    before(async () => {
      ({ dist, remove } = await buildGenerator());
    });
    after(() => remove());
    afterEach(async () => assert.deepEqual(await processesNaming(dist), []));

    const start = (changes: Partial<SchedulerOptions> & { origin: string }) =>
      startAutocannonTest(sessionOptions({ dist, test: loadTest(), intervalMs: 100, ...changes }));

    it('sends the steps in order, and tells each by its name, its windows and its result', async () => {
      const seen: string[] = [];
      const bodies = new Set<string>();
      const server = await serveHttp((incoming, response) => {
        seen.push(`${incoming.method} ${incoming.url} ${incoming.headers['x-key'] as string}`);
        incoming.on('data', (chunk: Buffer) => bodies.add(chunk.toString()));
        response.statusCode = incoming.method === 'POST' ? 503 : 200;
        setTimeout(() => response.end(), 5);
      });
      const steps = [
        request({ name: 'list', path: '/items' }),
        request({ name: 'add', method: 'POST', path: '/items', body: 'one', headers: { 'x-key': 'own' } }),
      ];
      const test = loadTest({ headers: { 'X-Key': 'common' }, flows: [{ name: 'shop', weight: 1, steps }] });
      const session = await start({ origin: server.origin, test });
      const windows: LoadWindow[] = [];
      session.onWindow((window) => windows.push(window));
      try {
        const { phase } = await session.run(constantVus(1, 30));
        await session.beginWindow();
        await orFailed(session, sleep(700));
        const { load, checks } = await session.endWindow();
        assert.deepEqual(checks, []);
        assert.deepEqual([...new Set(seen)], ['GET /items common', 'POST /items own']);
        assert.ok(seen.every((line, index) => line.startsWith(index % 2 === 0 ? 'GET' : 'POST')));
        assert.deepEqual([...bodies], ['one']);
        assert.deepEqual(
          load.routes.map(({ name }) => name),
          ['list', 'add'],
        );
        const [list, add] = load.routes;
        assert.equal(list!.failed, 0);
        assert.equal(add!.failed, add!.requests);
        assert.deepEqual(load.errors.byStatus, { 503: add!.requests });
        assert.equal(load.requests, list!.requests + add!.requests);
        assert.deepEqual([load.engine, load.model], ['autocannon', 'closed']);
        assert.ok(windows.length >= 3);
        for (const [index, window] of windows.entries()) {
          assert.equal(window.phase, phase);
          assert.equal(decodeFromCompressedBase64(window.histogram).totalCount, window.latency.count);
          if (index > 0) assert.equal(window.startMicros, windows[index - 1]!.endMicros);
          assert.ok(Math.abs(window.failed - window.latency.count / 2) <= 1);
          assert.ok(Math.abs(window.started - window.latency.count / 2) <= 1);
        }
      } finally {
        await session.stop();
        await server.close();
      }
    });

    describe('against a server of 10 ms', () => {
      let server: LoadServer;
      before(async () => {
        server = await startServer({ type: 'fixed', serviceMs: 10 });
      });
      after(() => server.close());

      it('ends with its executor, and its window with it', async () => {
        const session = await start({ origin: server.origin });
        try {
          const { ended } = await session.run(constantVus(4, 0.6));
          const { startMicros } = await session.beginWindow();
          await orFailed(session, ended);
          const { arrivals, replies } = await server.log(startMicros);
          const { load } = await session.endWindow();
          assert.equal(
            (await server.log(startMicros)).arrivals.length,
            arrivals.length,
            'nothing is sent after it',
          );
          const answered = replies.filter((reply) => reply < load.endMicros).length;
          assert.ok(load.requests <= answered + 4 && load.requests >= answered - 4);
          await assert.rejects(session.beginWindow(), failsWith('BAD_USAGE', /while an executor runs/));
        } finally {
          await session.stop();
        }
      });

      it('goes on without a pause where the users stay as many, and begins anew where not', async () => {
        const session = await start({ origin: server.origin });
        try {
          const warmup = await session.run(constantVus(2, 0.3));
          const main = await session.run(constantVus(2, 30));
          assert.deepEqual([warmup.phase, main.phase], [1, 2]);
          await sleep(400); // past the end of the first
          await session.beginWindow();
          await assert.rejects(
            session.run(constantVus(3, 1)),
            failsWith('BAD_USAGE', /cannot change in a window/),
          );
          await orFailed(session, sleep(200));
          assert.equal((await session.endWindow()).load.connections, 2);
          await session.run(constantVus(3, 30));
          await session.beginWindow();
          await orFailed(session, sleep(200));
          assert.equal((await session.endWindow()).load.connections, 3);
        } finally {
          await session.stop();
        }
      });

      it('sends nothing before it runs, and takes no executor but its own nor more than the limits', async () => {
        const session = await start({ origin: server.origin, limits: { ...DEFAULT_LIMITS, maxVUs: 5 } });
        try {
          const before = (await server.log()).arrivals.length;
          const iterations = {
            executor: 'per-vu-iterations',
            vus: 1,
            iterations: 1,
            maxDuration: 1,
            gracefulStop: 0,
          } as const;
          await assert.rejects(session.run(iterations), failsWith('BAD_USAGE', /per-vu-iterations/));
          await assert.rejects(
            session.run(constantVus(6, 1)),
            failsWith('BAD_USAGE', /more than the limit of 5/),
          );
          await assert.rejects(
            session.run(constantVus(1, 1e6)),
            failsWith('BAD_USAGE', /1000000 s are more/),
          );
          await assert.rejects(session.endWindow(), failsWith('BAD_USAGE', /before it began/));
          await sleep(100);
          assert.equal((await server.log()).arrivals.length, before);
        } finally {
          await session.stop();
        }
      });

      it('is gone when cancelled, also as it starts', async () => {
        const controller = new AbortController();
        const session = await start({ origin: server.origin, signal: controller.signal });
        await session.run(constantVus(2, 30));
        controller.abort();
        await assert.rejects(session.failed, CancelledError);
        await session.stop();
        await assert.rejects(session.run(constantVus(2, 30)), CancelledError);

        const second = await start({ origin: server.origin });
        const running = assert.rejects(second.run(constantVus(2, 30)), CancelledError);
        await second.stop();
        await running;
        await assert.rejects(start({ origin: server.origin, signal: controller.signal }), CancelledError);
      });
    });

    it('tells that nothing is there to load', async () => {
      const session = await start({ origin: `http://127.0.0.1:${await closedPort()}` });
      try {
        const { ended } = await session.run(constantVus(1, 30));
        await assert.rejects(session.failed, failsWith('LOAD_NO_REQUESTS', /are refused/));
        await assert.rejects(ended, ThroughlineError);
      } finally {
        await session.stop();
      }
    });
  });
});
