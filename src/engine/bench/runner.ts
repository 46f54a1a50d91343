/**
 * Runs one benchmark file in a process of its own, with the user's Node: `node benchRunner.mjs <RunnerOptions as JSON>`.
 * Reports JSON lines on descriptor 3; standard output and error are the file's own.
 */
import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { Capture } from './capture';
import { endWithEngine } from './lifeline';
import { loadFile, NoTypeScript } from './loadFile';
import { LIFELINE_FD, MESSAGES_FD, type FilePlace, type RunnerMessage, type RunnerOptions } from './messages';
import { Session } from './session';
import { placeInStack, reportError } from './stackPlace';
import { isBench, type Bench } from './tinybench';

/** After the last benchmark, a file that keeps the process alive (an open server) is given this long to go on. */
const LINGER_MS = 3000;

const options = JSON.parse(process.argv[2] ?? '{}') as RunnerOptions;
const capture = options.profileFolder === undefined ? undefined : new Capture();
// As if the file had been started itself: some run their benchmarks only then.
process.argv = [process.argv[0]!, options.file];
endWithEngine(LIFELINE_FD);

let failed = false;
const session = new Session({
  file: options.file,
  filter: options.filter && new Set(options.filter),
  report: send,
  onFirstStart: () => capture?.begin(),
});
process.on('uncaughtExceptionMonitor', fileFailed);
process.on('exit', finish);
// Also a file that does not wait for its own run, or that starts it late, comes to this point when it has ended.
process.on('beforeExit', () => void runLeftOver(session.notRun()));
void main();

async function main(): Promise<void> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await loadFile(options.file, options.forceTsx);
  } catch (error) {
    if (error instanceof NoTypeScript) send({ type: 'noTypeScript', nodeVersion: process.version });
    else fileFailed(error);
    process.exit(1);
  }
  // One turn later, so that a file which exports a bench and also runs it has begun to.
  await new Promise((resolve) => setImmediate(resolve));
  const benches = exportedBenches(exported);
  await runLeftOver(session.notRun().filter((bench) => benches.has(bench)));
  let idleMs = 0;
  const step = 100;
  setInterval(() => {
    idleMs = session.idle && session.reported > 0 ? idleMs + step : 0;
    if (idleMs >= LINGER_MS) process.exit();
  }, step).unref();
}

async function runLeftOver(benches: readonly Bench[]): Promise<void> {
  for (const bench of benches) {
    try {
      await bench.run();
    } catch (error) {
      fileFailed(error);
      process.exitCode = 1;
    }
  }
}

function exportedBenches(exported: Readonly<Record<string, unknown>>): Set<Bench> {
  const values = Object.values(exported);
  const fallback = exported['default'];
  // What `module.exports` holds, and arrays of benches.
  if (typeof fallback === 'object' && fallback !== null)
    values.push(...(Object.values(fallback) as unknown[]));
  return new Set(values.flat().filter(isBench));
}

function fileFailed(error: unknown): void {
  // A bench with `throws` throws what was already reported.
  if (failed || session.knows(error)) return;
  failed = true;
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const reported = reportError(error, options.file);
  const place = reported.place ?? (error instanceof SyntaxError ? syntaxErrorPlace(options.file) : undefined);
  const placed = { ...reported, ...(place && { place }) };
  send({ type: 'fileFailed', error: placed, ...(code !== undefined && { code }) });
}

/** Of a module that it imports, Node tells the place of a syntax error only in what it prints. */
function syntaxErrorPlace(file: string): FilePlace | undefined {
  if (/\.[cm]?ts$/.test(file)) return undefined;
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 10_000 });
  return placeInStack(stderr, file);
}

function finish(): void {
  try {
    const folder = options.profileFolder;
    if (capture && folder !== undefined && capture.end(folder, import.meta.url)) {
      send({ type: 'profile', capture: { folder, pid: process.pid, thread: 'main' } });
    }
  } catch (error) {
    fileFailed(error);
  }
  send({ type: 'end', nodeVersion: process.version, ran: session.reported });
}

function send(message: RunnerMessage): void {
  let rest = Buffer.from(`${JSON.stringify(message)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(MESSAGES_FD, rest));
    } catch (error) {
      // The pipe is full; the engine is reading it. Without an engine there is nobody to tell.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
