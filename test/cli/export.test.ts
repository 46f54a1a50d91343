// The built command: exports and imports, as a user's shell would run them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from './run';

const TEST = {
  name: 'Shop',
  target: 'http://127.0.0.1:3000',
  headers: { Authorization: 'Bearer ${secret:TOKEN}' },
  requests: [{ name: 'GET /items', method: 'GET', path: '/items' }],
  scenario: { executor: 'constant-vus', vus: 4, duration: '10s' },
  thresholds: { http_req_duration: ['p(99)<200'] },
};

describe('throughline export and import', function () {
  this.timeout(120_000);
  let folder = '';
  let file = '';
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-export-'));
    file = path.join(folder, 'shop.load.json');
    fs.writeFileSync(file, JSON.stringify(TEST));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('writes for each tool, says what is lost, and writes over nothing unasked', async () => {
    for (const tool of ['k6', 'jmeter', 'locust']) {
      const ended = await run(['export', file, '--to', tool, '--json'], { cwd: folder });
      assert.equal(ended.code, 0, ended.stderr);
      const { files, notExpressed, needs, executedHere } = JSON.parse(ended.stdout);
      assert.ok(notExpressed.length > 0);
      assert.deepEqual(needs, { env: [], secrets: ['TOKEN'] });
      assert.equal(executedHere, !['artillery', 'gatling', 'locust'].includes(tool));
      const text = fs.readFileSync(files[0], 'utf8');
      assert.match(text, /TOKEN/);
      assert.equal(/not executed by it/.test(text), !executedHere);
    }
    const again = await run(['export', file, '--to', 'k6'], { cwd: folder });
    assert.equal(again.code, 2);
    assert.match(again.stderr, /is there already/);
    assert.equal((await run(['export', file, '--to', 'k6', '--force'], { cwd: folder })).code, 0);
    assert.equal((await run(['export', path.join(folder, 'none.load.json'), '--to', 'k6'])).code !== 0, true);
  });

  it('imports a JTL, keeps the run, and ends with 99 where a threshold is broken', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `${1.8e12 + i * 10},300,GET /items,200,true`);
    const jtl = path.join(folder, 'result.jtl');
    fs.writeFileSync(jtl, ['timeStamp,elapsed,label,responseCode,success', ...rows].join('\n'));
    const plain = await run(['import', jtl, '--folder', folder, '--json'], { cwd: folder });
    assert.equal(plain.code, 0, plain.stderr);
    const { id, load } = JSON.parse(plain.stdout);
    assert.equal(load.requests, 100);
    assert.ok(fs.existsSync(path.join(folder, '.throughline/runs', id, 'run.json')));
    const judged = await run(['import', jtl, '--folder', folder, '--test', file], { cwd: folder });
    assert.equal(judged.code, 99, judged.stderr);
    assert.match(judged.stdout, /p\(99\)<200/);
    const bad = await run(['import', file, '--folder', folder], { cwd: folder });
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /neither/);
  });
});
