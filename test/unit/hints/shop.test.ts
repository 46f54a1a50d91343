// The rules on a real profile: the built command measures a copy of the shop, and the shop says what it spent.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Hint } from '../../../src/engine/model/hint';
import type { Run } from '../../../src/engine/model/run';

const root = path.resolve(__dirname, '../../..');
const shop = path.join(root, 'test/apps/shop');

interface TruthRecord {
  readonly timeMicros: number;
  readonly activeMicros: number;
  readonly planted: readonly { readonly name: string; readonly micros: number }[];
}

describe('hints on the sample app', function () {
  this.timeout(180_000);
  let copy: string;
  let run: Run;
  let truth: ReadonlyMap<string, number>;

  before(async () => {
    // Below the root, so that the copy finds the root's packages; a copy, so that no saved run is left in the original.
    await fs.mkdir(path.join(root, 'out'), { recursive: true });
    copy = await fs.mkdtemp(path.join(root, 'out/shop-'));
    await fs.cp(shop, copy, {
      recursive: true,
      filter: (file) => !/[\\/](dist|\.throughline|node_modules)$/.test(file),
    });
    const truthFile = path.join(copy, 'truth.jsonl');
    await measure(copy, truthFile);
    const runs = path.join(copy, '.throughline/runs');
    const [id] = (await fs.readdir(runs)).filter((name) => /^\d{8}T/.test(name));
    assert.ok(id, 'no run was saved');
    run = JSON.parse(await fs.readFile(path.join(runs, id, 'run.json'), 'utf8')) as Run;
    truth = sharesInWindow(await fs.readFile(truthFile, 'utf8'), run.load.startMicros, run.load.endMicros);
  });

  after(async () => {
    if (copy) await fs.rm(copy, { recursive: true, force: true });
  });

  const hint = (rule: string): Hint => {
    const found = run.hints.filter((one) => one.rule === rule);
    assert.equal(found.length, 1, `${rule} in ${run.hints.map((one) => one.rule).join(', ')}`);
    return found[0]!;
  };

  it('finds the hot line where it was planted, and leads with it', async () => {
    const found = hint('CPU-HOT-LINE');
    await assertPlace(found, 'src/services/pricing.ts', 'planted: hot-line');
    assert.equal(found.place?.functionName, 'demandPrice');
    const cpu = run.hints.filter((one) => one.rule.startsWith('CPU-'));
    assert.equal(cpu[0]?.rule, 'CPU-HOT-LINE');
    assertNearTruth(found, 'hot-line');
  });

  it('finds the JSON of the report', async () => {
    const found = hint('CPU-JSON');
    await assertPlace(found, 'src/routes/reports.ts', 'planted: json');
    assertNearTruth(found, 'json');
  });

  it('finds the synchronous crypto of the checkout, at the line that calls it', async () => {
    const found = hint('CPU-SYNC-CRYPTO');
    await assertPlace(found, 'src/services/payment.ts', 'planted: crypto');
    assert.equal(found.place?.functionName, 'signPayment');
    assertNearTruth(found, 'crypto');
  });

  it('sees that one thread is full', () => {
    assert.ok(hint('EL-ELU'));
  });

  it('raises no alarm for what the shop does not do', () => {
    const rules = run.hints.map((one) => one.rule);
    for (const quiet of ['CPU-SYNC-FS', 'GC-SHARE']) assert.ok(!rules.includes(quiet), quiet);
  });

  async function assertPlace(found: Hint, file: string, marker: string): Promise<void> {
    const lines = (await fs.readFile(path.join(copy, file), 'utf8')).split('\n');
    const line = lines.findIndex((text) => text.includes(marker)) + 1;
    assert.ok(line > 0, `${file} has no ${marker}`);
    assert.deepEqual(
      { file: path.relative(copy, found.place?.file ?? ''), line: found.place?.line },
      { file: path.normalize(file), line },
    );
  }

  /** Coarse on purpose: that the rule speaks of the planted cost. The truth tests hold the figures to their limit. */
  function assertNearTruth(found: Hint, planted: string): void {
    const expected = truth.get(planted) ?? NaN;
    assert.ok(expected > 0, `the shop counted nothing for ${planted}`);
    const off = Math.abs((found.expectedGain ?? NaN) - expected);
    assert.ok(
      off < 0.02 + expected / 4,
      `${found.rule} says ${found.expectedGain}, ${planted} is ${expected}`,
    );
  }
});

function measure(folder: string, truthFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [path.join(root, 'dist/cli.cjs'), 'measure', folder, '--warmup', '2', '--duration', '5'];
    const child = spawn(process.execPath, [...args, '--json'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, SHOP_TRUTH_FILE: truthFile },
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`measure ended with ${code}: ${stderr}`)),
    );
  });
}

/** What the shop itself counted between its first and last record of the window: planted time over busy time. */
function sharesInWindow(log: string, startMicros: number, endMicros: number): Map<string, number> {
  const records = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TruthRecord)
    .filter(({ timeMicros }) => timeMicros >= startMicros && timeMicros <= endMicros);
  const first = records[0];
  const last = records.at(-1);
  assert.ok(first && last && last !== first, 'the shop logged nothing in the steady window');
  const before = new Map(first.planted.map(({ name, micros }) => [name, micros]));
  const busy = last.activeMicros - first.activeMicros;
  return new Map(last.planted.map(({ name, micros }) => [name, (micros - (before.get(name) ?? 0)) / busy]));
}
