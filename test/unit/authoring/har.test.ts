import assert from 'node:assert/strict';
import { open, stepsOf, testOf } from './support';

interface Options {
  readonly at?: number;
  readonly headers?: Record<string, string>;
  readonly post?: unknown;
  readonly reply?: unknown;
  readonly type?: string;
}

const ORIGIN = 'http://localhost:3000';

function entry(method: string, url: string, { at = 0, headers = {}, post, reply, type }: Options = {}) {
  return {
    startedDateTime: new Date(1_700_000_000_000 + at).toISOString(),
    time: 100,
    request: {
      method,
      url: url.startsWith('/') ? ORIGIN + url : url,
      headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      ...(post !== undefined && {
        postData: { mimeType: 'application/json', text: JSON.stringify(post) },
      }),
    },
    response: {
      status: 200,
      content: {
        mimeType: type ?? 'application/json',
        ...(reply !== undefined && { text: JSON.stringify(reply) }),
      },
    },
  };
}

const har = (...entries: unknown[]) => open('har', { log: { version: '1.2', entries } }, 'shop.har');

const SESSION = [
  entry('GET', '/', { type: 'text/html', headers: { ':authority': 'x', Host: 'localhost', Accept: '*/*' } }),
  entry('GET', '/app.js', { type: 'text/javascript', at: 50 }),
  entry('POST', '/login', {
    ...{ at: 2000, headers: { Accept: '*/*', 'Content-Length': '9' } },
    post: { user: 'ann@example.com', password: 'hunter22' },
    reply: { token: 'eyJhbGciOi.abc', user: { email: 'ann@example.com' } },
  }),
  entry('POST', '/carts', {
    ...{ at: 4100, headers: { Accept: '*/*', Authorization: 'Bearer eyJhbGciOi.abc', Cookie: 'sid=1' } },
    ...{ post: { size: 3 }, reply: { data: [{ id: 48213 }] } },
  }),
  entry('PUT', '/carts/48213/items?cart=48213', {
    ...{ at: 4250, headers: { Accept: '*/*', Authorization: 'Bearer eyJhbGciOi.abc' } },
    post: { cart: 48213, name: 'tea' },
  }),
  entry('GET', 'https://cdn.example.com/x'),
];

describe('a load test from a HAR recording', () => {
  it('is one flow with the pauses that were recorded', async () => {
    const document = har(...SESSION);
    assert.equal(document.name, 'shop');
    const chosen = document.offered.flatMap(({ isPicked }, index) => (isPicked ? [index] : []));
    assert.deepEqual(
      document.offered.filter(({ isPicked }) => !isPicked).map(({ label, reason }) => `${label}: ${reason}`),
      ['GET /app.js: It is a static file.'],
    );
    assert.match(document.notes.join(' '), /cdn\.example\.com/);
    const test = await testOf(document.compose(chosen).text);
    assert.equal(test.target, ORIGIN);
    const [flow] = test.flows;
    assert.deepEqual(
      flow?.steps.map((step) => (step.type === 'sleep' ? step.minSeconds : step.method)),
      ['GET', 1.9, 'POST', 2, 'POST', 'PUT'],
    );
  });

  it('captures what earlier replies held and later requests send, and writes no secret', async () => {
    const { text } = har(...SESSION).compose([0, 2, 3, 4]);
    for (const secret of ['eyJhbGciOi', 'hunter22', 'sid=1']) assert.ok(!text.includes(secret), secret);
    const [, login, cart, item] = stepsOf(await testOf(text));
    assert.deepEqual(login?.captures, [{ name: 'token', from: { type: 'json', pointer: '/token' } }]);
    assert.match(login.body!, /"password":"\$\{secret:PASSWORD\}"/);
    assert.match(login.body!, /"user":"ann@example.com"/);
    assert.equal(cart?.headers.authorization, 'Bearer ${token}');
    assert.equal(cart.headers.cookie, '${secret:COOKIE}');
    assert.deepEqual(cart.captures, [{ name: 'dataId', from: { type: 'json', pointer: '/data/0/id' } }]);
    assert.equal(item?.path, '/carts/${dataId}/items?cart=${dataId}');
    assert.equal(item.body, '{"cart":${dataId},"name":"tea"}');
    assert.equal(item.bodyType, undefined);
    assert.deepEqual(Object.keys(item.headers).sort(), ['authorization', 'content-type']);
  });

  it('keeps values as they are, and secrets as names, where the request that holds them is left out', async () => {
    const { text } = har(...SESSION).compose([3, 4]);
    const [cart, item] = stepsOf(await testOf(text));
    assert.equal(item?.path, '/carts/${dataId}/items?cart=${dataId}');
    assert.deepEqual(cart?.captures.length, 1);
    assert.match(text, /"authorization": "Bearer \$\{secret:TOKEN\}"/);
    const [alone] = stepsOf(await testOf(har(...SESSION).compose([4]).text));
    assert.equal(alone?.path, '/carts/48213/items?cart=48213');
  });

  it('takes nothing for captured that the client knew or that comes by chance', async () => {
    const { text } = har(
      entry('POST', '/a', {
        at: 0,
        post: { name: 'wellington' },
        reply: { name: 'wellington', ok: 'yes', count: 3 },
      }),
      entry('GET', '/b/wellington?ok=yes&count=3', { at: 200 }),
    ).compose([0, 1]);
    assert.ok(!text.includes('capture'), text);
    await testOf(text);
  });

  it('sends the same request twice, and texts that look like placeholders', async () => {
    const { text } = har(
      entry('GET', '/a?x={1}', { at: 0, headers: { 'X-Text': 'a ${b} c' } }),
      entry('GET', '/a?x={1}', { at: 50, headers: { 'X-Text': 'a ${b} c' } }),
      entry('POST', '/a', { at: 90, post: { t: '${x}' } }),
    ).compose([0, 1, 2]);
    const [first, , post] = stepsOf(await testOf(text));
    assert.equal(first?.path, '/a?x=%7B1%7D');
    assert.equal(post?.body, '{"t":"$${x}"}');
    assert.equal(first.headers['x-text'], 'a $${b} c');
  });

  it('tells what is wrong with a recording', () => {
    const bad = (content: unknown, message: RegExp) =>
      assert.throws(() => open('har', content, 'bad.har'), { code: 'BAD_DOCUMENT', message });
    bad('{\n"log": {\n"entries": [}', /^bad\.har:3: It is no JSON/);
    bad('null', /no "log\.entries"/);
    bad({ log: { entries: {} } }, /no "log\.entries"/);
    bad({ log: { entries: [1, null, {}, { request: { url: 'data:x' } }] } }, /no request over HTTP/);
    bad({ log: { entries: [entry('GET', 'wss://x/')] } }, /no request over HTTP/);
    bad(' '.repeat(64_000_001), /^bad\.har: It has 64 MB; at most 64 MB/);
  });
});
