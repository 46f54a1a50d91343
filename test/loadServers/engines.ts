import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { startScheduler } from '../../src/engine/load/scheduler/session';
import type { LoadResult } from '../../src/engine/model/load';
import type { Executor, LoadTest } from '../../src/engine/model/loadTest';
import type { SchedulerOptions, SchedulerSession } from '../../src/engine/model/loadSession';
import type { CheckResult } from '../../src/engine/model/loadTestResult';
import type { LoadWindow } from '../../src/engine/model/loadWindow';
import { startServer, type Behaviour, type Listening, type LoadServer, type ServerLog } from './loadServer';
import { loadTest, orFailed, sessionOptions } from './loadTests';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Bundles both load engines into a folder of its own, so that their processes can be told from any others. */
export async function buildEngines(): Promise<{ dist: string; remove: () => void }> {
  const dist = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-engines-'));
  await build({
    absWorkingDir: root,
    entryPoints: {
      generator: 'src/engine/load/generator.ts',
      scheduler: 'src/engine/load/scheduler/main.ts',
    },
    outdir: dist,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
  });
  return { dist, remove: () => fs.rmSync(dist, { recursive: true, force: true }) };
}

/** Some iterations each second, with as many virtual users as they may need. */
export function arrivalRate(rate: number, maxVUs = 1000): Executor {
  return {
    executor: 'constant-arrival-rate',
    rate,
    timeUnit: 1,
    duration: 60,
    preAllocatedVUs: maxVUs,
    maxVUs,
    gracefulStop: 3,
  };
}

export interface Drive {
  readonly dist: string;
  readonly origin: string;
  readonly executor: Executor;
  readonly test?: Partial<LoadTest>;
  readonly options?: Partial<SchedulerOptions>;
  readonly warmupMs?: number;
  readonly windowMs?: number;
  /** Called when the window has begun. */
  readonly inWindow?: (session: SchedulerSession) => unknown;
}

export interface Driven {
  readonly load: LoadResult;
  readonly checks: readonly CheckResult[];
  readonly windows: readonly LoadWindow[];
}

/** One load of our own scheduler, with its window, as the conductor drives it. */
export async function drive(drive: Drive): Promise<Driven> {
  const { dist, origin, executor, test, options, warmupMs = 300, windowMs = 2000, inWindow } = drive;
  const session = await startScheduler(
    sessionOptions({ dist, origin, test: loadTest({ executor, ...test }), ...options }),
  );
  const windows: LoadWindow[] = [];
  session.onWindow((window) => windows.push(window));
  try {
    await orFailed(session, session.run(executor));
    await orFailed(session, sleep(warmupMs));
    await orFailed(session, session.beginWindow());
    await inWindow?.(session);
    await orFailed(session, sleep(windowMs));
    const { load, checks } = await orFailed(session, session.endWindow());
    return { load, checks, windows };
  } finally {
    await session.stop();
  }
}

export interface Truth extends Driven {
  /** What the server saw from the begin of the window on. */
  readonly log: ServerLog;
  /** Why the run shows nothing about the engine; absent of one that does. */
  readonly disturbed?: string;
}

export interface TruthPlan extends Omit<Drive, 'dist' | 'origin' | 'inWindow'> {
  readonly inWindow?: (server: LoadServer) => unknown;
  readonly listening?: Listening;
}

/** Of the generator's own lateness and of the server's: beyond it, a machine was measured and no engine. */
const DISTURBED_MICROS = 40_000;
const ATTEMPTS = 3;

/**
 * One load against one server. Where the machine had no time for either of them, which both tell by clocks of their
 * own, it is measured again; after some attempts the last one is given, with what was wrong.
 */
export async function measureTruth(dist: string, behaviour: Behaviour, plan: TruthPlan): Promise<Truth> {
  const { inWindow, listening = {}, ...rest } = plan;
  for (let attempt = 1; ; attempt++) {
    const server = await startServer(behaviour, listening);
    try {
      const driven = await drive({
        ...rest,
        dist,
        origin: server.origin,
        ...(inWindow && { inWindow: () => inWindow(server) }),
      });
      const log = await server.log(driven.load.startMicros);
      const generatorMicros = driven.load.schedule?.lagMaxMicros ?? 0;
      const late = Math.max(generatorMicros, log.latestMicros);
      if (late <= DISTURBED_MICROS) return { ...driven, log };
      const disturbed = `the machine was too busy: the generator was up to ${(generatorMicros / 1000).toFixed(0)} ms late, the server ${(log.latestMicros / 1000).toFixed(0)} ms`;
      if (attempt === ATTEMPTS) return { ...driven, log, disturbed };
    } finally {
      await server.close();
    }
  }
}

/** Skips the test, which is counted and printed, where the machine had no time for what it measures. */
export function undisturbed(measured: Truth, test: Mocha.Context): Truth {
  if (measured.disturbed === undefined) return measured;
  console.log(`      skipped: ${measured.disturbed}`);
  return test.skip();
}
