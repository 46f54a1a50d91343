import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';
import type { AnalyseProgress } from '../../../src/engine/profile/analysis';
import { Analysis } from '../../../src/engine/profile/analysis';
import { readCallTree, writeCallTree } from '../../../src/engine/profile/callTreeFile';
import { Workspace } from './captures';
import { ownTimes } from './timelines';
import { drawProfile } from './drawing';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const DIST = path.join(ROOT, 'dist');

const isError = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === code && message.test(error.message);

describe('The analysis in its worker', () => {
  let workspace: Workspace;
  let analysis: Analysis;
  before(() => execFileSync(process.execPath, ['esbuild.mjs', '--only=analysis'], { cwd: ROOT }));
  beforeEach(() => {
    workspace = new Workspace();
    analysis = new Analysis(DIST);
  });
  afterEach(() => {
    analysis.dispose();
    workspace.dispose();
  });

  const capture = (name: string, profile: unknown) => {
    workspace.write(
      `${name}/profile.cpuprofile`,
      typeof profile === 'string' ? profile : JSON.stringify(profile),
    );
    return { folder: path.join(workspace.folder, name), pid: 1, thread: 'main' };
  };
  const request = (...captures: ReturnType<typeof capture>[]) => ({
    captures,
    appFolder: workspace.app,
    treeFile: path.join(workspace.folder, 'run/calltree.json'),
  });

  it('merges the workers of a cluster, writes the call tree and lays it out', async () => {
    const progress: AnalyseProgress[] = [];
    const profile = await analysis.analyse(
      request(
        capture('one', drawProfile('main > work x30\n(idle) x10\n(garbage collector) x2')),
        capture('two', drawProfile('main > work x20\nmain > rest x5\n(program) x3')),
      ),
      { onProgress: (step) => void progress.push(step) },
    );
    assert.deepEqual(profile.totals, {
      sampledMicros: 70_000,
      activeMicros: 60_000,
      gcMicros: 2000,
      programMicros: 3000,
      samples: 70,
      activeSamples: 60,
      uncertainMicros: 0,
    });
    assert.deepEqual(
      profile.threads.map((thread) => [thread.samples, thread.activeMicros]),
      [
        [42, 32_000],
        [28, 28_000],
      ],
    );
    const [first] = profile.functions;
    assert.equal(profile.frames[first!.frame]!.functionName, 'work');
    assert.equal(first!.selfMicros, 50_000);
    assert.ok(progress.length >= 3 && progress.every((step) => step.done < step.of));

    const { treeFile } = request();
    const { tree, frames } = await readCallTree(treeFile);
    assert.deepEqual(frames, JSON.parse(JSON.stringify(profile.frames)));
    assert.equal(
      tree.selfMicros.reduce((sum, micros) => sum + micros),
      60_000,
    );
    assert.deepEqual(fs.readdirSync(path.dirname(treeFile)), ['calltree.json'], 'no temporary file is left');
  });

  it('cuts to the window', async () => {
    const window = { startMicros: 5_010_000, endMicros: 5_040_000 };
    const profile = await analysis.analyse({
      ...request(capture('one', drawProfile('a x20\nb x80'))),
      window,
    });
    assert.equal(profile.totals.sampledMicros, 30_000);
    assert.equal(profile.totals.samples, 30);
  });

  it('passes on what is wrong with a profile', async () => {
    await assert.rejects(
      analysis.analyse(request(capture('one', '{"nodes":['))),
      isError('BAD_PROFILE', /is cut off/),
    );
    await assert.rejects(
      analysis.analyse(request(capture('one', drawProfile('')))),
      isError('BAD_PROFILE', /no samples/),
    );
    const missing = { folder: path.join(workspace.folder, 'none'), pid: 1, thread: 'main' };
    await assert.rejects(analysis.analyse(request(missing)), isError('BAD_PROFILE', /is missing/));
    const captured = capture('one', drawProfile('a x2'));
    workspace.write('one/scripts.json', '[{"scriptId":1}]');
    await assert.rejects(analysis.analyse(request(captured)), isError('BAD_PROFILE', /list of scripts/));
  });

  it('reads no source file outside the capture', async () => {
    workspace.write('secret.js', 'function a() {\n  return 1;\n}');
    const captured = capture('one', drawProfile('a@x.js:1:11:2 x2'.replace(':2 x2', ' x2')));
    const script = { scriptId: 'x.js', url: 'x.js', sourceFile: '../secret.js' };
    workspace.write('one/scripts.json', JSON.stringify([script]));
    const profile = await analysis.analyse(request(captured));
    assert.deepEqual(profile.files, []);
    assert.equal(profile.frames.find((frame) => frame.functionName === 'a')?.endLine, undefined);
  });

  it('says where the tree cannot be written, and leaves what was there', async () => {
    const treeFile = path.join(workspace.folder, 'taken');
    fs.mkdirSync(path.join(treeFile, 'inner'), { recursive: true });
    await assert.rejects(
      analysis.analyse({ ...request(capture('one', drawProfile('a x2'))), treeFile }),
      isError('STORE_FAILED', /could not be written/),
    );
    assert.ok(fs.existsSync(path.join(treeFile, 'inner')));
  });

  it('is cancelled by its signal, before and during the work, and by disposal', async () => {
    const large = capture('one', drawProfile('main > work x300000'));
    await assert.rejects(analysis.analyse(request(large), { signal: AbortSignal.abort() }), CancelledError);
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await assert.rejects(
      analysis.analyse(request(large), { signal: controller.signal, onProgress }),
      CancelledError,
    );
    const running = analysis.analyse(request(large));
    analysis.dispose();
    await assert.rejects(running, CancelledError);
    await assert.rejects(analysis.analyse(request(large)), CancelledError);
  });

  it('reports a worker that cannot start', async () => {
    const broken = new Analysis(path.join(workspace.folder, 'nowhere'));
    await assert.rejects(
      broken.analyse(request(capture('one', drawProfile('a x2')))),
      isError('INTERNAL', /crashed/),
    );
  });

  it('refuses call trees that are none', async () => {
    const file = path.join(workspace.folder, 'tree.json');
    const good = {
      formatVersion: 1,
      frames: [],
      parent: [-1],
      frame: [-1],
      selfMicros: [0],
      selfSamples: [0],
    };
    const bad: readonly [unknown, RegExp][] = [
      ['', /not JSON/],
      ['[]', /not a call tree/],
      [{ ...good, formatVersion: 2 }, /not a call tree/],
      [{ ...good, formatVersion: 3 }, /not a call tree/],
      [{ ...good, parent: [] }, /./],
      [{ ...good, parent: [-1, 1], frame: [-1, 0], selfMicros: [0, 1], selfSamples: [0, 1] }, /wrong parent/],
      [{ ...good, parent: [-1, 0], frame: [-1, 0], selfMicros: [0, 1], selfSamples: [0, 1] }, /wrong frame/],
      [{ ...good, selfMicros: [0, 1] }, /different lengths/],
      [{ ...good, selfMicros: [-1] }, /not a call tree/],
    ];
    for (const [value, message] of bad) {
      fs.writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
      await assert.rejects(readCallTree(file), isError('BAD_PROFILE', message));
    }
    await assert.rejects(
      readCallTree(path.join(workspace.folder, 'none.json')),
      isError('BAD_PROFILE', /cannot be read/),
    );
  });

  it('keeps the old tree until the new one is whole', async () => {
    const file = path.join(workspace.folder, 'tree.json');
    const tree = (micros: number) => ({
      parent: Int32Array.of(-1),
      frame: Int32Array.of(-1),
      selfMicros: Float64Array.of(micros),
      selfSamples: Int32Array.of(1),
    });
    const stacks = { unit: 'micros', idle: 0, threads: [] } as const;
    await writeCallTree(file, tree(1), [], stacks);
    await writeCallTree(file, tree(2), [], stacks);
    assert.equal((await readCallTree(file)).tree.selfMicros[0], 2);
  });
});

describe('Real captures', () => {
  const folder = path.join(ROOT, 'test/profiles');
  for (const name of fs.readdirSync(folder).filter((file) => file.endsWith('.capture.json.gz'))) {
    it(name, async () => {
      const stored = JSON.parse(
        gunzipSync(fs.readFileSync(path.join(folder, name))).toString(),
      ) as StoredCapture;
      const workspace = new Workspace();
      const analysis = new Analysis(DIST);
      try {
        for (const [file, text] of Object.entries(stored.files))
          workspace.write(file, text.replaceAll('%ROOT%', workspace.folder));
        const profile = await analysis.analyse({
          captures: [{ folder: path.join(workspace.folder, 'capture'), pid: 1, thread: 'main' }],
          appFolder: workspace.app,
          treeFile: path.join(workspace.folder, 'calltree.json'),
        });
        for (const { file, line, micros } of stored.truth) {
          const found = profile.lines.find(
            (item) => item.file === path.join(workspace.app, file) && item.line === line,
          );
          const error = ((found?.selfMicros ?? 0) - micros) / profile.totals.activeMicros;
          assert.ok(Math.abs(error) <= 0.01, `${file}:${line} is off by ${(error * 100).toFixed(1)} points`);
        }
        checkTimeline(await readCallTree(path.join(workspace.folder, 'calltree.json')));
        assert.equal(profile.totals.uncertainMicros, 0);
        assert.deepEqual(profile.mapping.failures, []);
      } finally {
        analysis.dispose();
        workspace.dispose();
      }
    });
  }
});

/** Files of a workspace with its capture, the workspace's folder written as `%ROOT%`. */
interface StoredCapture {
  readonly files: Readonly<Record<string, string>>;
  /** Microseconds of the window that the app's own clock counted on a line of the source. */
  readonly truth: readonly { readonly file: string; readonly line: number; readonly micros: number }[];
}

/** The stacks in order of time add up to the merged ones. */
function checkTimeline({ tree, stacks }: Awaited<ReturnType<typeof readCallTree>>): void {
  const { timeline, threads } = stacks;
  assert.ok(timeline?.spread && threads.length === 1);
  assert.ok(timeline.node.length > 1000);
  const { own, idle } = ownTimes(timeline, threads);
  own.forEach((micros, node) => {
    const off = Math.abs(micros - tree.selfMicros[node]!);
    assert.ok(off <= 1 + 1e-6 * micros, `node ${node} is off by ${off} µs`);
  });
  assert.ok(Math.abs(idle - stacks.idle) <= 1);
  const sum = tree.selfMicros.reduce((total, micros) => total + micros);
  assert.ok(Math.abs(threads[0]!.total - sum) <= tree.selfMicros.length);
  const shared = [...timeline.spread.first.keys()].filter(
    (node) => timeline.spread!.first[node + 1]! - timeline.spread!.first[node]! > 1,
  );
  assert.ok(shared.length > 0, 'no inlined function was put back');
}
