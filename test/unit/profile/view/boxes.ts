import assert from 'node:assert/strict';
import type { FlameBoxes } from '../../../../src/engine/model/flame';
import type { StackProfile } from '../../../../src/engine/model/stackProfile';

/** A box a line, indented by its depth: where it begins, its width and its own value in milliseconds. */
export function boxTexts(
  { frames, threads }: Pick<StackProfile, 'frames' | 'threads'>,
  boxes: FlameBoxes,
): string[] {
  return [...boxes.frame].map((frame, box) => {
    const name =
      frame === -1 ? '(root)' : frame < -1 ? `[${threads[-2 - frame]!.name}]` : frames.names[frame]!;
    const [start, total, self] = [boxes.start[box]!, boxes.total[box]!, boxes.self[box]!].map(milliseconds);
    return `${' '.repeat(boxes.depth[box]!)}${name} ${start}+${total} self ${self}`;
  });
}

function milliseconds(micros: number): number {
  return Math.round(micros * 1000) / 1_000_000;
}

/** Holds boxes to what `FlameBoxes` says of them. */
export function assertBoxes(boxes: FlameBoxes): void {
  const count = boxes.node.length;
  assert.equal(boxes.parent[0], -1);
  assert.equal(boxes.subtreeEnd[0], count);
  assert.equal(new Set(boxes.node).size, count, 'identities differ');
  for (let box = 1; box < count; box++) {
    const below = boxes.parent[box]!;
    assert.ok(below >= 0 && below < box && boxes.subtreeEnd[below]! >= boxes.subtreeEnd[box]!);
    assert.ok(boxes.depth[box]! > boxes.depth[below]!);
    if (boxes.frame[box]! >= 0) assert.equal(boxes.depth[box], boxes.depth[below]! + 1);
    assert.ok(boxes.start[box]! >= boxes.start[below]! - 1e-6, 'a box begins within its parent');
    assert.ok(
      boxes.start[box]! + boxes.total[box]! <= boxes.start[below]! + boxes.total[below]! + 1e-6,
      'a box ends within its parent',
    );
  }
  assert.deepEqual(
    [...boxes.rowBoxes].sort((a, b) => a - b),
    [...boxes.node.keys()],
  );
  for (let row = 0; row + 1 < boxes.rowStart.length; row++) {
    let end = -Infinity;
    let last = -1;
    for (let at = boxes.rowStart[row]!; at < boxes.rowStart[row + 1]!; at++) {
      const box = boxes.rowBoxes[at]!;
      assert.equal(boxes.depth[box], row);
      assert.ok(box > last && boxes.start[box]! >= end - 1e-6, 'boxes of a row follow one another');
      last = box;
      end = boxes.start[box]! + boxes.total[box]!;
    }
  }
}
