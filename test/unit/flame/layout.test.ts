import assert from 'node:assert/strict';
import { ThroughlineError } from '../../../src/engine/model/errors';
import type { FlameColumns } from '../../../src/engine/model/flame';
import { flameBuffers } from '../../../src/engine/model/flame';
import type { CallTree, Frame } from '../../../src/engine/model/profile';
import { layoutFlame } from '../../../src/engine/profile/flameLayout';
import { frameOf, randomTree, treeOf } from './trees';

/** The boxes as text, one line a row: name, start and width in milliseconds. */
function drawn(columns: FlameColumns, frames: readonly Frame[]): string[] {
  const rows: string[] = [];
  for (let row = 0; row < columns.rowStart.length - 1; row++) {
    const boxes = columns.rowBoxes.subarray(columns.rowStart[row], columns.rowStart[row + 1]);
    rows.push(
      Array.from(boxes, (box) => {
        const name = frames[columns.frame[box]!]?.functionName ?? 'all';
        return `${name}@${columns.startMicros[box]! / 1000}+${columns.totalMicros[box]! / 1000}`;
      }).join(' '),
    );
  }
  return rows;
}

describe('flame layout', () => {
  it('stacks children on their parent, widest first, with its own time at the right', () => {
    const { tree, frames } = treeOf(['a;b 2', 'a;c 5', 'a 3', 'd 10', 'a;c;e 4', ' 1']);
    const columns = layoutFlame(tree, frames);
    assert.deepEqual(drawn(columns, frames), ['all@0+25', 'a@0+14 d@14+10', 'c@0+9 b@9+2', 'e@0+4']);
    assert.deepEqual([...columns.totalSamples], [25, 14, 9, 4, 2, 10]);
    assert.deepEqual([...columns.selfMicros], [1000, 3000, 5000, 4000, 2000, 10_000]);
    assert.deepEqual([...columns.parent], [-1, 0, 1, 2, 1, 0]);
    assert.deepEqual([...columns.subtreeEnd], [6, 5, 4, 4, 5, 6]);
  });

  it('leads every box back to its node', () => {
    const tree = randomTree(5000, 100, 7);
    const frames = Array.from({ length: 100 }, (_, index) => frameOf(`f${index}`));
    const { node, frame, selfMicros, parent } = layoutFlame(tree, frames);
    assert.deepEqual(
      [...node].sort((a, b) => a - b),
      Array.from({ length: 5000 }, (_, index) => index),
    );
    for (let box = 1; box < node.length; box++) {
      assert.equal(frame[box], tree.frame[node[box]!]);
      assert.equal(selfMicros[box], tree.selfMicros[node[box]!]);
      assert.equal(node[parent[box]!], tree.parent[node[box]!]);
    }
  });

  it('keeps boxes within their parents, in order and apart', () => {
    const columns = layoutFlame(
      randomTree(20_000, 300, 3),
      Array.from({ length: 300 }, (_, index) => frameOf(`f${index}`)),
    );
    const { startMicros, totalMicros, parent, rowStart, rowBoxes, depth, selfMicros } = columns;
    const end = (box: number) => startMicros[box]! + totalMicros[box]!;
    const childMicros = new Float64Array(parent.length);
    for (let box = 1; box < parent.length; box++) {
      const above = parent[box]!;
      assert.ok(startMicros[box]! >= startMicros[above]! - 1e-3 && end(box) <= end(above) + 1e-3);
      assert.equal(depth[box], depth[above]! + 1);
      childMicros[above]! += totalMicros[box]!;
    }
    for (let box = 0; box < parent.length; box++) {
      assert.ok(Math.abs(childMicros[box]! + selfMicros[box]! - totalMicros[box]!) < 1e-3);
    }
    for (let row = 0; row < rowStart.length - 1; row++) {
      for (let at = rowStart[row]! + 1; at < rowStart[row + 1]!; at++) {
        assert.ok(end(rowBoxes[at - 1]!) <= startMicros[rowBoxes[at]!]! + 1e-3);
      }
    }
  });

  it('draws a stack deeper than any call stack of its own', () => {
    const depth = 200_000;
    const tree: CallTree = {
      parent: Int32Array.from({ length: depth }, (_, node) => node - 1),
      frame: new Int32Array(depth),
      selfMicros: new Float64Array(depth).fill(1),
      selfSamples: new Int32Array(depth).fill(1),
    };
    const columns = layoutFlame(tree, [frameOf('recursive')]);
    assert.equal(columns.depth[depth - 1], depth - 1);
    assert.equal(columns.totalMicros[0], depth);
  });

  it('lays a million nodes out, in buffers that can be transferred', () => {
    const frames = Array.from({ length: 2000 }, (_, index) => frameOf(`f${index}`));
    const columns = layoutFlame(randomTree(1_000_000, 2000), frames);
    assert.equal(columns.frame.length, 1_000_000);
    const moved = structuredClone(columns, { transfer: flameBuffers(columns) });
    assert.equal(moved.subtreeEnd[0], 1_000_000);
    assert.equal(columns.subtreeEnd.length, 0);
  });

  it('leaves narrow boxes out on request', () => {
    const { tree, frames } = treeOf(['a;b 5', 'a;c;d 1', 'e 1']);
    const columns = layoutFlame(tree, frames, { minMicros: 2000 });
    assert.deepEqual(drawn(columns, frames), ['all@0+7', 'a@0+6', 'b@0+5']);
  });

  it('refuses what is no tree', () => {
    const { tree, frames } = treeOf(['a;b 5', 'c 1']);
    const broken: Partial<CallTree>[] = [
      { parent: Int32Array.of(-1, 2, 1, 0) },
      { parent: Int32Array.of(-1, 0, -1, 0) },
      { parent: new Int32Array(0) },
      { frame: Int32Array.of(-1, 0, 1, 99) },
      { frame: Int32Array.of(-1, 0, -1, 2) },
      { selfMicros: Float64Array.of(0, 0, NaN, 1) },
      { selfMicros: Float64Array.of(0, 0, -5, 1) },
      { selfMicros: Float64Array.of(0, 0, Infinity, 1) },
      { selfSamples: Int32Array.of(0, 0, -1, 1) },
      { selfSamples: Int32Array.of(0) },
    ];
    for (const change of broken) {
      assert.throws(
        () => layoutFlame({ ...tree, ...change }, frames),
        (error) => error instanceof ThroughlineError && error.code === 'BAD_PROFILE',
        JSON.stringify(change),
      );
    }
  });
});
