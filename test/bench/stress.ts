// npm run bench:stress [-- --runs=20]
// The breaking point of a real server of exactly 500/s, found again and again by the real scheduler. The command fails
// when a found one is wrong by more than 5 % or a run is too long; fewer found than the goal is told, and does not fail
// it: on a crowded machine the search says that it is inconclusive.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { startScheduler } from '../../src/engine/load/scheduler/session';
import { runStress } from '../../src/engine/loadTests/stress';
import { DEFAULT_LIMITS } from '../../src/engine/model/loadSession';
import type { LoadTest } from '../../src/engine/model/loadTest';
import { startServer } from '../loadServers/loadServer';

const CAPACITY = 500;
const TOLERANCE = 0.05;
const MAX_SECONDS = 75;
const GOAL_SHARE = 0.9;

const TEST: LoadTest = {
  name: 'stress',
  kind: 'stress',
  flows: [
    {
      name: 'GET /',
      weight: 1,
      steps: [
        { type: 'request', name: 'GET /', method: 'GET', path: '/', headers: {}, captures: [], checks: [] },
      ],
    },
  ],
  headers: {},
  data: {},
  executor: { executor: 'constant-vus', vus: 1, duration: 60, gracefulStop: 0 },
  warmupSeconds: 3,
  thresholds: [],
  objective: { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 },
  engine: 'throughline',
  http: {
    timeoutSeconds: 10,
    connections: DEFAULT_LIMITS.maxConnections,
    http2: false,
    maxRedirects: 0,
    insecureSkipTLSVerify: false,
    processes: 1,
  },
  apdexTargetMs: 100,
};

async function main(args: readonly string[]): Promise<void> {
  const runs = Number(args.find((arg) => arg.startsWith('--runs='))?.slice('--runs='.length) ?? 20);
  const dist = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-stress-'));
  try {
    await build({
      entryPoints: [
        path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../src/engine/load/scheduler/main.ts'),
      ],
      outfile: path.join(dist, 'scheduler.cjs'),
      ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'silent' },
    });
    const [cpu] = os.cpus();
    console.log(
      `Node ${process.version}, ${os.availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), load average ${os.loadavg()[0]!.toFixed(1)}\n`,
    );
    let found = 0;
    let wrong = 0;
    let longest = 0;
    for (let run = 1; run <= runs; run++) {
      const { rate, seconds, sentence } = await oneRun(dist);
      longest = Math.max(longest, seconds);
      const right = rate !== undefined && Math.abs(rate / CAPACITY - 1) <= TOLERANCE;
      if (right) found++;
      else if (rate !== undefined) wrong++;
      console.log(`  ${String(run).padStart(2)}  ${seconds.toFixed(1).padStart(5)} s  ${sentence}`);
    }
    console.log(
      `\n${found} of ${runs} within ${TOLERANCE * 100} % of ${CAPACITY}/s (goal: ${Math.ceil(GOAL_SHARE * runs)}), ${wrong} wrong (goal: 0), the others inconclusive; at most ${longest.toFixed(1)} s (goal: ${MAX_SECONDS}).`,
    );
    if (wrong > 0 || longest > MAX_SECONDS) process.exitCode = 1;
  } finally {
    fs.rmSync(dist, { recursive: true, force: true });
  }
}

/** From the start of the generator to its end. */
async function oneRun(
  dist: string,
): Promise<{ rate: number | undefined; seconds: number; sentence: string }> {
  const server = await startServer({ type: 'fifo', perSecond: CAPACITY });
  try {
    const start = process.hrtime.bigint();
    const session = await startScheduler({
      dist,
      origin: server.origin,
      test: TEST,
      values: { env: {}, secrets: {} },
      limits: DEFAULT_LIMITS,
      windowSeconds: MAX_SECONDS,
    });
    try {
      const { result, verdict } = await runStress({
        session,
        objective: TEST.objective,
        flows: TEST.flows,
        maxVUs: DEFAULT_LIMITS.maxVUs,
        limits: DEFAULT_LIMITS,
        signal: new AbortController().signal,
      });
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      return { rate: result.breakingPoint?.rate, seconds, sentence: verdict.sentence };
    } finally {
      await session.stop();
    }
  } finally {
    await server.close();
  }
}

void main(process.argv.slice(2));
