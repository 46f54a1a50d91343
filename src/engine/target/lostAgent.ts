import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** A Node process of the app that serves and whose agent never came up. */
export interface LostProcess {
  readonly pid: number;
  readonly port: number;
  /** Why, by its environment: `unknown` where the agent was in it. */
  readonly cause: 'options' | 'environment' | 'unknown';
}

/**
 * The first of these processes that is Node, listens on a TCP port and is not among those whose agent is connected.
 * Linux; elsewhere none, since no process can be looked into.
 */
export function lostAgent(
  pids: readonly number[],
  connected: ReadonlySet<number>,
  agent: { readonly token: string; readonly file: string },
): LostProcess | undefined {
  if (process.platform !== 'linux') return undefined;
  for (const pid of pids) {
    if (connected.has(pid)) continue;
    try {
      if (!/^node(js)?[\d.]*$/.test(path.basename(readlinkSync(`/proc/${pid}/exe`)))) continue;
      const port = listeningPort(pid);
      if (port === undefined) continue;
      return { pid, port, cause: causeOf(readFileSync(`/proc/${pid}/environ`, 'utf8'), agent) };
    } catch {
      // It ended, or is another user's.
    }
  }
  return undefined;
}

function causeOf(environment: string, agent: { readonly token: string; readonly file: string }) {
  if (!environment.includes(agent.token)) return 'environment';
  const options = environment.split('\0').find((variable) => variable.startsWith('NODE_OPTIONS='));
  return options?.includes(path.basename(agent.file)) ? 'unknown' : 'options';
}

/** A port that the process itself has open; `net/tcp` shows those of all processes. */
function listeningPort(pid: number): number | undefined {
  const ports = new Map<string, number>();
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n').slice(1)) {
      // sl, local_address (hexadecimal, `address:port`), rem_address, st (0A: listening), …, inode as the tenth
      const fields = line.trim().split(/\s+/);
      if (fields[3] !== '0A') continue;
      ports.set(`socket:[${fields[9]}]`, parseInt(fields[1]?.split(':')[1] ?? '', 16));
    }
  }
  if (ports.size === 0) return undefined;
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const port = ports.get(linkOf(`/proc/${pid}/fd/${descriptor}`));
    if (port !== undefined) return port;
  }
  return undefined;
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
