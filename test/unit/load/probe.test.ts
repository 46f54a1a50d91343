import assert from 'node:assert/strict';
import type http from 'node:http';
import { assertLoopback, isLoopbackAddress } from '../../../src/engine/load/hosts';
import { describeProbe, planRoutes, probe } from '../../../src/engine/load/probe';
import { normaliseRoute } from '../../../src/engine/load/routes';
import { CancelledError, type ErrorCode, ThroughlineError } from '../../../src/engine/model/errors';
import type { ProbeResult } from '../../../src/engine/model/load';
import { closedPort, GET_ROOT, serveHttp, serveRaw, type TestServer } from './support';

const get = (path: string) => ({ method: 'GET', path });
const failsWith = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === code && text.test(error.message);

/** The path tells the server what to reply: `/404`, `/302?to=/login`, `/200?type=text/html`. */
const replyAsAsked: http.RequestListener = (request, response) => {
  const url = new URL(request.url ?? '/', 'http://any');
  const status = Number(url.pathname.slice(1)) || 200;
  for (const [parameter, header] of [
    ['to', 'location'],
    ['type', 'content-type'],
    ['auth', 'www-authenticate'],
    ['connection', 'connection'],
  ] as const) {
    const value = url.searchParams.get(parameter);
    if (value !== null) response.setHeader(header, value);
  }
  response.writeHead(status).end('reply');
};

describe('assertLoopback', () => {
  for (const origin of [
    'http://127.0.0.1:3000',
    'https://127.0.0.1',
    'http://127.8.9.10:80',
    'http://[::1]:3000',
    'http://localhost:3000/',
    // The URL parser reads these as 127.0.0.1, and so does whatever connects.
    'http://2130706433:3000',
    'http://0x7f.1:3000',
  ])
    it(`allows ${origin}`, () => assertLoopback(origin));

  for (const origin of [
    'http://127.0.0.1.evil.com:3000',
    'http://127.0.0.1@evil.com',
    'http://localhost@evil.com:80',
    'http://user:secret@127.0.0.1:3000',
    'http://localhost.evil.com',
    'http://evil.com/127.0.0.1',
    'http://evil.com#127.0.0.1',
    'http://evil.com\\@127.0.0.1',
    'http://0.0.0.0:3000',
    'http://192.168.0.1',
    'http://3232235521',
    'http://[::ffff:10.0.0.1]',
    'http://[fe80::1]',
    'http://128.0.0.1',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    '127.0.0.1:3000',
    'http://127.0.0.1:3000/path',
    '',
  ])
    it(`refuses ${origin || 'an empty text'}`, () =>
      assert.rejects(assertLoopback(origin), failsWith('LOAD_HOST_NOT_ALLOWED', /not sent there/)));

  it('knows ::1 in every spelling, and nothing else of IPv6', () => {
    assert.equal(isLoopbackAddress('0:0:0:0:0:0:0:1'), true);
    assert.equal(isLoopbackAddress('::2'), false);
    assert.equal(isLoopbackAddress('localhost'), false);
  });
});

describe('normaliseRoute', () => {
  it('upper-cases the method, drops a fragment and encodes what is not ASCII', () => {
    assert.deepEqual(normaliseRoute({ method: 'post', path: '/gruß/%20?q=日#part' }), {
      method: 'POST',
      path: '/gru%C3%9F/%20?q=%E6%97%A5',
    });
  });

  for (const route of [
    { method: 'GET', path: 'items' },
    { method: 'GET', path: 'http://evil.com/' },
    { method: 'GET', path: '/a b' },
    { method: 'GET', path: '/a HTTP/1.1\r\nHost: evil.com\r\n\r\nGET /b' },
    { method: 'GET\r\n', path: '/' },
    { method: 'FETCH', path: '/' },
    { method: 'CONNECT', path: '/' },
  ])
    it(`refuses ${JSON.stringify(route)}`, () =>
      assert.throws(() => normaliseRoute(route), failsWith('BAD_USAGE', /is not/)));
});

describe('probe', () => {
  let server: TestServer;
  before(async () => {
    server = await serveHttp(replyAsAsked);
  });
  after(() => server.close());

  const cases: [string, Partial<ProbeResult>][] = [
    ['/200?type=application/json', { verdict: 'ok', status: 200, contentType: 'application/json' }],
    ['/204', { verdict: 'ok', status: 204 }],
    ['/200?type=text/html;charset=utf-8', { verdict: 'html', status: 200 }],
    ['/404', { verdict: 'notFound', status: 404 }],
    ['/410', { verdict: 'clientError', status: 410 }],
    ['/429', { verdict: 'clientError', status: 429 }],
    ['/500', { verdict: 'serverError', status: 500 }],
    ['/503', { verdict: 'serverError', status: 503 }],
    ['/401', { verdict: 'auth', status: 401 }],
    ['/403', { verdict: 'auth', status: 403 }],
    ['/400?auth=Bearer', { verdict: 'auth', status: 400 }],
    ['/301?to=/items/', { verdict: 'redirect', status: 301, location: '/items/' }],
    ['/302?to=/blog/authors', { verdict: 'redirect', location: '/blog/authors' }],
    ['/302?to=/login%3Fnext=/', { verdict: 'auth', location: '/login?next=/' }],
    ['/303?to=https://id.example.com/oauth2/authorize', { verdict: 'auth' }],
    ['/302?to=/users/sign_in', { verdict: 'auth' }],
    ['/200?connection=close', { verdict: 'ok', closesConnection: true }],
    ['/200?connection=keep-alive', { verdict: 'ok', closesConnection: false }],
  ];
  for (const [path, expected] of cases)
    it(`tells ${path}`, async () => {
      const result = await probe(server.origin, get(path), { timeoutMs: 20_000 });
      assert.deepEqual({ ...result, ...expected }, result);
      assert.ok(result.durationMs > 0);
    });

  it('sends the method and the headers it is given', async () => {
    let seen: http.IncomingMessage | undefined;
    const own = await serveHttp((request, response) => {
      seen = request;
      response.end();
    });
    try {
      const result = await probe(
        own.origin,
        { method: 'delete', path: '//evil.com/items?id=1' },
        { timeoutMs: 20_000, headers: { 'X-Key': 'k' } },
      );
      assert.equal(result.verdict, 'ok');
      assert.deepEqual(
        [seen?.method, seen?.url, seen?.headers['x-key']],
        ['DELETE', '//evil.com/items?id=1', 'k'],
      );
    } finally {
      await own.close();
    }
  });

  const silent: [string, () => Promise<TestServer>, RegExp][] = [
    ['hangs', () => serveRaw(() => undefined), /nothing came within 0\.3 s/],
    [
      'never ends its reply',
      () => serveHttp((_, response) => response.write('x')),
      /did not end within 0\.3 s/,
    ],
    ['closes', () => serveRaw((socket) => socket.once('data', () => socket.end())), /closed without a reply/],
    [
      'resets',
      () => serveRaw((socket) => socket.once('data', () => socket.resetAndDestroy())),
      /closed without a reply/,
    ],
    ['is not HTTP', () => serveRaw((socket) => socket.write('220 mail ready\r\n')), /not HTTP/],
  ];
  for (const [what, serve, reason] of silent)
    it(`tells a server that ${what}`, async () => {
      const own = await serve();
      try {
        const result = await probe(own.origin, GET_ROOT, { timeoutMs: 300 });
        assert.equal(result.verdict, 'noReply');
        assert.match(result.reason ?? '', reason);
      } finally {
        await own.close();
      }
    });

  it('tells a refused connection', async () => {
    const result = await probe(`http://127.0.0.1:${await closedPort()}`, GET_ROOT, { timeoutMs: 20_000 });
    assert.equal(describeProbe(result), 'GET / gave no reply (connection refused)');
  });

  it('is cancelled while it waits', async () => {
    const own = await serveRaw(() => undefined);
    try {
      const { signal } = cancelAfter(50);
      await assert.rejects(probe(own.origin, GET_ROOT, { timeoutMs: 60_000, signal }), CancelledError);
    } finally {
      await own.close();
    }
  });

  it('sends nothing to another host', () =>
    assert.rejects(
      probe('http://192.0.2.1', GET_ROOT, { timeoutMs: 100 }),
      failsWith('LOAD_HOST_NOT_ALLOWED', /192\.0\.2\.1/),
    ));
});

describe('planRoutes', () => {
  let server: TestServer;
  before(async () => {
    server = await serveHttp((request, response) => {
      if (request.url === '/') return void response.writeHead(404).end();
      replyAsAsked(request, response);
    });
  });
  after(() => server.close());

  const plan = (chosen: string[], seen: { method: string; path: string }[] = [], origin = server.origin) =>
    planRoutes({ origin, chosen: chosen.map(get), seen, timeoutMs: 20_000 });

  it('takes chosen routes that do, and only them', async () => {
    const { routes, probes, warnings } = await plan(['/200?a', '/200?b'], [get('/200?seen')]);
    assert.deepEqual(routes, [get('/200?a'), get('/200?b')]);
    assert.equal(probes.length, 2);
    assert.deepEqual(warnings, []);
  });

  it('refuses when one chosen route does not do, and says what it gave', () =>
    assert.rejects(
      plan(['/200', '/404', '/302?to=/login']),
      failsWith(
        'PROBE_REFUSED',
        /: GET \/404 replied 404 Not Found; GET \/302\?to=\/login asks for a login \(it redirects to \/login\)\.$/,
      ),
    ));

  it('drops a 404 at "/" when the agent saw routes that do, and says so', async () => {
    const { routes, warnings } = await plan([], [get('/200?items'), { method: 'POST', path: '/200?order' }]);
    assert.deepEqual(routes, [get('/200?items')]);
    assert.deepEqual(warnings, ['GET / replied 404 Not Found, so it gets no load.']);
  });

  it('tells what each gave when none is left', () =>
    assert.rejects(
      plan([], [get('/500'), get('/401')]),
      failsWith(
        'PROBE_REFUSED',
        /GET \/ replied 404 Not Found; GET \/500 replied 500 Internal Server Error; GET \/401 asks for a login/,
      ),
    ));

  it('loads the page that "/" redirects to', async () => {
    const own = await serveHttp((request, response) =>
      request.url === '/' ? response.writeHead(302, { location: 'home' }).end() : response.end('{}'),
    );
    try {
      const { routes, warnings } = await plan([], [], own.origin);
      assert.deepEqual(routes, [get('/home')]);
      assert.deepEqual(warnings, ['GET / redirects; load goes to /home instead.']);
    } finally {
      await own.close();
    }
  });

  it('does not follow a redirect to another host', async () => {
    const own = await serveHttp((_, response) =>
      response.writeHead(302, { location: 'http://192.0.2.1/' }).end(),
    );
    try {
      await assert.rejects(
        plan([], [], own.origin),
        failsWith('PROBE_REFUSED', /GET \/ redirects to http:\/\/192\.0\.2\.1\//),
      );
    } finally {
      await own.close();
    }
  });

  it('warns of HTML pages and of connections that are closed', async () => {
    const { routes, warnings } = await plan(['/200?type=text/html&connection=close']);
    assert.equal(routes.length, 1);
    assert.match(warnings.join('\n'), /is an HTML page[^]*closes the connection/);
  });

  it('says that nothing replies', async () => {
    const origin = `http://127.0.0.1:${await closedPort()}`;
    await assert.rejects(plan(['/'], [], origin), failsWith('PROBE_NO_REPLY', /connection refused/));
  });

  it('tells an app that accepts and never replies from a route that does not do', async () => {
    const mute = await serveRaw(() => undefined);
    try {
      const hung = planRoutes({ origin: mute.origin, chosen: [], seen: [get('/a')], timeoutMs: 300 });
      await assert.rejects(hung, failsWith('TARGET_HANGS', /nothing came within 0\.3 s/));
    } finally {
      await mute.close();
    }
  });
});

function cancelAfter(ms: number): AbortController {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller;
}
