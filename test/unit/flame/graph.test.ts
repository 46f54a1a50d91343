import assert from 'node:assert/strict';
import type { FlameColumns } from '../../../src/engine/model/flame';
import { layoutFlame } from '../../../src/engine/profile/flameLayout';
import { hottestFrame, sumFunctions, tableRows } from '../../../src/webviews/flamegraph/functions';
import { pathTo, step, widestBoxOf } from '../../../src/webviews/flamegraph/navigate';
import {
  boxAround,
  fullViewport,
  isFull,
  panBy,
  viewportOf,
  viewportToRead,
  zoomAt,
  type Viewport,
} from '../../../src/webviews/flamegraph/viewport';
import { boxAt, BoxBuffer, collectRow, MIN_BOX_PX } from '../../../src/webviews/flamegraph/visible';
import { frameOf, randomNumbers, randomTree, treeOf } from './trees';

const WIDTH = 900;

function large(): FlameColumns {
  return layoutFlame(
    randomTree(60_000, 500, 11),
    Array.from({ length: 500 }, (_, index) => frameOf(`f${index}`)),
  );
}

function small(folded: readonly string[]) {
  const { tree, frames, names } = treeOf(folded);
  const columns = layoutFlame(tree, frames);
  const box = (name: string) => widestBoxOf(columns, names.indexOf(name));
  return { columns, frames, names, box };
}

describe('flamegraph culling', () => {
  it('draws every box of half a pixel and more, none outside, and no more than pixels allow', () => {
    const columns = large();
    const random = randomNumbers(5);
    let view: Viewport = fullViewport(columns);
    for (let round = 0; round < 12; round++) {
      const pxPerMicro = WIDTH / (view.endMicros - view.startMicros);
      for (let row = 0; row < columns.rowStart.length - 1; row++) {
        const buffer = new BoxBuffer();
        collectRow(columns, row, view, WIDTH, buffer);
        const got = new Set<number>();
        for (let at = 0; at < buffer.length; at++) if (buffer.crumb[at] === 0) got.add(buffer.box[at]!);
        const wanted = new Set<number>();
        for (const box of columns.rowBoxes.subarray(columns.rowStart[row], columns.rowStart[row + 1])) {
          const start = columns.startMicros[box]!;
          const micros = columns.totalMicros[box]!;
          const isShown = start < view.endMicros && start + micros > view.startMicros;
          if (isShown && micros >= MIN_BOX_PX / pxPerMicro) wanted.add(box);
        }
        assert.deepEqual(got, wanted, `row ${row}, round ${round}`);
        assert.ok(buffer.length <= (2 * WIDTH) / MIN_BOX_PX);
        for (let at = 0; at < buffer.length; at++) {
          if (buffer.crumb[at] === 1) assert.ok(buffer.width[at]! <= MIN_BOX_PX * 2);
        }
      }
      view = zoomAt(view, 1 + random() * 4, random() * columns.totalMicros[0]!, columns);
    }
  });

  it('finds the box under the pointer, and a narrow one right beside it', () => {
    const { columns, box } = small(['a;b 800', 'c 1', 'd 199']);
    const view = fullViewport(columns);
    assert.equal(boxAt(columns, 1, 10, view, 1000), box('a'));
    assert.equal(boxAt(columns, 2, 10, view, 1000), box('b'));
    assert.equal(boxAt(columns, 2, 801.5, view, 1000), box('b'));
    assert.equal(boxAt(columns, 2, 900, view, 1000), -1);
    assert.equal(boxAt(columns, 1, 999.5, view, 1000), box('c'));
    assert.equal(boxAt(columns, 3, 10, view, 1000), -1);
    assert.equal(boxAt(columns, -1, 10, view, 1000), -1);
  });
});

describe('flamegraph viewport', () => {
  it('zooms about a point and never leaves the graph', () => {
    const { columns } = small(['a 600', 'b 400']);
    const full = fullViewport(columns);
    const zoomed = zoomAt(full, 4, 250_000, columns);
    assert.deepEqual(zoomed, { startMicros: 187_500, endMicros: 437_500 });
    assert.deepEqual(zoomAt(zoomed, 0.01, 250_000, columns), full);
    assert.deepEqual(panBy(zoomed, 1e9, columns), { startMicros: 750_000, endMicros: 1_000_000 });
    assert.deepEqual(panBy(full, 5000, columns), full);
    assert.ok(isFull(full, columns) && !isFull(zoomed, columns));
    const deepest = zoomAt(full, 1e12, 999_999.9, columns);
    assert.ok(deepest.endMicros - deepest.startMicros > 1 && deepest.endMicros <= 1_000_000);
  });

  it('names what it is zoomed in on', () => {
    const { columns, box } = small(['a;b;c 300', 'a;b 100', 'a;d 200', 'e 400']);
    assert.equal(boxAround(columns, fullViewport(columns)), 0);
    assert.equal(boxAround(columns, viewportOf(columns, box('b'))), box('b'));
    assert.equal(boxAround(columns, { startMicros: 50_000, endMicros: 60_000 }), box('c'));
    assert.deepEqual(pathTo(columns, box('c')), [0, box('a'), box('b'), box('c')]);
  });

  it('moves only as far as a box needs to be read', () => {
    const { columns, box } = small(['a;b;c 2', 'a;b 10', 'a 300', 'd 688']);
    const full = fullViewport(columns);
    assert.deepEqual(viewportToRead(columns, box('d'), full), full);
    assert.deepEqual(viewportToRead(columns, box('c'), full), viewportOf(columns, box('b')));
  });
});

describe('flamegraph keyboard', () => {
  it('goes to parent, widest child and along the row', () => {
    const { columns, box } = small(['a;b 300', 'a;c 200', 'd;e 400']);
    const view = fullViewport(columns);
    const go = (from: string, direction: Parameters<typeof step>[2]) =>
      step(columns, box(from), direction, view, WIDTH);
    assert.equal(go('a', 'child'), box('b'));
    assert.equal(go('b', 'right'), box('c'));
    assert.equal(go('c', 'right'), box('e'));
    assert.equal(go('e', 'left'), box('c'));
    assert.equal(go('b', 'left'), box('b'));
    assert.equal(go('b', 'child'), box('b'));
    assert.equal(go('c', 'parent'), box('a'));
    assert.equal(step(columns, 0, 'parent', view, WIDTH), 0);
  });

  it('passes over boxes too narrow to see or out of view', () => {
    const { columns, box } = small(['a 50000', 'b 1', 'c 1', 'd 1']);
    const view = fullViewport(columns);
    assert.equal(step(columns, box('a'), 'right', view, WIDTH), box('a'));
    const close = { startMicros: columns.totalMicros[0]! - 2500, endMicros: columns.totalMicros[0]! };
    assert.equal(step(columns, box('d'), 'left', close, WIDTH), box('c'));
    assert.equal(step(columns, box('b'), 'left', close, WIDTH), box('b'));
  });
});

describe('functions of a flamegraph', () => {
  it('counts a recursive function once per stack', () => {
    const { columns, frames, names } = small([
      'main;fib;fib;fib 30',
      'main;fib;add;fib 20',
      'main;other;fib 10',
      'main 5',
    ]);
    const totals = sumFunctions(columns, frames.length);
    const of = (name: string) => {
      const frame = names.indexOf(name);
      return [
        totals.totalMicros[frame]! / 1000,
        totals.selfMicros[frame]! / 1000,
        totals.totalSamples[frame],
      ];
    };
    assert.deepEqual(of('fib'), [60, 60, 60]);
    assert.deepEqual(of('add'), [20, 0, 20]);
    assert.deepEqual(of('main'), [65, 5, 65]);
  });

  it('agrees with a count stack by stack', () => {
    const tree = randomTree(8000, 60, 21);
    const frames = Array.from({ length: 60 }, (_, index) => frameOf(`f${index}`));
    const wanted = new Float64Array(60);
    for (let node = 1; node < tree.parent.length; node++) {
      const stack = new Set<number>();
      for (let at = node; at > 0; at = tree.parent[at]!) stack.add(tree.frame[at]!);
      for (const frame of stack) wanted[frame]! += tree.selfMicros[node]!;
    }
    const { totalMicros } = sumFunctions(layoutFlame(tree, frames), 60);
    wanted.forEach((micros, frame) => assert.ok(Math.abs(micros - totalMicros[frame]!) < 1e-3));
  });

  it('orders the table by any column and leaves out what is not wanted', () => {
    const { columns, frames, names } = small(['b;c 3', 'b 4', 'a 5', 'd 1']);
    const totals = sumFunctions(columns, frames.length);
    const rows = (order: Parameters<typeof tableRows>[1], keep = (_frame: number) => true) =>
      Array.from(
        tableRows(totals, order, keep, (frame) => names[frame]!),
        (frame) => names[frame],
      ).join('');
    assert.equal(rows({ by: 'self', descending: true }), 'abcd');
    assert.equal(rows({ by: 'total', descending: true }), 'bacd');
    assert.equal(rows({ by: 'name', descending: false }), 'abcd');
    assert.equal(rows({ by: 'name', descending: true }), 'dcba');
    assert.equal(rows({ by: 'samples', descending: false }), 'dcab');
    assert.equal(
      rows({ by: 'total', descending: true }, (frame) => names[frame] !== 'a'),
      'bcd',
    );
    assert.equal(
      hottestFrame(totals, () => true),
      names.indexOf('a'),
    );
    assert.equal(
      hottestFrame(totals, () => false),
      -1,
    );
  });
});
