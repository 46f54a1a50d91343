// The built command as a user's shell would run it.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { root, run } from './run';

const apps = path.join(root, 'test/apps');

/** Processes whose environment names the marker: what a run started and left behind. */
async function processesWith(marker: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await fs.readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const environ = await fs.readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environ.includes(marker)) found.push(pid);
  }
  return found;
}

const short = ['--duration', '2', '--warmup', '1', '--connections', '4'];

describe('throughline measure', function () {
  this.timeout(120_000);

  it('prints one document with lines, functions, load, metrics and hints, and saves the run', async () => {
    const shop = path.join(apps, 'shop');
    const ended = await run(['measure', shop, ...short, '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout) as {
      id: string;
      hotLines: Record<string, unknown>[];
      hotFunctions: Record<string, unknown>[];
      load: { throughput: number; latencyMs: Record<string, number>; errors: Record<string, unknown> };
      metrics: Record<string, number>;
      hints: unknown[];
    };
    assert.ok(document.hotLines.length > 0);
    for (const cost of [...document.hotLines.slice(0, 20), ...document.hotFunctions.slice(0, 20)]) {
      assert.ok(typeof cost.function === 'string' && typeof cost.kind === 'string');
      assert.ok(Number(cost.selfShare) >= 0 && Number(cost.selfShare) <= 1);
      assert.ok(
        Number(cost.totalShare) >= Number(cost.selfShare) - 1e-9 && Number(cost.totalShare) <= 1 + 1e-9,
      );
      assert.ok(Number.isInteger(cost.samples));
    }
    const own = document.hotLines.find(({ kind }) => kind === 'app');
    assert.ok(own, 'no line of the app itself');
    assert.match(String(own.file), /^src\/.*\.ts$/);
    const text = (await fs.readFile(path.join(shop, String(own.file)), 'utf8')).split('\n');
    assert.ok(Number(own.line) >= 1 && Number(own.line) <= text.length);
    assert.ok(document.load.throughput > 0);
    const { p50, p90, p99, max } = document.load.latencyMs as Record<'p50' | 'p90' | 'p99' | 'max', number>;
    assert.ok(p50 > 0 && p50 <= p90 && p90 <= p99 && p99 <= max);
    assert.ok((document.metrics.cpuCores ?? 0) > 0);
    await fs.access(path.join(shop, '.throughline/runs', document.id, 'run.json'));
    await fs.rm(path.join(shop, '.throughline/runs', document.id), { recursive: true });
  });

  it('ends everything on Ctrl+C, in the middle of the load', async () => {
    const marker = `cli-test-${process.pid}-${Date.now()}`;
    process.env.THROUGHLINE_TEST_MARKER = marker;
    try {
      let interrupted = false;
      const ended = await run(['measure', path.join(apps, 'shop'), '--duration', '60', '--warmup', '1'], {
        onStderr: (text, interrupt) => {
          if (!interrupted && text.includes('Measuring')) {
            interrupted = true;
            interrupt();
          }
        },
      });
      assert.ok(interrupted);
      assert.equal(ended.code, 130, ended.stderr);
      assert.match(ended.stderr, /Cancelled/);
      assert.deepEqual(await processesWith(marker), []);
    } finally {
      delete process.env.THROUGHLINE_TEST_MARKER;
    }
  });

  it('tells bad usage from a failed run by the exit code', async () => {
    const empty = await fs.mkdtemp(path.join(os.tmpdir(), 'throughline-empty-'));
    try {
      const usage = await run(['measure', empty, '--connections', 'many']);
      assert.equal(usage.code, 2);
      assert.match(usage.stderr, /--connections/);
      const missing = await run(['measure', path.join(empty, 'nowhere')]);
      assert.equal(missing.code, 2);
      const nothing = await run(['measure', empty, ...short]);
      assert.equal(nothing.code, 1);
      assert.match(nothing.stderr, /how to start the app.*start.*package\.json/s);
      assert.equal(nothing.stdout, '');
    } finally {
      await fs.rm(empty, { recursive: true, force: true });
    }
  });

  it('refuses to load a host that is not this machine', async () => {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'throughline-url-'));
    try {
      const ended = await run(['measure', folder, '--url', 'http://192.0.2.1/', ...short]);
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, /this machine/);
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  });
});
