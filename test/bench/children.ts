import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A server of `test/bench/servers`, with IPC; it ends with this process at the latest. */
export interface BenchServer {
  readonly origin: string;
  /** Its CPU time so far, in microseconds. */
  cpuMicros(): Promise<number>;
  close(): Promise<void>;
}

export async function forkServer(script: string, args: readonly string[] = []): Promise<BenchServer> {
  const child = fork(script, [...args], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const { port } = await nextMessage<{ port: number }>(child);
  return {
    origin: `http://127.0.0.1:${port}`,
    cpuMicros: async () => {
      const answer = nextMessage<{ cpuMicros: number }>(child);
      child.send('cpu');
      return (await answer).cpuMicros;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server ended')));
  ended.catch(() => undefined);
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
  return message;
}
