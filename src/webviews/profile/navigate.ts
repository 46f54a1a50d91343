import type { FlameBoxes } from '../../engine/model/flame';
import type { Viewport } from './viewport';

export type Direction = 'parent' | 'child' | 'left' | 'right';

/**
 * The box one step from `box`, or `box` itself where there is none. Left and right go along the row, through siblings
 * and then cousins. Boxes too narrow to see count as well: whoever steps there brings them into view.
 */
export function step(boxes: FlameBoxes, box: number, direction: Direction): number {
  switch (direction) {
    case 'parent':
      return Math.max(boxes.parent[box]!, 0);
    case 'child':
      return widestChild(boxes, box);
    case 'left':
    case 'right': {
      const row = boxes.depth[box]!;
      const at = positionInRow(boxes, box) + (direction === 'left' ? -1 : 1);
      return at < boxes.rowStart[row]! || at >= boxes.rowStart[row + 1]! ? box : boxes.rowBoxes[at]!;
    }
  }
}

/**
 * Where boxes lie that the page left out for being narrow, and that a step in the direction would come to; undefined
 * where it left none out there.
 */
export function gapBeside(
  boxes: FlameBoxes,
  box: number,
  direction: Exclude<Direction, 'parent'>,
): Viewport | undefined {
  if (direction === 'child') {
    if (widestChild(boxes, box) !== box || leftOut(boxes, box) <= 0) return undefined;
    return { start: boxes.start[box]!, end: boxes.start[box]! + leftOut(boxes, box) };
  }
  const parent = boxes.parent[box]!;
  if (parent < 0 || leftOut(boxes, parent) <= 0) return undefined;
  const next = step(boxes, box, direction);
  const isSibling = next !== box && boxes.parent[next] === parent;
  const parentEnd = boxes.start[parent]! + boxes.total[parent]!;
  const gap =
    direction === 'right'
      ? { start: boxes.start[box]! + boxes.total[box]!, end: isSibling ? boxes.start[next]! : parentEnd }
      : {
          start: isSibling ? boxes.start[next]! + boxes.total[next]! : boxes.start[parent]!,
          end: boxes.start[box]!,
        };
  if (!isSibling && direction === 'right') gap.end = Math.min(gap.end, gap.start + leftOut(boxes, parent));
  return gap.end - gap.start > boxes.total[0]! * 1e-12 ? gap : undefined;
}

/** Value of the box's children that the page does not hold. */
function leftOut(boxes: FlameBoxes, box: number): number {
  let shown = boxes.self[box]!;
  for (let child = box + 1; child < boxes.subtreeEnd[box]!; child = boxes.subtreeEnd[child]!) {
    shown += boxes.total[child]!;
  }
  const rest = boxes.total[box]! - shown;
  return rest > boxes.total[box]! * 1e-6 ? rest : 0;
}

function widestChild(boxes: FlameBoxes, box: number): number {
  let widest = box;
  for (let child = box + 1; child < boxes.subtreeEnd[box]!; child = boxes.subtreeEnd[child]!) {
    if (widest === box || boxes.total[child]! > boxes.total[widest]!) widest = child;
  }
  return widest;
}

/** Indexes ascend along a row. */
function positionInRow(boxes: FlameBoxes, box: number): number {
  const row = boxes.depth[box]!;
  let low = boxes.rowStart[row]!;
  let high = boxes.rowStart[row + 1]! - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (boxes.rowBoxes[middle]! < box) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The widest box of a frame; -1 where it has none. */
export function widestBoxOf(boxes: FlameBoxes, frame: number): number {
  let widest = -1;
  for (let box = 0; box < boxes.frame.length; box++) {
    if (boxes.frame[box] !== frame) continue;
    if (widest < 0 || boxes.total[box]! > boxes.total[widest]!) widest = box;
  }
  return widest;
}

/** The box of that identity; -1 where the page does not hold it. */
export function boxOfNode(boxes: FlameBoxes, node: number): number {
  return boxes.node.indexOf(node);
}

/** The box on which the stack ends; -1 where the page does not hold it, or the path is none. */
export function boxOfPath(boxes: FlameBoxes, path: readonly number[]): number {
  let box = path.length === 0 ? -1 : 0;
  for (const frame of path) {
    if (box < 0) return -1;
    let next = -1;
    for (let child = box + 1; child < boxes.subtreeEnd[box]!; child = boxes.subtreeEnd[child]!) {
      if (boxes.frame[child] !== frame) continue;
      next = child;
      break;
    }
    box = next;
  }
  return box;
}

/** Frames from the root's child to `box`. */
export function pathTo(boxes: FlameBoxes, box: number): number[] {
  const path: number[] = [];
  for (let at = box; at > 0; at = boxes.parent[at]!) path.push(boxes.frame[at]!);
  return path.reverse();
}
