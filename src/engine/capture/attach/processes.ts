import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { seeLinuxProcesses } from './linuxProcesses';
import { disablesSignal, inspectorPort, type NodeProcess, type SeenProcess } from './nodeProcess';

export type { NodeProcess } from './nodeProcess';

/**
 * The Node processes of this user, newest first, without this one, those that started it and those that it started.
 * Rejects where the system's list of processes cannot be read.
 */
export async function listNodeProcesses(): Promise<readonly NodeProcess[]> {
  const seen = await seeProcesses();
  const own = relatives(seen, process.pid);
  return seen
    .filter(({ pid, args }) => !own.has(pid) && isNode(args[0] ?? ''))
    .sort((a, b) => b.started - a.started)
    .map(describe);
}

/** One process; undefined where it is gone or another user's. */
export async function seeProcess(pid: number): Promise<SeenProcess | undefined> {
  return (await seeProcesses()).find((item) => item.pid === pid);
}

/** Why the process cannot be attached to, as a sentence; undefined where it can. */
export function obstacle(seen: SeenProcess): string | undefined {
  if (!isNode(seen.args[0] ?? '')) return `Process ${seen.pid} is not Node.`;
  if (seen.ownNetwork)
    return `Process ${seen.pid} has a network of its own, as in a container: its inspector cannot be reached from here.`;
  // An inspector that listens already needs no signal.
  if (inspectorPort(seen).asked) return undefined;
  if (disablesSignal(seen))
    return `Process ${seen.pid} was started with --disable-sigusr1: its inspector cannot be opened from outside.`;
  if (seen.handlesSignal === false)
    return `Process ${seen.pid} would be ended by SIGUSR1, which opens the inspector of others: it handles that signal no more.`;
  return undefined;
}

function describe(seen: SeenProcess): NodeProcess {
  const reason = obstacle(seen);
  const { pid, args, folder, ownTitle } = seen;
  return {
    pid,
    commandLine:
      ownTitle ?? args.map((arg) => (/^[\w@%+=:,./\\-]+$/u.test(arg) ? arg : JSON.stringify(arg))).join(' '),
    ...(folder !== undefined && { folder, title: path.basename(folder) || folder }),
    canAttach: reason === undefined,
    ...(reason !== undefined && { reason }),
  };
}

function isNode(program: string): boolean {
  return /^node(js)?([-.]?v?\d[\d.]*)?(\.exe)?$/iu.test(program.split(/[\\/]/u).at(-1) ?? '');
}

/** The process, what started it, and what it started. */
function relatives(seen: readonly SeenProcess[], pid: number): Set<number> {
  const parentOf = new Map(seen.map((item) => [item.pid, item.parentPid]));
  const found = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && at > 1 && !found.has(at); at = parentOf.get(at))
    found.add(at);
  const below = new Set([pid]);
  // A child may be listed before its parent.
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const item of seen) if (below.has(item.parentPid)) below.add(item.pid);
  }
  return new Set([...found, ...below]);
}

function seeProcesses(): Promise<readonly SeenProcess[]> {
  if (process.platform === 'linux') return seeLinuxProcesses();
  return process.platform === 'win32' ? seeWindowsProcesses() : seeUnixProcesses();
}

const run = promisify(execFile);
const LIST_OPTIONS = { timeout: 10_000, maxBuffer: 64e6, windowsHide: true } as const;

async function seeUnixProcesses(): Promise<readonly SeenProcess[]> {
  const uid = String(process.getuid?.() ?? '');
  const { stdout } = await run('ps', ['-ww', '-U', uid, '-o', 'pid=,ppid=,args='], LIST_OPTIONS);
  return stdout.split('\n').flatMap((line, at): SeenProcess[] => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(line) ?? [];
    if (command === undefined) return [];
    return [{ pid: Number(pid), parentPid: Number(parent), args: command.split(' '), started: at }];
  });
}

async function seeWindowsProcesses(): Promise<readonly SeenProcess[]> {
  const query =
    'Get-CimInstance Win32_Process -Filter "Name LIKE \'node%\'" | Select-Object ProcessId,ParentProcessId,CommandLine | ConvertTo-Json -Compress';
  const { stdout } = await run(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-Command', query],
    LIST_OPTIONS,
  );
  const value = JSON.parse(stdout || '[]') as unknown;
  const list = (Array.isArray(value) ? value : [value]) as {
    ProcessId: number;
    ParentProcessId: number;
    CommandLine: string | null;
  }[];
  return list.map(({ ProcessId, ParentProcessId, CommandLine }, started) => ({
    pid: ProcessId,
    parentPid: ParentProcessId,
    args: [...(CommandLine ?? 'node.exe').matchAll(/"([^"]*)"|(\S+)/gu)].map(
      ([, quoted, plain]) => quoted ?? plain ?? '',
    ),
    started,
  }));
}
