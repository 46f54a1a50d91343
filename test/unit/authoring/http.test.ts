import assert from 'node:assert/strict';
import { open, stepsOf, testOf } from './support';

const FILE = `@host = http://localhost:3000
@base = {{host}}/api
@password = hunter22

### All items
GET {{base}}/items
    ?limit=10
    &q=a b
Accept: application/json
# a comment

###
# @name login
POST {{base}}/login HTTP/1.1
Content-Type: application/json

{ "user": "ann", "password": "{{password}}" }

###
// @name add
POST {{base}}/items
Authorization: Bearer {{login.response.body.$.data[0].token}}
Content-Type: application/json

{ "name": "tea", "by": "{{login.response.headers.X-User}}", "env": "{{shop_region}}" }
`;

describe('a load test from a .http file', () => {
  it('is one flow where requests use the replies of others', async () => {
    const document = open('http', FILE, 'shop.http');
    assert.equal(document.name, 'shop');
    assert.deepEqual(
      document.offered.map(({ label, isPicked }) => `${isPicked ? '+' : '-'} ${label}`),
      ['+ All items', '+ login', '- add'],
    );
    // What it needs is taken as well.
    const { text } = document.compose([2]);
    assert.ok(!text.includes('hunter22'));
    const test = await testOf(text);
    assert.equal(test.target, 'http://localhost:3000');
    const [login, add] = stepsOf(test);
    assert.deepEqual(
      login?.captures.map(({ name, from }) => [name, from]),
      [
        ['token', { type: 'json', pointer: '/data/0/token' }],
        ['X_User', { type: 'header', header: 'X-User' }],
      ].map(([name, from]) => [
        name,
        typeof from === 'object' && 'header' in from ? { ...from, header: 'x-user' } : from,
      ]),
    );
    assert.equal(login.body, '{"user":"ann","password":"${secret:password}"}');
    assert.equal(add?.headers.authorization, 'Bearer ${token}');
    assert.equal(add.body, '{"name":"tea","by":"${X_User}","env":"${env:shop_region}"}');
  });

  it('is requests of their own where none uses another', async () => {
    const document = open(
      'http',
      '### One\nGET /items/1\n\n###\n\nPOST https://127.0.0.1:8443/items\nAuthorization: Basic YTpi\n\nplain ${text}\n###\nDELETE {{url}}/items/{{$guid}}\n',
      'x.http',
    );
    const { text } = document.compose([0, 1, 2]);
    const test = await testOf(text);
    assert.equal(test.target, 'https://127.0.0.1:8443');
    assert.equal(test.flows.length, 3);
    const [one, two, three] = stepsOf(test);
    assert.equal(one?.name, 'One');
    assert.equal(two?.headers.authorization, 'Basic ${secret:BASIC_CREDENTIALS}');
    assert.equal(two.body, 'plain $${text}');
    assert.equal(three?.path, '/items/${iteration}');
    assert.match(document.notes.join(' '), /\{\{\$guid\}\} has no counterpart/);
  });

  it('takes over what a script of JetBrains keeps of a reply', async () => {
    const document = open(
      'http',
      'POST /login\n\nx\n\n> {%\n  client.global.set("auth", response.body.session.token);\n%}\n\n###\nGET /me\nX-Token: {{auth}}\n',
    );
    const [login, me] = stepsOf(await testOf(document.compose([0, 1]).text));
    assert.deepEqual(login?.captures, [{ name: 'auth', from: { type: 'json', pointer: '/session/token' } }]);
    assert.equal(login.body, 'x');
    assert.equal(me?.headers['x-token'], '${auth}');
  });

  it('says what it leaves out', () => {
    const { notes } = open(
      'http',
      '< {% run() %}\nPOST http://localhost/a\nbad header\n\n< ./body.json\n> {% client.test("x", () => {}) %}\n<> old.json\n###\nTRACE /x\n###\nnonsense here\n###\nGET https://api.example.com/x\n',
    );
    const all = notes.join('\n');
    for (const part of [
      'Line 1: what a script',
      'Line 3: "bad header"',
      'Line 5: the body in the file "./body.json"',
      'Line 6: a script',
      'Line 7:',
      'TRACE cannot be sent',
      '"nonsense here" is no request',
      'https://api.example.com',
    ])
      assert.ok(all.includes(part), `${part} in:\n${all}`);
  });

  it('tells what is wrong with a file that has no request', () => {
    for (const text of ['', '# nothing\n', '@a = 1\n', 'hello world\n', '\u0000\u0001'])
      assert.throws(() => open('http', text, 'bad.http'), { code: 'BAD_DOCUMENT', message: /^bad\.http: / });
    assert.throws(() => open('http', ' '.repeat(5_000_001), 'bad.http'), { message: /It has 5 MB/ });
  });

  it('ends with variables that hold themselves', async () => {
    const document = open('http', '@a = {{b}}\n@b = {{a}}\nGET /x?y={{a}}\n');
    await testOf(document.compose([0]).text);
  });
});
