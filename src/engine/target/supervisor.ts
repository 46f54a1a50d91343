/**
 * Starts the app in a process group of its own and ends all of it when told so, or when the engine is gone:
 * its end of the IPC channel closes however the engine dies. Runs detached, so that what kills the engine's
 * group does not reach it.
 */
import { spawn } from 'node:child_process';
import { rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { endTree, ProcessTree } from './processTree';
import type { StartRequest, SupervisorRequest, SupervisorReply } from './supervisorMessages';

let request: StartRequest | undefined;
let tree: ProcessTree | undefined;
let ending = false;
let graceMs: number | undefined;

/** How often the app's processes are looked at, to know those whose parents end. */
const LOOK_MS = 1000;

process.on('message', (message: SupervisorRequest) => {
  if (message.type === 'start' && !request) start((request = message));
  else if (message.type === 'track') tree?.add(message.pid);
  else if (message.type === 'stop') {
    graceMs = message.graceMs;
    void end();
  }
});
process.on('disconnect', () => void end());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
if (!process.connected) process.exit(0);

function start(message: StartRequest): void {
  const child = spawn(message.program, message.args, {
    cwd: message.folder,
    env: message.env,
    detached: process.platform !== 'win32',
    // An open, silent standard input: some tools end when theirs ends. The app writes to the engine's own pipes.
    stdio: ['pipe', 'inherit', 'inherit'],
    shell: message.shell,
    windowsHide: true,
  });
  child.stdin?.on('error', () => undefined);
  child.once('error', (error) => {
    if (child.pid !== undefined) return;
    reply({ type: 'notStarted', message: error.message });
    void end();
  });
  child.once('spawn', () => {
    if (child.pid === undefined) return;
    const started = (tree = new ProcessTree(child.pid, message.token));
    if (process.platform === 'linux') setInterval(() => void started.members(), LOOK_MS).unref();
    reply({ type: 'started', pid: child.pid });
    if (ending) void end(true);
  });
  child.once('exit', (code, signal) => reply({ type: 'exited', code, signal }));
}

async function end(again = false): Promise<void> {
  if (ending && !again) return;
  ending = true;
  // A start still under way ends as soon as it has a pid.
  if (request && !tree) await new Promise((resolve) => setTimeout(resolve, 200));
  if (tree) await endTree(tree, graceMs ?? request?.graceMs ?? 0);
  // A living engine does that itself.
  if (request && !process.connected && process.platform !== 'win32') removeSocket(request.socketPath);
  process.exit(0);
}

function removeSocket(socketPath: string): void {
  try {
    rmSync(socketPath, { force: true });
    rmdirSync(path.dirname(socketPath));
  } catch {
    // Not empty, or gone.
  }
}

function reply(message: SupervisorReply): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
