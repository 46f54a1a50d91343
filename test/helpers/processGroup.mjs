// Node built-ins only: this runs before anything is installed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a group has for ending by itself after SIGTERM. */
const GRACE_MS = 10_000;

/**
 * Runs a program in a process group of its own, its output streamed through, or into the file descriptor
 * `output`; resolves when it has ended and the rest of its group is ended, too. `code` is 124 after `timeoutMs`,
 * 130 when `signal` was aborted.
 */
export async function runInGroup(program, args, { cwd, env, timeoutMs, signal, output = 'inherit' }) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', output, output], detached: true });
  const exited = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => resolve(code ?? (by ? 1 : 0)));
  });
  const onExit = () => signalGroup(child.pid, 'SIGKILL');
  process.once('exit', onExit);
  const cutShort = new AbortController();
  const ended = await Promise.race([
    exited,
    sleep(timeoutMs, 124, { signal: cutShort.signal }),
    aborted(signal, cutShort.signal),
  ]);
  cutShort.abort();
  if (child.exitCode === null && child.signalCode === null) {
    signalGroup(child.pid, 'SIGTERM');
    const end = Date.now() + GRACE_MS;
    while (signalGroup(child.pid, 0) && Date.now() < end) await sleep(50);
  }
  signalGroup(child.pid, 'SIGKILL');
  process.removeListener('exit', onExit);
  return { code: ended };
}

/**
 * Processes whose environment holds `NAME=value`, that is all that a run with that variable started, in whatever
 * group or session they are. Linux only; elsewhere none are found.
 */
export function processesWith(name, value) {
  if (process.platform !== 'linux') return [];
  const wanted = `${name}=${value}`;
  return fs.readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    try {
      if (!fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(wanted)) return [];
      return [{ pid, command: fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }];
    } catch {
      return []; // ended meanwhile, or another user's
    }
  });
}

function signalGroup(pid, signal) {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function aborted(signal, until) {
  return new Promise((resolve) => {
    const stop = () => resolve(130);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true, signal: until });
  });
}
