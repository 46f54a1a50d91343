import { setTimeout as sleep } from 'node:timers/promises';
import { startLoad } from '../../src/engine/load/session';
import type { LoadResult } from '../../src/engine/model/load';

export interface LoadTimes {
  readonly connections: number;
  readonly warmupMs: number;
  readonly windowMs: number;
}

/** What happens at the edges of the window, while the load is on. */
export interface WindowHooks {
  readonly begin?: () => Promise<void>;
  readonly end?: () => Promise<void>;
}

/** One run of our load, driven as the conductor does. */
export async function runLoad(
  dist: string,
  origin: string,
  { connections, warmupMs, windowMs }: LoadTimes,
  hooks: WindowHooks = {},
): Promise<LoadResult> {
  const session = await startLoad({
    dist,
    origin,
    routes: [{ method: 'GET', path: '/' }],
    scenario: {
      connections,
      warmupSeconds: warmupMs / 1000,
      durationSeconds: windowMs / 1000,
      routes: [],
      timeoutSeconds: 10,
      apdexTargetMs: 100,
    },
  });
  try {
    await Promise.race([session.failed, sleep(warmupMs)]);
    await hooks.begin?.();
    await session.beginWindow();
    await Promise.race([session.failed, sleep(windowMs)]);
    const result = await session.endWindow();
    await hooks.end?.();
    return result;
  } finally {
    await session.stop();
  }
}
