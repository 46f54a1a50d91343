import http from 'node:http';
import https from 'node:https';
import type { AgentListener } from '../model/agent';

/** One port of the app, however many processes share it. */
export interface AppPort extends AgentListener {
  readonly pids: readonly number[];
}

/** Ports in the order in which they were first listened on; a cluster's primary and workers share one. */
export function appPorts(
  processes: readonly { readonly pid: number; readonly listeners: readonly AgentListener[] }[],
): AppPort[] {
  const ports = new Map<number, AppPort>();
  for (const { pid, listeners } of processes) {
    for (const listener of listeners) {
      const known = ports.get(listener.port);
      ports.set(listener.port, {
        ...listener,
        // A primary's own handle does not show what its workers speak.
        protocol: known && known.protocol !== 'tcp' ? known.protocol : listener.protocol,
        pids: [...(known?.pids ?? []), pid],
      });
    }
  }
  return [...ports.values()];
}

/** `http://127.0.0.1:3000`: the address by which this machine reaches the port. */
export function originOf(port: AppPort, protocol = port.protocol): string {
  const anywhere = ['::', '0.0.0.0', ''].includes(port.address);
  const host = anywhere ? '127.0.0.1' : port.address.includes(':') ? `[${port.address}]` : port.address;
  return `${protocol === 'https' ? 'https' : 'http'}://${host}:${port.port}`;
}

/**
 * The port to send load to: the one whose server speaks HTTP; of several the last that replies; of ports of
 * unknown kind one that replies as HTTP. Undefined where none does. A single HTTP port is not asked, since an
 * app that accepts and never replies is ready too, and hangs.
 */
export async function choosePort(
  ports: readonly AppPort[],
  signal: AbortSignal,
): Promise<AppPort | undefined> {
  const speaking = ports.filter(({ protocol }) => protocol !== 'tcp');
  if (speaking.length === 1) return speaking[0];
  const candidates = (speaking.length > 0 ? speaking : ports).toReversed();
  const replies = await Promise.all(candidates.map((port) => repliesAsHttp(originOf(port), signal)));
  return candidates.find((_, index) => replies[index]) ?? speaking.at(-1);
}

const REPLY_MS = 2000;

/** Whether anything that is HTTP comes back; its status does not matter. */
function repliesAsHttp(origin: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const { request } = origin.startsWith('https') ? https : http;
    const sent = request(
      origin,
      // The app's certificate, on this machine: nobody to impersonate.
      { method: 'GET', agent: false, timeout: REPLY_MS, signal, rejectUnauthorized: false },
      (response) => {
        resolve(true);
        response.destroy();
      },
    );
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.on('close', () => resolve(false));
    sent.end();
  });
}
