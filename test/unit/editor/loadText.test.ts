import assert from 'node:assert/strict';
import { duration, loadSize } from '../../../src/editor/load/loadSize';
import { overridden, spikeScenario, written } from '../../../src/engine/scenario/overrides';
import { loadTestText } from '../../../src/editor/load/loadTestText';
import { environmentValues } from '../../../src/editor/load/templateValues';
import { windowText } from '../../../src/editor/liveText';
import { ThroughlineError } from '../../../src/engine/model/errors';
import type { LatencySummary } from '../../../src/engine/model/load';
import { DEFAULT_LIMITS } from '../../../src/engine/model/loadSession';
import { executorSeconds, type Executor, type LoadTest } from '../../../src/engine/model/loadTest';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';
import { valuesNeeded } from '../../../src/engine/model/secrets';
import { parseLoadTest } from '../../../src/engine/scenario/parse';
import { english } from './costlyRun';

const gracefulStop = 30;

describe('what a load test will send, in words', () => {
  const size = (executor: Executor, kind: LoadTest['kind'] = 'load') =>
    loadSize({ kind, executor, warmupSeconds: 5 } as LoadTest, DEFAULT_LIMITS, english);

  it('is the peak of its executor and the whole time', () => {
    const stages = [
      { duration: 60, target: 900 },
      { duration: 55, target: 0 },
    ];
    assert.equal(
      size({ executor: 'constant-vus', vus: 20, duration: 30, gracefulStop }),
      '20 virtual users, for 35 s',
    );
    assert.equal(
      size({ executor: 'ramping-vus', startVUs: 1, stages, gracefulStop, gracefulRampDown: 30 }),
      'up to 900 virtual users, for 2 min',
    );
    const open = { timeUnit: 60, preAllocatedVUs: 10, maxVUs: 10, gracefulStop };
    assert.equal(
      size({ executor: 'constant-arrival-rate', rate: 600, duration: 30, ...open }),
      '10 iterations a second, for 35 s',
    );
    assert.equal(
      size({ executor: 'ramping-arrival-rate', startRate: 1200, stages, ...open }),
      'up to 20 iterations a second, for 2 min',
    );
  });

  it('is the limit of the settings where the load is searched for', () => {
    const executor: Executor = { executor: 'constant-vus', vus: 1, duration: 1, gracefulStop };
    for (const kind of ['stress', 'capacity'] as const) assert.match(size(executor, kind), /at most 20000 /);
  });

  it('has times that read well', () => {
    assert.deepEqual([1, 119.2, 121, 7200, 9000].map(duration), [
      '1 s',
      '120 s',
      '3 min',
      '2 h',
      '2 h 30 min',
    ]);
  });
});

describe('a load test that is run as another kind', () => {
  it('keeps what its author wrote, comments too', () => {
    const text = '{\n  // why\n  "kind": "load",\n  "objective": { "percentile": 95 },\n}';
    assert.deepEqual(written(text), { kind: 'load', objective: { percentile: 95 } });
    const changed = overridden(text, {
      kind: 'capacity',
      objective: { latency: '200ms', expectedRate: 300 },
    });
    assert.match(changed, /\/\/ why\n {2}"kind": "capacity"/);
    assert.deepEqual(written(changed).objective, { percentile: 95, latency: '200ms', expectedRate: 300 });
  });

  it('drops or replaces the scenario where the kind needs another, and with a smoke test the warm-up', () => {
    const text =
      '{ "scenario": { "executor": "constant-vus", "vus": 5, "duration": "30s" }, "warmup": "9s", "name": "n" }';
    const smoke = overridden(text, { kind: 'smoke', scenario: 'none' });
    assert.deepEqual(JSON.parse(smoke), { name: 'n', kind: 'smoke' });
    const soak = overridden(text, { kind: 'soak', soakDuration: '60m' });
    assert.deepEqual(written(soak).scenario, { executor: 'constant-vus', vus: 5, duration: '60m' });
  });

  it('is read as any file is: a spike is one', async () => {
    const text = '{ "scenario": { "executor": "constant-vus", "vus": 5, "duration": "30s" } }';
    const objective = { latency: '200ms' };
    const spike = overridden(text, { kind: 'spike', scenario: spikeScenario(5, 50, 2000), objective });
    const { test, problems } = await parseLoadTest(spike, { folder: '/' });
    assert.deepEqual(problems, []);
    assert.equal(test?.kind, 'spike');
    assert.equal(executorSeconds(test.executor), 52);
  });

  it('has nothing of its own where the text is none or something else', () => {
    for (const text of ['', '[]', '{ "objective": 7 }', '{ "objective": null', 'null', '{ "scenario": [] }'])
      assert.deepEqual(written(text), {}, text);
  });
});

describe('a new load test', () => {
  it('is one without a problem, whatever routes it is made from', async () => {
    const routes = [
      { method: 'GET', path: '/items?q=a"b' },
      { method: 'POST', path: '/$${x}/${secret:y}' },
    ];
    const { test, problems } = await parseLoadTest(loadTestText(routes), { folder: '/', name: 'shop' });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      test?.flows.map(({ name }) => name),
      ['GET /items?q=a%22b', 'POST /$$%7Bx%7D/$%7Bsecret:y%7D'],
    );
    assert.deepEqual(valuesNeeded(test), { env: [], secrets: [] });
  });
});

describe('the values that a load test needs', () => {
  it('are taken from the environment, where all that are missing are named', () => {
    assert.deepEqual(environmentValues(['A'], { A: '', B: 'x' }), { A: '' });
    assert.throws(
      () => environmentValues(['A', 'B', 'C'], { B: 'x' }),
      (error) =>
        error instanceof ThroughlineError &&
        error.code === 'LOAD_NEEDS_ENV' &&
        error.message === 'The environment variables A, C are not set.',
    );
  });
});

describe('what is said of a load test while it runs', () => {
  const latency = (summary: Partial<LatencySummary>): LatencySummary => ({
    ...{ count: 250, meanMicros: 1, p50Micros: 1, p90Micros: 1, p95Micros: 1 },
    ...{ p99Micros: 12_000, p999Micros: 1, maxMicros: 1 },
    ...summary,
  });
  const window = (values: Partial<LoadWindow>) =>
    windowText(
      {
        startMicros: 0,
        endMicros: 500_000,
        failed: 0,
        unstarted: 0,
        latency: latency({}),
        ...values,
      } as LoadWindow,
      english,
    );

  it('is the rate and the p99, which may not be measured, and what went wrong', () => {
    assert.equal(window({}), '500 req/s · p99 12.0 ms');
    assert.equal(
      window({ latency: latency({ measuredTo: 0.98 }), failed: 3, unstarted: 40 }),
      '500 req/s · p99 not measured · 3 failed · 40 not started',
    );
    assert.equal(window({ latency: latency({ count: 0 }) }), '0 req/s');
  });
});
