import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * All processes that came from one start: the process group of the root, and those that left the group. Who
 * belongs is decided anew at each look, so a number that the system gave to a stranger is never signalled.
 * On Linux the children of all these belong too; `members` has to be called now and then while the app runs, since
 * a process whose parent has ended cannot be told from a stranger's.
 */
export class ProcessTree {
  /** Processes outside the group: pid -> identity (start time) when it was known to belong. */
  private readonly known = new Map<number, string>();
  /** By pid and start time. */
  private environment = new Map<string, boolean>();
  private groupGone = false;

  /** `token` is text in the environment of every process of the tree, and of no other. */
  constructor(
    readonly rootPid: number,
    private readonly token: string,
  ) {}

  /**
   * Takes in a process whose agent is connected. In a pid namespace of its own the app knows itself by a number that
   * is a stranger's here, so on Linux only one with the token in its environment is believed.
   */
  add(pid: number): void {
    const identity = startTime(pid);
    if (identity === undefined) return;
    if (process.platform === 'linux' && !readEnvironment(pid).includes(this.token)) return;
    this.known.set(pid, identity);
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
    const members = [...this.known].filter(([pid, identity]) => startTime(pid) === identity);
    const pids = members.map(([pid]) => pid);
    const group = process.platform === 'win32' ? this.rootPid : -this.rootPid;
    if (!this.groupGone && exists(group)) pids.push(group);
    else this.groupGone = true;
    return pids;
  }

  private membersOnLinux(): number[] {
    const stats = readStats();
    const members = new Set<number>();
    const environment = new Map<string, boolean>();
    let inGroup = 0;
    for (const [pid, { group, session, startTime }] of stats) {
      const key = `${pid}:${startTime}`;
      const hasToken = this.environment.get(key) ?? readEnvironment(pid).includes(this.token);
      environment.set(key, hasToken);
      if (!this.groupGone && (group === this.rootPid || session === this.rootPid)) inGroup++;
      else if (!hasToken && this.known.get(pid) !== startTime) continue;
      members.add(pid);
    }
    this.environment = environment;
    // Once the group is empty its number may be given to another process.
    if (inGroup === 0) this.groupGone = true;
    for (const pid of descendants(members, stats)) {
      members.add(pid);
      this.known.set(pid, stats.get(pid)?.startTime ?? '');
    }
    return [...members];
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
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In clock ticks since boot. */
  readonly startTime: string;
}

/** Of all live processes but this one; zombies are not alive. */
function readStats(): Map<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const stat = readStat(pid);
    if (stat && stat.state !== 'Z' && stat.state !== 'X') stats.set(pid, stat);
  }
  return stats;
}

function descendants(roots: ReadonlySet<number>, stats: ReadonlyMap<number, Stat>): Set<number> {
  const children = new Map<number, number[]>();
  for (const [pid, { parent }] of stats) children.set(parent, [...(children.get(parent) ?? []), pid]);
  const found = new Set<number>();
  const open = [...roots];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (roots.has(child) || found.has(child)) continue;
      found.add(child);
      open.push(child);
    }
  }
  return found;
}

/** Empty where it cannot be read: another user's, or gone. */
function readEnvironment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command in brackets, may hold anything; proc(5) counts from 1.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (number: number) => fields[number - 3] ?? '';
    return {
      state: field(3),
      parent: Number(field(4)),
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
