import type { Profile } from '../../../src/engine/model/profile';
import type { Run } from '../../../src/engine/model/run';
import { loadTestRun } from '../webviews/loadSamples';

const profile: Profile = {
  frames: [
    {
      functionName: 'hashPassword',
      kind: 'app',
      source: { file: '/app/src/users.ts', line: 10, column: 1 },
      generated: { url: 'file:///app/dist/users.js', line: 12, column: 1 },
    },
    {
      functionName: 'render',
      kind: 'app',
      source: { file: '/home/somebody/shared/views/render.ts', line: 3, column: 1 },
      generated: { url: 'file:///app/dist/render.js', line: 3, column: 1 },
    },
  ],
  functions: [],
  lines: [
    {
      ...{ file: '/app/src/users.ts', line: 14, frame: 0 },
      ...{ selfMicros: 6e6, totalMicros: 6e6, selfSamples: 4800, totalSamples: 4800 },
    },
    {
      ...{ file: '/home/somebody/shared/views/render.ts', line: 9, frame: 1 },
      ...{ selfMicros: 20_000, totalMicros: 40_000, selfSamples: 16, totalSamples: 32 },
    },
  ],
  files: [],
  totals: {
    ...{ sampledMicros: 12e6, activeMicros: 10e6, gcMicros: 4e5, programMicros: 6e5 },
    ...{ samples: 9600, activeSamples: 8000, uncertainMicros: 0 },
  },
  mapping: { framesMapped: 2, framesWithMap: 2, failures: [] },
  threads: [],
};

/** A run with every part that a report has, also those that no single kind has together. */
export function reportRun(change: Partial<Run> = {}, test: Partial<NonNullable<Run['loadTest']>> = {}): Run {
  return {
    ...loadTestRun({
      executor: {
        executor: 'constant-arrival-rate',
        ...{ rate: 300, timeUnit: 1, duration: 120, preAllocatedVUs: 50, maxVUs: 200, gracefulStop: 30 },
      },
      ...test,
    }),
    profile: { state: 'ok', profile, cpuScale: 1 },
    profiled: { startMicros: 55e6, endMicros: 67e6, requests: 4000 },
    heap: { state: 'ok', profile, intervalBytes: 32_768 },
    hints: [
      {
        rule: 'CPU-SYNC-CRYPTO',
        severity: 'problem',
        title: 'Synchronous cryptography blocks the event loop',
        message: 'Every request waits for it.',
        evidence: [],
        place: { file: '/app/src/users.ts', line: 14, column: 5, functionName: 'hashPassword' },
        nextStep: 'Use the asynchronous function.',
      },
    ],
    ...change,
  };
}

/** Names that try to be markup of a page or of Markdown, in every place that a run has room for them. */
export function hostileRun(name: string): Run {
  const run = reportRun();
  const test = run.loadTest!;
  const frames = profile.frames.map((frame) => ({ ...frame, functionName: name }));
  const lines = profile.lines.map((line) => ({ ...line, file: `/app/${name}` }));
  const hostile = { ...profile, frames, lines };
  return {
    ...run,
    name,
    target: { ...run.target, label: name, origin: name, nodeVersion: name },
    environment: { ...run.environment, cpuModel: name, throughlineVersion: name },
    load: {
      ...run.load,
      origin: name,
      routes: [
        { ...run.load.routes[0]!, name },
        { method: name, path: name, requests: 1, latency: run.load.latency },
      ],
      errors: { byStatus: { [name]: 3 }, timeouts: 0, connection: 0 },
    },
    loadTest: {
      ...test,
      name,
      file: name,
      importedFrom: name,
      abortedBy: name,
      verdict: { state: 'fail', sentence: name, evidence: [name] },
      thresholds: [{ metric: 'checks', expression: name, state: 'inconclusive', reason: name }],
      checks: [{ name, passes: 1, fails: 1 }],
      misleading: [name],
      soak: {
        ...test.soak!,
        leaks: [
          {
            functionName: name,
            place: { file: name, line: 1, column: 1 },
            bytes: 1,
            share: 1,
          },
        ],
      },
    },
    profile: { state: 'ok', profile: hostile, cpuScale: 1 },
    heap: { state: 'ok', profile: hostile, intervalBytes: 1 },
    hints: [{ ...run.hints[0]!, rule: name, title: name, message: name, nextStep: name }],
    warnings: [name],
  };
}
