import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import type { LoadTest, RequestStep } from '../../../src/engine/model/loadTest';
import { parseLoadTest } from '../../../src/engine/scenario/parse';
import { parseText, readFile, schemaErrors, told } from './support';

/** Every key of the language. */
const WHOLE = `{
  // With comments,
  "$schema": "./load-test.schema.json",
  "name": "Shop",
  "kind": "load",
  "target": "http://127.0.0.1:3000/",
  "headers": { "Accept": "application/json", "Authorization": "Bearer \${secret:TOKEN}" },
  "data": {
    "users": { "file": "users.csv", "pick": "random" },
    "items": { "rows": [{ "id": 1, "title": "a" }, { "id": 2, "title": null }] },
  },
  "requests": [{ "path": "/items/\${data:items.id}", "weight": 3 }],
  "flows": [
    {
      "name": "buy",
      "weight": 0.5,
      "steps": [
        {
          "name": "log in",
          "method": "POST",
          "path": "/login",
          "headers": { "X-Env": "\${env:STAGE}" },
          "json": { "user": "\${data:users.name}", "n": [1, true, null, "$\${x}"] },
          "capture": { "token": { "json": "/data/token" }, "place": { "header": "Location" }, "csrf": { "regex": "csrf=(\\\\w+)" } },
          "checks": [
            { "status": [200, "2xx"] },
            { "name": "greets", "body": { "includes": "hello" } },
            { "body": { "matches": "^h" } },
            { "json": "/ok", "equals": true },
            { "json": "" },
            { "header": "Content-Type", "matches": "json" },
            { "header": "x-a", "equals": "1" },
            { "header": "x-b" }
          ]
        },
        { "sleep": { "min": "500ms", "max": "2s" } },
        { "sleep": 100 },
        { "method": "PUT", "path": "/cart?t=\${token}", "body": "\${csrf} \${vu} \${iteration}" },
      ],
    },
  ],
  "scenario": {
    "executor": "ramping-arrival-rate",
    "startRate": 5,
    "timeUnit": "1m",
    "stages": [{ "duration": "1m30s", "target": 600 }, { "duration": 0, "target": 0 }],
    "preAllocatedVUs": 10,
    "maxVUs": 20,
    "gracefulStop": "5s"
  },
  "warmup": "2s",
  "thresholds": {
    "http_req_duration": ["p(99.9)<200", { "threshold": "avg <= 5e1", "abortOnFail": true, "delayAbortEval": "5s" }],
    "http_req_failed": ["rate<0.01"],
    "http_reqs": ["count>10", "rate >= 5"],
    "checks": ["rate===1"]
  },
  "objective": { "percentile": 95, "latency": "150ms", "errorRate": 0, "expectedRate": 20 },
  "engine": "throughline",
  "connections": 15,
  "http2": false,
  "timeout": "3s",
  "maxRedirects": 2,
  "insecureSkipTLSVerify": true,
  "processes": 2,
  "apdexTarget": "50ms"
}`;
const FILES = { 'users.csv': '\ufeffname,email\r\n"Ann ""A"", B","a@x"\r\nBob,b@x\r\n' };

async function read(text: string, files: Record<string, string> = {}): Promise<LoadTest> {
  const parsed = await parseText(text, files);
  assert.ok(parsed.test, told(parsed).join('\n'));
  assert.deepEqual(schemaErrors(text), []);
  return parsed.test;
}

const withScenario = (scenario: string) => read(`{ "scenario": ${scenario} }`);
const smoke = (rest: string) => `{ "kind": "smoke", ${rest} }`;

describe('the language of load tests', () => {
  it('reads every key', async () => {
    const test = await read(WHOLE, FILES);
    assert.equal(test.name, 'Shop');
    assert.equal(test.target, 'http://127.0.0.1:3000');
    assert.deepEqual(test.headers, { accept: 'application/json', authorization: 'Bearer ${secret:TOKEN}' });
    assert.deepEqual(test.data, {
      users: {
        columns: ['name', 'email'],
        rows: [
          ['Ann "A", B', 'a@x'],
          ['Bob', 'b@x'],
        ],
        pick: 'random',
      },
      items: {
        columns: ['id', 'title'],
        rows: [
          ['1', 'a'],
          ['2', ''],
        ],
        pick: 'sequential',
      },
    });
    assert.deepEqual(
      test.flows.map(({ name, weight, steps }) => [name, weight, steps.length]),
      [
        ['GET /items/${data:items.id}', 3, 1],
        ['buy', 0.5, 4],
      ],
    );
    const [logIn, think, pause, cart] = test.flows[1]!.steps;
    const { captures, checks, ...request } = logIn as RequestStep;
    assert.deepEqual(request, {
      type: 'request',
      name: 'log in',
      method: 'POST',
      path: '/login',
      headers: { 'x-env': '${env:STAGE}', 'content-type': 'application/json' },
      body: '{"user":"${data:users.name}","n":[1,true,null,"$${x}"]}',
      bodyType: 'json',
    });
    assert.deepEqual(captures, [
      { name: 'token', from: { type: 'json', pointer: '/data/token' } },
      { name: 'place', from: { type: 'header', header: 'location' } },
      { name: 'csrf', from: { type: 'regex', pattern: 'csrf=(\\w+)' } },
    ]);
    assert.deepEqual(
      checks.map(({ name }) => name),
      [
        ...['status is 200 or 2xx', 'greets', 'body matches /^h/', 'json /ok is true', 'json exists'],
        ...['header content-type matches /json/', 'header x-a is "1"', 'header x-b exists'],
      ],
    );
    assert.deepEqual(checks[0]!.test, {
      type: 'status',
      ranges: [
        [200, 200],
        [200, 299],
      ],
    });
    assert.deepEqual(think, { type: 'sleep', minSeconds: 0.5, maxSeconds: 2 });
    assert.deepEqual(pause, { type: 'sleep', minSeconds: 0.1, maxSeconds: 0.1 });
    assert.equal((cart as RequestStep).name, 'PUT /cart?t=${token}');
    assert.equal((cart as RequestStep).bodyType, undefined);
    assert.deepEqual(test.executor, {
      executor: 'ramping-arrival-rate',
      startRate: 5,
      timeUnit: 60,
      stages: [
        { duration: 90, target: 600 },
        { duration: 0, target: 0 },
      ],
      preAllocatedVUs: 10,
      maxVUs: 20,
      gracefulStop: 5,
    });
    assert.deepEqual(
      test.thresholds.map(({ metric, expression, limit, abortOnFail, delayAbortEval }) => [
        ...[metric, expression, limit, abortOnFail, delayAbortEval],
      ]),
      [
        ['http_req_duration', 'p(99.9)<200', 200, false, 0],
        ['http_req_duration', 'avg <= 5e1', 50, true, 5],
        ['http_req_failed', 'rate<0.01', 0.01, false, 0],
        ['http_reqs', 'count>10', 10, false, 0],
        ['http_reqs', 'rate >= 5', 5, false, 0],
        ['checks', 'rate===1', 1, false, 0],
      ],
    );
    assert.deepEqual(test.objective, {
      quantile: 0.95,
      latencyMicros: 150_000,
      errorRate: 0,
      expectedRate: 20,
    });
    assert.deepEqual(test.http, {
      timeoutSeconds: 3,
      connections: 15,
      http2: false,
      maxRedirects: 2,
      insecureSkipTLSVerify: true,
      processes: 2,
    });
    assert.equal(test.warmupSeconds, 2);
    assert.equal(test.apdexTargetMs, 50);
  });

  it('reads the example of the shop', async () => {
    const file = path.resolve(import.meta.dirname, '../../apps/shop/load-tests/shop.load.json');
    const { test, problems } = await readFile(file);
    assert.deepEqual(problems, []);
    assert.deepEqual(schemaErrors(fs.readFileSync(file, 'utf8')), []);
    assert.deepEqual(test?.data['searches']?.rows[1], ['table lamp', 'two words']);
  });

  it("has k6's defaults", async () => {
    assert.deepEqual((await withScenario('{ "executor": "constant-vus", "duration": "10s" }')).executor, {
      executor: 'constant-vus',
      vus: 1,
      duration: 10,
      gracefulStop: 30,
    });
    assert.deepEqual((await withScenario('{ "executor": "per-vu-iterations" }')).executor, {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 1,
      maxDuration: 600,
      gracefulStop: 30,
    });
    const stages = '"stages": [{ "duration": "10s", "target": 5 }]';
    assert.deepEqual((await withScenario(`{ "executor": "ramping-vus", ${stages} }`)).executor, {
      executor: 'ramping-vus',
      startVUs: 1,
      stages: [{ duration: 10, target: 5 }],
      gracefulRampDown: 30,
      gracefulStop: 30,
    });
    const arrivals = '"preAllocatedVUs": 7';
    assert.deepEqual(
      (await withScenario(`{ "executor": "ramping-arrival-rate", ${stages}, ${arrivals} }`)).executor,
      {
        executor: 'ramping-arrival-rate',
        startRate: 0,
        timeUnit: 1,
        stages: [{ duration: 10, target: 5 }],
        preAllocatedVUs: 7,
        maxVUs: 7,
        gracefulStop: 30,
      },
    );
    const constant = `{ "executor": "constant-arrival-rate", "rate": 3, "duration": 5000, ${arrivals} }`;
    const { executor, http } = await withScenario(constant);
    assert.equal('duration' in executor && executor.duration, 5);
    assert.equal(http.connections, 7, 'one for each virtual user');
  });

  it('has defaults of its own that the schema tells', async () => {
    const { kind, flows, warmupSeconds, engine, http, apdexTargetMs, objective } = await withScenario(
      '{ "executor": "constant-vus", "duration": "10s" }',
    );
    assert.deepEqual([kind, warmupSeconds, engine, apdexTargetMs], ['load', 5, 'auto', 100]);
    assert.deepEqual(http, {
      timeoutSeconds: 10,
      connections: 1,
      http2: false,
      maxRedirects: 0,
      insecureSkipTLSVerify: false,
      processes: 0,
    });
    assert.deepEqual(objective, { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 });
    assert.deepEqual(
      flows.flatMap(({ steps }) => steps).map((step) => step.type === 'request' && step.name),
      ['GET /'],
    );
  });

  it('warms up nothing where that would send nothing or be counted', async () => {
    const stages = '"stages": [{ "duration": "10s", "target": 5 }], "preAllocatedVUs": 7';
    const idle = await withScenario(`{ "executor": "ramping-arrival-rate", ${stages} }`);
    const counted = await withScenario('{ "executor": "per-vu-iterations" }');
    const smokeTest = await read('{ "kind": "smoke" }');
    assert.deepEqual(
      [idle, counted, smokeTest].map(({ warmupSeconds }) => warmupSeconds),
      [0, 0, 0],
    );
  });

  it('lets a stress test be one word, with a warning about its objective', async () => {
    const parsed = await parseText('{ "kind": "stress" }');
    assert.equal(parsed.test?.kind, 'stress');
    assert.equal(parsed.problems.length, 1);
    assert.match(told(parsed)[0]!, /^1:3 warning .*p99 within 200 ms/);
    assert.deepEqual(schemaErrors('{ "kind": "stress" }'), []);
  });

  it('warns of secrets in plain text, and of none that come from outside', async () => {
    const parsed = await parseText(`{
  "kind": "smoke",
  "headers": { "authorization": "Bearer abc", "x-api-key": "\${env:KEY}", "cookie": "a=\${secret:B}" },
  "requests": [{ "path": "/", "headers": { "Cookie": "sid=1" } }]
}`);
    assert.deepEqual(
      told(parsed).map((text) => text.split(' looks')[0]),
      ['3:33 warning "authorization"', '4:54 warning "cookie"'],
    );
    assert.ok(parsed.test);
  });

  it('points at the placeholder itself, behind escapes', async () => {
    const parsed = await parseText(
      '{\n  "kind": "smoke",\n  "requests": [{ "path": "/\\u0041\\n${no}" }]\n}',
    );
    const problem = parsed.problems.find(({ message }) => message.includes('"no"'))!;
    assert.deepEqual([problem.line, problem.column, problem.endColumn], [3, 36, 41]);
  });

  it('reports all problems of a file, in its order', async () => {
    const parsed = await parseText('{ "kind": "smoke", "vus": 1, "http2": 1, "timeout": [] }');
    assert.deepEqual(
      parsed.problems.map(({ column }) => column),
      [20, 39, 53],
    );
  });

  it('keeps to the limits that it is given', async () => {
    const limits = { maxRate: 100, maxVUs: 10, maxConnections: 5, maxDurationSeconds: 60 };
    const text = '{ "scenario": { "executor": "constant-vus", "vus": 11, "duration": "10s" } }';
    const { problems } = await parseLoadTest(text, { folder: '/', limits });
    assert.match(problems[0]!.message, /from 1 to 10, not 11/);
    const few = await parseLoadTest(text.replace('11', '10'), { folder: '/', limits });
    assert.equal(few.test?.http.connections, 5);
  });

  it('takes requests with one name where they are the same, in several flows', async () => {
    const test = await read(
      smoke(
        '"flows": [{ "name": "a", "steps": [{ "path": "/x" }] }, { "name": "b", "steps": [{ "path": "/x" }, { "path": "/y" }] }]',
      ),
    );
    assert.equal(test.flows.length, 2);
  });

  it('keeps names such as __proto__ as names', async () => {
    const test = await read(
      smoke('"requests": [{ "method": "POST", "path": "/", "json": { "__proto__": { "a": 1 } } }]'),
    );
    assert.equal((test.flows[0]!.steps[0] as RequestStep).body, '{"__proto__":{"a":1}}');
    assert.deepEqual(told(await parseText('{ "kind": "smoke", "constructor": 1 }')).length, 1);
  });
});

/** Undefined removes what was there. */
const VALUES = [null, true, -1, 0, 1e99, '', 'x', '/', '5s', [[]], {}, undefined];

function* pathsOf(value: unknown, at: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [...at, key];
    yield* pathsOf(inner, [...at, key]);
  }
}

function withValue(json: string, at: readonly string[], value: unknown): string {
  const copy: unknown = JSON.parse(json);
  let holder = copy as Record<string, unknown>;
  for (const key of at.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
  holder[at.at(-1)!] = value;
  return JSON.stringify(copy);
}

describe('damaged load tests', () => {
  it('cut off anywhere never throw, and never pass', async () => {
    for (let end = 0; end < WHOLE.length - 1; end += 7) {
      const { test, problems } = await parseText(WHOLE.slice(0, end), FILES);
      assert.equal(test, undefined);
      assert.ok(problems.some(({ severity }) => severity === 'error'));
    }
  });

  it('with a value of another type never throw, and pass only where the schema lets them', async () => {
    // Rows in place of the file, which takes most of the time.
    const rows = WHOLE.replace('"file": "users.csv"', '"rows": [{ "name": "a" }]');
    const whole = JSON.stringify(parse(rows, [], { allowTrailingComma: true }));
    const paths = [...pathsOf(JSON.parse(whole))];
    assert.ok(paths.length > 100);
    let passed = 0;
    for (const at of paths) {
      for (const value of VALUES) {
        const text = withValue(whole, at, value);
        const { test } = await parseText(text, FILES);
        if (!test) continue;
        passed++;
        assert.deepEqual(schemaErrors(text), [], `${at.join('/')} = ${JSON.stringify(value)}`);
      }
    }
    assert.ok(passed > 50);
  });

  it('of any bytes never throw', async () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '//',
      '/*',
      '*/',
      '${',
      '1e9',
      'null',
      '\n',
      '\r',
      '\u2028',
      '\ud800',
      '"name"',
      '"scenario"',
      '\0',
      ' ',
    ];
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: random(40) }, () => pieces[random(pieces.length)]).join('');
      const { test } = await parseText(text);
      assert.equal(test, undefined);
    }
  });

  it('that nest without end, or are very large, are told at once', async () => {
    assert.match(told(await parseText('['.repeat(200_000)))[0]!, /nests deeper than 64/);
    assert.match(told(await parseText(' '.repeat(2_000_000)))[0]!, /larger than 1 MB/);
    assert.equal((await parseText(`{${'"a":1,'.repeat(5000)}"b":1}`)).problems.length, 100);
  });
});
