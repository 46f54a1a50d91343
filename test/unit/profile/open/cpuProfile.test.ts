import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { openProfile } from '../../../../src/engine/profile/open/openProfile';
import type { SessionCosts } from '../../../../src/engine/profile/sessionMessages';
import { Disk, linesOf, placesOf } from './opening';

// V8 tells no file of an inlined function's lines: these are no lines of the other file as well.
const PADDING = Array.from({ length: 20 }, (_, i) => `export const unused${i} = ${i};\n`).join('');
const MIX = `${PADDING}export interface Pair {
  readonly a: number;
  readonly b: number;
}

export function mix({ a, b }: Pair): number {
  let x = a ^ b;
  for (let i = 0; i < 20; i++) {
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  }
  return x;
}
`;

const MAIN = `import { mix } from './mix';

type Sums = { total: number };

function spin(count: number, sums: Sums): void {
  for (let i = 0; i < count; i++) {
    sums.total = (sums.total + mix({ a: i, b: sums.total })) | 0;
  }
}

const sums: Sums = { total: 0 };
const end = Date.now() + 700;
while (Date.now() < end) spin(100_000, sums);
`;

/** The lines of `spin`'s loop and of `mix`. */
const SPIN = [5, 6, 7, 8, 9].map((line) => `src/main.ts:${line}`);
const IN_MIX = [26, 27, 28, 29, 30, 31].map((line) => `src/mix.ts:${line}`);

describe('a V8 profile', function () {
  this.timeout(60_000);
  /** What `node --cpu-prof` wrote once for all. */
  let recorded: string;
  let recordedAt: string;
  let disk: Disk;

  before(() => {
    const recording = new Disk();
    recordedAt = recording.workspace;
    try {
      build(recording);
      const args = ['--cpu-prof', '--cpu-prof-dir', recording.folder, '--cpu-prof-name', 'main.cpuprofile'];
      const ended = spawnSync(process.execPath, [...args, path.join(recording.workspace, 'dist/main.js')], {
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      assert.equal(ended.status, 0, String(ended.stderr));
      recorded = fs.readFileSync(path.join(recording.folder, 'main.cpuprofile'), 'utf8');
    } finally {
      recording.dispose();
    }
  });
  beforeEach(() => (disk = new Disk()));
  afterEach(() => disk.dispose());

  /** @param at the folder that the profile has in place of the one where it was recorded. */
  const writeProfile = (at: string) =>
    disk.write(
      'main.cpuprofile',
      recorded.replaceAll(pathToFileURL(recordedAt).href, pathToFileURL(at).href).replaceAll(recordedAt, at),
    );
  const open = (file: string) => openProfile({ origin: { kind: 'file', file }, folders: [disk.workspace] });

  const assertExact = (costs: SessionCosts) => {
    const { profile } = costs;
    const active = profile.totals.activeMicros;
    const share = (places: readonly string[]) =>
      profile.lines.reduce((sum, line) => {
        const place = `${path.relative(disk.workspace, line.file)}:${line.line}`;
        return places.includes(place) ? sum + line.selfMicros / active : sum;
      }, 0);
    assert.ok(share([...SPIN, ...IN_MIX]) > 0.6, JSON.stringify(linesOf(costs, disk.workspace)));
    assert.ok(share(IN_MIX) > 0.3, JSON.stringify(linesOf(costs, disk.workspace)));
    for (const line of profile.lines) {
      const place = `${path.relative(disk.workspace, line.file)}:${line.line}`;
      if (![...SPIN, ...IN_MIX].includes(place)) assert.ok(line.selfMicros < active * 0.1, place);
    }
    const places = placesOf(costs, disk.workspace);
    assert.equal(places['spin'], 'src/main.ts:5');
    assert.equal(places['mix'], 'src/mix.ts:26');
  };

  it('recorded here has its inlined functions back, on the lines of the TypeScript sources', async () => {
    build(disk);
    const opened = await open(writeProfile(disk.workspace));
    const costs = opened.costs();
    assertExact(costs);
    const mix = costs.profile.functions.find(
      ({ frame }) => costs.profile.frames[frame]!.functionName === 'mix',
    )!;
    assert.equal(costs.profile.frames[mix.callers[0]!.frame]!.functionName, 'spin');
    assert.ok(opened.profile.timeline && opened.profile.timeline.node.length > 0);
    const total = opened.profile.tree.self.reduce((sum, value) => sum + value, 0);
    assert.ok(Math.abs(total - costs.basis.activeMicros) < 10);
    assert.equal(opened.profile.threads.length, 1);
  });

  it('recorded on another machine finds the build here, and its sources by its maps', async () => {
    build(disk);
    const opened = await open(writeProfile('/home/ci/agent/work/checkout'));
    assertExact(opened.costs());
    assert.deepEqual(opened.profile.mapping!.failures, []);
  });

  it('recorded on Windows does so as well', async () => {
    build(disk);
    const file = writeProfile('/C:/agent/checkout');
    assertExact((await open(file)).costs());
  });

  it('tells when a file changed, and trusts it as long as its functions are where they were', async () => {
    build(disk);
    const file = writeProfile(disk.workspace);
    disk.age('main.cpuprofile', 3600);
    const opened = await open(file);
    assertExact(opened.costs());
    assert.match(opened.profile.warnings.join(), /changed since the profile was recorded/);
  });

  it('paints no line of a file whose functions are elsewhere today', async () => {
    build(disk);
    const file = writeProfile(disk.workspace);
    for (const name of ['main', 'mix']) {
      const built = path.join(disk.workspace, `dist/${name}.js`);
      fs.writeFileSync(built, `"moved";\n\n\n${fs.readFileSync(built, 'utf8')}`);
    }
    const opened = await open(file);
    assert.deepEqual(linesOf(opened.costs(), disk.workspace), {});
    assert.ok(
      opened.profile.mapping!.failures.some(({ reason }) => reason.includes('its functions are elsewhere')),
      JSON.stringify(opened.profile.mapping),
    );
  });

  it('of a capture of our own is mapped by the texts beside it', async () => {
    build(disk);
    const file = disk.write('capture/profile.cpuprofile', recorded);
    const { nodes } = JSON.parse(recorded) as {
      nodes: { callFrame: { scriptId: string; url: string } }[];
    };
    const scripts = ['main', 'mix'].map((name) => {
      const url = pathToFileURL(path.join(recordedAt, `dist/${name}.js`)).href;
      // Where all of it was inlined, no frame names it.
      const scriptId = nodes.find(({ callFrame }) => callFrame.url === url)?.callFrame.scriptId ?? '99999';
      disk.write(`capture/${name}.txt`, compile(name).inline);
      return { scriptId, url, sourceFile: `${name}.txt` };
    });
    disk.write('capture/scripts.json', JSON.stringify(scripts));
    const opened = await open(file);
    // The map's own paths lead to the folder of the recording, which is gone: the sources are found by their ends.
    assertExact(opened.costs());
    assert.deepEqual(opened.profile.mapping!.failures, []);
  });

  it('with more functions than can be attributed in seconds is opened without, and says so', async () => {
    const count = 4000;
    const functions = Array.from({ length: count }, (_, i) => `function f${i}() { return ${i}; }`);
    const script = disk.write('checkout/many.js', functions.join('\n'));
    const url = pathToFileURL(script).href;
    const nodes = functions.map((text, i) => ({
      id: i + 2,
      callFrame: {
        functionName: `f${i}`,
        scriptId: '7',
        url,
        lineNumber: i,
        columnNumber: text.indexOf('('),
      },
      hitCount: 1,
      positionTicks: [{ line: i + 1, ticks: 1 }],
    }));
    const root = {
      id: 1,
      callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 },
      hitCount: 0,
      children: nodes.map(({ id }) => id),
    };
    const file = disk.write(
      'many.cpuprofile',
      JSON.stringify({
        nodes: [root, ...nodes],
        samples: nodes.map(({ id }) => id),
        timeDeltas: nodes.map(() => 1000),
        startTime: 0,
        endTime: count * 1000 + 500,
      }),
    );
    const opened = await open(file);
    assert.match(opened.profile.warnings.join(), /too large to put inlined functions back/);
    const costs = opened.costs();
    assert.equal(Object.keys(linesOf(costs, disk.workspace)).length, count);
    assert.equal(placesOf(costs, disk.workspace)['f17'], 'many.js:18');
  });
});

function build(disk: Disk): void {
  for (const name of ['main', 'mix']) {
    const { source, output, map } = compile(name);
    disk.write(`checkout/src/${name}.ts`, source);
    disk.write(`checkout/dist/${name}.js`, output);
    disk.write(`checkout/dist/${name}.js.map`, map);
    for (const file of [`src/${name}.ts`, `dist/${name}.js`, `dist/${name}.js.map`])
      disk.age(`checkout/${file}`, 60);
  }
}

function compile(name: string) {
  const source = name === 'main' ? MAIN : MIX;
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
  const { outputText, sourceMapText } = ts.transpileModule(source, {
    compilerOptions: { ...compilerOptions, sourceMap: true },
    fileName: `../src/${name}.ts`,
  });
  const map = JSON.stringify({ ...JSON.parse(sourceMapText!), sources: [`../src/${name}.ts`] });
  const output = outputText.replace(/sourceMappingURL=.*$/u, `sourceMappingURL=${name}.js.map`);
  const inlineMap = `data:application/json;base64,${Buffer.from(map).toString('base64')}`;
  return {
    source,
    output,
    map,
    inline: outputText.replace(/sourceMappingURL=.*$/u, `sourceMappingURL=${inlineMap}`),
  };
}
