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

/** V8's logs, which are to be moved or removed. */
const isolates = (names: readonly string[]) => names.filter((name) => name.startsWith('isolate-'));

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

  it('records by 0x, with allocations beside it', async () => {
    const shop = path.join(apps, 'cjs');
    const ended = await run(['measure', shop, ...short, '--backend', '0x', '--heap', '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout) as {
      id: string;
      hotLines: { kind: string; file: string }[];
      allocations: { state: string; bytes: number; lines: { selfBytes: number }[] };
    };
    const folder = path.join(shop, '.throughline/runs', document.id);
    assert.ok(document.hotLines.some(({ kind }) => kind === 'app'));
    assert.equal(document.allocations.state, 'ok');
    assert.ok(document.allocations.bytes > 0);
    const sum = document.allocations.lines.reduce((bytes, line) => bytes + line.selfBytes, 0);
    assert.ok(sum <= document.allocations.bytes);
    assert.match(await fs.readFile(path.join(folder, 'captures/0x.html'), 'utf8'), /<html/iu);
    const tree = JSON.parse(await fs.readFile(path.join(folder, 'calltree.json'), 'utf8')) as {
      tier: number[];
    };
    assert.ok(tree.tier.some((tier) => tier > 0));
    assert.deepEqual(await fs.readdir(path.join(folder, 'captures')).then(isolates), []);
    await fs.rm(folder, { recursive: true });
  });

  it('records native stacks by perf, or says which setting forbids it', async function () {
    const app = path.join(apps, 'cjs');
    const ended = await run(['measure', app, ...short, '--backend', 'perf', '--json']);
    if (ended.code === 1) {
      assert.match(
        ended.stderr,
        /perf records on Linux|linux-perf|perf_event_paranoid|seccomp|perf could not/u,
      );
      this.skip();
    }
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout) as {
      id: string;
      profile: { totals: { activeMicros: number } };
      hotFunctions: { kind: string; selfShare: number; totalShare: number }[];
      warnings: string[];
    };
    const kinds = new Set(document.hotFunctions.map(({ kind }) => kind));
    assert.ok(kinds.has('app') && kinds.has('native'), [...kinds].join());
    const self = document.hotFunctions.reduce((sum, { selfShare }) => sum + selfShare, 0);
    assert.ok(Math.abs(self - 1) < 0.01, `${self}`);
    assert.ok(document.hotFunctions.every(({ totalShare }) => totalShare <= 1 + 1e-9));
    assert.ok(document.warnings.some((warning) => warning.includes('not lines')));
    assert.deepEqual(isolates(await fs.readdir(app)), []);
    await fs.rm(path.join(app, '.throughline/runs', document.id), { recursive: true });
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
