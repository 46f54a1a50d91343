import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { Analysis } from '../../../src/engine/profile/analysis';
import { analyseHeap } from '../../../src/engine/profile/analyseHeap';
import { readCallTree } from '../../../src/engine/profile/callTreeFile';

const ROOT = path.resolve(import.meta.dirname, '../../..');

const SOURCE = `function oneLine(count) {
  let at = 0;
  while (at < count) at++;
  return { count, at };
}
function severalLines(count) {
  const rows = [];
  const text = \`row \${count}\`;
  return { rows, text };
}
function caller() {
  oneLine(1);
  severalLines(2);
  new Map([[1, 2]]);
}
function passesOn(count) {
  return Math.min(count, oneLine(count).at);
}
`;
const LINES = { oneLine: 1, severalLines: 6, caller: 11, passesOn: 16 };

describe('Allocations of a run', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-heap-')));
    file = path.join(folder, 'app.js');
    fs.writeFileSync(file, SOURCE);
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const place = (name: keyof typeof LINES) => ({
    functionName: name,
    scriptId: '7',
    url: pathToFileURL(file).href,
    lineNumber: LINES[name] - 1,
    columnNumber: `function ${name}`.length,
  });
  const node = (id: number, callFrame: object, selfSize: number, children: object[] = []) => ({
    id,
    callFrame,
    selfSize,
    children,
  });
  const root = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };
  const profile = () => ({
    head: node(1, root, 0, [
      node(2, place('caller'), 100, [
        node(3, place('oneLine'), 4000),
        node(4, place('severalLines'), 600, [node(5, { ...root, functionName: 'map' }, 40)]),
      ]),
    ]),
    samples: [2, 3, 3, 3, 4, 5].map((nodeId, ordinal) => ({ nodeId, size: 1, ordinal })),
    startTime: 1_000_000,
    endTime: 2_000_000,
  });
  const capture = (heap: unknown, name = 'main') => {
    const at = path.join(folder, `capture ${name}`);
    fs.mkdirSync(at, { recursive: true });
    fs.writeFileSync(
      path.join(at, 'heap.heapprofile'),
      typeof heap === 'string' ? heap : JSON.stringify(heap),
    );
    fs.writeFileSync(path.join(at, '7.js'), SOURCE);
    const script = { scriptId: '7', url: pathToFileURL(file).href, sourceFile: '7.js' };
    fs.writeFileSync(path.join(at, 'scripts.json'), JSON.stringify([script]));
    return { folder: at, pid: 1, thread: name };
  };
  const request = (...captures: ReturnType<typeof capture>[]) => ({
    captures,
    appFolder: folder,
    treeFile: path.join(folder, 'heaptree.json'),
  });

  it('are charged to functions, to the one line that can allocate, and to the lines of calls', () => {
    const { profile: found } = analyseHeap(request(capture(profile())));
    const functions = found.functions.map((fn) => [
      found.frames[fn.frame]!.functionName,
      fn.selfMicros,
      fn.totalMicros,
      fn.selfSamples,
    ]);
    assert.deepEqual(functions, [
      ['oneLine', 4000, 4000, 3],
      ['severalLines', 600, 640, 1],
      ['caller', 100, 4740, 1],
      ['map', 40, 40, 1],
    ]);
    assert.ok(found.lines.every((line) => line.file === file));
    assert.deepEqual(
      Object.fromEntries(found.lines.map((line) => [line.line, [line.selfMicros, line.totalMicros]])),
      {
        // The object literal is all that it allocates.
        4: [4000, 4000],
        // Three lines may have allocated: it is on the line of the declaration.
        6: [600, 600],
        // Its own line can allocate, and so can what it may have inlined.
        11: [100, 100],
        12: [0, 4000],
        13: [0, 640],
      },
    );
    assert.deepEqual(
      [found.totals.activeMicros, found.totals.sampledMicros, found.totals.samples],
      [4740, 4740, 6],
    );
  });

  it('of an inlined function are given back to it where it alone can allocate', () => {
    const head = node(1, root, 0, [node(2, place('passesOn'), 500)]);
    const samples = [{ nodeId: 2, size: 1, ordinal: 0 }];
    const { profile: found } = analyseHeap(request(capture({ ...profile(), head, samples })));
    assert.deepEqual(
      found.functions.map((fn) => [found.frames[fn.frame]!.functionName, fn.selfMicros, fn.totalMicros]),
      [
        ['oneLine', 500, 500],
        ['passesOn', 0, 500],
      ],
    );
    assert.deepEqual(
      found.lines.map((line) => [line.line, line.selfMicros, line.totalMicros]),
      [
        [4, 500, 500],
        [17, 0, 500],
      ],
    );
  });

  it('count by the share of the window, and are merged over threads', () => {
    const window = { startMicros: 1_500_000, endMicros: 2_000_000 };
    const captures = [capture(profile()), capture(profile(), 'worker 1')];
    const { profile: found, stacks } = analyseHeap({ ...request(...captures), window });
    assert.equal(found.totals.activeMicros, 4740);
    assert.deepEqual(
      stacks.threads.map(({ name, total, samples }) => [name, total, samples]),
      [
        ['main', 2370, 6],
        ['worker 1', 2370, 6],
      ],
    );
    const outside = { startMicros: 3_000_000, endMicros: 4_000_000 };
    assert.equal(analyseHeap({ ...request(captures[0]!), window: outside }).profile.totals.activeMicros, 0);
  });

  it('are kept as a tree in bytes', async () => {
    execFileSync(process.execPath, ['esbuild.mjs', '--only=analysis'], { cwd: ROOT });
    const analysis = new Analysis(path.join(ROOT, 'dist'));
    try {
      const found = await analysis.analyseHeap(request(capture(profile())));
      const { tree, frames, stacks } = await readCallTree(request().treeFile);
      assert.equal(stacks.unit, 'bytes');
      assert.equal(stacks.timeline, undefined);
      assert.equal(frames.length, found.frames.length);
      assert.equal(
        tree.selfMicros.reduce((sum, bytes) => sum + bytes),
        4740,
      );
    } finally {
      analysis.dispose();
    }
  });

  it('are refused with a sentence where the profile is none', () => {
    const good = profile();
    const bad: readonly [unknown, RegExp][] = [
      ['', /not JSON/],
      ['null', /not a heap profile/],
      [{ ...good, samples: 7 }, /not a heap profile/],
      [{ ...good, endTime: undefined }, /when it was recorded/],
      [{ ...good, endTime: 0 }, /when it was recorded/],
      [{ ...good, head: node(1, root, -1) }, /a node that is none/],
      [{ ...good, head: { ...node(1, root, 1), children: [null] } }, /a node that is none/],
      [{ ...good, head: node(1, {}, 1) }, /without a function/],
      [{ ...good, head: node(1, root, 0), samples: [] }, /No allocation was sampled/],
    ];
    for (const [value, message] of bad) {
      assert.throws(
        () => analyseHeap(request(capture(value))),
        (error) =>
          error instanceof ThroughlineError && error.code === 'BAD_PROFILE' && message.test(error.message),
        String(message),
      );
    }
    fs.rmSync(path.join(folder, 'capture main', 'heap.heapprofile'));
    assert.throws(
      () => analyseHeap(request({ folder: path.join(folder, 'capture main'), pid: 1, thread: 'main' })),
      /No allocation/,
    );
  });
});
