import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { errorMessage, ThroughlineError, throwIfCancelled } from '../../model/errors';
import type { LaunchSpec } from '../../model/target';
import { plainEnvironment } from './availability';

export interface PerfOptions {
  /** Processes to record, with all their threads. At least one. */
  readonly pids: readonly number[];
  /** For perf's files, absolute; is made. */
  readonly folder: string;
  /** Samples a second and thread; 999 rather than 1000 keeps out of step with what runs every millisecond. */
  readonly frequency: number;
  /** Ends the recording; `stop` then rejects with `CancelledError`. */
  readonly signal: AbortSignal;
}

export interface PerfRecording {
  /**
   * Ends the recording and has perf write its stacks as text, which `perf script` does and an importer reads. Returns
   * that file. Rejects with `CAPTURE_FAILED` or `CancelledError`. The app must still run, or its maps be there.
   */
  stop(): Promise<string>;
}

/** Without these V8 tells perf no names, and bytecode has no frames of its own. Both slow the app down by some percent. */
const NODE_OPTIONS = '--perf-basic-prof-only-functions --interpreted-frames-native-stack';

/** The launch whose functions perf can name. Its processes leave what `removePerfFiles` removes. */
export function planPerf(spec: LaunchSpec): LaunchSpec {
  const before = spec.env['NODE_OPTIONS'] ?? process.env['NODE_OPTIONS'] ?? '';
  return { ...spec, env: { ...spec.env, NODE_OPTIONS: `${before} ${NODE_OPTIONS}`.trimStart() } };
}

/**
 * Removes what V8 wrote for perf, which perf reads in no other place, and the empty logs that V8 begins beside it. To be
 * called at the app's end for all its pids.
 * @param folder the app's working directory.
 */
export function removePerfFiles(pids: readonly number[], folder: string): void {
  for (const pid of pids) fs.rmSync(`/tmp/perf-${pid}.map`, { force: true });
  for (const name of fs.readdirSync(folder)) {
    const pid = Number(/^isolate-0x[0-9a-f]+-(\d+)-v8\.log$/u.exec(name)?.[1]);
    if (pids.includes(pid)) fs.rmSync(path.join(folder, name), { force: true });
  }
}

const START_MS = 10_000;
const END_MS = 10_000;

/** Records stacks of running processes. Resolves when perf samples; rejects with `CAPTURE_FAILED` or `CancelledError`. */
export async function startPerf({ pids, folder, frequency, signal }: PerfOptions): Promise<PerfRecording> {
  throwIfCancelled(signal);
  fs.mkdirSync(folder, { recursive: true });
  const data = path.join(folder, 'perf.data');
  // Begins switched off and is switched on by its control pipe, which tells when it samples.
  const start = ['-D', '-1', '--control', 'fd:3,4'];
  const sampling = ['-e', 'cpu-clock', '-F', String(frequency), '-g', '-k', 'mono'];
  const perf = spawn('perf', ['record', ...start, ...sampling, '-p', pids.join(','), '-o', data], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const process_ = new PerfProcess(perf);
  try {
    await process_.within(START_MS, enable(perf), 'did not begin');
  } catch (error) {
    perf.kill('SIGKILL');
    await process_.ended;
    throwIfCancelled(signal);
    throw failed(error, process_.output);
  }
  return {
    async stop() {
      try {
        perf.kill('SIGINT');
        await process_.within(END_MS, process_.ended, 'did not end');
        throwIfCancelled(signal);
        return await writeScript(data, folder, signal);
      } catch (error) {
        throwIfCancelled(signal);
        throw failed(error, process_.output);
      } finally {
        perf.kill('SIGKILL');
        fs.rmSync(data, { force: true });
      }
    },
  };
}

class PerfProcess {
  output = '';
  /** Never rejects. */
  readonly ended: Promise<void>;
  private startError: Error | undefined;

  constructor(child: ChildProcess) {
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.output = (this.output + text).slice(-8000)));
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.startError = error;
        if (child.pid === undefined) resolve();
      });
      child.once('close', () => resolve());
    });
  }

  /** Waits for `work`, but not longer than perf lives or the time. */
  async within(ms: number, work: Promise<void>, otherwise: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`perf ${otherwise} within ${ms / 1000} s`)), ms);
    });
    const gone = this.ended.then(() => {
      if (work !== this.ended) throw this.startError ?? new Error('perf ended');
    });
    gone.catch(() => undefined);
    try {
      await Promise.race([work, gone, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function enable(perf: ChildProcess): Promise<void> {
  const control = perf.stdio[3] as Duplex;
  const reply = perf.stdio[4] as unknown as Duplex;
  for (const stream of [control, reply]) stream.on('error', () => undefined);
  return new Promise((resolve) => {
    let text = '';
    reply.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (text.includes('ack')) resolve();
    });
    control.write('enable\n');
  });
}

/** The fields that the importer of `perf script` reads. */
const FIELDS = 'comm,pid,tid,time,period,event,ip,sym,dso';

async function writeScript(data: string, folder: string, signal: AbortSignal): Promise<string> {
  const file = path.join(folder, 'perf.script');
  // Looking up inlined C++ takes minutes on a binary like Node's.
  const child = spawn('perf', ['script', '--no-inline', '-i', data, '-F', FIELDS], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  const script = new PerfProcess(child);
  let code: number | null = null;
  child.once('exit', (exitCode) => (code = exitCode));
  await finished(child.stdout.pipe(fs.createWriteStream(file)));
  await script.ended;
  if (code !== 0) throw new Error(`perf script ended with ${String(code)}: ${script.output.trim()}`);
  if (fs.statSync(file).size === 0) throw new Error('perf took no samples');
  return file;
}

function failed(error: unknown, output: string): ThroughlineError {
  return new ThroughlineError(
    'CAPTURE_FAILED',
    `perf could not record the app: ${errorMessage(error)}.`,
    output,
  );
}
