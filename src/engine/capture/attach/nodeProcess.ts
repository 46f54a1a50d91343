/** A Node process of this user on this machine. */
export interface NodeProcess {
  readonly pid: number;
  readonly commandLine: string;
  /** Name of the folder that it runs in. */
  readonly title?: string;
  /** Absolute; unknown outside of Linux. */
  readonly folder?: string;
  readonly canAttach: boolean;
  /** Why it cannot be attached to, in a sentence. */
  readonly reason?: string;
}

/** What a look at all processes tells of one. */
export interface SeenProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** The program first. */
  readonly args: readonly string[];
  /** What it shows in place of its command line. */
  readonly ownTitle?: string;
  readonly folder?: string;
  /** In order of start: larger is newer. */
  readonly started: number;
  /** Whether SIGUSR1 is handled: without a handler it ends the process. Undefined where that is unknown. */
  readonly handlesSignal?: boolean;
  /** It has network interfaces of its own, as in a container. */
  readonly ownNetwork?: boolean;
  /** `NODE_OPTIONS`, where it can be read. */
  readonly nodeOptions?: string;
}

/** Where Node opens its inspector on SIGUSR1, or has opened it. */
export function inspectorPort({ args, nodeOptions = '' }: SeenProcess): {
  readonly port: number;
  readonly asked: boolean;
} {
  let port = 9229;
  let asked = false;
  for (const option of [...nodeOptions.split(/\s+/u), ...optionsOf(args)]) {
    const match = /^--(inspect(?:-brk|-wait)?|inspect-port|debug-port)(?:=(?:.*:)?(\d+))?$/u.exec(option);
    if (!match) continue;
    if (match[2] !== undefined) port = Number(match[2]);
    if (!/port$/u.test(match[1]!)) asked = true;
  }
  return { port, asked };
}

export function disablesSignal({ args, nodeOptions = '' }: SeenProcess): boolean {
  return [...nodeOptions.split(/\s+/u), ...optionsOf(args)].includes('--disable-sigusr1');
}

/** Node's own options: those in front of the script. */
function optionsOf(args: readonly string[]): readonly string[] {
  const own = args.slice(1);
  const script = own.findIndex((arg) => !arg.startsWith('-'));
  return script < 0 ? own : own.slice(0, script);
}
