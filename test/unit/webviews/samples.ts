import type { Frame, FrameKind, LineCost, Profile } from '../../../src/engine/model/profile';
import type { MetricSample } from '../../../src/engine/model/metrics';
import type { Run } from '../../../src/engine/model/run';
import { layoutFlame } from '../../../src/engine/profile/flameLayout';
import { flameFrames } from '../../../src/editor/panels/flameFrames';
import type { ToFlamegraph } from '../../../src/protocol/flamegraph';
import { randomNumbers, treeOf } from '../flame/trees';

/** Stacks of a shop service in milliseconds. A name is `kind|function|file or package`. */
const SHOP = [
  'node|processTimers|node:internal/timers;app|refreshPrices|src/prices.ts 120',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts;app|priceOf|src/prices.ts 2200',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts;app|priceOf|src/prices.ts;app|discount|src/prices.ts 900',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts;node|pbkdf2Sync|node:internal/crypto/pbkdf2;v8|PBKDF2Job.run| 1800',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|preHandler|fastify;app|checkout|src/routes/checkout.ts 240',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|listProducts|src/routes/products.ts;v8|JSON.stringify| 1100',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|listProducts|src/routes/products.ts;app|walk|src/categories.ts;app|walk|src/categories.ts;app|walk|src/categories.ts 420',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|listProducts|src/routes/products.ts;app|walk|src/categories.ts 180',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|serialize|fast-json-stringify 310',
  'node|onRequest|node:_http_server;dependency|handle|fastify;dependency|findRoute|find-my-way 96',
  'node|onRequest|node:_http_server;dependency|handle|fastify;app|search|src/routes/search.ts;v8|RegExp: ^(a+)+$| 700',
  'node|parserOnHeadersComplete|node:_http_common;node|parserOnIncoming|node:_http_server 210',
  'v8|(garbage collector)| 380',
  'v8|(program)| 260',
  'node|processTicksAndRejections|node:internal/process/task_queues;app|audit|src/audit.ts 12',
];

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

export function shopStacks(): string[] {
  return SHOP;
}

export function hostileStacks(): string[] {
  return HOSTILE.map((name) => `${name} ${400}`);
}

export function profileOf(stacks: readonly string[]) {
  const { tree, names } = treeOf(stacks);
  const frames = names.map(frameOfName);
  let micros = 0;
  tree.selfMicros.forEach((self) => (micros += self));
  const hot = names.findIndex((name) => name.startsWith('app|priceOf'));
  const lines: LineCost[] =
    hot < 0
      ? []
      : [
          line(frames[hot]!.source!.file, 24, hot, 2_000_000),
          line(frames[hot]!.source!.file, 21, hot, 200_000),
        ];
  const profile: Profile = {
    frames,
    functions: [],
    lines,
    files: [],
    totals: {
      sampledMicros: micros * 1.2,
      activeMicros: micros,
      gcMicros: 0,
      programMicros: 0,
      samples: Math.round(micros / 1000),
      activeSamples: Math.round(micros / 1000),
      uncertainMicros: 0,
    },
    mapping: { framesMapped: 0, framesWithMap: 0, failures: [] },
    threads: [],
  };
  return { tree, profile };
}

/** The message that shows these stacks. */
export function profileMessage(
  stacks: readonly string[],
  change: { profileId?: string; title?: string; reveal?: number } = {},
): Extract<ToFlamegraph, { type: 'profile' }> {
  const { tree, profile } = profileOf(stacks);
  return {
    type: 'profile',
    profileId: change.profileId ?? '20261121T081500Z-1a2b3c',
    title: change.title ?? 'npm run start',
    subtitle: '21 November 2026, 08:15',
    basis: { activeMicros: profile.totals.activeMicros, cpuScale: 0.97, requests: 18_240 },
    frames: flameFrames(profile, '/app'),
    columns: layoutFlame(tree, profile.frames),
    ...(change.reveal !== undefined && { reveal: change.reveal }),
  };
}

function line(file: string, at: number, frame: number, micros: number): LineCost {
  const samples = micros / 1000;
  return {
    file,
    line: at,
    frame,
    selfMicros: micros,
    totalMicros: micros,
    selfSamples: samples,
    totalSamples: samples,
  };
}

function frameOfName(name: string, index: number): Frame {
  const [kind = 'app', functionName = '', place = ''] = name.split('|') as [FrameKind, string, string];
  const at = { line: 12 + index, column: 3 };
  if (kind === 'app') {
    const file = `/app/${place}`;
    return { functionName, kind, source: { file, ...at }, generated: { url: `file://${file}`, ...at } };
  }
  if (kind === 'dependency') {
    const file = `/app/node_modules/${place}/index.js`;
    return {
      functionName,
      kind,
      packageName: place,
      source: { file, ...at },
      generated: { url: `file://${file}`, ...at },
    };
  }
  return { functionName, kind, generated: { url: place, line: place ? 10 : 0, column: place ? 1 : 0 } };
}

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
