import fs from 'node:fs/promises';
import type { SeenProcess } from './nodeProcess';

/** This user's processes, from /proc. One that ends meanwhile is left out. */
export async function seeLinuxProcesses(): Promise<readonly SeenProcess[]> {
  const ownNetwork = await fs.readlink('/proc/self/ns/net').catch(() => undefined);
  const names = (await fs.readdir('/proc')).filter((name) => /^\d+$/u.test(name));
  const seen = await Promise.all(names.map((name) => see(Number(name), ownNetwork).catch(() => undefined)));
  return seen.filter((item) => item !== undefined);
}

async function see(pid: number, ourNetwork: string | undefined): Promise<SeenProcess | undefined> {
  const folder = `/proc/${pid}`;
  if ((await fs.stat(folder)).uid !== process.getuid?.()) return undefined;
  const [commandLine, stat, status, program, network] = await Promise.all([
    fs.readFile(`${folder}/cmdline`, 'utf8'),
    fs.readFile(`${folder}/stat`, 'utf8'),
    fs.readFile(`${folder}/status`, 'utf8'),
    fs.readlink(`${folder}/exe`),
    fs.readlink(`${folder}/ns/net`),
  ]);
  // The second field, the command in brackets, may hold anything; proc(5) counts from 1.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  if (field(3) === 'Z' || field(3) === 'X') return undefined;
  const cwd = await fs.readlink(`${folder}/cwd`).catch(() => undefined);
  const environment = await fs.readFile(`${folder}/environ`, 'latin1').catch(() => '');
  const nodeOptions = environment.split('\0').find((item) => item.startsWith('NODE_OPTIONS='));
  const caught = /^SigCgt:\s*([0-9a-f]+)$/mu.exec(status)?.[1];
  const [called = '', ...args] = commandLine.replace(/\0$/u, '').split('\0');
  return {
    pid,
    parentPid: Number(field(4)),
    args: [program.replace(/ \(deleted\)$/u, ''), ...args],
    // Where a process gives itself a title, that takes the place of its command line.
    ...(args.length === 0 && called !== '' && !program.endsWith(called) && { ownTitle: called }),
    started: Number(field(22)),
    ...(cwd !== undefined && { folder: cwd }),
    // SIGUSR1 is signal 10.
    ...(caught !== undefined && { handlesSignal: ((BigInt(`0x${caught}`) >> 9n) & 1n) === 1n }),
    ...(ourNetwork !== undefined && { ownNetwork: network !== ourNetwork }),
    ...(nodeOptions !== undefined && { nodeOptions: nodeOptions.slice('NODE_OPTIONS='.length) }),
  };
}

/** Ports on which the process listens; undefined where that cannot be told. */
export async function listeningPorts(pid: number): Promise<ReadonlySet<number> | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const sockets = new Set<string>();
    for (const name of await fs.readdir(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/u.exec(
        await fs.readlink(`/proc/${pid}/fd/${name}`).catch(() => ''),
      )?.[1];
      if (inode !== undefined) sockets.add(inode);
    }
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((table) => fs.readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')),
    );
    const ports = new Set<number>();
    for (const line of tables.join('\n').split('\n')) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/u);
      // 0A: listening.
      if (state === '0A' && sockets.has(inode))
        ports.add(parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
    }
    return ports;
  } catch {
    return undefined;
  }
}
