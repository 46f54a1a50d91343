// Results in the formats that k6 and JMeter document, made by hand: k6 itself was not run here.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { importLoadResult, type ImportOptions } from '../../../src/engine/importLoad';
import { RunStore } from '../../../src/engine/runs/store';
import { fullTest } from './tests';

const START = Date.parse('2026-11-20T10:00:00.000Z');

describe('Import of results', function () {
  this.timeout(30_000);
  let folder = '';
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-import-'))));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, content: string | Buffer) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, content);
    return file;
  };
  const load = (file: string, options: Partial<ImportOptions> = {}) =>
    importLoadResult(file, { store: new RunStore(folder), signal: new AbortController().signal, ...options });

  it("makes a run of k6's points: counts, times, failures, checks, course; without the warm-up", async () => {
    for (const file of [write('points.json', k6Points()), write('points.json.gz', gzipSync(k6Points()))]) {
      const run = await load(file, { test: fullTest({ apdexTargetMs: 100 }) });
      const { load: result, loadTest } = run;
      // 1,000 of 1 to 1,000 ms, of which the last 10 have status 503; a timeout and a refused connection beside.
      assert.equal(result.requests, 1000);
      assert.deepEqual(result.errors, { byStatus: { 503: 10 }, timeouts: 1, connection: 1 });
      // Of 1,005: how long the five dropped iterations would have taken nobody knows.
      near(result.latency.p50Micros, 502_500);
      near(result.latency.p99Micros, 995_000);
      near(result.latency.meanMicros, 500_500);
      assert.equal(result.latency.maxMicros, 1_000_000);
      near(result.apdex.score * 1002, 100 + 300 / 2);
      assert.equal(result.bytes, 5000);
      assert.equal(result.engine, 'k6');
      assert.deepEqual(
        result.routes.map(({ name, method, path: at, requests, failed }) => [
          name,
          method,
          at,
          requests,
          failed,
        ]),
        [
          ['GET /items', 'GET', '/items', 500, 0],
          ['POST /login', 'POST', '/login', 500, 12],
        ],
      );
      assert.deepEqual(result.throughput.perSecond.slice(1), new Array(8).fill(100));
      assert.equal(
        result.series?.requests.reduce((sum, count) => sum + count, 0),
        1000,
      );
      assert.equal(result.connections, 7);
      assert.deepEqual(loadTest?.checks, [{ name: 'status is 200', passes: 30, fails: 10 }]);
      assert.deepEqual(
        loadTest?.thresholds.map(({ expression, state }) => [expression, state]),
        [
          ['p(99)<200', 'fail'],
          ['rate<0.01', 'fail'],
        ],
      );
      assert.equal(loadTest?.verdict.state, 'fail');
      assert.equal(loadTest?.importedFrom, 'k6');
      assert.equal(run.createdAt, '2026-11-20T10:00:00.009Z');
    }
  });

  it("takes the file's own thresholds where no test is given, and tells what k6 judged otherwise", async () => {
    const file = write('own.json', k6Points());
    const summaryFile = write(
      'summary.json',
      JSON.stringify({
        metrics: {
          'http_req_duration{scenario:load}': { avg: 1, thresholds: { 'p(95)<2000': true } },
          http_reqs: { count: 1002, rate: 100 },
        },
        root_group: { name: '', groups: {}, checks: {} },
      }),
    );
    const { loadTest, load: result } = await load(file, { summaryFile });
    assert.deepEqual(
      loadTest?.thresholds.map(({ expression, state }) => [expression, state]),
      [['p(95)<2000', 'pass']],
    );
    assert.ok(loadTest?.misleading.some((each) => /k6 judged .*broken, by its points it is kept/.test(each)));
    assert.equal(result.model, 'open');
    assert.equal(result.latency.measuredTo, 1000 / 1005);
  });

  it("makes a run of k6's summary, in both of its forms, and says what it lacks", async () => {
    const durations = { avg: 12.5, min: 1, med: 10, max: 90, 'p(90)': 30, 'p(95)': 40 };
    const exported = write(
      'export.json',
      JSON.stringify({
        metrics: {
          http_req_duration: { ...durations, thresholds: { 'p(95)<50': false, 'p(90)<20': true } },
          http_reqs: { count: 3000, rate: 100 },
          http_req_failed: { value: 0.01, passes: 30, fails: 2970 },
          vus_max: { value: 5, min: 5, max: 5 },
        },
        root_group: {
          checks: { ok: { name: 'ok', passes: 7, fails: 3 } },
          groups: { inner: { groups: {}, checks: [] } },
        },
      }),
    );
    const handled = write(
      'handled.json',
      JSON.stringify(
        {
          metrics: {
            http_req_duration: {
              ...{ type: 'trend', contains: 'time', values: durations },
              thresholds: { 'p(95)<50': { ok: true }, 'p(90)<20': { ok: false } },
            },
            http_reqs: { type: 'counter', values: { count: 3000, rate: 100 } },
            http_req_failed: { type: 'rate', values: { rate: 0.01 } },
            vus_max: { type: 'gauge', values: { value: 5, max: 5 } },
          },
          root_group: { checks: [{ name: 'ok', passes: 7, fails: 3 }], groups: [] },
        },
        undefined,
        2,
      ),
    );
    for (const file of [exported, handled]) {
      const { load: result, loadTest } = await load(file);
      assert.equal(result.requests, 3000);
      assert.equal(result.endMicros, 30e6);
      assert.equal(result.latency.p95Micros, 40_000);
      assert.equal(result.latency.measuredTo, 0.95);
      assert.equal(result.errors.connection, 30);
      assert.deepEqual(
        loadTest?.thresholds.map(({ expression, state }) => [expression, state]),
        [
          ['p(95)<50', 'pass'],
          ['p(90)<20', 'fail'],
        ],
      );
      assert.deepEqual(loadTest?.checks, [{ name: 'ok', passes: 7, fails: 3 }]);
      assert.ok(loadTest?.misleading.some((each) => /no histogram/.test(each)));
    }
  });

  it('reads a JTL by the names of its columns, whatever their order, quotes and line breaks', async () => {
    const old =
      'timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,bytes,grpThreads,allThreads,Latency';
    const rows = [
      `${START - 5000},9,warm,200,OK,throughline warm-up 1-1,text,true,10,1,1,8`,
      `${START},100,"GET /a, ""b""\nc",200,OK,throughline load 2-1,text,true,10,2,2,90`,
      `${START + 100},200,GET /x,404,Not Found,127.0.0.1-throughline load 2-2,text,false,20,3,3,90`,
      `${START + 200},300,GET /x,200,OK,throughline load 2-1,text,false,30,2,2,90`,
      `${START + 900},5000,GET /x,Non HTTP response code: java.net.SocketTimeoutException,Non HTTP response message: Read timed out,throughline load 2-1,text,false,0,2,2,0`,
      `${START + 950},1,GET /x,Non HTTP response code: org.apache.http.conn.HttpHostConnectException,refused,throughline load 2-1,text,false,0,2,2,0`,
    ];
    const { load: result, loadTest } = await load(write('old.jtl', `${[old, ...rows].join('\n')}\n`));
    assert.equal(result.requests, 3);
    assert.deepEqual(result.errors, { byStatus: { 404: 1 }, timeouts: 1, connection: 1 });
    assert.equal(result.bytes, 60);
    assert.equal(result.connections, 3);
    near(result.latency.maxMicros, 300_000);
    assert.equal(result.endMicros, 5.9e6);
    assert.deepEqual(
      result.routes.map(({ name, path: at, requests }) => [name, at, requests]),
      [
        ['GET /a, "b"\nc', '', 1],
        ['GET /x', '/x', 2],
      ],
    );
    assert.deepEqual(
      loadTest?.checks.find(({ name }) => name.endsWith('GET /x')),
      {
        ...{ name: 'Assertions of GET /x', passes: 0, fails: 1 },
      },
    );
    const newer = `success,label,elapsed,timeStamp,responseCode,URL\ntrue,one,5,${START},200,http://127.0.0.1:3000/p?q=1\n`;
    assert.equal((await load(write('newer.jtl', `\uFEFF${newer}`))).load.routes[0]!.path, '/p?q=1');
  });

  it('refuses what is none of these, and says at which line', async () => {
    const point = k6Points().split('\n')[1]!;
    const bad: [string, string | Buffer, RegExp][] = [
      ['empty.json', '', /neither/],
      ['text.json', 'hello\n', /neither/],
      ['other.json', '{"a":1}\n', /neither/],
      ['xml.jtl', '<?xml version="1.0"?>\n<testResults/>\n', /neither/],
      ['bare.jtl', `${START},100,GET /,200,OK,t 1-1,text,true,10,1,1,1\n`, /neither/],
      ['cut.json', `${point}\n{"type":"Point","metric":"http_req_duration","data":{"ti`, /Line 2/],
      ['time.json', `${point}\n${point.replace(/"time":"[^"]*"/, '"time":"yesterday"')}\n`, /Line 2/],
      ['value.json', `${point}\n${point.replace(/"value":[\d.]+/, '"value":"x"')}\n`, /Line 2/],
      [
        'date.jtl',
        'timeStamp,elapsed,label,responseCode,success\n2026/11/20 10:00:00,1,a,200,true\n',
        /Row 2 .*milliseconds/,
      ],
      [
        'quote.jtl',
        `timeStamp,elapsed,label,responseCode,success\n${START},1,"a,200,true\n`,
        /cannot be read/,
      ],
      ['broken.json.gz', gzipSync(k6Points()).subarray(0, 300), /cannot be read|neither/],
      [
        'warm.jtl',
        `timeStamp,elapsed,label,responseCode,success,threadName\n${START},1,a,200,true,throughline warm-up 1-1\n`,
        /after the warm-up/,
      ],
    ];
    for (const [name, content, message] of bad) {
      await assert.rejects(load(write(name, content)), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'BAD_LOAD_RESULT', `${name}: ${error.message}`);
        assert.match(error.message, message, name);
        return true;
      });
    }
    assert.equal((await new RunStore(folder).scan()).problems.length, 0);
  });
});

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) <= Math.max(1, expected * 0.002), `${value} is not ${expected}`);
}

function k6Points(): string {
  const lines: unknown[] = [
    metric('http_req_duration', ['p(95)<2000']),
    point('http_req_duration', START - 3000, 5, { scenario: 'warmup', status: '200', name: 'GET /items' }),
    point('vus', START + 100, 7, null),
    point('dropped_iterations', START, 5, { scenario: 'load' }),
    point('data_received', START, 5000, { scenario: 'load' }),
  ];
  for (let i = 1; i <= 1000; i++) {
    const get = i <= 500;
    lines.push(
      point('http_req_duration', START + i * 10, i, {
        ...{ scenario: 'load', method: get ? 'GET' : 'POST', status: i > 990 ? '503' : '200' },
        ...{ name: get ? 'GET /items' : 'POST /login', url: `http://127.0.0.1:3000/x/${i}` },
      }),
      point('http_reqs', START + i * 10, 1, { scenario: 'load' }),
    );
  }
  for (let i = 0; i < 40; i++)
    lines.push(point('checks', START + i, i < 30 ? 1 : 0, { scenario: 'load', check: 'status is 200' }));
  const failed = { scenario: 'load', method: 'POST', name: 'POST /login', status: '0' };
  lines.push(point('http_req_duration', START + 9000, 0, { ...failed, error_code: '1050' }));
  lines.push(point('http_req_duration', START + 9000, 0, { ...failed, error_code: '1212' }));
  return `${lines.map((each) => JSON.stringify(each)).join('\n')}\n`;
}

function metric(name: string, thresholds: readonly string[]) {
  return {
    type: 'Metric',
    data: { name, type: 'trend', contains: 'time', thresholds, submetrics: null },
    metric: name,
  };
}

function point(name: string, timeMs: number, value: number, tags: Record<string, string> | null) {
  const time = new Date(timeMs).toISOString().replace('Z', '000000Z');
  return { metric: name, type: 'Point', data: { time, value, tags } };
}
