import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runLoadTest } from '../../src/engine/loadTest';
import { DEFAULT_LIMITS } from '../../src/engine/model/loadSession';
import type { Run } from '../../src/engine/model/run';
import { DEFAULT_CAPTURE } from '../../src/engine/model/target';
import { RunStore } from '../../src/engine/runs/store';
import { loadTest } from '../loadServers/loadTests';

const APPS = path.join(__dirname, '../apps/leaky');
/** 1-based, of `leaking.cjs`. */
export const LEAK_LINE =
  fs
    .readFileSync(path.join(APPS, 'leaking.cjs'), 'utf8')
    .split('\n')
    .findIndex((line) => line.endsWith('// leak')) + 1;

export const LEAKING = 'leaking.cjs';
/** A cache fills up to its bound in the first part of the test. */
export const BOUNDED = 'bounded.cjs';
const RATE = 200;
/** Each connection takes memory too: a machine that is busy with other things must not open hundreds. */
const VUS = 20;
const SECONDS = 30;

/** A soak test compressed to some seconds, of an app that keeps 2 KB of every request. */
export async function soakOnce(
  dist: string,
  app: typeof LEAKING | typeof BOUNDED,
  signal = never(),
): Promise<Run> {
  const store = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-soak-'));
  try {
    return await runLoadTest(
      {
        target: {
          kind: 'launch',
          spec: { label: app, folder: APPS, program: process.execPath, args: [app], env: {} },
          readyTimeoutMs: 60_000,
        },
        appFolder: APPS,
        capture: DEFAULT_CAPTURE,
        test: loadTest({
          name: app,
          kind: 'soak',
          warmupSeconds: 1,
          executor: {
            executor: 'constant-arrival-rate',
            ...{
              rate: RATE,
              timeUnit: 1,
              duration: SECONDS,
              preAllocatedVUs: VUS,
              maxVUs: VUS,
              gracefulStop: 5,
            },
          },
        }),
      },
      {
        ...{ dist, signal, store: new RunStore(store), limits: DEFAULT_LIMITS },
        values: { env: {}, secrets: {} },
        onProgress: () => undefined,
      },
    );
  } finally {
    fs.rmSync(store, { recursive: true, force: true });
  }
}

/** Why such a run shows nothing of the method: the machine had no time for it. Undefined where it had. */
export function disturbance({ load, loadTest: result }: Run): string | undefined {
  const { intended, unstarted } = load.schedule!;
  if (unstarted > 0.2 * intended)
    return `${Math.round((unstarted / intended) * 100)} % of the load could not be sent`;
  return result?.soak?.memory ? undefined : 'the app had no time for enough collections';
}

function never(): AbortSignal {
  return new AbortController().signal;
}
