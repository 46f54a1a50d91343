// The k6 script against k6's types, against the operator's schema, and run with modules that stand in for k6's.
import assert from 'node:assert/strict';
import path from 'node:path';
import Ajv from 'ajv';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { exportK6 } from '../../../src/engine/handoff/k6';
import { exportK6Operator } from '../../../src/engine/handoff/k6Operator';
import type { LoadTest } from '../../../src/engine/model/loadTest';
import { EXECUTOR_SAMPLES, fullTest } from './tests';
import { testRunSchema } from './testRunSchema';

const root = path.resolve(__dirname, '../../..');
const redirecting = fullTest({
  http: { ...fullTest().http, maxRedirects: 3, insecureSkipTLSVerify: true },
  data: { users: { ...fullTest().data['users']!, pick: 'random' } },
});
const simple = fullTest({ flows: [fullTest().flows[1]!], warmupSeconds: 0, thresholds: [] });

describe('Export to k6', function () {
  this.timeout(60_000);

  it('type-checks against @types/k6: all executors, flows, data, captures, checks', () => {
    const tests = [...EXECUTOR_SAMPLES.map((executor) => fullTest({ executor })), redirecting, simple];
    assert.deepEqual(typeErrors(tests.map((test) => exportK6(test).files[0]!.content)), []);
    // The check sees what is wrong.
    const wrong = exportK6(simple).files[0]!.content.replace('"constant-vus"', '"constant-users"');
    assert.notDeepEqual(typeErrors([wrong]), []);
  });

  it('keeps the executor verbatim, and the warm-up out of the thresholds', () => {
    for (const executor of EXECUTOR_SAMPLES) {
      const options = load(fullTest({ executor })).options as {
        scenarios: Record<string, Record<string, unknown>>;
        thresholds: Record<string, unknown>;
      };
      const scenario = options.scenarios['load']!;
      assert.equal(scenario['executor'], executor.executor);
      if ('rate' in executor) {
        assert.equal(
          Number(scenario['rate']) / seconds(scenario['timeUnit']),
          executor.rate / executor.timeUnit,
        );
        assert.ok(Number.isInteger(scenario['rate']));
      }
      if ('stages' in executor)
        assert.deepEqual(
          (scenario['stages'] as { duration: string; target: number }[]).map((stage) =>
            seconds(stage.duration),
          ),
          executor.stages.map(({ duration }) => duration),
        );
      for (const key of ['vus', 'startVUs', 'iterations', 'preAllocatedVUs', 'maxVUs'] as const)
        if (key in executor)
          assert.equal(scenario[key], (executor as unknown as Record<string, unknown>)[key]);
      const warms = options.scenarios['warmup'] !== undefined;
      assert.equal(scenario['startTime'], warms ? '2s' : undefined);
      assert.deepEqual(Object.keys(options.thresholds), [
        warms ? 'http_req_duration{scenario:load}' : 'http_req_duration',
        warms ? 'http_req_failed{scenario:load}' : 'http_req_failed',
      ]);
    }
  });

  it('sends what the file says: flows by weight, rows in turn, captured values, values of the environment', () => {
    const k6 = load(fullTest());
    for (let iteration = 0; iteration < 8; iteration++) k6.iterate(iteration);
    const sent = k6.requests.map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`);
    assert.equal(sent.filter((each) => each === 'POST http://127.0.0.1:4123/login').length, 2);
    assert.equal(sent.filter((each) => each === 'GET http://127.0.0.1:4123/items').length, 6);
    assert.equal(sent.filter((each) => each === 'GET http://127.0.0.1:4123/items/7').length, 6);
    const logins = k6.requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => JSON.parse(body!) as object);
    assert.deepEqual(logins, [
      { user: 'Ann "A", of B\\C', password: 'p"w', region: 'eu' },
      { user: 'Bob', password: 'p"w', region: 'eu' },
    ]);
    const detail = k6.requests.find(({ url }) => url.endsWith('/items/7'))!;
    assert.deepEqual(detail.params.headers, { Accept: 'application/json', 'If-None-Match': 'e1' });
    assert.deepEqual(detail.params.tags, { name: 'GET /items/{id}' });
    assert.deepEqual(k6.checks.get('status is 2xx'), { passes: 6, fails: 0 });
    assert.deepEqual(k6.checks.get('first id'), { passes: 0, fails: 6 });
    assert.deepEqual(k6.checks.get('is JSON'), { passes: 6, fails: 0 });
  });

  it('follows redirects within the origin alone, and ends an iteration that lacks a value', () => {
    const k6 = load(redirecting, (url) =>
      url.endsWith('/login')
        ? { status: 302, headers: { location: 'http://127.0.0.1.evil.test/x' } }
        : undefined,
    );
    k6.iterate(2);
    for (const { url } of k6.requests) assert.ok(url.startsWith('http://127.0.0.1:4123/'), url);
    const local = load(redirecting, (url) =>
      url.endsWith('/items/7') ? { status: 302, headers: { Location: '/moved' } } : undefined,
    );
    local.iterate(0);
    assert.ok(local.requests.some(({ url }) => url === 'http://127.0.0.1:4123/moved'));
    const empty = load(fullTest(), () => ({ status: 200, headers: {}, body: '{}' }));
    assert.throws(() => empty.iterate(0), /no value for item/);
    assert.equal(empty.requests.length, 1);
  });

  it('holds no value of the environment and names what it needs', () => {
    const { needs } = exportK6(fullTest());
    assert.deepEqual(needs, { env: ['REGION'], secrets: ['SHOP.PASSWORD'] });
  });
});

describe('Export for the k6-operator', () => {
  it('is a ConfigMap with the script and a TestRun as the operator’s schema has it', () => {
    for (const test of [fullTest(), simple, redirecting]) {
      const [configMap, testRun] = parseAllDocuments(exportK6Operator(test, 4).files[0]!.content).map(
        (document) => document.toJS() as Record<string, never>,
      );
      const validate = new Ajv({ strict: true }).compile(testRunSchema);
      assert.ok(validate(testRun), JSON.stringify(validate.errors));
      const { data, metadata } = configMap as unknown as {
        data: Record<string, string>;
        metadata: { name: string };
      };
      const { spec } = testRun as unknown as {
        spec: {
          parallelism: number;
          script: { configMap: { name: string; file: string } };
          runner?: unknown;
        };
      };
      assert.equal(spec.parallelism, 4);
      assert.equal(spec.script.configMap.name, metadata.name);
      assert.equal(data[spec.script.configMap.file], exportK6(test).files[0]!.content);
      assert.ok(!validate({ ...testRun, spec: { ...spec, parallelism: 'four' } }));
      assert.match(JSON.stringify(spec.runner), /secretKeyRef.*SHOP\.PASSWORD/);
    }
  });
});

function seconds(duration: unknown): number {
  const [, number, unit] = /^(\d+)(ms|s)$/.exec(String(duration)) ?? [];
  return Number(number) / (unit === 'ms' ? 1000 : 1);
}

function typeErrors(sources: readonly string[]): string[] {
  const files = new Map(sources.map((source, index) => [path.join(root, `exported-${index}.js`), source]));
  const options: ts.CompilerOptions = {
    ...{ allowJs: true, checkJs: true, noEmit: true, strict: true, noImplicitAny: false },
    ...{ useUnknownInCatchVariables: true, skipLibCheck: true, types: ['k6'], lib: ['lib.es2022.d.ts'] },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    ...{ moduleResolution: ts.ModuleResolutionKind.Bundler },
  };
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const own = files.get(name);
    return own === undefined
      ? getSourceFile(name, language, ...rest)
      : ts.createSourceFile(name, own, language);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly params: { headers?: Record<string, string>; tags?: Record<string, string> };
}
interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** Runs the script as k6 would, with modules that note what it does. */
function load(test: LoadTest, answer: (url: string) => Reply | undefined = () => undefined) {
  const { files } = exportK6(test);
  const requests: SentRequest[] = [];
  const checks = new Map<string, { passes: number; fails: number }>();
  let iteration = 0;
  const http = {
    CookieJar: class {},
    request: (method: string, url: string, body: string | null, params: SentRequest['params']) => {
      requests.push({ method, url, body, params });
      const items = '{"items":[{"id":7}],"next":"x","a":"next=\\"9\\""}';
      return (
        answer(url) ?? {
          status: 200,
          headers: { Etag: 'e1', 'Content-Type': 'application/json' },
          body: items,
        }
      );
    },
  };
  const modules = {
    http,
    exec: {
      scenario: {
        get iterationInTest() {
          return iteration;
        },
      },
      vu: { idInTest: 1 },
    },
    sleep: () => undefined,
    check: (reply: unknown, all: Record<string, (reply: unknown) => boolean>) => {
      for (const [name, holds] of Object.entries(all)) {
        const counts = checks.get(name) ?? { passes: 0, fails: 0 };
        counts[holds(reply) ? 'passes' : 'fails']++;
        checks.set(name, counts);
      }
    },
    SharedArray: function (_: string, rows: () => unknown) {
      return rows();
    },
    open: (name: string) => files.find((file) => `./${file.name}` === name)!.content,
    __ENV: { REGION: 'eu', 'SHOP.PASSWORD': 'p"w' },
  };
  const source = files[0]!.content
    .replace(/^import .*$/gm, '')
    .replace('export const options', 'const options')
    .replace('export default function ()', 'function iterationOfK6()');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const made = new Function(...Object.keys(modules), `${source}\nreturn { options, iterationOfK6 };`)(
    ...Object.values(modules),
  ) as { options: unknown; iterationOfK6: () => void };
  const iterate = (number: number) => {
    iteration = number;
    made.iterationOfK6();
  };
  return { options: made.options, iterate, requests, checks };
}
