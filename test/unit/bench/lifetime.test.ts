import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { runBenchmarks } from '../../../src/engine/bench/runBenchmarks';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';
import { bundle, folderWithRunner, projectFolder } from './bundles';

/** A benchmark that never comes back, and a process that it started. Writes both pids before. */
const BUSY = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Bench } from 'tinybench';
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
const bench = new Bench({ warmup: false });
bench.add('busy', () => {
  writeFileSync('pids.json', JSON.stringify([process.pid, child.pid]));
  for (;;) ;
});
process.on('SIGTERM', () => {});
await bench.run();
`;

describe('the life of a benchmark process', () => {
  let folder: string;
  let dist: string;
  before(async () => void ({ folder, dist } = await folderWithRunner()));
  after(() => fs.rm(folder, { recursive: true, force: true }));

  it('ends with all that it started when it is cancelled in a busy loop', async () => {
    const project = await projectFolder(folder, { 'busy.bench.mjs': BUSY });
    const cancel = new AbortController();
    const running = runBenchmarks(request(project, cancel.signal));
    const pids = await pidsOf(project);
    cancel.abort();
    await assert.rejects(running, CancelledError);
    await gone(pids);
  });

  it('does not start when it was cancelled before', async () => {
    const project = await projectFolder(folder, { 'busy.bench.mjs': BUSY });
    await assert.rejects(runBenchmarks(request(project, AbortSignal.abort())), CancelledError);
    await assert.rejects(fs.stat(path.join(project, 'pids.json')), { code: 'ENOENT' });
  });

  it('is ended when it says nothing for too long', async () => {
    const project = await projectFolder(folder, { 'busy.bench.mjs': BUSY });
    const running = runBenchmarks({ ...request(project, new AbortController().signal), silenceMs: 1500 });
    const outcome = running.catch((error: unknown) => error);
    const pids = await pidsOf(project);
    const error = await outcome;
    assert.ok(error instanceof ThroughlineError, String(error));
    assert.match(error.message, /said nothing for 2 s/);
    await gone(pids);
  });

  it('leaves no process that a finished benchmark started', async () => {
    const project = await projectFolder(folder, {
      'busy.bench.mjs':
        BUSY.replace('for (;;) ;', '').replace('warmup: false', 'warmup: false, time: 5') + 'child.unref();',
    });
    const running = runBenchmarks(request(project, new AbortController().signal));
    const pids = await pidsOf(project);
    assert.equal((await running).ran, 1);
    await gone(pids);
  });

  it('ends when the engine is killed, even in a busy loop', async () => {
    const project = await projectFolder(folder, { 'busy.bench.mjs': BUSY });
    const entry = path.join(folder, 'engine.mjs');
    await bundle('test/unit/bench/engineProcess.ts', entry);
    const engine = spawn(process.execPath, [entry, path.join(project, 'busy.bench.mjs'), dist], {
      stdio: 'ignore',
    });
    const pids = await pidsOf(project);
    engine.kill('SIGKILL');
    await gone(pids);
  });

  function request(project: string, signal: AbortSignal) {
    return {
      file: path.join(project, 'busy.bench.mjs'),
      folder: project,
      dist,
      node: process.execPath,
      signal,
      onEvent: () => undefined,
    };
  }
});

/** Once the benchmark is at work. */
async function pidsOf(project: string): Promise<number[]> {
  for (;;) {
    const text = await fs.readFile(path.join(project, 'pids.json'), 'utf8').catch(() => '');
    if (text.endsWith(']')) return JSON.parse(text) as number[];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until none lives; mocha's time limit is ours. */
async function gone(pids: readonly number[]): Promise<void> {
  assert.equal(pids.length, 2);
  while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
