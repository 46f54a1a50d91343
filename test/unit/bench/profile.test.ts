import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { runBenchmarks } from '../../../src/engine/bench/runBenchmarks';
import type { CapturedScript } from '../../../src/engine/model/target';
import { analyse } from '../../../src/engine/profile/analyse';
import { folderWithRunner, projectFolder, samples } from './bundles';

describe('the profile of a benchmark', () => {
  let folder: string;
  let dist: string;
  before(async () => void ({ folder, dist } = await folderWithRunner()));
  after(() => fs.rm(folder, { recursive: true, force: true }));

  async function profiled(file: string, filter: readonly string[]) {
    const { profile } = await runBenchmarks({
      file,
      folder: path.dirname(file),
      dist,
      node: process.execPath,
      filter,
      signal: new AbortController().signal,
      profile: { folder: path.join(folder, `profile-${filter[0]}`) },
      onEvent: () => undefined,
    });
    assert.ok(profile);
    return profile;
  }

  it('holds the sources that V8 ran, and what maps them', async () => {
    const capture = await profiled(path.join(samples, 'loops.bench.ts'), ['large sum']);
    const scripts = JSON.parse(
      await fs.readFile(path.join(capture.folder, 'scripts.json'), 'utf8'),
    ) as CapturedScript[];
    const work = scripts.find(({ url }) => url.endsWith('/benchmarks/work.ts'));
    assert.match(
      await fs.readFile(path.join(capture.folder, work!.sourceFile!), 'utf8'),
      /function sumOfSquares/,
    );
    assert.ok(!scripts.some(({ url }) => url.includes('benchRunner')));
  });

  it('holds the benchmark that was asked for, and neither the others nor the loading of the file', async () => {
    const project = await projectFolder(folder, {
      'a.bench.mjs': `import { Bench } from 'tinybench';
        function burn(ms) { const end = performance.now() + ms; let n = 0; while (performance.now() < end) n++; return n; }
        function loading() { return burn(300); }
        loading();
        const bench = new Bench({ time: 400, warmup: false });
        bench.add('wanted', function wanted() { return burn(5); });
        bench.add('other', function other() { return burn(5); });
        await bench.run();`,
    });
    const capture = await profiled(path.join(project, 'a.bench.mjs'), ['wanted']);
    const { profile } = analyse({
      captures: [capture],
      appFolder: project,
      treeFile: path.join(capture.folder, 'calltree.json'),
    });
    const totalShare = (name: string) => {
      const cost = profile.functions.find(({ frame }) => profile.frames[frame]?.functionName === name);
      return (cost?.totalMicros ?? 0) / profile.totals.activeMicros;
    };
    assert.ok(totalShare('wanted') > 0.8, `${totalShare('wanted')}`);
    assert.equal(totalShare('other'), 0);
    assert.equal(totalShare('loading'), 0);
    const [widest] = profile.lines;
    assert.equal(path.basename(widest?.file ?? ''), 'a.bench.mjs');
    assert.equal(widest?.line, 2);
  });
});
