import type { MetricSample } from '../../../src/engine/model/metrics';
import type { Run } from '../../../src/engine/model/run';
import { randomNumbers } from './trees';

/** Names that try to be markup, to turn the text around, or to be too long. */
export const HOSTILE = [
  `app|<img src=x onerror="document.title='owned'">|src/<script>alert(1)</script>.ts`,
  'app|\u202Eevil\u202C reversed|src/\u202Egnp.ts',
  `app|${'long'.repeat(2500)}|src/${'deep/'.repeat(400)}x.ts`,
  'app|عملية طويلة|src/rtl.ts',
  'app|new\nline\u0000\u0007|src/controls.ts',
  'dependency|😀😀😀😀😀😀😀😀|evil"><b>bold</b>',
  'app||src/anonymous.ts',
];

export function metricSample(change: Partial<MetricSample> = {}): MetricSample {
  return {
    pid: 100,
    timeMicros: 0,
    intervalMicros: 250_000,
    cpuUserMicros: 200_000,
    cpuSystemMicros: 20_000,
    rssBytes: 120e6,
    heapUsedBytes: 48e6,
    heapTotalBytes: 60e6,
    heapLimitBytes: 4e9,
    externalBytes: 3e6,
    eventLoopDelayMeanMs: 4,
    eventLoopDelayP99Ms: 21,
    eventLoopDelayMaxMs: 40,
    eventLoopUtilization: 0.86,
    gcMicros: 4000,
    gcMajorMicros: 500,
    gcCount: 3,
    gcMajorCount: 0,
    activeHandles: 24,
    requests: 300,
    ...change,
  };
}

/** A finished run with the figures of a loaded shop. */
export function finishedRun(change: Partial<Run> = {}): Run {
  const random = randomNumbers(9);
  const latency = {
    count: 18_240,
    meanMicros: 15_800,
    p50Micros: 13_100,
    p90Micros: 24_800,
    p95Micros: 31_200,
    p99Micros: 58_400,
    p999Micros: 142_000,
    maxMicros: 188_000,
  };
  return {
    formatVersion: 1,
    id: '20261121T081500Z-1a2b3c',
    createdAt: '2026-11-21T08:15:00.000Z',
    target: { folder: '/app', label: 'npm run start', origin: 'http://127.0.0.1:3000', pids: [100] },
    environment: {
      platform: 'linux',
      arch: 'x64',
      cpuModel: 'test',
      cores: 8,
      memoryBytes: 16e9,
      throughlineVersion: '0.1.0',
    },
    scenario: {
      connections: 20,
      warmupSeconds: 5,
      durationSeconds: 15,
      routes: [],
      timeoutSeconds: 10,
      apdexTargetMs: 100,
    },
    probes: [],
    load: {
      engine: 'autocannon',
      model: 'closed',
      origin: 'http://127.0.0.1:3000',
      routes: [],
      connections: 20,
      startMicros: 0,
      endMicros: 15e6,
      requests: 18_240,
      bytes: 9e6,
      throughput: { mean: 1216, perSecond: Array.from({ length: 15 }, () => 1150 + random() * 140) },
      latency,
      histogram: '',
      errors: { byStatus: { '503': 14, '404': 2 }, timeouts: 3, connection: 0 },
      apdex: { targetMs: 100, score: 0.98 },
      generator: {
        cpuShare: 0.42,
        eventLoopUtilization: 0.38,
        eventLoopDelayP99Ms: 3.2,
        saturated: false,
      },
    },
    metrics: {
      samples: Array.from({ length: 60 }, (_, index) =>
        metricSample({
          timeMicros: index * 250_000,
          eventLoopUtilization: 0.8 + random() * 0.2,
          cpuUserMicros: 190_000 + random() * 50_000,
          rssBytes: 110e6 + index * 1e6,
        }),
      ),
      summary: {
        processes: 1,
        cpuMicros: 14e6,
        cpuCores: 0.94,
        rssMaxBytes: 169e6,
        heapUsedMaxBytes: 61e6,
        eventLoopUtilization: 0.91,
        eventLoopDelayMeanMs: 5,
        eventLoopDelayP99Ms: 32,
        eventLoopDelayMaxMs: 61,
        gcShare: 0.021,
        gcMajorCount: 2,
        activeHandlesMax: 26,
        coresAvailable: 8,
      },
    },
    profile: { state: 'none', reason: 'not captured' },
    hints: [],
    warnings: ['Another process used much of the machine: figures may be lower than they would be alone.'],
    ...change,
  };
}
