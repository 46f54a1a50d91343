import type { subscribe as Subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import type { AgentListener, AgentMessage } from '../engine/model/agent';

/**
 * Tells the TCP ports that the process's servers listen on, at each change; pipes (as tsx opens one) are not
 * told, and the inspector's port is none of Node's servers.
 */
export function watchListening(
  subscribe: typeof Subscribe,
  send: (message: AgentMessage) => void,
  onFirst: () => void,
): { check(): void } {
  const servers = new Map<Server, AgentListener>();
  const tell = () => send({ type: 'listening', listeners: [...servers.values()] });

  subscribe('tracing:net.server.listen:asyncEnd', (message) => {
    try {
      const { server } = message as { server: Server };
      const address = server.address();
      if (!address || typeof address === 'string') return;
      servers.set(server, { port: address.port, address: address.address, protocol: protocolOf(server) });
      tell();
      onFirst();
    } catch {
      // A server of an unknown make.
    }
  });

  return {
    /** Servers may close without a channel that says so. */
    check() {
      const before = servers.size;
      for (const server of servers.keys()) if (!server.listening) servers.delete(server);
      if (servers.size !== before) tell();
    },
  };
}

/** `http` need not be loaded to tell its servers apart. */
function protocolOf(server: Server): AgentListener['protocol'] {
  const secure = 'setSecureContext' in server;
  if ('requestTimeout' in server) return secure ? 'https' : 'http';
  return 'tcp';
}
