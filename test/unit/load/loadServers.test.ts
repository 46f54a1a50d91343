import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { nowMicros } from '../../../src/engine/load/clock';
import { startServer, type Behaviour, type Listening, type LoadServer } from '../../loadServers/loadServer';
import { sleep } from './support';

/*
 * The truth servers against Node's own clients: what other tests hold the engines to is shown here to be so.
 * Upper bounds are wide, since a busy machine is late; lower bounds and differences are exact.
 */
describe('a server of known behaviour', () => {
  it('takes a fixed time, and logs when requests came', async () => {
    await serving({ type: 'fixed', serviceMs: 20 }, async (server) => {
      const first = await get(server.origin);
      const before = nowMicros();
      const { micros } = await get(server.origin);
      assert.ok(micros >= 20_000 && micros < 200_000, `${micros}`);
      const log = await server.log(before);
      assert.equal(log.arrivals.length, 1);
      const [arrival] = log.arrivals;
      assert.ok(arrival! > before && arrival! < before + micros, 'one clock for both processes');
      assert.ok(log.replies[0]! - arrival! >= 20_000 && log.replies[0]! - arrival! <= micros);
      assert.equal((await server.log()).arrivals.length, 2);
      assert.equal(first.body, 'ok');
    });
  });

  it('serves one after the other, at its rate exactly', async () => {
    await serving({ type: 'fifo', perSecond: 500 }, async (server) => {
      const agent = new http.Agent({ keepAlive: true });
      try {
        await Promise.all(Array.from({ length: 250 }, () => get(server.origin, { agent })));
        const { arrivals, replies } = await server.log();
        const [first, last] = [Math.min(...arrivals), Math.max(...replies)];
        const seconds = (last - first) / 1e6;
        // The last of 250 requests that came at once is done when 250 have been served.
        assert.ok(seconds >= 0.5 && seconds < 0.7, `${seconds} s`);
        const inOrder = replies.every((reply, index) => index === 0 || reply >= replies[index - 1]!);
        assert.ok(inOrder);
      } finally {
        agent.destroy();
      }
    });
  });

  it('stalls once, for a second', async () => {
    await serving({ type: 'stall', serviceMs: 5 }, async (server) => {
      assert.ok((await get(server.origin)).micros >= 5000);
      const { startMicros, endMicros } = await server.stall(1000);
      assert.equal(endMicros - startMicros, 1e6);
      const sent = nowMicros();
      await sleep(300);
      const [early, late] = await Promise.all([
        get(server.origin),
        sleep(300).then(() => get(server.origin)),
      ]);
      assert.ok(early.micros - late.micros > 200_000, `${early.micros}, ${late.micros}`);
      assert.ok(sent + 300_000 + early.micros >= endMicros);
      assert.ok((await get(server.origin)).micros < 400_000, 'as before');
    });
  });

  it('answers in bursts', async () => {
    await serving({ type: 'bursts', everyMs: 100 }, async (server) => {
      await Promise.all([0, 20, 40].map((ms) => sleep(ms).then(() => get(server.origin))));
      const { arrivals, replies } = await server.log();
      for (const [index, reply] of replies.entries()) {
        const since = reply % 100_000;
        assert.ok(since < 60_000, `${since} µs after the tenth of a second`);
        assert.ok(reply - arrivals[index]! < 160_000);
      }
    });
  });

  it('closes each connection', async () => {
    await serving({ type: 'fixed', serviceMs: 1, closes: true }, async (server) => {
      const agent = new http.Agent({ keepAlive: true });
      const replies = [await get(server.origin, { agent }), await get(server.origin, { agent })];
      assert.deepEqual(
        replies.map(({ headers }) => headers.connection),
        ['close', 'close'],
      );
      assert.equal((await server.log()).connections, 2);
      agent.destroy();
    });
  });

  it('hangs when told to, and not before', async () => {
    await serving({ type: 'hang', serviceMs: 1 }, async (server) => {
      await get(server.origin);
      await server.hang();
      await assert.rejects(get(server.origin, { timeout: 200 }), /timed out/);
      const { replies } = await server.log();
      assert.ok(replies[0]! > 0 && Number.isNaN(replies[1]));
    });
  });

  it('resets each third connection', async () => {
    await serving({ type: 'reset', serviceMs: 1, every: 3 }, async (server) => {
      await get(server.origin);
      await get(server.origin);
      await assert.rejects(get(server.origin), { code: 'ECONNRESET' });
      await get(server.origin);
    });
  });

  it('sends its body slowly', async () => {
    await serving({ type: 'slowBody', parts: 4, gapMs: 25 }, async (server) => {
      const { micros, headersMicros, body } = await get(server.origin);
      assert.ok(micros >= 100_000 && micros - headersMicros > 50_000, `${headersMicros}, ${micros}`);
      assert.equal(body.length, 402);
    });
  });

  it('redirects, and replies with the status that is asked for', async () => {
    await serving({ type: 'redirect' }, async (server) => {
      const { status, headers } = await get(server.origin);
      assert.deepEqual([status, headers.location], [302, '/target']);
      assert.equal((await get(`${server.origin}/target`)).status, 200);
    });
    await serving({ type: 'status' }, async (server) => {
      assert.equal((await get(`${server.origin}/503`)).status, 503);
      assert.equal((await get(`${server.origin}/`)).status, 200);
    });
  });

  it('answers as fast as it can, and counts each request', async () => {
    await serving({ type: 'fast' }, async (server) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
      await Promise.all(Array.from({ length: 100 }, () => get(server.origin, { agent })));
      agent.destroy();
      const { arrivals, connections } = await server.log();
      assert.deepEqual([arrivals.length, connections], [100, 4]);
    });
  });

  it('speaks no HTTP, hangs up, or ends its reply with the connection', async () => {
    await serving({ type: 'garbage' }, (server) => assert.rejects(get(server.origin), { code: /^HPE_/ }));
    await serving({ type: 'hangUp' }, (server) => assert.rejects(get(server.origin), { code: 'ECONNRESET' }));
    await serving({ type: 'untilClose', serviceMs: 20 }, async (server) => {
      const { micros, body } = await get(server.origin);
      assert.ok(micros >= 19_000);
      assert.equal(body, 'until the end');
    });
  });

  it('begins anew on the same port', async () => {
    const first = await startServer({ type: 'fixed', serviceMs: 1 });
    await get(first.origin);
    await first.close();
    await assert.rejects(get(first.origin), { code: 'ECONNREFUSED' });
    await serving(
      { type: 'fixed', serviceMs: 1 },
      async (server) => {
        assert.equal(server.origin, first.origin);
        await get(server.origin);
      },
      { port: first.port },
    );
  });

  describe('over TLS', () => {
    it('has a certificate that its authority vouches for', async () => {
      await serving(
        { type: 'fixed', serviceMs: 1 },
        async (server) => {
          assert.equal((await get(server.origin, { ca: server.ca })).status, 200);
          await assert.rejects(get(server.origin), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
        },
        { certificate: 'good' },
      );
    });

    const refusals = {
      selfSigned: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      expired: 'CERT_HAS_EXPIRED',
      wrongName: 'ERR_TLS_CERT_ALTNAME_INVALID',
    } as const;
    for (const [certificate, code] of Object.entries(refusals))
      it(`has a bad certificate: ${certificate}`, async () => {
        await serving(
          { type: 'fixed', serviceMs: 1 },
          async (server) => {
            await assert.rejects(get(server.origin, { ca: server.ca }), { code });
            assert.equal((await get(server.origin, { rejectUnauthorized: false })).status, 200);
            assert.equal((await server.log()).arrivals.length, 1);
          },
          { certificate: certificate as keyof typeof refusals },
        );
      });

    it('speaks HTTP/2 alone', async () => {
      await serving(
        { type: 'fixed', serviceMs: 20 },
        async (server) => {
          const session = http2.connect(server.origin, { ca: server.ca! });
          const streams = [session.request({ ':path': '/' }), session.request({ ':path': '/' })];
          await Promise.all(streams.map((stream) => once(stream.resume(), 'end')));
          session.close();
          const { httpVersions, connections } = await server.log();
          assert.deepEqual([httpVersions, connections], [{ '2.0': 2 }, 1]);
        },
        { certificate: 'good', http2: true },
      );
    });
  });
});

async function serving(
  behaviour: Behaviour,
  use: (server: LoadServer) => Promise<void>,
  listening: Listening = {},
): Promise<void> {
  const server = await startServer(behaviour, listening);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  readonly headersMicros: number;
  readonly micros: number;
}

function get(url: string, options: https.RequestOptions = {}): Promise<Reply> {
  const begun = nowMicros();
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (response) => {
      const headersMicros = nowMicros() - begun;
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body,
          headersMicros,
          micros: nowMicros() - begun,
        }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('timed out')));
    sent.on('error', reject);
    sent.end();
  });
}
