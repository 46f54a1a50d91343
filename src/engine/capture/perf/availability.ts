import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export type PerfAvailability =
  /** `note` says what its stacks will lack. */
  | { readonly state: 'ok'; readonly note?: string }
  /** Which setting forbids it, in one sentence. */
  | { readonly state: 'forbidden'; readonly reason: string };

/** What of the system decides; from `readPerfFacts`. */
export interface PerfFacts {
  readonly platform: NodeJS.Platform;
  /** Of `/proc/sys/kernel`; undefined where there is no such file. */
  readonly paranoid: number | undefined;
  readonly kptrRestrict: number | undefined;
  readonly isRoot: boolean;
  /** How a recording of a program that ends at once went. */
  readonly trial:
    | { readonly state: 'ok' }
    | { readonly state: 'missing' }
    | { readonly state: 'failed'; readonly output: string };
}

/** Whether `perf` can record the user's own processes here. Tries it, for some tens of milliseconds. */
export async function perfAvailability(): Promise<PerfAvailability> {
  return judgePerf(await readPerfFacts());
}

export function judgePerf({ platform, paranoid, kptrRestrict, isRoot, trial }: PerfFacts): PerfAvailability {
  if (platform !== 'linux') return forbidden('perf records on Linux alone.');
  if (trial.state === 'missing') {
    return forbidden('The program perf is not on the PATH: the package linux-perf or linux-tools holds it.');
  }
  if (trial.state === 'failed') {
    const { output } = trial;
    const lacksRight = /permission|not permitted|EACCES|EPERM|perf_event_paranoid|access/iu.test(output);
    if (lacksRight && !isRoot && paranoid !== undefined && paranoid > 2) {
      return forbidden(
        `The kernel forbids perf to users: kernel.perf_event_paranoid=${paranoid}, and "sudo sysctl kernel.perf_event_paranoid=2" allows it.`,
      );
    }
    if (lacksRight || /not implemented|ENOSYS/iu.test(output)) {
      return forbidden(
        'A filter of system calls (seccomp), as containers have, forbids perf_event_open: the container needs the capability CAP_PERFMON and a seccomp profile that allows the call.',
      );
    }
    const line = output.trim().split('\n').at(-1)?.trim() ?? '';
    return forbidden(`perf could not record here: ${line === '' ? 'it gave no reason' : line}`);
  }
  if (!isRoot && paranoid !== undefined && paranoid > 1) {
    return {
      state: 'ok',
      note: `Stacks end at the kernel: kernel.perf_event_paranoid=${paranoid}, and 1 or less shows what runs in it.`,
    };
  }
  if (kptrRestrict === 2 || (kptrRestrict === 1 && !isRoot)) {
    return {
      state: 'ok',
      note: `The kernel's functions have no names: kernel.kptr_restrict=${kptrRestrict}, and 0 shows them.`,
    };
  }
  return { state: 'ok' };
}

export async function readPerfFacts(): Promise<PerfFacts> {
  const { platform } = process;
  const facts = {
    platform,
    paranoid: kernelSetting('perf_event_paranoid'),
    kptrRestrict: kernelSetting('kptr_restrict'),
    isRoot: process.getuid?.() === 0,
  };
  return { ...facts, trial: platform === 'linux' ? await tryPerf() : { state: 'missing' } };
}

async function tryPerf(): Promise<PerfFacts['trial']> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-perf-'));
  try {
    const args = ['record', '-q', '-e', 'cpu-clock', '-F', '99', '-g', '-k', 'mono'];
    return await new Promise((resolve) => {
      execFile(
        'perf',
        [...args, '-o', path.join(folder, 'perf.data'), '--', process.execPath, '--version'],
        { timeout: 15_000, env: plainEnvironment() },
        (error, _stdout, stderr) => {
          if (!error) resolve({ state: 'ok' });
          else if (error.code === ('ENOENT' as unknown)) resolve({ state: 'missing' });
          else resolve({ state: 'failed', output: stderr || error.message });
        },
      );
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function kernelSetting(name: string): number | undefined {
  try {
    const value = Number(fs.readFileSync(`/proc/sys/kernel/${name}`, 'utf8'));
    return Number.isFinite(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** perf's messages in English, and no options for Node where it is what is tried. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', ELECTRON_RUN_AS_NODE: '1' };
  delete env['NODE_OPTIONS'];
  return env;
}

function forbidden(reason: string): PerfAvailability {
  return { state: 'forbidden', reason };
}
