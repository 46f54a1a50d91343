import * as hdr from 'hdr-histogram-js';
import type { Run } from '../../../src/engine/model/run';

/** A complete run with every optional part, as the conductor would hand it to a draft. */
export function sampleRun(overrides: Partial<Run> = {}): Omit<Run, 'id' | 'formatVersion'> {
  const histogram = hdr.build({ numberOfSignificantValueDigits: 3 });
  for (let micros = 1000; micros <= 20_000; micros += 20) histogram.recordValue(micros);
  const latency = {
    count: histogram.totalCount,
    meanMicros: histogram.mean,
    p50Micros: histogram.getValueAtPercentile(50),
    p90Micros: histogram.getValueAtPercentile(90),
    p95Micros: histogram.getValueAtPercentile(95),
    p99Micros: histogram.getValueAtPercentile(99),
    p999Micros: histogram.getValueAtPercentile(99.9),
    maxMicros: histogram.maxValue,
  };
  return {
    createdAt: '2026-11-21T08:15:00.000Z',
    target: {
      folder: '/srv/app',
      label: 'npm run start',
      origin: 'http://127.0.0.1:3000',
      nodeVersion: 'v20.20.2',
      pids: [4711],
    },
    environment: {
      platform: 'linux',
      arch: 'x64',
      cpuModel: 'Some CPU',
      cores: 2,
      memoryBytes: 8e9,
      throughlineVersion: '0.1.0',
    },
    scenario: {
      connections: 20,
      warmupSeconds: 5,
      durationSeconds: 10,
      routes: [{ method: 'GET', path: '/items?q=1' }],
      headers: { authorization: 'Bearer secret' },
      timeoutSeconds: 10,
      apdexTargetMs: 100,
    },
    probes: [
      {
        route: { method: 'GET', path: '/items?q=1' },
        verdict: 'ok',
        status: 200,
        contentType: 'application/json',
        closesConnection: false,
        durationMs: 3.5,
      },
    ],
    load: {
      engine: 'autocannon',
      model: 'closed',
      origin: 'http://127.0.0.1:3000',
      routes: [{ method: 'GET', path: '/items?q=1', requests: 1000, latency }],
      connections: 20,
      startMicros: 1e9,
      endMicros: 1e9 + 1e7,
      requests: 1000,
      bytes: 5e6,
      throughput: { mean: 100, perSecond: [99, 101, 100] },
      latency,
      histogram: hdr.encodeIntoCompressedBase64(histogram),
      errors: { byStatus: { '500': 2 }, timeouts: 1, connection: 0 },
      apdex: { targetMs: 100, score: 0.99 },
      generator: { cpuShare: 0.2, eventLoopUtilization: 0.3, eventLoopDelayP99Ms: 2, saturated: false },
      series: {
        intervalMicros: 5e6,
        endMicros: [5e6, 1e7],
        p50Micros: [10_000, 10_500],
        p99Micros: [19_000, 20_000],
        requests: [480, 520],
        errors: [3, 0],
      },
    },
    metrics: {
      samples: [
        {
          pid: 4711,
          timeMicros: 1e9,
          intervalMicros: 250_000,
          cpuUserMicros: 100_000,
          cpuSystemMicros: 10_000,
          rssBytes: 8e7,
          heapUsedBytes: 2e7,
          heapTotalBytes: 4e7,
          heapLimitBytes: 4e9,
          externalBytes: 1e6,
          eventLoopDelayMeanMs: 1,
          eventLoopDelayP99Ms: 3,
          eventLoopDelayMaxMs: 5,
          eventLoopUtilization: 0.5,
          gcMicros: 2000,
          gcMajorMicros: 0,
          gcCount: 3,
          gcMajorCount: 0,
          activeHandles: 22,
          requests: 25,
        },
      ],
      summary: {
        processes: 1,
        cpuMicros: 5e6,
        cpuCores: 0.5,
        rssMaxBytes: 8e7,
        heapUsedMaxBytes: 2e7,
        eventLoopUtilization: 0.5,
        eventLoopDelayMeanMs: 1,
        eventLoopDelayP99Ms: 3,
        eventLoopDelayMaxMs: 5,
        gcShare: 0.01,
        gcMajorCount: 0,
        activeHandlesMax: 22,
        coresAvailable: 2,
      },
    },
    profile: { state: 'ok', cpuScale: 1, profile: sampleProfile() },
    heap: { state: 'ok', intervalBytes: 524_288, profile: sampleProfile() },
    hints: [
      {
        rule: 'CPU-SYNC-CRYPTO',
        severity: 'warning',
        title: 'Synchronous crypto',
        message: 'pbkdf2Sync took 30 % of the CPU time.',
        evidence: [{ metric: 'self share', value: 0.3, threshold: 0.05, unit: 'share' }],
        place: { file: '/srv/app/src/hash.ts', line: 12, column: 3, functionName: 'hash' },
        expectedGain: 0.3,
        nextStep: 'Use the asynchronous form.',
      },
    ],
    warnings: ['The machine was busy.'],
    ...overrides,
  };
}

function sampleProfile() {
  const cost = (ms: number) => ({
    selfMicros: ms * 1000,
    totalMicros: ms * 1000,
    selfSamples: ms,
    totalSamples: ms,
  });
  const frame = (functionName: string, file: string, line: number) => ({
    functionName,
    kind: 'app' as const,
    source: { file, line, column: 1 },
    endLine: line + 5,
    generated: { url: `file://${file.replace('/src/', '/dist/')}`, line, column: 1 },
  });
  return {
    frames: [
      frame('hash', '/srv/app/src/hash.ts', 10),
      frame('list', '/srv/app/src/list.ts', 4),
      {
        functionName: 'route',
        kind: 'dependency' as const,
        packageName: 'fastify',
        generated: { url: 'file:///srv/app/node_modules/fastify/index.js', line: 1, column: 1 },
      },
    ],
    functions: [
      { ...cost(3000), frame: 0, callers: [{ frame: 1, totalMicros: 3e6, samples: 3000 }], callees: [] },
      { ...cost(1000), frame: 1, callers: [], callees: [{ frame: 0, totalMicros: 3e6, samples: 3000 }] },
      { ...cost(20), frame: 2, callers: [], callees: [] },
    ],
    lines: [
      { ...cost(2500), file: '/srv/app/src/hash.ts', line: 12, frame: 0 },
      { ...cost(500), file: '/srv/app/src/hash.ts', line: 13, frame: 0 },
      { ...cost(1000), file: '/srv/app/src/list.ts', line: 6, frame: 1 },
    ],
    files: [{ file: '/srv/app/src/hash.ts', kind: 'app' as const, sha256: 'ab'.repeat(32) }],
    totals: {
      sampledMicros: 1e7,
      activeMicros: 4.02e6,
      gcMicros: 1e5,
      programMicros: 0,
      samples: 10_000,
      activeSamples: 4020,
      uncertainMicros: 0,
    },
    mapping: {
      framesMapped: 2,
      framesWithMap: 2,
      failures: [{ url: 'file:///srv/app/dist/x.js', reason: 'not found' }],
    },
    threads: [{ pid: 4711, name: 'main', samples: 10_000, sampledMicros: 1e7, activeMicros: 4.02e6 }],
  };
}
