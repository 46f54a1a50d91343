import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * All processes that came from one start: the process group of the root, and those that left the group. Who
 * belongs is decided anew at each look, so a number that the system gave to a stranger is never signalled.
 */
export class ProcessTree {
  /** Processes outside the group that an agent reported: pid -> identity (start time) at that moment. */
  private readonly reported = new Map<number, string>();
  private readonly environment = new Map<string, boolean>();
  private groupGone = false;

  /** `token` is text in the environment of every process of the tree, and of no other. */
  constructor(
    readonly rootPid: number,
    private readonly token: string,
  ) {}

  /** Takes in a process whose agent is connected, so that the number is known to be its own now. */
  add(pid: number): void {
    const identity = startTime(pid);
    if (identity !== undefined) this.reported.set(pid, identity);
  }

  /** Signals every live process of the tree; returns how many there were. */
  signal(name: NodeJS.Signals): number {
    if (process.platform === 'win32') return this.signalOnWindows();
    const members = this.members();
    for (const pid of members) send(pid, name);
    return members.length;
  }

  /** Pids that are alive; zombies are not. On macOS the group is one entry, `-rootPid`. */
  members(): number[] {
    if (process.platform === 'linux') return this.membersOnLinux();
    const members = [...this.reported].filter(([pid, identity]) => startTime(pid) === identity);
    const pids = members.map(([pid]) => pid);
    const group = process.platform === 'win32' ? this.rootPid : -this.rootPid;
    if (!this.groupGone && exists(group)) pids.push(group);
    else this.groupGone = true;
    return pids;
  }

  private membersOnLinux(): number[] {
    const members: number[] = [];
    let inGroup = 0;
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid === process.pid) continue;
      const stat = readStat(pid);
      if (!stat || stat.state === 'Z' || stat.state === 'X') continue;
      if (!this.groupGone && (stat.group === this.rootPid || stat.session === this.rootPid)) {
        inGroup++;
        members.push(pid);
      } else if (this.reported.get(pid) === stat.startTime || this.hasToken(pid, stat.startTime)) {
        members.push(pid);
      }
    }
    // Once the group is empty its number may be given to another process.
    if (inGroup === 0) this.groupGone = true;
    return members;
  }

  private hasToken(pid: number, start: string): boolean {
    const key = `${pid}:${start}`;
    let found = this.environment.get(key);
    if (found === undefined) {
      try {
        found = readFileSync(`/proc/${pid}/environ`, 'latin1').includes(this.token);
      } catch {
        found = false;
      }
      this.environment.set(key, found);
    }
    return found;
  }

  private signalOnWindows(): number {
    const members = this.members();
    for (const pid of members)
      spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true });
    return members.length;
  }
}

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly session: number;
  /** In clock ticks since boot. */
  readonly startTime: string;
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in brackets, may hold anything; proc(5) counts from 1.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => fields[number - 3] ?? '';
    return {
      state: field(3),
      group: Number(field(5)),
      session: Number(field(6)),
      startTime: field(22),
    };
  } catch {
    return undefined;
  }
}

/** What tells a process from a later one of the same number; undefined where there is none. */
function startTime(pid: number): string | undefined {
  if (process.platform === 'linux') return readStat(pid)?.startTime;
  if (process.platform === 'win32') return exists(pid) ? '' : undefined;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}

const POLL_MS = 60;
/** How long a process may take to go after SIGKILL (one in an uninterruptible wait may not). */
const KILL_MS = 5000;

/** Ends the tree: SIGTERM, and SIGKILL for what is left after `graceMs`. */
export async function endTree(tree: ProcessTree, graceMs: number): Promise<void> {
  const start = performance.now();
  tree.signal('SIGTERM');
  while (performance.now() - start < graceMs) {
    if (tree.members().length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  // A process may start another while it is being ended, so look again until there is none.
  while (performance.now() - start < graceMs + KILL_MS) {
    if (tree.signal('SIGKILL') === 0) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
