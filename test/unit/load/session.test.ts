import assert from 'node:assert/strict';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import type { LoadProgress, LoadResult } from '../../../src/engine/model/load';
import { ThroughlineError, type ErrorCode } from '../../../src/engine/model/errors';
import { startLoad, type LoadSession } from '../../../src/engine/load/session';
import {
  buildGenerator,
  closedPort,
  GET_ROOT,
  loadFor,
  orFailed,
  processesNaming,
  scenario,
  serveHttp,
  serveInProcess,
  serveRaw,
  sleep,
} from './support';

const failsWith = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === code && text.test(error.message);

/**
 * Little's law for the closed model: each connection always has one request under way, so that throughput times
 * mean latency is the number of connections, on a fast machine as on a slow one. A reply that is matched to the
 * wrong request, counted twice or lost breaks it.
 */
function assertLittlesLaw(result: LoadResult): void {
  const { connections } = result;
  const seconds = (result.endMicros - result.startMicros) / 1e6;
  const under = (result.requests / seconds) * (result.latency.meanMicros / 1e6);
  assert.ok(
    Math.abs(under / connections - 1) < 0.15,
    `${under} requests under way on ${connections} connections`,
  );
}

describe('a load session', () => {
  let dist: string;
  let remove: () => void;
  before(async () => {
    ({ dist, remove } = await buildGenerator());
  });
  after(() => remove());

  describe('measures', () => {
    it('a server of fixed service time, below a millisecond exactly', async () => {
      const served: number[] = [];
      const server = await serveHttp((_, response) => {
        const begun = performance.now();
        setTimeout(() => {
          response.end('hello');
          served.push(performance.now() - begun);
        }, 20);
      });
      try {
        const result = await loadFor({ dist, origin: server.origin }, { windowMs: 1100 });
        served.sort((a, b) => a - b);
        const ownP50Micros = served[served.length >> 1]! * 1000;
        assertLittlesLaw(result);
        assert.ok(result.latency.p50Micros >= 19_000, `p50 ${result.latency.p50Micros}`);
        assert.ok(
          result.latency.p50Micros >= ownP50Micros * 0.95 && result.latency.p50Micros < ownP50Micros + 20_000,
          `p50 ${result.latency.p50Micros}, the server's own ${ownP50Micros}`,
        );
        const { p50Micros, p90Micros, p95Micros, p99Micros, p999Micros, maxMicros } = result.latency;
        const rising = [p50Micros, p90Micros, p95Micros, p99Micros, p999Micros, maxMicros];
        assert.deepEqual(
          [...rising].sort((a, b) => a - b),
          rising,
        );
        assert.ok(rising.some((micros) => micros % 1000 !== 0));

        const histogram = decodeFromCompressedBase64(result.histogram);
        assert.equal(histogram.totalCount, result.requests);
        assert.ok(Math.abs(histogram.getValueAtPercentile(50) - p50Micros) <= p50Micros / 500);

        const windowSeconds = (result.endMicros - result.startMicros) / 1e6;
        const { mean, perSecond } = result.throughput;
        assert.equal(perSecond.length, Math.floor(windowSeconds));
        assert.ok(Math.abs(mean * windowSeconds - result.requests) < 1e-6 * result.requests);
        const inWholeSeconds = perSecond.reduce((sum, count) => sum + count, 0);
        assert.ok(inWholeSeconds > 0 && inWholeSeconds <= result.requests);

        assert.deepEqual(result.errors, { byStatus: {}, timeouts: 0, connection: 0 });
        assert.equal(result.bytes % result.requests, 0);
        assert.equal(result.generator.saturated, false);
        assert.ok(result.apdex.score > 0.5);
      } finally {
        await server.close();
      }
    });

    it('each route by itself, sent in turn, and failures by status', async () => {
      const server = await serveHttp((request, response) => {
        const delayMs = request.url === '/slow' ? 30 : 0;
        setTimeout(() => {
          response.statusCode = { '/missing': 404, '/broken': 500 }[request.url ?? ''] ?? 200;
          response.end(request.url);
        }, delayMs);
      });
      try {
        const routes = ['/ok', '/slow', '/missing', '/broken'].map((path) => ({ method: 'GET', path }));
        const result = await loadFor({ dist, origin: server.origin, routes });
        const counts = result.routes.map(({ requests }) => requests);
        assert.ok(Math.max(...counts) - Math.min(...counts) <= result.connections, counts.join());
        assert.equal(
          counts.reduce((a, b) => a + b),
          result.requests,
        );
        const [ok, slow, missing, broken] = result.routes;
        assert.deepEqual(result.errors.byStatus, { 404: missing!.requests, 500: broken!.requests });
        assert.ok(slow!.latency.p50Micros >= 29_000);
        assert.ok(slow!.latency.p50Micros > ok!.latency.p50Micros);
        // Failed replies satisfy nobody, however fast.
        assert.ok(result.apdex.score <= (ok!.requests + slow!.requests) / result.requests + 1e-9);
        assertLittlesLaw(result);
      } finally {
        await server.close();
      }
    });

    it('Apdex against its target', async () => {
      // Far apart, so that a slow machine does not move a reply into another class.
      const server = await serveHttp((request, response) => {
        setTimeout(() => response.end(), { '/fast': 0, '/tolerated': 500, '/slow': 1100 }[request.url ?? '']);
      });
      try {
        const routes = ['/fast', '/tolerated', '/slow'].map((path) => ({ method: 'GET', path }));
        const plan = scenario({ apdexTargetMs: 250, connections: 6 });
        const result = await loadFor(
          { dist, origin: server.origin, routes, scenario: plan },
          { windowMs: 2400 },
        );
        const [fast, tolerated, slow] = result.routes.map(({ requests }) => requests);
        assert.ok(fast! > 0 && tolerated! > 0 && slow! > 0);
        const expected = (fast! + tolerated! / 2) / result.requests;
        assert.ok(Math.abs(result.apdex.score - expected) < 1e-9, `${result.apdex.score}, not ${expected}`);
      } finally {
        await server.close();
      }
    });

    it('a body that comes slowly until its end', async () => {
      const server = await serveHttp((_, response) => {
        response.write('a');
        setTimeout(() => response.write('b'), 30);
        setTimeout(() => response.end('c'), 60);
      });
      try {
        const result = await loadFor({ dist, origin: server.origin });
        assert.ok(result.latency.p50Micros >= 58_000, `p50 ${result.latency.p50Micros}`);
        assertLittlesLaw(result);
      } finally {
        await server.close();
      }
    });

    it('a server that closes the connection after each reply', async () => {
      const server = await serveHttp((_, response) => {
        response.setHeader('connection', 'close');
        setTimeout(() => response.end('bye'), 20);
      });
      try {
        const result = await loadFor({ dist, origin: server.origin });
        assertLittlesLaw(result);
        assert.equal(result.errors.connection, 0);
      } finally {
        await server.close();
      }
    });

    it('replies that end with their connection', async () => {
      const server = await serveRaw((socket) =>
        socket.once('data', () => setTimeout(() => socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end'), 20)),
      );
      try {
        const result = await loadFor({ dist, origin: server.origin });
        assertLittlesLaw(result);
        assert.equal(result.errors.connection, 0);
      } finally {
        await server.close();
      }
    });

    it('replies to HEAD, and interim replies, as one reply each', async () => {
      let served = 0;
      let servedBefore = 0;
      const server = await serveHttp((_, response) => {
        response.writeEarlyHints({ link: '</style.css>; rel=preload' });
        setTimeout(() => {
          served++;
          response.setHeader('content-length', 1000).end();
        }, 20);
      });
      try {
        const result = await loadFor(
          { dist, origin: server.origin, routes: [{ method: 'HEAD', path: '/' }] },
          { inWindow: () => (servedBefore = served) },
        );
        assert.ok(result.requests <= served - servedBefore + result.connections);
        assert.ok(result.latency.p50Micros >= 19_000);
        assertLittlesLaw(result);
        assert.deepEqual(result.errors, { byStatus: {}, timeouts: 0, connection: 0 });
      } finally {
        await server.close();
      }
    });

    it('sends the headers, and counts only the window', async () => {
      let received = 0;
      const server = await serveHttp((request, response) => {
        received++;
        response.statusCode = request.headers['x-key'] === 'k' ? 200 : 401;
        setTimeout(() => response.end(), 5);
      });
      try {
        let receivedBefore = 0;
        const result = await loadFor(
          { dist, origin: server.origin, scenario: scenario({ headers: { 'X-Key': 'k' } }) },
          { warmupMs: 700, windowMs: 500, inWindow: () => (receivedBefore = received) },
        );
        assert.deepEqual(result.errors.byStatus, {});
        assert.ok(receivedBefore > result.connections);
        // What the server had received in the window is what was completed in it, but for what was under way.
        assert.ok(result.requests <= received - receivedBefore + 2 * result.connections);
      } finally {
        await server.close();
      }
    });

    it('servers on ::1', async function () {
      const server = await serveHttp((_, response) => response.end(), { host: '::1' }).catch(() => undefined);
      if (!server) return this.skip(); // this machine has no IPv6
      try {
        assert.ok((await loadFor({ dist, origin: server.origin }, { windowMs: 200 })).requests > 0);
      } finally {
        await server.close();
      }
    });

    it('itself: replies that cost it far more than they cost the server show it saturated', async () => {
      // 20,000 chunks of one byte: one write for the server, milliseconds of parsing for the generator.
      const server = await serveInProcess(`
        const chunks = '1\\r\\nx\\r\\n'.repeat(20000) + '0\\r\\n\\r\\n';
        const reply = Buffer.from('HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n' + chunks);
        require('net').createServer((socket) => socket.on('data', () => socket.write(reply)).on('error', () => {}))
          .listen(0, '127.0.0.1', function () { ready(this.address().port); });`);
      try {
        const result = await loadFor({ dist, origin: server.origin });
        assert.equal(result.generator.saturated, true, JSON.stringify(result.generator));
        assert.ok(result.generator.eventLoopDelayP99Ms > 0);
        assert.deepEqual(result.errors, { byStatus: {}, timeouts: 0, connection: 0 });
      } finally {
        await server.close();
      }
    });

    it('reports progress about twice a second, by phase', async () => {
      const server = await serveHttp((_, response) => response.writeHead(500).end());
      const progress: LoadProgress[] = [];
      try {
        await loadFor(
          { dist, origin: server.origin, onProgress: (one) => progress.push(one) },
          { warmupMs: 1200, windowMs: 1200 },
        );
      } finally {
        await server.close();
      }
      assert.deepEqual([...new Set(progress.map(({ phase }) => phase))], ['warmup', 'measure']);
      assert.ok(progress.length >= 3 && progress.length <= 5, `${progress.length} reports`);
      for (const { requestsPerSecond, p99Micros, errors, elapsedSeconds } of progress)
        assert.ok(requestsPerSecond > 0 && p99Micros > 0 && errors > 0 && elapsedSeconds > 0);
    });
  });

  describe('tells a server that', () => {
    it('never replies, by its timeouts', async () => {
      const server = await serveRaw(() => undefined);
      try {
        const plan = scenario({ timeoutSeconds: 1 });
        await assert.rejects(
          loadFor({ dist, origin: server.origin, scenario: plan }, { windowMs: 1500 }),
          failsWith('LOAD_NO_REQUESTS', /10 requests had no reply within 1 s/),
        );
      } finally {
        await server.close();
      }
    });

    it('has not replied by the end of a window shorter than the timeout', async () => {
      const server = await serveRaw(() => undefined);
      try {
        await assert.rejects(
          loadFor({ dist, origin: server.origin }, { windowMs: 500 }),
          failsWith('LOAD_NO_REQUESTS', /none of 10 open requests had a reply in the 0\.\d s of the window/),
        );
      } finally {
        await server.close();
      }
    });

    it('hangs in the middle, also when the timeout is later than the end', async () => {
      let hung = false;
      const server = await serveHttp((_, response) => {
        if (!hung) setTimeout(() => response.end(), 5);
      });
      try {
        const result = await loadFor(
          { dist, origin: server.origin },
          { windowMs: 1700, inWindow: () => setTimeout(() => (hung = true), 300) },
        );
        assert.ok(result.requests > 0);
        assert.deepEqual(result.errors, { byStatus: {}, timeouts: result.connections, connection: 0 });
        assert.ok(result.apdex.score < 1);
      } finally {
        await server.close();
      }
    });

    it('has timed out on some requests, and goes on', async () => {
      let count = 0;
      const server = await serveHttp((_, response) => {
        if (++count % 20 !== 0) setTimeout(() => response.end(), 30);
      });
      try {
        const plan = scenario({ timeoutSeconds: 1 });
        const result = await loadFor(
          { dist, origin: server.origin, scenario: plan },
          { warmupMs: 1300, windowMs: 2000 },
        );
        assert.ok(result.errors.timeouts > 0);
        assert.ok(result.requests > result.errors.timeouts);
        assert.equal(result.errors.connection, 0);
        // A reply is never taken for that of a request that timed out.
        assert.ok(result.latency.maxMicros < 1.5e6, `max ${result.latency.maxMicros}`);
      } finally {
        await server.close();
      }
    });

    it('refuses connections', async () => {
      const session = await startLoad({
        dist,
        origin: `http://127.0.0.1:${await closedPort()}`,
        scenario: scenario(),
        routes: [GET_ROOT],
      });
      try {
        await assert.rejects(
          session.failed,
          failsWith('LOAD_NO_REQUESTS', /connections to http:\/\/127\.0\.0\.1:\d+ are refused/),
        );
        await assert.rejects(session.beginWindow(), ThroughlineError);
      } finally {
        await session.stop();
      }
    });

    it('refuses connections, in a window too short to give up', async () => {
      await assert.rejects(
        loadFor({ dist, origin: `http://127.0.0.1:${await closedPort()}` }, { windowMs: 600 }),
        failsWith('LOAD_NO_REQUESTS', /are refused/),
      );
    });

    it('resets connections', async () => {
      let connections = 0;
      const server = await serveRaw((socket) => {
        connections++;
        socket.once('data', () => socket.resetAndDestroy());
      });
      try {
        await assert.rejects(
          loadFor({ dist, origin: server.origin }, { windowMs: 1000 }),
          failsWith('LOAD_NO_REQUESTS', /resets connections without a reply/),
        );
        // Ten users that fail back off: about ten attempts each, where a tight loop makes thousands.
        assert.ok(connections < 300, `${connections} connections`);
      } finally {
        await server.close();
      }
    });

    it('closes connections without a reply', async () => {
      const server = await serveRaw((socket) => socket.once('data', () => socket.end()));
      try {
        await assert.rejects(
          loadFor({ dist, origin: server.origin }, { windowMs: 500 }),
          failsWith('LOAD_NO_REQUESTS', /closed the connection without a reply/),
        );
      } finally {
        await server.close();
      }
    });

    it('does not speak HTTP', async () => {
      const server = await serveRaw((socket) => socket.on('data', () => socket.write('220 mail\r\n')));
      try {
        await assert.rejects(
          loadFor({ dist, origin: server.origin }, { windowMs: 500 }),
          failsWith('LOAD_NO_REQUESTS', /The reply is not HTTP/),
        );
      } finally {
        await server.close();
      }
    });

    it('resets some connections, and counts just these', async () => {
      let resets = 0;
      let requests = 0;
      let resetsBefore = 0;
      const server = await serveHttp((request, response) => {
        if (++requests % 25 === 0) {
          resets++;
          return void request.socket.resetAndDestroy();
        }
        setTimeout(() => response.end(), 5);
      });
      try {
        const result = await loadFor(
          { dist, origin: server.origin },
          { inWindow: () => (resetsBefore = resets) },
        );
        const inWindow = resets - resetsBefore;
        assert.ok(result.errors.connection > 0);
        assert.ok(Math.abs(result.errors.connection - inWindow) <= result.connections);
        assertLittlesLaw(result);
      } finally {
        await server.close();
      }
    });

    it('breaks off some replies, and measures the others rightly', async () => {
      let requests = 0;
      let broken = 0;
      let brokenBefore = 0;
      const server = await serveHttp((_, response) => {
        const breakOff = ++requests % 4 === 0;
        response.writeHead(200, { 'content-length': 500 }).write('x'.repeat(100));
        setTimeout(() => {
          if (breakOff) broken++;
          if (breakOff) response.destroy();
          else response.end('x'.repeat(400));
        }, 10);
      });
      try {
        const result = await loadFor(
          { dist, origin: server.origin },
          { inWindow: () => (brokenBefore = broken) },
        );
        const { connection } = result.errors;
        const inWindow = broken - brokenBefore;
        assert.ok(inWindow > 2 * result.connections);
        assert.ok(Math.abs(connection - inWindow) <= result.connections, `${connection}, not ${inWindow}`);
        // Each whole reply has the same length; parts of broken ones are not counted.
        assert.equal(result.bytes % result.requests, 0);
        assert.ok(result.latency.p50Micros >= 9000);
      } finally {
        await server.close();
      }
    });

    it('dies in the middle', async () => {
      const server = await serveHttp((_, response) => setTimeout(() => response.end(), 5));
      await assert.rejects(
        loadFor(
          { dist, origin: server.origin },
          { windowMs: 30_000, inWindow: () => setTimeout(() => void server.close(), 300) },
        ),
        failsWith('TARGET_CRASHED', /stopped serving after \d+ requests: connections to .* are refused/),
      );
    });

    it('restarts: what it replies afterwards is measured rightly', async () => {
      const serve = (port = 0) => serveHttp((_, response) => setTimeout(() => response.end(), 20), { port });
      let server = await serve();
      const { origin, port } = server;
      let session: LoadSession | undefined;
      try {
        session = await startLoad({ dist, origin, scenario: scenario(), routes: [GET_ROOT] });
        await orFailed(session, sleep(300));
        await server.close();
        await orFailed(session, sleep(700));
        server = await serve(port);
        await orFailed(session, sleep(1000));
        await session.beginWindow();
        await orFailed(session, sleep(1000));
        const result = await session.endWindow();
        assertLittlesLaw(result);
        assert.equal(result.errors.connection, 0);
      } finally {
        await session?.stop();
        await server.close();
      }
    });
  });

  it('refuses other hosts, no routes and impossible settings before anything starts', async () => {
    const origin = 'http://127.0.0.1:9';
    const start = (changes: object) =>
      startLoad({ dist, origin, scenario: scenario(), routes: [GET_ROOT], ...changes });
    await assert.rejects(start({ origin: 'http://192.0.2.1' }), failsWith('LOAD_HOST_NOT_ALLOWED', /192/));
    await assert.rejects(start({ routes: [] }), failsWith('BAD_USAGE', /no route/));
    await assert.rejects(
      start({ routes: [{ method: 'GET', path: '/ HTTP/1.1\r\n' }] }),
      failsWith('BAD_USAGE', /not a path/),
    );
    for (const connections of [0, -1, 1.5, 1e6, NaN])
      await assert.rejects(
        start({ scenario: scenario({ connections }) }),
        failsWith('BAD_USAGE', /connections/),
      );
    await assert.rejects(
      start({ scenario: scenario({ timeoutSeconds: 0 }) }),
      failsWith('BAD_USAGE', /timeout/),
    );
    await assert.rejects(
      start({ scenario: scenario({ headers: { 'x-a': 'b\r\nHost: evil' } }) }),
      failsWith('BAD_USAGE', /header/),
    );
    assert.deepEqual(await processesNaming(dist), []);
  });
});
