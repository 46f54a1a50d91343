import assert from 'node:assert/strict';
import { canHonour } from '../../../src/engine/model/engines';
import type { LoadTest } from '../../../src/engine/model/loadTest';
import { maskSecrets, secretValues, valuesNeeded } from '../../../src/engine/model/secrets';
import { parseText, told } from './support';

const CLOSED = '"scenario": { "executor": "constant-vus", "vus": 4, "duration": "5s" }';

async function read(rest: string, scenario = CLOSED): Promise<LoadTest> {
  const parsed = await parseText(`{ ${scenario}${rest === '' ? '' : `, ${rest}`} }`);
  return parsed.test ?? assert.fail(told(parsed).join('\n'));
}

describe('the choice of an engine', () => {
  it('is open for fixed requests in a closed model', async () => {
    const test = await read('"headers": { "x": "${env:A}" }, "requests": [{ "path": "/a" }]');
    assert.equal(canHonour('autocannon', test), undefined);
    assert.equal(canHonour('throughline', test), undefined);
  });

  const refused: [string, string, string?][] = [
    [
      'no open model',
      '',
      '"scenario": { "executor": "constant-arrival-rate", "rate": 5, "duration": "5s", "preAllocatedVUs": 5 }',
    ],
    ['"constant-vus" alone', '', '"scenario": { "executor": "per-vu-iterations" }'],
    [
      '"constant-vus" alone',
      '',
      '"scenario": { "executor": "ramping-vus", "stages": [{ "duration": "5s", "target": 3 }] }',
    ],
    ['think time', '"flows": [{ "name": "a", "steps": [{ "path": "/" }, { "sleep": 1 }] }]'],
    ['captures no values', '"requests": [{ "path": "/", "capture": { "a": { "json": "/a" } } }]'],
    ['all alike', '"requests": [{ "path": "/${iteration}" }]'],
    ['all alike', '"headers": { "x": "${vu}" }'],
    [
      'all alike',
      '"data": { "u": { "rows": [{ "a": 1 }] } }, "requests": [{ "method": "POST", "path": "/", "body": "${data:u.a}" }]',
    ],
    ['no checks', '"requests": [{ "path": "/", "checks": [{ "status": 200 }] }]'],
    ['by weight', '"requests": [{ "path": "/a" }, { "path": "/b" }]'],
    ['timeouts', '"timeout": "500ms"'],
    ['HTTP/1.1', '"http2": true'],
    ['redirects', '"maxRedirects": 3'],
    ['one process', '"processes": 2'],
    ['"connections"', '"connections": 2'],
    ['certificates', '"target": "https://127.0.0.1:1", "requests": [{ "path": "/" }]'],
  ];
  for (const [why, rest, scenario] of refused) {
    it(`is no autocannon: ${why}: ${rest || scenario}`, async () => {
      const test = await read(rest, scenario);
      assert.ok(canHonour('autocannon', test)?.includes(why), canHonour('autocannon', test));
      assert.equal(canHonour('throughline', test), undefined);
    });
  }
});

describe('secrets of a load test', () => {
  it('are named for who runs it', async () => {
    const test = await read(
      '"headers": { "authorization": "Bearer ${secret:TOKEN}" }, "requests": [{ "method": "POST", "path": "/${env:B}", "json": { "${env:A}": ["${secret:PIN}"] } }]',
    );
    assert.deepEqual(valuesNeeded(test), { env: ['A', 'B'], secrets: ['PIN', 'TOKEN'] });
  });

  it('are masked as they are, in JSON and in URLs, the longest first', () => {
    const secrets = ['p"ä 1', 'abc', 'abcdef', '7'];
    const text = 'a abcdef abc p"ä 1 p\\"ä 1 p%22%C3%A4%201 7';
    assert.equal(maskSecrets(text, secrets), 'a *** *** *** *** *** 7');
    // In our own paths a slash stays, and a blank does not.
    assert.equal(maskSecrets('GET /?key=a%20b/c', ['a b/c']), 'GET /?key=***');
  });

  it('are also variables that are called like one, or stand in a header that carries one', async () => {
    const test = await read('"headers": { "cookie": "sid=${env:SID}", "x-stage": "${env:STAGE}" }');
    const values = { env: { SID: 'sss', STAGE: 'test', DB_PASSWORD: 'ppp' }, secrets: { A: 'aaa' } };
    assert.deepEqual([...secretValues(test, values)].sort(), ['aaa', 'ppp', 'sss']);
  });
});
