import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { LatencySummary } from '../../../src/engine/model/load';
import type { LoadTestResult, LoadTimeline, Trial } from '../../../src/engine/model/loadTestResult';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';
import type { Run } from '../../../src/engine/model/run';
import { finishedRun } from './samples';
import { randomNumbers } from './trees';

/** A window of half a second, the `index`th of its test. */
export function loadWindow(index: number, change: Partial<LoadWindow> = {}): LoadWindow {
  const wave = Math.sin(index / 9);
  const requests = Math.round(240 + wave * 12);
  return {
    phase: 1,
    startMicros: 5e6 + index * 500_000,
    endMicros: 5e6 + (index + 1) * 500_000,
    intended: 250,
    started: requests,
    unstarted: 0,
    late: index % 7 === 0 ? 1 : 0,
    latency: latencyOf(requests, 12_000 + wave * 2000 + (index % 60 === 0 ? 90_000 : 0)),
    histogram: '',
    failed: index % 50 === 0 ? 2 : 0,
    bytes: requests * 900,
    checksPassed: requests,
    checksFailed: 0,
    vusBusy: 8 + Math.round(wave * 3),
    lagP99Micros: 420,
    lagMaxMicros: 1900,
    generator: {
      cpuShare: 0.31 + wave * 0.05,
      eventLoopUtilization: 0.3,
      eventLoopDelayP99Ms: 2,
      saturated: false,
    },
    ...change,
  };
}

export function latencyOf(count: number, p50Micros: number, measuredTo?: number): LatencySummary {
  return {
    count,
    ...(measuredTo !== undefined && { measuredTo }),
    meanMicros: p50Micros * 1.2,
    p50Micros,
    p90Micros: p50Micros * 1.9,
    p95Micros: p50Micros * 2.4,
    p99Micros: p50Micros * 4.5,
    p999Micros: p50Micros * 11,
    maxMicros: p50Micros * 14,
  };
}

/** Log-normal response times with a slow tail, as a run stores them; and how many there are. */
export function histogramOf(count: number): string {
  const random = randomNumbers(4);
  const histogram = build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3600e6,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  for (let index = 0; index < count; index++) {
    const normal = Math.sqrt(-2 * Math.log(random() || 1e-9)) * Math.cos(2 * Math.PI * random());
    histogram.recordValue(Math.round(12_000 * Math.exp(normal * 0.35) + (random() < 0.01 ? 150_000 : 0)));
  }
  return encodeIntoCompressedBase64(histogram);
}

export function trial(level: number, decision: Trial['decision'], change: Partial<Trial> = {}): Trial {
  return {
    model: 'open',
    level,
    decision,
    windows: 6,
    discarded: 1,
    badWindows: decision === 'pass' ? 1 : decision === 'fail' ? 5 : 3,
    throughput: Math.min(level, 503),
    latencyMicros: level < 490 ? 18_000 + level * 60 : 60_000 + (level - 490) ** 2 * 400,
    errorRate: 0,
    startMicros: 0,
    endMicros: 3.5e6,
    ...change,
  };
}

export const TRIALS: readonly Trial[] = [
  trial(1, 'pass', { model: 'closed', throughput: 49, latencyMicros: 20_400 }),
  trial(4, 'pass', { model: 'closed', throughput: 196, latencyMicros: 21_000 }),
  trial(16, 'pass', { model: 'closed', throughput: 497, latencyMicros: 34_000 }),
  trial(32, 'undecided', { model: 'closed', throughput: 501, latencyMicros: 81_000, discarded: 9 }),
  trial(520, 'fail', { latencyMicros: 900_000 }),
  trial(450, 'pass'),
  trial(484, 'pass'),
  trial(502, 'fail', { latencyMicros: 310_000 }),
  trial(494, 'pass', { latencyMicros: 88_000 }),
];

/** `points` half seconds with everything known, and a spike in the middle of them. */
export function timeline(points = 240): LoadTimeline {
  const random = randomNumbers(12);
  const of = <T>(value: (index: number) => T): T[] =>
    Array.from({ length: points }, (_, index) => value(index));
  const isSpike = (index: number) => index > points * 0.4 && index < points * 0.5;
  const slow = (index: number) => (index > points * 0.42 && index < points * 0.55 ? 12 : 1);
  return {
    startMicros: 5e6,
    endMicros: of((index) => (index + 1) * 500_000),
    intendedRate: of((index) => (isSpike(index) ? 900 : 300)),
    rate: of((index) => (isSpike(index) ? 640 : 300) + random() * 14),
    failedRate: of((index) => (isSpike(index) ? 8 : 0)),
    p50Micros: of((index) => 11_000 * slow(index) + random() * 900),
    p95Micros: of((index) => 24_000 * slow(index) + random() * 3000),
    p99Micros: of((index) =>
      isSpike(index) && index % 2 === 0 ? null : 41_000 * slow(index) + random() * 9000,
    ),
    vus: of((index) => (isSpike(index) ? 90 : 6)),
    targetCpu: of((index) => (isSpike(index) ? 1 : 0.52) + random() * 0.04),
    generatorCpu: of(() => 0.3 + random() * 0.05),
    eventLoopUtilization: of((index) => (isSpike(index) ? 0.99 : 0.55)),
    eventLoopDelayP99Ms: of((index) => (isSpike(index) ? 140 : 12) + random() * 4),
    heapUsedBytes: of((index) => 40e6 + (index % 24) * 1e6),
  };
}

/** A finished load test that passed, with everything that any kind can have. */
export function loadTestRun(test: Partial<LoadTestResult> = {}, load: Partial<Run['load']> = {}): Run {
  const run = finishedRun();
  const objective = { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 };
  return {
    ...run,
    load: {
      ...run.load,
      engine: 'throughline',
      model: 'open',
      histogram: histogramOf(18_240),
      schedule: {
        intended: 18_300,
        started: 18_240,
        unstarted: 60,
        late: 12,
        interrupted: 0,
        lagP50Micros: 90,
        lagP99Micros: 420,
        lagMaxMicros: 6100,
      },
      routes: [
        {
          method: 'GET',
          path: '/items',
          name: 'list items',
          requests: 12_000,
          failed: 0,
          latency: latencyOf(12_000, 11_000),
        },
        { method: 'GET', path: '/items/${id}', requests: 5240, failed: 19, latency: latencyOf(5240, 14_000) },
        {
          method: 'POST',
          path: '/orders',
          name: 'order',
          requests: 1000,
          failed: 0,
          latency: latencyOf(1000, 52_000, 0.97),
        },
      ],
      ...load,
    },
    loadTest: {
      name: 'Shop at its peak',
      kind: 'load',
      file: 'load/shop.load.json',
      verdict: {
        state: 'pass',
        sentence: 'Holds 300 requests/s with p99 within 200 ms.',
        evidence: ['p99 was 58.4 ms over 18,240 requests.', 'No more than 0.1 % of requests failed.'],
      },
      thresholds: [
        { metric: 'http_req_duration', expression: 'p(99)<200', state: 'pass', observed: 58.4 },
        { metric: 'http_req_failed', expression: 'rate<0.001', state: 'fail', observed: 0.00104 },
        {
          metric: 'http_req_duration',
          expression: 'p(99.9)<500',
          state: 'inconclusive',
          reason: '60 requests never started.',
        },
      ],
      checks: [
        { name: 'status is 200', passes: 18_221, fails: 19 },
        { name: 'has a body', passes: 18_240, fails: 0 },
      ],
      misleading: [
        'The app and the generator share 2 cores: both may be slower than on machines of their own.',
      ],
      timeline: timeline(),
      worstWindow: { startMicros: 55e6, endMicros: 67e6, p99Micros: 540_000, profiled: true },
      stress: {
        objective,
        breakingPoint: { rate: 494, rejectedAt: 502, latencyMicros: 88_000, concurrency: 17.4 },
        ceiling: { throughput: 501, vus: 32 },
        trials: TRIALS,
        discardedWindows: 17,
        seconds: 62,
      },
      capacity: {
        objective: { ...objective, expectedRate: 350 },
        expectedRate: 350,
        holds: true,
        headroom: 0.41,
        mostHeldRate: 494,
        trials: TRIALS.slice(4),
      },
      spike: {
        baselineRate: 300,
        spikeRate: 900,
        baselineLatencyMicros: 46_000,
        spikeLatencyMicros: 520_000,
        spikeErrorRate: 0.012,
        recoverySeconds: 6.5,
      },
      soak: {
        latency: {
          slopePerHour: 900,
          low: -200,
          high: 2000,
          start: 24_000,
          points: 240,
          pValue: 0.11,
          drifts: false,
        },
        memory: {
          slopePerHour: 90e6,
          low: 82e6,
          high: 99e6,
          start: 41e6,
          points: 60,
          pValue: 0.00001,
          drifts: true,
        },
        leaks: [
          {
            functionName: 'remember',
            place: { file: '/app/src/cache.ts', line: 14, column: 3 },
            bytes: 31e6,
            share: 0.72,
          },
          { functionName: 'parse', bytes: 4e6, share: 0.09 },
        ],
      },
      ...test,
    },
  };
}
