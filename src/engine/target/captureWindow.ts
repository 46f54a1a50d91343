import path from 'node:path';
import { CancelledError } from '../model/errors';
import type { CaptureFolder } from '../model/target';
import type { AgentConnection } from './agentServer';

/** A loop that is blocked for longer than this gets no profile. */
const START_MS = 15_000;
/** Writing a long window of a large app takes seconds. */
const STOP_MS = 60_000;
/** A worker may work for long without a look at its messages, and then has no profile. */
const WORKER_STOP_MS = 15_000;

/** The steady window in the threads of an app: which took part in its start, and so have to end it. */
export class CaptureWindow {
  private readonly processes = new Set<AgentConnection>();
  private readonly workers = new Set<AgentConnection>();

  /** Begins the window in these processes and their worker threads; resolves when the processes have begun. */
  async start(
    processes: readonly AgentConnection[],
    workers: readonly AgentConnection[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const agent of processes) this.processes.add(agent);
    const begun = processes.map((agent) => begin(agent, signal));
    for (const worker of workers) this.join(worker);
    await Promise.all(begun);
  }

  /** Takes in a worker thread, also one that starts within the window; its process has to be in it. */
  join(worker: AgentConnection): void {
    if (![...this.processes].some((agent) => agent.info.pid === worker.info.pid)) return;
    this.workers.add(worker);
    // Not waited for: a worker that learns of the window late gives more than the window. See `agent/capture.ts`.
    begin(worker, undefined).catch(() => undefined);
  }

  /** Ends the window everywhere; threads of processes that served write their captures below `folder`. */
  async stop(folder: string, signal: AbortSignal | undefined): Promise<readonly CaptureFolder[]> {
    const open = [...this.processes].filter(({ connected }) => connected);
    const workers = [...this.workers].filter(({ connected }) => connected);
    this.processes.clear();
    this.workers.clear();
    // Servers that are not Node's own are not counted; then every process that listens is worth a look.
    const served = open.filter(({ requests, routes }) => requests > 0 || routes.size > 0);
    const captured = new Set((served.length > 0 ? served : open).map(({ info }) => info.pid));

    const end = async (agent: AgentConnection, timeoutMs: number): Promise<CaptureFolder[]> => {
      const capture = captured.has(agent.info.pid) ? captureOf(agent, folder) : undefined;
      const request = { type: 'stopWindow', ...(capture && { folder: capture.folder }) } as const;
      await agent.ask(request, { timeoutMs, signal });
      return capture ? [capture] : [];
    };
    const written = await Promise.all([
      ...open.map((agent) => end(agent, STOP_MS)),
      ...workers.map((worker) =>
        end(worker, WORKER_STOP_MS).catch((error: unknown) => {
          if (error instanceof CancelledError) throw error;
          return [];
        }),
      ),
    ]);
    return written.flat();
  }
}

async function begin(agent: AgentConnection, signal: AbortSignal | undefined): Promise<void> {
  const timeMicros = Number(process.hrtime.bigint() / 1000n);
  await agent.ask({ type: 'startWindow', timeMicros }, { timeoutMs: START_MS, signal });
}

function captureOf(agent: AgentConnection, folder: string): CaptureFolder {
  const { pid, clusterWorker } = agent.info;
  const { threadId } = agent;
  const shared = { pid, ...(clusterWorker && { clusterWorker }) };
  return threadId === 0
    ? { folder: path.join(folder, `pid-${pid}`), thread: 'main', ...shared }
    : { folder: path.join(folder, `pid-${pid}-worker-${threadId}`), thread: `worker ${threadId}`, ...shared };
}
