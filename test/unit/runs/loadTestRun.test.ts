import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { ThroughlineError } from '../../../src/engine/model/errors';
import type { LoadTestResult, Trial } from '../../../src/engine/model/loadTestResult';
import type { Run } from '../../../src/engine/model/run';
import { readRun } from '../../../src/engine/runs/formats';
import { RunStore } from '../../../src/engine/runs/store';
import { sampleRun } from './sampleRun';
import { temporaryFolder } from './support';

const objective = { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01, expectedRate: 300 };
const trial: Trial = {
  model: 'open',
  decision: 'pass',
  ...{ level: 480, windows: 6, discarded: 2, badWindows: 1 },
  ...{ throughput: 479.5, latencyMicros: 120_000, errorRate: 0, startMicros: 1e9, endMicros: 1.004e9 },
};

/** With every optional part. */
const result: LoadTestResult = {
  name: 'checkout',
  kind: 'stress',
  file: 'load/checkout.load.json',
  executor: {
    executor: 'ramping-arrival-rate',
    startRate: 10,
    ...{ timeUnit: 60, preAllocatedVUs: 5, maxVUs: 50, gracefulStop: 30 },
    stages: [{ duration: 0, target: 600 }],
  },
  verdict: { state: 'fail', sentence: 'Holds 480 requests/s.', evidence: ['p99 was 120 ms at 480/s.'] },
  thresholds: [
    { metric: 'http_req_duration', expression: 'p(99)<200', state: 'fail', observed: 240 },
    { metric: 'checks', expression: 'rate>0.99', state: 'inconclusive', reason: 'There are no checks.' },
  ],
  checks: [{ name: 'status is 200', passes: 100, fails: 1 }],
  misleading: ['Few samples.'],
  timeline: {
    startMicros: 1e9,
    endMicros: [500_000, 1_000_000],
    intendedRate: [null, 100],
    rate: [90, 100],
    failedRate: [0, 1],
    p50Micros: [null, 1000],
    p95Micros: [null, 2000],
    p99Micros: [null, 3000],
    vus: [1, 2],
    targetCpu: [null, 0.5],
    generatorCpu: [0.1, 0.2],
    eventLoopUtilization: [null, 0.4],
    eventLoopDelayP99Ms: [null, 3],
    heapUsedBytes: [null, 2e7],
  },
  worstWindow: { startMicros: 1e9, endMicros: 1.01e9, p99Micros: 190_000, profiled: true },
  stress: {
    objective,
    breakingPoint: { rate: 480, rejectedAt: 520, latencyMicros: 120_000, concurrency: 12 },
    ceiling: { throughput: 500, vus: 8 },
    trials: [trial],
    discardedWindows: 4,
    seconds: 31,
  },
  capacity: { objective, expectedRate: 300, holds: true, headroom: 0.6, mostHeldRate: 480, trials: [trial] },
  spike: {
    ...{ baselineRate: 50, spikeRate: 400, baselineLatencyMicros: 20_000, spikeLatencyMicros: 300_000 },
    ...{ spikeErrorRate: 0.02, recoverySeconds: 3.5 },
  },
  soak: {
    latency: { slopePerHour: 1, low: -2, high: 4, start: 900, points: 40, pValue: 0.4, drifts: false },
    leaks: [
      {
        functionName: 'remember',
        place: { file: '/srv/app/a.ts', line: 3, column: 1 },
        bytes: 5e6,
        share: 0.8,
      },
    ],
  },
  abortedBy: 'http_req_duration: p(99)<200',
};

describe('runs of load tests', () => {
  let folder: string;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => fs.rm(folder, { recursive: true, force: true }));

  function loadTestRun(loadTest: LoadTestResult = result): Omit<Run, 'id' | 'formatVersion'> {
    const { load, ...rest } = sampleRun();
    return {
      ...rest,
      load: {
        ...load,
        engine: 'throughline',
        model: 'open',
        latency: { ...load.latency, measuredTo: 0.97 },
        routes: load.routes.map((route) => ({ ...route, name: 'list items', failed: 3 })),
        schedule: {
          ...{ intended: 1000, started: 990, unstarted: 10, late: 4, interrupted: 2 },
          ...{ lagP50Micros: 200, lagP99Micros: 900, lagMaxMicros: 4000 },
        },
      },
      profiled: { startMicros: 1e9, endMicros: 1.002e9, requests: 200 },
      loadTest,
    };
  }

  it('come back as they were saved, and the list shows kind and verdict', async () => {
    const store = new RunStore(folder);
    const { id } = await (await store.begin()).commit(loadTestRun());
    const { id: _id, formatVersion: _version, ...loaded } = await store.load(id);
    assert.deepEqual(loaded, loadTestRun());
    const [summary] = await store.list();
    assert.deepEqual(summary?.loadTest, {
      ...{ name: 'checkout', kind: 'stress', file: 'load/checkout.load.json' },
      ...{ state: 'fail', sentence: 'Holds 480 requests/s.' },
    });
    assert.equal(summary?.measuredTo, 0.97);
  });

  it('say nothing of what was not found out', async () => {
    const store = new RunStore(folder);
    const { mostHeldRate: _most, headroom: _headroom, ...capacity } = result.capacity!;
    const unknown = loadTestRun({ ...result, capacity: { ...capacity, holds: undefined } });
    const { id } = await (await store.begin()).commit(unknown);
    const { capacity: loaded } = (await store.load(id)).loadTest!;
    assert.equal(loaded?.holds, undefined);
    assert.equal(loaded?.mostHeldRate, undefined);
  });

  it('are refused where a timeline has columns of different lengths', () => {
    const broken = loadTestRun({ ...result, timeline: { ...result.timeline, rate: [1] } });
    const text = JSON.stringify({ ...broken, id: '20261121T081500Z-1a2b3c', formatVersion: 1 });
    assert.throws(
      () => readRun(text, 'Run x'),
      (error: unknown) =>
        error instanceof ThroughlineError && /damaged: loadTest\.timeline/.test(error.message),
    );
  });

  it('lie beside runs from before there were load tests, which still open', () => {
    const { capture: _capture, ...old } = sampleRun();
    const run = readRun(
      JSON.stringify({
        ...{ ...old, id: '20261121T081500Z-1a2b3c', formatVersion: 1 },
        // As the first of them were written: no backend, no heap.
        capture: { cpu: true, intervalMicros: 1000, inlining: 'reattribute' },
      }),
      'Run x',
    );
    assert.equal(run.loadTest, undefined);
    assert.equal(run.profiled, undefined);
    assert.equal(run.load.schedule, undefined);
    assert.equal(run.capture?.backend, 'inspector');
  });
});
