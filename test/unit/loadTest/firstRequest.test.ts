import assert from 'node:assert/strict';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { sendFirstRequest } from '../../../src/engine/loadTest/firstRequest';
import { DEFAULT_LIMITS } from '../../../src/engine/model/loadSession';
import { parseLoadTest } from '../../../src/engine/scenario/parse';

async function firstRequest(server: Server, file: object) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const scenario = { executor: 'constant-vus', vus: 1, duration: '1s' };
  const text = JSON.stringify({ target: origin, scenario, ...file });
  const { test, problems } = await parseLoadTest(text, { folder: '/nowhere' });
  assert.ok(test, JSON.stringify(problems));
  try {
    return await sendFirstRequest({
      ...{ origin, test, limits: DEFAULT_LIMITS },
      values: { env: { ARROW: '→' }, secrets: {} },
      signal: new AbortController().signal,
    });
  } finally {
    server.close();
  }
}

describe('the first request of a load test', () => {
  it('speaks HTTP/2 by prior knowledge where the load does', async () => {
    const server = http2.createServer((_request, response) => void response.end('hello'));
    const { probe } = await firstRequest(server, { requests: [{ path: '/' }], http2: true });
    assert.equal(probe.status, 200);
  });

  it('carries the headers that the load would, each once', async () => {
    let seen: http.IncomingMessage | undefined;
    const server = http.createServer((request, response) => {
      seen = request;
      response.end('hello');
    });
    await firstRequest(server, {
      headers: { Accept: 'text/plain', 'X-Way': '${env:ARROW} ${vu}' },
      requests: [{ path: '/${iteration}', headers: { accept: 'text/html' } }],
    });
    assert.equal(seen?.url, '/0');
    assert.equal(seen.headers.accept, 'text/html');
    assert.equal(Buffer.from(String(seen.headers['x-way']), 'latin1').toString(), '→ 1');
  });
});
