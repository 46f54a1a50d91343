import { createConnection } from 'node:net';
import type { AgentMessage, EngineMessage } from '../engine/model/agent';

export interface Connection {
  readonly send: (message: AgentMessage) => void;
  readonly closed: () => boolean;
}

/** Unsent bytes beyond which the engine counts as gone; a write in flight keeps a process from ending. */
const BACKLOG_BYTES = 1e6;

/** Connects to the engine at once; messages wait until then. Errors end the connection silently. */
export function connect(
  path: string,
  onMessage: (message: EngineMessage) => void,
  onClose: () => void,
): Connection {
  const socket = createConnection(path);
  const { stringify, parse } = JSON;
  let open = true;
  let rest = '';
  const end = () => {
    if (!open) return;
    open = false;
    socket.destroy();
    onClose();
  };
  socket.unref();
  socket.setEncoding('utf8');
  socket.on('error', end);
  socket.on('close', end);
  socket.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    try {
      for (const line of lines) if (line) onMessage(parse(line) as EngineMessage);
    } catch {
      end();
    }
  });
  return {
    send(message) {
      if (!open) return;
      try {
        socket.write(`${stringify(message)}\n`);
        if (socket.writableLength > BACKLOG_BYTES) end();
      } catch {
        end();
      }
    },
    closed: () => !open,
  };
}
