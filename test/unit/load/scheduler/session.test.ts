import assert from 'node:assert/strict';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { ThroughlineError, type ErrorCode } from '../../../../src/engine/model/errors';
import { DEFAULT_LIMITS } from '../../../../src/engine/model/loadSession';
import type { LoadWindow } from '../../../../src/engine/model/loadWindow';
import { closedPort, serveHttp, serveInProcess, serveRaw, sleep } from '../support';
import { buildScheduler, constantRate, loadTest, measure, request, start, users } from './support';

const failsWith = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === code && text.test(error.message);

describe('the load scheduler', () => {
  let dist: string;
  let remove: () => void;
  before(async () => {
    ({ dist, remove } = await buildScheduler());
  });
  after(() => remove());

  describe('in the open model', () => {
    it('sends every iteration of its schedule, and counts those due in the window', async () => {
      let received = 0;
      const server = await serveHttp((_, response) => {
        received++;
        setTimeout(() => response.end('hello'), 20);
      });
      try {
        const { load } = await measure({ dist, origin: server.origin }, constantRate(100), {
          windowMs: 1500,
        });
        const seconds = (load.endMicros - load.startMicros) / 1e6;
        const { intended, started, unstarted, interrupted } = load.schedule!;
        assert.ok(Math.abs(intended - 100 * seconds) <= 1, `${intended} due in ${seconds} s`);
        assert.deepEqual([started, unstarted, interrupted], [intended, 0, 0]);
        assert.equal(load.model, 'open');
        assert.equal(load.latency.count, intended);
        assert.equal(load.routes[0]!.requests, intended);
        assert.ok(received >= intended);
        assert.ok(load.latency.p50Micros >= 19_000, `p50 ${load.latency.p50Micros}`);
        assert.equal(decodeFromCompressedBase64(load.histogram).totalCount, intended);
        assert.equal(load.throughput.perSecond.length, Math.floor(seconds));
        assert.deepEqual(load.errors, { byStatus: {}, timeouts: 0, connection: 0 });
        assert.ok(load.bytes > 5 * load.requests);
        assert.equal(
          load.series!.requests.reduce((sum, count) => sum + count),
          load.requests,
        );
      } finally {
        await server.close();
      }
    });

    it('counts from the time a request was due: a stall makes all wait that were due in it', async () => {
      let stalledUntil = 0;
      const server = await serveHttp((_, response) => {
        setTimeout(() => response.end(), Math.max(0, stalledUntil - performance.now()));
      });
      try {
        const test = loadTest([request('/')], { http: { connections: 1 } });
        const executor = constantRate(100, { maxVUs: 400 });
        const { load } = await measure({ dist, origin: server.origin, test }, executor, {
          windowMs: 2000,
          inWindow: () => void (stalledUntil = performance.now() + 1000),
        });
        // Half of the requests were due in the stall, and waited for half of it on average.
        const { count, meanMicros, maxMicros } = load.latency;
        assert.equal(count, load.schedule!.intended);
        assert.ok(maxMicros > 900_000, `max ${maxMicros}`);
        assert.ok(meanMicros > 200_000, `mean ${meanMicros}`);
        assert.ok(load.schedule!.late >= 85, `${load.schedule!.late} late`);
      } finally {
        await server.close();
      }
    });

    it('counts what never began, and does not give percentiles that nobody measured', async () => {
      const server = await serveHttp((_, response) => setTimeout(() => response.end(), 200));
      try {
        // Two users at 5 iterations a second each, of 40 that are due.
        const executor = constantRate(40, { maxVUs: 2 });
        const { load } = await measure({ dist, origin: server.origin }, executor, { windowMs: 2000 });
        const { intended, started, unstarted } = load.schedule!;
        assert.equal(started + unstarted, intended);
        assert.ok(started <= 22, `${started} started`);
        assert.equal(load.latency.measuredTo, load.latency.count / intended);
        assert.ok(load.latency.measuredTo < 0.5);
        assert.equal(load.latency.p50Micros, load.latency.maxMicros);
      } finally {
        await server.close();
      }
    });

    it('cuts off what does not end in the graceful stop, as of unknown time', async () => {
      let hangs = false;
      const server = await serveHttp((_, response) => {
        if (!hangs) response.end();
      });
      try {
        const executor = constantRate(20, { gracefulStop: 0.3 });
        const { load } = await measure({ dist, origin: server.origin }, executor, {
          inWindow: async () => {
            await sleep(1000);
            hangs = true;
          },
        });
        const { intended, interrupted } = load.schedule!;
        assert.ok(interrupted >= 15 && interrupted <= 25, `${interrupted} interrupted`);
        assert.equal(load.latency.count + interrupted, intended);
        assert.equal(load.latency.measuredTo, load.latency.count / intended);
      } finally {
        await server.close();
      }
    });

    it('changes its level on the fly, and says so in its windows', async () => {
      const server = await serveHttp((_, response) => response.end());
      const session = await start({ dist, origin: server.origin, intervalMs: 100 });
      try {
        const windows: LoadWindow[] = [];
        const first = await session.run(constantRate(50));
        assert.equal(first.phase, 1);
        session.onWindow((window) => windows.push(window));
        await sleep(600);
        const second = await session.run(constantRate(200, { duration: 0.5 }));
        await first.ended;
        await second.ended;
        await sleep(300);
        const inPhase = (phase: number) => windows.filter((window) => window.phase === phase);
        const sum = (of: LoadWindow[], pick: (window: LoadWindow) => number) =>
          of.reduce((total, window) => total + pick(window), 0);
        for (const [at, window] of windows.entries()) {
          assert.equal(Math.round(window.endMicros - window.startMicros), 100_000);
          if (at > 0) assert.ok(Math.abs(window.startMicros - windows[at - 1]!.endMicros) < 1);
        }
        assert.ok(inPhase(1).length >= 3);
        for (const window of inPhase(1).slice(1)) assert.equal(window.intended, 5);
        // The change of level falls within a window.
        const after = sum(inPhase(2), ({ intended }) => intended);
        assert.ok(after >= 100 && after <= 105, `${after} due after the change`);
        assert.equal(
          sum(inPhase(2), ({ started, unstarted }) => started + unstarted),
          after,
        );
        assert.equal(windows.at(-1)!.intended, 0);
      } finally {
        await session.stop();
        await server.close();
      }
    });

    it('goes at one rate and one count with several processes', async () => {
      const server = await serveInProcess(`
        const http = require('node:http');
        const server = http.createServer((_, response) => setTimeout(() => response.end('x'), 10));
        server.listen(0, '127.0.0.1', () => ready(server.address().port));`);
      try {
        const test = loadTest([request('/')], { http: { processes: 2 } });
        const windows: LoadWindow[] = [];
        const { load } = await measure({ dist, origin: server.origin, test }, constantRate(101), {
          windowMs: 2000,
          inWindow: (session) => session.onWindow((window) => windows.push(window)),
        });
        const seconds = (load.endMicros - load.startMicros) / 1e6;
        const { intended } = load.schedule!;
        assert.ok(Math.abs(intended - 101 * seconds) <= 2, `${intended} due in ${seconds} s`);
        assert.equal(load.latency.count, intended);
        assert.equal(decodeFromCompressedBase64(load.histogram).totalCount, intended);
        for (const { intended: due } of windows.slice(0, -1))
          assert.ok(due === 50 || due === 51, `${due} due`);
      } finally {
        await server.close();
      }
    });
  });

  describe('in the closed model', () => {
    it('has each user always at it', async () => {
      const server = await serveHttp((_, response) => setTimeout(() => response.end('x'), 20));
      try {
        const { load } = await measure({ dist, origin: server.origin }, users(8));
        const seconds = (load.endMicros - load.startMicros) / 1e6;
        const underWay = (load.requests / seconds) * (load.latency.meanMicros / 1e6);
        assert.ok(Math.abs(underWay / 8 - 1) < 0.15, `${underWay} requests under way`);
        assert.equal(load.model, 'closed');
        assert.equal(load.schedule, undefined);
        assert.equal(load.latency.count, load.requests);
      } finally {
        await server.close();
      }
    });

    it('ends when each user has done its iterations', async () => {
      const numbers: string[] = [];
      const server = await serveHttp((incoming, response) => {
        numbers.push(incoming.url!);
        response.end();
      });
      const test = loadTest([request('/${vu}/${iteration}')], { http: { processes: 2 } });
      const session = await start({ dist, origin: server.origin, test });
      try {
        const executor = {
          executor: 'per-vu-iterations',
          vus: 3,
          iterations: 4,
          maxDuration: 30,
          gracefulStop: 0,
        } as const;
        await (
          await session.run(executor)
        ).ended;
        assert.equal(numbers.length, 12);
        const perUser = [1, 2, 3].map(
          (user) => numbers.filter((text) => text.startsWith(`/${user}/`)).length,
        );
        assert.deepEqual(perUser, [4, 4, 4]);
        assert.equal(new Set(numbers.map((text) => text.split('/')[2])).size, 12);
      } finally {
        await session.stop();
        await server.close();
      }
    });

    it('ramps its users up and down', async () => {
      let open = 0;
      const seen: number[] = [];
      const server = await serveHttp((_, response) => {
        seen.push(++open);
        setTimeout(() => {
          open--;
          response.end();
        }, 30);
      });
      const session = await start({ dist, origin: server.origin, intervalMs: 100 });
      try {
        const windows: LoadWindow[] = [];
        session.onWindow((window) => windows.push(window));
        const stages = [
          { duration: 0.5, target: 5 },
          { duration: 0.5, target: 0 },
        ];
        const executor = {
          executor: 'ramping-vus',
          startVUs: 0,
          stages,
          gracefulRampDown: 1,
          gracefulStop: 1,
        } as const;
        await (
          await session.run(executor)
        ).ended;
        await sleep(300);
        assert.equal(Math.max(...seen), 5);
        assert.equal(windows.at(-1)!.vusBusy, 0);
        assert.ok(Math.max(...windows.map(({ vusBusy }) => vusBusy)) >= 4);
      } finally {
        await session.stop();
        await server.close();
      }
    });
  });

  describe('tells what failed', () => {
    it('by status, by step and by check', async () => {
      const server = await serveHttp((incoming, response) => {
        response.statusCode = incoming.url === '/broken' ? 503 : 200;
        response.end('body');
      });
      try {
        const status = { name: 'status is 200', test: { type: 'status', ranges: [[200, 200]] } } as const;
        const steps = [request('/fine', { checks: [status] }), request('/broken', { checks: [status] })];
        const { load, checks } = await measure(
          { dist, origin: server.origin, test: loadTest(steps) },
          constantRate(50),
        );
        const [fine, broken] = load.routes;
        assert.deepEqual([fine!.failed, broken!.failed], [0, broken!.requests]);
        assert.deepEqual(load.errors.byStatus, { 503: broken!.requests });
        assert.deepEqual(checks, [
          { name: 'status is 200', passes: fine!.requests, fails: broken!.requests },
        ]);
        assert.equal(fine!.requests, load.schedule!.intended);
      } finally {
        await server.close();
      }
    });

    it('as timeouts where a server hangs', async () => {
      const server = await serveHttp((incoming, response) => {
        if (incoming.url === '/') response.end();
      });
      try {
        const test = loadTest([request('/'), request('/hangs')], { http: { timeoutSeconds: 0.3 } });
        const { load } = await measure({ dist, origin: server.origin, test }, constantRate(20));
        assert.equal(load.errors.timeouts, load.schedule!.intended);
        assert.equal(load.routes[1]!.requests, 0);
        assert.equal(load.routes[1]!.failed, load.errors.timeouts);
        assert.ok(load.latency.measuredTo! <= 0.5);
      } finally {
        await server.close();
      }
    });

    it('as failed connections where they are reset or carry garbage, without hammering', async () => {
      for (const answer of ['garbage\r\n\r\n', undefined]) {
        let connections = 0;
        const server = await serveRaw((socket) => {
          connections++;
          socket.once('data', () => (answer ? socket.end(answer) : socket.resetAndDestroy()));
        });
        try {
          const test = loadTest([request('/')], { http: { connections: 4 } });
          await assert.rejects(
            measure({ dist, origin: server.origin, test }, users(4), { warmupMs: 0 }),
            failsWith('LOAD_NO_REQUESTS', answer ? /not HTTP|not match/ : /reset/),
          );
          assert.ok(connections < 100, `${connections} connections`);
        } finally {
          await server.close();
        }
      }
    });

    it('ends where nothing listens, and where the server is gone for good', async () => {
      const port = await closedPort();
      const session = await start({ dist, origin: `http://127.0.0.1:${port}` });
      await session.run(constantRate(50));
      const server = await serveHttp((_, response) => response.end());
      const second = await start({ dist, origin: server.origin });
      await second.run(users(3));
      await second.beginWindow();
      await sleep(300);
      await server.close();
      await assert.rejects(
        second.failed,
        failsWith('TARGET_CRASHED', /after \d+ requests: connections are refused/),
      );
      const { load } = await second.endWindow({ gracefulStopSeconds: 5 });
      assert.ok(load.requests > 0, 'what was counted before the loss is told');
      assert.ok(load.errors.connection > 0);
      await assert.rejects(second.endWindow(), failsWith('TARGET_CRASHED', /stopped serving/));
      await second.stop();
      // Meanwhile.
      await assert.rejects(session.failed, failsWith('LOAD_NO_REQUESTS', /refused/));
      await session.stop();
    });

    it('refuses more processes than virtual users: the rest of the schedule would have nobody', async () => {
      const server = await serveHttp((_, response) => response.end());
      const test = loadTest([request('/')], { http: { processes: 2 } });
      const session = await start({ dist, origin: server.origin, test });
      try {
        await assert.rejects(
          session.run(constantRate(10, { maxVUs: 1 })),
          failsWith('BAD_USAGE', /1 virtual users cannot be divided over 2/),
        );
      } finally {
        await session.stop();
        await server.close();
      }
    });

    it('goes on after a restart', async () => {
      const first = await serveHttp((_, response) => response.end());
      const session = await start({ dist, origin: first.origin });
      try {
        await session.run(constantRate(50));
        await sleep(300);
        await first.close();
        await sleep(1000);
        const second = await serveHttp((_, response) => response.end(), { port: first.port });
        try {
          await sleep(1000);
          await session.beginWindow();
          await sleep(1000);
          const { load } = await session.endWindow();
          assert.equal(load.latency.count, load.schedule!.intended);
          assert.equal(load.errors.connection, 0);
          assert.ok(load.latency.p50Micros < 100_000);
        } finally {
          await second.close();
        }
      } finally {
        await session.stop();
      }
    });
  });

  describe('refuses', () => {
    const origin = 'http://127.0.0.1:9';
    const limits = DEFAULT_LIMITS;

    it('hosts that were not confirmed', async () => {
      await assert.rejects(
        start({ dist, origin: 'http://192.0.2.1' }),
        failsWith('LOAD_HOST_NOT_ALLOWED', /loopback/),
      );
      await assert.rejects(
        start({ dist, origin: 'http://192.0.2.1', limits: { ...limits, allowedHosts: ['192.0.2.2'] } }),
        failsWith('LOAD_HOST_NOT_ALLOWED', /confirmed/),
      );
    });

    it('more than the limits', async () => {
      const test = loadTest([request('/')], { http: { connections: 30 } });
      await assert.rejects(
        start({ dist, origin, test, limits: { ...limits, maxConnections: 29 } }),
        failsWith('BAD_USAGE', /30 connections are more than the limit of 29/),
      );
      const session = await start({
        dist,
        origin,
        limits: { ...limits, maxRate: 100, maxVUs: 100, maxDurationSeconds: 60 },
      });
      try {
        await assert.rejects(
          session.run(constantRate(101)),
          failsWith('BAD_USAGE', /101 iterations .* limit of 100/),
        );
        await assert.rejects(
          session.run(users(101)),
          failsWith('BAD_USAGE', /101 virtual users .* limit of 100/),
        );
        await assert.rejects(session.run(users(1, { duration: 61 })), failsWith('BAD_USAGE', /61 s/));
      } finally {
        await session.stop();
      }
    });

    it('values that are not given, and headers that are the connection’s own', async () => {
      const secret = loadTest([request('/', { headers: { authorization: 'Bearer ${secret:TOKEN}' } })]);
      await assert.rejects(start({ dist, origin, test: secret }), failsWith('BAD_USAGE', /secret "TOKEN"/));
      const header = loadTest([request('/', { headers: { 'Transfer-Encoding': 'chunked' } })]);
      await assert.rejects(
        start({ dist, origin, test: header }),
        failsWith('BAD_USAGE', /Transfer-Encoding/),
      );
    });
  });
});
