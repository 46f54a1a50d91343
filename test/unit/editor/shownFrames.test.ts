import assert from 'node:assert/strict';
import { FramePlaceIndex } from '../../../src/editor/panels/framePlaces';
import { shownFrames } from '../../../src/editor/panels/shownFrames';
import type { FrameTable } from '../../../src/engine/model/stackProfile';
import { costlyRun, costs } from './costlyRun';

interface FrameSpec {
  readonly name?: string;
  /** As recorded. */
  readonly url?: string;
  /** In the sources. */
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
}

function frameTable(specs: readonly FrameSpec[]): FrameTable {
  const distinct = (values: (string | undefined)[]) => [
    ...new Set(values.filter((value) => value !== undefined)),
  ];
  const urls = distinct(specs.map(({ url }) => url));
  const files = distinct(specs.map(({ file }) => file));
  const indexes = (list: readonly string[], key: 'url' | 'file') =>
    Int32Array.from(specs, (spec) => (spec[key] === undefined ? -1 : list.indexOf(spec[key])));
  return {
    names: specs.map(({ name }) => name ?? 'work'),
    kinds: new Uint8Array(specs.length),
    urls,
    urlOf: indexes(urls, 'url'),
    lines: Int32Array.from(specs, () => 900),
    columns: new Int32Array(specs.length),
    packages: [],
    packageOf: new Int32Array(specs.length).fill(-1),
    places: {
      files,
      fileOf: indexes(files, 'file'),
      lines: Int32Array.from(specs, ({ file, line }) => (file === undefined ? 0 : (line ?? 10))),
      endLines: Int32Array.from(specs, ({ endLine }) => endLine ?? 0),
    },
  };
}

describe('frames for the flamegraph', () => {
  it('are shown from the folder on, packages from node_modules on, and as recorded where not found', async () => {
    const table = frameTable([
      { file: '/app/src/a.ts', url: 'file:///app/dist/bundle.js' },
      { file: '/repo/node_modules/fastify/lib/route.js' },
      { file: '/elsewhere/b.ts' },
      { url: 'file:///app/dist/bundle.js' },
      {},
      { file: '/app/..hidden/c.ts' },
      { file: '/application/d.ts' },
    ]);
    const { files, fileOf, lines } = await shownFrames(table, '/app');
    assert.deepEqual(
      Array.from(fileOf, (index) => files[index]),
      [
        'src/a.ts',
        'node_modules/fastify/lib/route.js',
        '/elsewhere/b.ts',
        'file:///app/dist/bundle.js',
        undefined,
        '..hidden/c.ts',
        '/application/d.ts',
      ],
    );
    assert.deepEqual([...lines], [10, 10, 10, 900, 900, 10, 10]);
  });

  it('have names of bounded length', async () => {
    const { names } = await shownFrames(
      frameTable([{ name: 'x'.repeat(100_000) }, { name: 'y' }]),
      undefined,
    );
    assert.deepEqual(
      names.map(({ length }) => length),
      [500, 1],
    );
  });

  it('open files of this machine only', async () => {
    const nowhere = [
      ...['node:internal/crypto', 'https://example.org/a.js', 'webpack:///src/a.ts', 'src/relative.ts'],
      ...['//server/share/a.ts', '\\\\server\\share\\a.ts'],
    ];
    const table = frameTable([...nowhere.map((file) => ({ file })), {}, { file: '/app/src/a.ts' }]);
    assert.deepEqual([...(await shownFrames(table, '/app')).openable], [...nowhere.map(() => 0), 0, 1]);
    const index = new FramePlaceIndex(table);
    [...nowhere, undefined].forEach((_, frame) => assert.equal(index.placeOf(frame), undefined));
    assert.deepEqual(index.placeOf(7), { file: '/app/src/a.ts', line: 10 });
    assert.equal(index.placeOf(8), undefined);
  });
});

describe('the way from a frame to its line and back', () => {
  it('leads to the line of the function that costs most, where lines are known', () => {
    const table = frameTable([
      { file: '/app/a.ts', line: 10 },
      { file: '/app/b.ts', line: 3 },
    ]);
    const { profile } = costs(
      costlyRun({
        functions: [
          { name: 'a', file: '/app/a.ts', line: 10, selfSamples: 9, totalSamples: 9 },
          { name: 'b', file: '/app/b.ts', line: 3, selfSamples: 9, totalSamples: 9 },
        ],
        lines: [
          { file: '/app/a.ts', line: 12, selfSamples: 1, totalSamples: 50, frame: 0 },
          { file: '/app/a.ts', line: 14, selfSamples: 5, totalSamples: 80, frame: 0 },
          { file: '/app/a.ts', line: 16, selfSamples: 80, totalSamples: 80, frame: 0 },
          // A line of another file never leads away from the function.
          { file: '/app/c.ts', line: 99, selfSamples: 500, totalSamples: 500, frame: 1 },
        ],
      }),
    );
    const index = new FramePlaceIndex(table);
    assert.deepEqual(index.placeOf(0, profile), { file: '/app/a.ts', line: 16 });
    assert.deepEqual(index.placeOf(0), { file: '/app/a.ts', line: 10 });
    assert.deepEqual(index.placeOf(1, profile), { file: '/app/b.ts', line: 3 });
  });

  it('finds the innermost function around a line, all frames of it, and none outside', () => {
    const table = frameTable([
      { name: 'outer', file: '/app/a.ts', line: 1, endLine: 30 },
      { name: 'inner', file: '/app/a.ts', line: 5, endLine: 9 },
      { name: 'inner', file: '/app/a.ts', line: 5, endLine: 9 },
      { name: 'openEnded', file: '/app/b.go', line: 4 },
      { name: 'later', file: '/app/b.go', line: 40 },
      { name: 'unplaced' },
    ]);
    const index = new FramePlaceIndex(table, 'linux');
    assert.deepEqual(index.framesAt('/app/a.ts', 6), [1, 2]);
    assert.deepEqual(index.framesAt('/app/a.ts', 10), [0]);
    assert.deepEqual(index.framesAt('/app/a.ts', 31), []);
    assert.deepEqual(index.framesAt('/app/b.go', 39), [3]);
    assert.deepEqual(index.framesAt('/app/b.go', 41), [4]);
    assert.deepEqual(index.framesAt('/app/b.go', 3), []);
    assert.deepEqual(index.framesAt('/app/none.ts', 1), []);
  });

  it('takes any spelling of a path on Windows for the same file', () => {
    const index = new FramePlaceIndex(frameTable([{ file: 'C:\\App\\a.ts', line: 1 }]), 'win32');
    assert.deepEqual(index.framesAt('c:/app/A.ts', 5), [0]);
  });
});
