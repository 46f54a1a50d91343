import assert from 'node:assert/strict';
import type http from 'node:http';
import { resolvePointer } from '../../../../src/engine/load/scheduler/replies';
import type { Capture, DataSet, Executor, FlowStep, LoadTest } from '../../../../src/engine/model/loadTest';
import type { TemplateValues } from '../../../../src/engine/model/loadSession';
import { serveHttp, sleep } from '../support';
import { buildScheduler, constantRate, loadTest, measure, request, start } from './support';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

describe('an iteration', () => {
  let dist: string;
  let remove: () => void;
  before(async () => {
    ({ dist, remove } = await buildScheduler());
  });
  after(() => remove());

  const once: Executor = {
    executor: 'per-vu-iterations',
    vus: 1,
    iterations: 1,
    maxDuration: 20,
    gracefulStop: 0,
  };

  /** What the server saw of it. */
  async function runOnce(
    test: LoadTest,
    answer: (seen: Seen, response: http.ServerResponse) => void,
    {
      values = { env: {}, secrets: {} },
      executor = once,
    }: { values?: TemplateValues; executor?: Executor } = {},
  ): Promise<{ seen: Seen[]; passed: number; failed: number }> {
    const seen: Seen[] = [];
    const server = await serveHttp((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
      incoming.on('end', () => {
        const { method = '', url = '', headers } = incoming;
        seen.push({ method, url, headers, body });
        answer(seen.at(-1)!, response);
      });
    });
    const session = await start({ dist, origin: server.origin, test, values, intervalMs: 50 });
    try {
      let [passed, failed] = [0, 0];
      session.onWindow(({ checksPassed, checksFailed }) => {
        passed += checksPassed;
        failed += checksFailed;
      });
      await Promise.race([session.failed, (await session.run(executor)).ended]);
      await sleep(200);
      return { seen, passed, failed };
    } finally {
      await session.stop();
      await server.close();
    }
  }

  it('carries captured values, data, environment and secrets into later requests, each encoded for its place', async () => {
    const captures: Capture[] = [
      { name: 'id', from: { type: 'json', pointer: '/items/1/a~1b' } },
      { name: 'tag', from: { type: 'header', header: 'X-Tag' } },
      { name: 'word', from: { type: 'regex', pattern: '"say": "(\\w+)"' } },
    ];
    const users: DataSet = {
      columns: ['name', 'mail'],
      rows: [['Zoë "Z" O’Hara', 'z@example.test']],
      pick: 'sequential',
    };
    const steps: FlowStep[] = [
      request('/login', {
        method: 'POST',
        bodyType: 'json',
        body: '{"name":"${data:users.name}"}',
        captures,
      }),
      { type: 'sleep', minSeconds: 0.01, maxSeconds: 0.02 },
      request('/items/${id}?who=${data:users.name}', {
        headers: {
          authorization: 'Bearer ${secret:TOKEN}',
          'x-tag': '${tag}-${word}',
          'x-env': '$${env:A}=${env:A}',
        },
      }),
    ];
    const test = loadTest(steps, { data: { users }, headers: { 'X-Tag': 'of the test', 'x-all': 'yes' } });
    const { seen, failed } = await runOnce(
      test,
      ({ url }, response) => {
        response.setHeader('x-tag', 'blue');
        response.end(url === '/login' ? '{"items": [0, {"a/b": 42}], "say": "hello"}' : 'x');
      },
      { values: { env: { A: 'b' }, secrets: { TOKEN: 's3cret' } } },
    );
    const [login, item] = seen;
    assert.deepEqual(JSON.parse(login!.body), { name: 'Zoë "Z" O’Hara' });
    assert.equal(item!.url, `/items/42?who=${encodeURI('Zoë "Z" O’Hara')}`);
    assert.equal(item!.headers.authorization, 'Bearer s3cret');
    assert.equal(item!.headers['x-tag'], 'blue-hello');
    assert.equal(item!.headers['x-env'], '${env:A}=b');
    assert.equal(item!.headers['x-all'], 'yes');
    assert.equal(login!.headers['x-tag'], 'of the test');
    assert.equal(failed, 0);
  });

  it('takes the rows of a set in turn', async () => {
    const items: DataSet = { columns: ['id'], rows: [['a'], ['b'], ['c']], pick: 'sequential' };
    const executor: Executor = { ...once, iterations: 5 };
    const { seen } = await runOnce(
      loadTest([request('/${data:items.id}')], { data: { items } }),
      (_, r) => r.end(),
      {
        executor,
      },
    );
    assert.deepEqual(
      seen.map(({ url }) => url),
      ['/a', '/b', '/c', '/a', '/b'],
    );
  });

  it('ends where a value is missing, and counts why', async () => {
    const server = await serveHttp((incoming, response) =>
      response.end(incoming.url === '/' ? '{"a": 1}' : ''),
    );
    try {
      const captures: Capture[] = [{ name: 'token', from: { type: 'json', pointer: '/token' } }];
      const test = loadTest([request('/', { name: 'login', captures }), request('/next/${token}')]);
      const { load, checks } = await measure({ dist, origin: server.origin, test }, constantRate(30));
      assert.deepEqual(
        load.routes.map(({ requests }) => requests),
        [load.schedule!.intended, 0],
      );
      assert.deepEqual(checks, [{ name: 'login gives "token"', passes: 0, fails: load.schedule!.intended }]);
    } finally {
      await server.close();
    }
  });

  it('checks status, body and headers', async () => {
    const checks = [
      { name: 'a', test: { type: 'status', ranges: [[200, 299]] } },
      { name: 'b', test: { type: 'bodyIncludes', text: 'ell' } },
      { name: 'c', test: { type: 'bodyMatches', pattern: '^\\{.*\\}$' } },
      { name: 'd', test: { type: 'json', pointer: '/h', equals: { x: [1, 'hello'] } } },
      { name: 'e', test: { type: 'json', pointer: '/h/x' } },
      { name: 'f', test: { type: 'header', header: 'Content-Type', pattern: 'json' } },
      { name: 'g', test: { type: 'header', header: 'x-a', equals: '1' } },
      { name: 'not', test: { type: 'status', ranges: [[300, 399]] } },
      { name: 'not', test: { type: 'json', pointer: '/h/y' } },
      { name: 'not', test: { type: 'json', pointer: '/h/x/0', equals: '1' } },
      { name: 'not', test: { type: 'header', header: 'x-b' } },
    ] as const;
    const { passed, failed } = await runOnce(loadTest([request('/', { checks })]), (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.setHeader('x-a', '1');
      response.end('{"h": {"x": [1, "hello"]}}');
    });
    assert.deepEqual([passed, failed], [7, 4]);
  });

  it('follows redirects within its origin as browsers do, and no further', async () => {
    let elsewhere = 0;
    const other = await serveHttp((_, response) => {
      elsewhere++;
      response.end();
    });
    try {
      const answer = ({ url }: Seen, response: http.ServerResponse) => {
        const to: Record<string, [number, string]> = {
          '/form': [303, '/done?x=1'],
          '/again': [307, '/kept'],
          '/out': [302, `${other.origin}/stolen`],
          '/protocol': [302, '//127.0.0.2:1/'],
          '/loop': [302, '/loop'],
        };
        const [status, location] = to[url] ?? [200, undefined];
        response.writeHead(status, location === undefined ? {} : { location }).end();
      };
      const post = { method: 'POST', body: 'text' };
      const steps = [
        ...[request('/form', post), request('/again', post)],
        ...[request('/out'), request('/protocol'), request('/loop')],
      ];
      const { seen } = await runOnce(loadTest(steps, { http: { maxRedirects: 2 } }), answer);
      assert.deepEqual(
        seen.map(({ method, url, body }) => `${method} ${url} ${body}`.trim()),
        [
          ...['POST /form text', 'GET /done?x=1', 'POST /again text', 'POST /kept text'],
          ...['GET /out', 'GET /protocol', 'GET /loop', 'GET /loop', 'GET /loop'],
        ],
      );
      assert.equal(elsewhere, 0);
    } finally {
      await other.close();
    }
  });

  it('counts redirects that it does not follow', async () => {
    const server = await serveHttp((_, response) => {
      response.writeHead(302, { location: 'http://192.0.2.1/' }).end();
    });
    try {
      const test = loadTest([request('/')], { http: { maxRedirects: 5 } });
      const { load } = await measure({ dist, origin: server.origin, test }, constantRate(20));
      assert.equal(load.redirectsRefused, load.schedule!.intended);
      assert.equal(load.latency.count, load.schedule!.intended);
    } finally {
      await server.close();
    }
  });

  it('counts think time before its first request as part of its schedule, not of its response time', async () => {
    const server = await serveHttp((_, response) => response.end());
    try {
      const test = loadTest([{ type: 'sleep', minSeconds: 0.4, maxSeconds: 0.4 }, request('/')]);
      const { load } = await measure({ dist, origin: server.origin, test }, constantRate(50));
      assert.equal(load.latency.count, load.schedule!.intended);
      assert.ok(load.latency.p50Micros < 200_000, `p50 ${load.latency.p50Micros}`);
    } finally {
      await server.close();
    }
  });
});

describe('a JSON pointer', () => {
  it('leads where RFC 6901 says', () => {
    const value = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8, n: null };
    for (const [pointer, expected] of [
      ['', value],
      ['/foo', value.foo],
      ['/foo/0', 'bar'],
      ['/', 0],
      ['/a~1b', 1],
      ['/m~0n', 8],
      ['/n', null],
      ['/foo/01', undefined],
      ['/foo/2', undefined],
      ['/foo/length', undefined],
      ['/__proto__', undefined],
      ['foo', undefined],
    ] as const)
      assert.deepEqual(resolvePointer(value, pointer), expected, pointer);
  });
});
