import assert from 'node:assert/strict';
import { EarlyStop } from '../../../src/engine/loadTest/earlyStop';
import { engineFor } from '../../../src/engine/loadTest/engine';
import { warmUpExecutor } from '../../../src/engine/loadTest/executors';
import { masked, maskedError, maskedProgress } from '../../../src/engine/loadTest/masking';
import { SampleRecorder } from '../../../src/engine/loadTest/sampleRecorder';
import { scenarioOf } from '../../../src/engine/loadTest/scenarioOf';
import { requestsBetween } from '../../../src/engine/loadTest/windowSums';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { DEFAULT_LIMITS } from '../../../src/engine/model/loadSession';
import type { LoadTest } from '../../../src/engine/model/loadTest';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';
import type { MetricSample } from '../../../src/engine/model/metrics';
import { parseLoadTest } from '../../../src/engine/scenario/parse';

async function testOf(file: object): Promise<LoadTest> {
  const { test, problems } = await parseLoadTest(JSON.stringify(file), { folder: '/nowhere' });
  assert.ok(test, JSON.stringify(problems));
  return test;
}

const closed = { executor: 'constant-vus', vus: 3, duration: '10s' };
const open = { executor: 'constant-arrival-rate', rate: 30, duration: '10s', preAllocatedVUs: 5 };

describe('engine of a load test', () => {
  const origin = 'http://127.0.0.1:3000';

  it('is autocannon for plain closed models alone', async () => {
    const plain = { target: origin, requests: [{ path: '/' }], scenario: closed };
    assert.equal(engineFor(await testOf(plain), origin), 'autocannon');
    for (const change of [
      { scenario: open },
      { kind: 'soak' },
      { kind: 'stress' },
      { requests: [{ path: '/', checks: [{ body: { includes: 'x' } }] }] },
      { requests: [{ path: '/${iteration}' }] },
      { engine: 'throughline' },
    ])
      assert.equal(
        engineFor(await testOf({ ...plain, ...change }), origin),
        'throughline',
        JSON.stringify(change),
      );
  });

  it('refuses what it cannot honour, with the reason', async () => {
    const test = {
      ...(await testOf({ requests: [{ path: '/' }], scenario: open })),
      engine: 'autocannon' as const,
    };
    assert.throws(
      () => engineFor(test, origin),
      (error: unknown) =>
        error instanceof ThroughlineError &&
        error.code === 'BAD_LOAD_TEST' &&
        /open model/.test(error.message),
    );
  });
});

describe('warm-up of a load test', () => {
  it('is at the executor’s first level, and none where that is nothing', async () => {
    const of = async (scenario: object) =>
      warmUpExecutor(await testOf({ requests: [{ path: '/' }], scenario, warmup: '2s' }), DEFAULT_LIMITS);
    assert.deepEqual(
      await of({ executor: 'ramping-vus', startVUs: 4, stages: [{ duration: '5s', target: 9 }] }),
      {
        executor: 'constant-vus',
        vus: 4,
        duration: 122,
        gracefulStop: 30,
      },
    );
    const short = await testOf({ requests: [{ path: '/' }], scenario: closed, warmup: '2s' });
    const limited = warmUpExecutor(short, { maxDurationSeconds: 30 });
    assert.equal(limited && 'duration' in limited && limited.duration, 30, 'within the limit of a load');
    const ramp = {
      executor: 'ramping-arrival-rate',
      stages: [{ duration: '5s', target: 9 }],
      preAllocatedVUs: 2,
    };
    assert.equal(await of({ ...ramp, startRate: 0 }), undefined);
    const warm = await of({ ...ramp, startRate: 7 });
    assert.deepEqual(warm && 'rate' in warm && [warm.executor, warm.rate], ['constant-arrival-rate', 7]);
    const counted = await of({ executor: 'per-vu-iterations', vus: 2, iterations: 3 });
    assert.deepEqual(counted && 'duration' in counted && counted.duration, 2, 'it ends by itself');
  });
});

describe('scenario of a load test', () => {
  it('tells each request once, and how many connections at most', async () => {
    const test = await testOf({
      requests: [{ path: '/a' }, { path: '/b', method: 'POST' }, { name: 'again', path: '/a' }],
      scenario: open,
      connections: 4,
    });
    const scenario = scenarioOf(test);
    assert.deepEqual(
      scenario.routes.map(({ method, path }) => `${method} ${path}`),
      ['GET /a', 'POST /b'],
    );
    assert.equal(scenario.connections, 4);
    assert.equal(scenario.durationSeconds, 10);
  });
});

describe('secrets of a load test', () => {
  it('are masked in every text, in errors and in progress', () => {
    const secrets = ['s3cret/value'];
    assert.deepEqual(masked({ a: ['x s3cret/value y', 3, null], b: { c: 's3cret%2Fvalue' } }, secrets), {
      a: ['x *** y', 3, null],
      b: { c: '***' },
    });
    const error = maskedError(
      new ThroughlineError('PROBE_REFUSED', 'It sent s3cret/value.', 'log: s3cret/value', {
        cause: new Error('s3cret/value'),
      }),
      secrets,
    );
    assert.ok(error instanceof ThroughlineError);
    assert.deepEqual([error.message, error.detail, error.cause], ['It sent ***.', 'log: ***', undefined]);
    assert.deepEqual(maskedProgress({ type: 'output', text: 'got s3cret/value' }, secrets), {
      type: 'output',
      text: 'got ***',
    });
  });
});

describe('stopping a load test early', () => {
  it('cancels where there is nothing to keep, and asks for the end where there is', async () => {
    const stop = new AbortController();
    const before = new EarlyStop(new AbortController().signal, stop.signal);
    stop.abort();
    assert.equal(before.signal.aborted, true);

    const late = new AbortController();
    const during = new EarlyStop(new AbortController().signal, late.signal);
    const requested = during.requested();
    late.abort();
    await requested;
    assert.equal(during.signal.aborted, false);
  });

  it('is cancelled by the user’s cancel at any time', () => {
    const cancel = new AbortController();
    const early = new EarlyStop(cancel.signal, undefined);
    void early.requested();
    cancel.abort();
    assert.equal(early.signal.aborted, true);
  });
});

describe('samples of a long load test', () => {
  const sample = (pid: number, at: number): MetricSample => ({
    pid,
    timeMicros: at * 250_000,
    intervalMicros: 250_000,
    ...{ cpuUserMicros: 100_000, cpuSystemMicros: 10_000, rssBytes: 1000 + at, heapUsedBytes: at },
    ...{ heapTotalBytes: 1, heapLimitBytes: 1, externalBytes: 1, eventLoopDelayMeanMs: 1 },
    ...{ eventLoopDelayP99Ms: at, eventLoopDelayMaxMs: at, eventLoopUtilization: 0.5, gcMicros: 5 },
    ...{ gcMajorMicros: 1, gcCount: 1, gcMajorCount: 0, activeHandles: 3, requests: 7 },
  });

  it('are kept in bounded memory, with their sums and highest values', () => {
    const recorder = new SampleRecorder(100);
    for (let at = 1; at <= 5000; at++) for (const pid of [1, 2]) recorder.add(sample(pid, at));
    const kept = recorder.samples();
    assert.ok(kept.length <= 102, `${kept.length}`);
    for (const pid of [1, 2]) {
      const own = kept.filter((each) => each.pid === pid);
      const sum = (of: (each: MetricSample) => number) => own.reduce((all, each) => all + of(each), 0);
      assert.equal(
        sum((each) => each.cpuUserMicros),
        5000 * 100_000,
      );
      assert.equal(
        sum((each) => each.intervalMicros),
        5000 * 250_000,
      );
      assert.equal(
        sum((each) => each.requests),
        35_000,
      );
      assert.equal(Math.max(...own.map((each) => each.rssBytes)), 6000);
      assert.ok(own.every((each) => Math.abs(each.eventLoopUtilization - 0.5) < 1e-9));
      const times = own.map((each) => each.timeMicros);
      assert.deepEqual(
        times,
        [...times].sort((a, b) => a - b),
      );
      assert.equal(times.at(-1), 5000 * 250_000);
    }
  });
});

describe('requests of a part of a load test', () => {
  it('are those of its windows, by how much of each lies in it', () => {
    const window = (second: number, count: number) =>
      ({ startMicros: second * 1e6, endMicros: (second + 1) * 1e6, latency: { count } }) as LoadWindow;
    const windows = [window(0, 100), window(1, 200), window(2, 400)];
    assert.equal(requestsBetween(windows, { startMicros: 0.5e6, endMicros: 2.25e6 }), 50 + 200 + 100);
    assert.equal(requestsBetween(windows, { startMicros: 5e6, endMicros: 6e6 }), 0);
  });
});
