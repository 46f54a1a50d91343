import assert from 'node:assert/strict';
import fs from 'node:fs';
import http2 from 'node:http2';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ThroughlineError, type ErrorCode } from '../../../../src/engine/model/errors';
import type { HttpOptions } from '../../../../src/engine/model/loadTest';
import {
  startServer,
  type Behaviour,
  type Listening,
  type LoadServer,
} from '../../../loadServers/loadServer';
import { buildScheduler, constantRate, loadTest, measure, request, users, type Measured } from './support';

const failsWith = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === code && text.test(error.message);

const fixed: Behaviour = { type: 'fixed', serviceMs: 10 };

describe('the load scheduler over', () => {
  let dist: string;
  let remove: () => void;
  before(async () => {
    ({ dist, remove } = await buildScheduler());
  });
  after(() => remove());

  /** With the server's authority trusted as the user's own would be. */
  async function load(
    behaviour: Behaviour,
    listening: Listening,
    http: Partial<HttpOptions>,
    executor = constantRate(50),
  ): Promise<Measured & { server: Awaited<ReturnType<LoadServer['log']>> }> {
    const server = await startServer(behaviour, listening);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-ca-'));
    const before = process.env['NODE_EXTRA_CA_CERTS'];
    if (server.ca !== undefined) {
      const file = path.join(folder, 'ca.pem');
      fs.writeFileSync(file, server.ca);
      process.env['NODE_EXTRA_CA_CERTS'] = file;
    }
    try {
      const test = loadTest([request('/')], { http });
      const measured = await measure({ dist, origin: server.origin, test }, executor);
      return { ...measured, server: await server.log() };
    } finally {
      if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
      else process.env['NODE_EXTRA_CA_CERTS'] = before;
      fs.rmSync(folder, { recursive: true, force: true });
      await server.close();
    }
  }

  it('TLS', async () => {
    const { load: result, server } = await load(fixed, { certificate: 'good' }, {});
    assert.equal(result.latency.count, result.schedule!.intended);
    assert.ok(result.latency.p50Micros >= 10_000);
    assert.deepEqual(Object.keys(server.httpVersions), ['1.1']);
  });

  it('TLS only where the certificate is good, unless it is told not to verify', async () => {
    for (const certificate of ['selfSigned', 'expired', 'wrongName'] as const)
      await assert.rejects(
        load(fixed, { certificate }, {}),
        failsWith('LOAD_NO_REQUESTS', /certificate|altnames/i),
        certificate,
      );
    const { load: result } = await load(
      fixed,
      { certificate: 'selfSigned' },
      { insecureSkipTLSVerify: true },
    );
    assert.equal(result.latency.count, result.schedule!.intended);
  });

  it('HTTP/2, many requests at a time on few connections', async () => {
    const listening = { certificate: 'good', http2: true } as const;
    const { load: result, server } = await load(
      { type: 'fixed', serviceMs: 200 },
      listening,
      { http2: true, connections: 2 },
      constantRate(100, { maxVUs: 1000 }),
    );
    assert.equal(result.latency.count, result.schedule!.intended);
    assert.deepEqual(Object.keys(server.httpVersions), ['2.0']);
    assert.ok(server.connections <= 2, `${server.connections} connections`);
    assert.ok(result.latency.p50Micros >= 200_000);
    assert.ok(result.bytes > 0);
  });

  it('HTTP/2 without TLS, by prior knowledge', async () => {
    const server = http2.createServer((_, response) => void response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const sessions = new Set<http2.ServerHttp2Session>();
    server.on('session', (session) => sessions.add(session));
    try {
      const test = loadTest([request('/', { method: 'POST', body: 'x' })], {
        http: { http2: true, connections: 1 },
      });
      const { load: result } = await measure({ dist, origin: `http://127.0.0.1:${port}`, test }, users(10));
      assert.ok(result.requests > 20);
      assert.equal(sessions.size, 1);
      assert.deepEqual(result.errors, { byStatus: {}, timeouts: 0, connection: 0 });
    } finally {
      for (const session of sessions) session.destroy();
      server.close();
    }
  });

  it('HTTP/2 only where the server speaks it', async () => {
    await assert.rejects(
      load(fixed, { certificate: 'good' }, { http2: true }),
      failsWith('LOAD_NO_REQUESTS', /does not speak HTTP\/2/),
    );
  });
});
