import path from 'node:path';
import type { CollectOptions, ProcessMemory } from '../model/target';
import type { AgentConnection } from './agentServer';

/** Collecting a heap of gigabytes takes seconds, and so does writing what is alive in it. */
const COLLECT_MS = 60_000;

/** Of the processes' main threads, all at the same time. Rejects as `AgentConnection.ask` does. */
export function collectGarbage(
  processes: readonly AgentConnection[],
  { intervalBytes, folder, signal }: CollectOptions,
): Promise<readonly ProcessMemory[]> {
  return Promise.all(
    processes.map(async (agent) => {
      const { pid, clusterWorker } = agent.info;
      const live = folder === undefined ? undefined : path.join(folder, `pid-${pid}`);
      const request = {
        type: 'collect',
        ...(intervalBytes !== undefined && { intervalBytes }),
        ...(live !== undefined && { folder: live }),
      } as const;
      const memory = await agent.ask(request, { timeoutMs: COLLECT_MS, signal });
      if (!memory) throw new TypeError('The agent read no memory.');
      return {
        ...{ pid, memory },
        ...(live !== undefined && {
          live: { folder: live, pid, thread: 'main', ...(clusterWorker && { clusterWorker }) },
        }),
      };
    }),
  );
}
