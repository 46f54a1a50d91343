// The rules on real profiles: the built command measures a copy of the shop, which says what it spent, and a small app.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Hint } from '../../src/engine/model/hint';
import type { Run } from '../../src/engine/model/run';

const root = path.resolve(__dirname, '../..');
const shop = path.join(root, 'test/apps/shop');

/** The planted costs that a rule looks for, and a healthy route: large enough shares on a crowded machine too. */
const ROUTES = [
  'GET /api/products/17/price',
  'POST /api/checkout?cart=42',
  'GET /api/reports/sales',
  'GET /health',
];

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
    const args = ['--warmup', '4', '--duration', '5', ...ROUTES.flatMap((route) => ['--path', route])];
    await measure(copy, args, { SHOP_TRUTH_FILE: truthFile });
    run = await savedRun(copy);
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

describe('hints on an app that reads files in its handler', function () {
  this.timeout(120_000);

  it('finds each synchronous call at its line, and no other fault', async () => {
    const folder = await fs.mkdtemp(path.join(root, 'out/files-'));
    try {
      await fs.writeFile(path.join(folder, 'package.json'), '{ "scripts": { "start": "node server.js" } }');
      await fs.writeFile(path.join(folder, 'server.js'), FILE_READER);
      await measure(folder, ['--warmup', '1', '--duration', '3', '--path', '/']);
      const hints = (await savedRun(folder)).hints.filter((one) => one.rule.startsWith('CPU-'));
      const lineOf = (text: string) => FILE_READER.split('\n').findIndex((line) => line.includes(text)) + 1;
      assert.deepEqual(
        hints.map((one) => `${one.rule} ${one.title.split(' ')[0]} ${one.place?.line}`).sort(),
        [
          `CPU-SYNC-FS existsSync ${lineOf('fs.existsSync')}`,
          `CPU-SYNC-FS readFileSync ${lineOf('fs.readFileSync')}`,
        ],
      );
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  });
});

const FILE_READER = `
const http = require('node:http');
const fs = require('node:fs');
function template(file) {
  if (!fs.existsSync(file)) return '';
  return fs.readFileSync(file, 'utf8');
}
http
  .createServer((request, response) => response.end('read ' + template(__filename).length))
  .listen(0, '127.0.0.1');
`;

function measure(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const command = [path.join(root, 'dist/cli.cjs'), 'measure', folder, ...args, '--json'];
    const child = spawn(process.execPath, command, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`measure ended with ${code}: ${stderr}`)),
    );
  });
}

async function savedRun(folder: string): Promise<Run> {
  const runs = path.join(folder, '.throughline/runs');
  const [id] = (await fs.readdir(runs)).filter((name) => /^\d{8}T/.test(name));
  assert.ok(id, 'no run was saved');
  return JSON.parse(await fs.readFile(path.join(runs, id, 'run.json'), 'utf8')) as Run;
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
