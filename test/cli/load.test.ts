// The built command as a user's shell would run it: load tests and searches.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { root, run } from './run';

const app = path.join(root, 'test/apps/cjs');

describe('throughline load', function () {
  this.timeout(120_000);
  let folder: string;
  let server: http.Server;
  let url: string;
  let requests = 0;
  let seen: http.IncomingHttpHeaders = {};

  before(async () => {
    folder = await fs.realpath(await fs.mkdtemp(path.join(os.tmpdir(), 'throughline-load-')));
    server = http.createServer((request, response) => {
      requests++;
      seen = request.headers;
      response.statusCode = request.url === '/missing' ? 404 : 200;
      response.end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(async () => {
    server.closeAllConnections();
    server.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => (requests = 0));

  async function written(test: object, name = 'test.load.json'): Promise<string> {
    const file = path.join(folder, name);
    await fs.writeFile(file, JSON.stringify(test, undefined, 2));
    return file;
  }

  const load = (file: string, ...more: string[]) => run(['load', file, '--folder', folder, ...more]);
  const steady = (duration: string) => ({
    executor: 'constant-arrival-rate',
    rate: 50,
    duration,
    preAllocatedVUs: 20,
  });

  async function savedRun(id: string): Promise<string> {
    return fs.readFile(path.join(folder, '.throughline/runs', id, 'run.json'), 'utf8');
  }

  it('passes with exit code 0: verdict, thresholds, checks and schedule in one document, and in the saved run', async () => {
    const file = await written({
      name: 'greeting',
      target: url,
      requests: [{ name: 'greet', path: '/', checks: [{ name: 'it is there', status: 200 }] }],
      scenario: steady('3s'),
      warmup: '1s',
      thresholds: { http_req_failed: ['rate<0.01'], checks: ['rate>0.99'], http_reqs: ['count>100'] },
    });
    const ended = await load(file, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout);
    assert.equal(document.version, 1);
    assert.equal(document.loadTest.name, 'greeting');
    assert.equal(document.loadTest.file, 'test.load.json');
    assert.equal(document.loadTest.verdict.state, 'pass');
    assert.deepEqual(
      document.loadTest.thresholds
        .map(({ metric, state }: Record<string, string>) => `${metric} ${state}`)
        .sort(),
      ['checks pass', 'http_req_failed pass', 'http_reqs pass'],
    );
    const [check] = document.loadTest.checks;
    assert.equal(check.name, 'it is there');
    assert.equal(check.fails, 0);
    const { schedule, routes, model, engine } = document.load;
    assert.deepEqual([model, engine], ['open', 'throughline']);
    // 50 a second for 3 s; the window's edges are a moment off the executor's.
    assert.ok(Math.abs(schedule.intended - 150) <= 5, `${schedule.intended} intended`);
    assert.equal(schedule.started + schedule.unstarted, schedule.intended);
    assert.equal(routes[0].name, 'greet');
    assert.equal(document.profile.state, 'none');
    assert.ok(document.loadTest.timeline.rate.length >= 3);
    const run = JSON.parse(await savedRun(document.id));
    assert.equal(run.loadTest.verdict.state, 'pass');
  });

  it('sends exactly the iterations that are counted out, and one before them', async () => {
    const file = await written({
      kind: 'smoke',
      target: url,
      requests: [{ path: '/' }],
      scenario: { executor: 'per-vu-iterations', vus: 2, iterations: 5 },
    });
    const ended = await load(file, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout);
    assert.equal(document.load.requests, 10);
    assert.equal(requests, 11, 'ten, and the first request that tells whether it works');
  });

  it('ends with 99 on a broken threshold, which ends the test at once where that is asked for', async () => {
    const file = await written({
      target: url,
      requests: [
        { path: '/', weight: 1 },
        { path: '/missing', weight: 1 },
      ],
      scenario: steady('30s'),
      warmup: '0s',
      thresholds: { http_req_failed: [{ threshold: 'rate<0.1', abortOnFail: true }] },
    });
    const ended = await load(file, '--json');
    assert.equal(ended.code, 99, ended.stderr);
    const document = JSON.parse(ended.stdout);
    assert.equal(document.loadTest.abortedBy, 'http_req_failed: rate<0.1');
    assert.equal(document.loadTest.verdict.state, 'fail');
    assert.ok(requests < 50 * 20, `${requests} requests of a test that was to end at once`);
  });

  it('keeps what was measured when the user ends it', async () => {
    const file = await written({
      target: url,
      requests: [{ path: '/' }],
      scenario: steady('60s'),
      warmup: '0s',
    });
    let isMeasuring = false;
    const ended = await run(['load', file, '--folder', folder], {
      onStderr: (text, interrupt) => {
        if (isMeasuring || !text.includes('Measuring')) return;
        isMeasuring = true;
        setTimeout(interrupt, 2000);
      },
    });
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stdout.trimStart(), /^\? inconclusive {2}Stopped after \d+ s of 60 s; until then: /);
    const id = /Saved as run (\S+)\./.exec(ended.stdout)?.[1];
    const saved = JSON.parse(await savedRun(id ?? ''));
    assert.ok(saved.load.requests > 0 && saved.load.requests < 50 * 60);
    assert.ok(saved.warnings.some((warning: string) => warning.startsWith('Stopped after ')));
    const after = requests;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(requests, after, 'nothing is sent any more');
  });

  it('keeps what was measured of an app that crashes under load, with its last words, and fails by 99', async () => {
    const crashing = await fs.mkdtemp(path.join(folder, 'crashing-'));
    await fs.writeFile(
      path.join(crashing, 'package.json'),
      JSON.stringify({ name: 'crashing', scripts: { start: 'node server.js' } }),
    );
    await fs.writeFile(
      path.join(crashing, 'server.js'),
      `let left = 80;
       require('node:http').createServer((request, response) => {
         if (left-- === 0) throw new Error('out of tickets, token s3cr3t-value');
         response.end('ok');
       }).listen(0, '127.0.0.1');`,
    );
    const file = await written(
      {
        headers: { 'x-key': '${secret:KEY}' },
        requests: [{ name: 'buy', path: '/' }],
        scenario: steady('30s'),
        warmup: '0s',
      },
      'crash.load.json',
    );
    const ended = await run(['load', file, '--folder', crashing], {
      env: { THROUGHLINE_SECRET_KEY: 's3cr3t-value' },
    });
    assert.equal(ended.code, 99, ended.stderr);
    assert.match(ended.stdout.trimStart(), /^✗ fail .*ended.*under load/);
    assert.match(ended.stdout, /Last output\n.*out of tickets, token \*\*\*/s);
    assert.match(ended.stdout, /^all\s+\d\d/m);
    assert.match(ended.stdout, /^buy\s+\d\d/m);
    const id = /Saved as run (\S+)\./.exec(ended.stdout)?.[1];
    const saved = await fs.readFile(path.join(crashing, '.throughline/runs', id ?? '', 'run.json'), 'utf8');
    const { load: kept, loadTest } = JSON.parse(saved);
    assert.ok(kept.requests > 0 && kept.requests <= 80, `${kept.requests} requests`);
    assert.equal(loadTest.verdict.state, 'fail');
    assert.ok(!saved.includes('s3cr3t-value'));
  });

  it('keeps what was measured of a server that is gone', async () => {
    let left = 100;
    const gone = http.createServer((_request, response) => {
      response.end('ok');
      if (left-- > 0) return;
      gone.close();
      gone.closeAllConnections();
    });
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const target = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    const file = await written({
      target,
      requests: [{ name: 'one', path: '/' }],
      scenario: steady('60s'),
      warmup: '0s',
    });
    const ended = await load(file, '--json');
    assert.equal(ended.code, 99, ended.stderr);
    const { load: kept, loadTest } = JSON.parse(ended.stdout);
    assert.match(loadTest.lost.reason, /stopped serving after \d+ requests/);
    assert.equal(loadTest.verdict.state, 'fail');
    const { started, interrupted } = kept.schedule;
    assert.equal(kept.routes[0].requests, started - kept.errors.connection - interrupted);
    assert.ok(kept.requests >= 95 && kept.errors.connection > 0);
  });

  it('tells every problem of a bad file at its place with exit code 2, and sends nothing', async () => {
    const file = path.join(folder, 'bad.load.json');
    await fs.writeFile(
      file,
      `{\n  "target": "${url}",\n  "requests": [{ "path": "items" }],\n  "scenario": { "executor": "constant-vu", "vus": 1, "duration": "1s" }\n}\n`,
    );
    const ended = await load(file);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /bad\.load\.json:3:\d+: /);
    assert.match(ended.stderr, /bad\.load\.json:4:\d+: .*constant-vus/);
    const checked = await load(file, '--check', '--json');
    assert.equal(checked.code, 2);
    assert.deepEqual(
      JSON.parse(checked.stdout).problems.map(({ line }: { line: number }) => line),
      [3, 4],
    );
    assert.equal(requests, 0);
  });

  it('sends nothing to a host that was not confirmed', async () => {
    // The name leads to this machine, and is not loopback's: what would be sent would arrive.
    const { port } = new URL(url);
    const addresses = Object.values(os.networkInterfaces()).flat();
    const other = addresses.find((address) => address?.family === 'IPv4' && !address.internal);
    const host = other?.address ?? '192.0.2.1';
    const open = http.createServer((_request, response) => {
      requests++;
      response.end();
    });
    await new Promise<void>((resolve) => open.listen(0, '0.0.0.0', resolve));
    const elsewhere = `http://${host}:${(open.address() as AddressInfo).port || port}`;
    const file = await written({ target: elsewhere, requests: [{ path: '/' }], scenario: steady('2s') });
    try {
      const ended = await load(file);
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, /Load is not sent there: .*--allow-host/s);
      assert.equal(requests, 0);
    } finally {
      open.close();
    }
  });

  it('takes secrets from the environment, sends them, and writes them nowhere', async () => {
    const file = await written({
      target: url,
      headers: { 'x-token': 'Bearer ${secret:API.TOKEN}' },
      requests: [{ path: '/?as=${env:LOAD_USER}' }],
      scenario: { executor: 'constant-vus', vus: 1, duration: '1s' },
      warmup: '0s',
      engine: 'throughline',
    });
    const missing = await load(file);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /LOAD_USER, THROUGHLINE_SECRET_API_TOKEN/);
    assert.equal(requests, 0);
    const environment = { LOAD_USER: 'jo', THROUGHLINE_SECRET_API_TOKEN: 'tok-8391-xyz' };
    const ended = await run(['load', file, '--folder', folder, '--json'], { env: environment });
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(seen['x-token'], 'Bearer tok-8391-xyz');
    const { id } = JSON.parse(ended.stdout);
    assert.doesNotMatch(ended.stdout + ended.stderr + (await savedRun(id)), /tok-8391-xyz/);
  });

  it('starts the folder’s app where there is no target, and profiles it when asked', async () => {
    const file = await written({
      requests: [{ path: '/' }],
      scenario: { executor: 'constant-vus', vus: 4, duration: '3s' },
      warmup: '1s',
    });
    const ended = await run(['load', file, '--folder', app, '--profile', '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout);
    await fs.rm(path.join(app, '.throughline/runs', document.id), { recursive: true });
    assert.equal(document.load.engine, 'autocannon', 'the closed model of one plain request');
    assert.equal(document.profile.state, 'ok');
    assert.ok(document.hotFunctions.length > 0);
    assert.equal(document.loadTest.worstWindow?.profiled, true);
    assert.ok(document.metrics.cpuCores > 0);
  });

  it('prints the verdict first, and a mark at each threshold', async () => {
    const file = await written({
      target: url,
      requests: [{ path: '/' }],
      scenario: steady('1s'),
      warmup: '0s',
      thresholds: { http_reqs: ['count>10', 'count>1000'] },
    });
    const ended = await load(file);
    assert.equal(ended.code, 99, ended.stderr);
    assert.match(ended.stdout.trimStart(), /^✗ fail {2}/);
    assert.match(ended.stdout, /✓ http_reqs {2}count>10 /);
    assert.match(ended.stdout, /✗ http_reqs {2}count>1000 /);
    assert.match(ended.stdout, /\d+ iterations intended/);
    assert.match(ended.stdout, /Saved as run /);
  });

  it('refuses what no search can be asked for, by exit code 2', async () => {
    for (const wrong of [
      ['stress', '--objective', 'fast'],
      ['stress', '--objective', 'p99<200parsecs'],
      ['stress', '--path', 'no-slash'],
      ['stress', '--url', 'ftp://127.0.0.1'],
      ['load'],
      ['load', path.join(folder, 'none.load.json')],
      ['load', 'x.load.json', '--allow-host', 'http://a.example/'],
    ]) {
      const ended = await run(wrong);
      assert.equal(ended.code, 2, `${wrong.join(' ')}: ${ended.stderr}`);
    }
  });
});
