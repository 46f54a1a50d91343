import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { startScheduler } from '../../../../src/engine/load/scheduler/session';
import {
  DEFAULT_LIMITS,
  type SchedulerOptions,
  type SchedulerSession,
} from '../../../../src/engine/model/loadSession';
import type {
  Executor,
  FlowStep,
  HttpOptions,
  LoadTest,
  RequestStep,
} from '../../../../src/engine/model/loadTest';
import { sleep } from '../support';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

/** Bundles the scheduler into a folder of its own, so that its processes can be told from any others. */
export async function buildScheduler(): Promise<{ dist: string; remove: () => void }> {
  const dist = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-scheduler-'));
  await build({
    absWorkingDir: root,
    entryPoints: ['src/engine/load/scheduler/main.ts'],
    outfile: path.join(dist, 'scheduler.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
  });
  return { dist, remove: () => fs.rmSync(dist, { recursive: true, force: true }) };
}

export function request(path: string, changes: Partial<RequestStep> = {}): RequestStep {
  return {
    type: 'request',
    name: path,
    method: 'GET',
    path,
    headers: {},
    captures: [],
    checks: [],
    ...changes,
  };
}

export function loadTest(
  steps: readonly FlowStep[] = [request('/')],
  changes: Partial<Omit<LoadTest, 'http'>> & { http?: Partial<HttpOptions> } = {},
): LoadTest {
  return {
    name: 'test',
    kind: 'load',
    flows: [{ name: 'flow', weight: 1, steps }],
    headers: {},
    data: {},
    executor: constantRate(1),
    warmupSeconds: 0,
    thresholds: [],
    objective: { quantile: 0.99, latencyMicros: 1e6, errorRate: 0 },
    engine: 'throughline',
    apdexTargetMs: 100,
    ...changes,
    http: {
      timeoutSeconds: 10,
      connections: 20,
      http2: false,
      maxRedirects: 0,
      insecureSkipTLSVerify: false,
      processes: 1,
      ...changes.http,
    },
  };
}

export function constantRate(
  rate: number,
  changes: { duration?: number; maxVUs?: number; gracefulStop?: number } = {},
): Executor {
  return {
    executor: 'constant-arrival-rate',
    rate,
    timeUnit: 1,
    duration: 60,
    preAllocatedVUs: 1,
    maxVUs: 100,
    gracefulStop: 5,
    ...changes,
  };
}

export function users(vus: number, changes: { duration?: number; gracefulStop?: number } = {}): Executor {
  return { executor: 'constant-vus', vus, duration: 60, gracefulStop: 5, ...changes };
}

export type Start = Partial<SchedulerOptions> & { dist: string; origin: string };

export function start(options: Start): Promise<SchedulerSession> {
  return startScheduler({
    test: loadTest(),
    values: { env: {}, secrets: {} },
    limits: DEFAULT_LIMITS,
    windowSeconds: 2,
    ...options,
  });
}

export type Measured = Awaited<ReturnType<SchedulerSession['endWindow']>>;

/** One run of the executor with a steady window, after a warm-up. */
export async function measure(
  options: Start,
  executor: Executor,
  times: { warmupMs?: number; windowMs?: number; inWindow?: (session: SchedulerSession) => unknown } = {},
): Promise<Measured> {
  const session = await start(options);
  try {
    await session.run(executor);
    await Promise.race([session.failed, sleep(times.warmupMs ?? 300)]);
    await session.beginWindow();
    await times.inWindow?.(session);
    await Promise.race([session.failed, sleep(times.windowMs ?? 1000)]);
    return await session.endWindow();
  } finally {
    await session.stop();
  }
}
