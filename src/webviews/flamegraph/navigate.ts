import type { FlameColumns } from '../../engine/model/flame';
import type { Viewport } from './viewport';
import { MIN_BOX_PX } from './visible';

export type Direction = 'parent' | 'child' | 'left' | 'right';

/**
 * The box one step from `box`, or `box` itself where there is none. Left and right go along the row, through siblings
 * and then cousins. Boxes that the viewport shows too narrow to see, or not at all, are passed over.
 */
export function step(
  columns: FlameColumns,
  box: number,
  direction: Direction,
  view: Viewport,
  widthPx: number,
): number {
  const minMicros = (MIN_BOX_PX * (view.endMicros - view.startMicros)) / widthPx;
  const visible = (candidate: number) =>
    columns.totalMicros[candidate]! >= minMicros &&
    columns.startMicros[candidate]! < view.endMicros &&
    columns.startMicros[candidate]! + columns.totalMicros[candidate]! > view.startMicros;
  switch (direction) {
    case 'parent':
      return Math.max(columns.parent[box]!, 0);
    case 'child':
      return visibleChild(columns, box, visible);
    case 'left':
    case 'right':
      return alongRow(columns, box, direction === 'left' ? -1 : 1, visible);
  }
}

function visibleChild(columns: FlameColumns, box: number, visible: (box: number) => boolean): number {
  for (let child = box + 1; child < columns.subtreeEnd[box]!; child = columns.subtreeEnd[child]!) {
    if (visible(child)) return child;
  }
  return box;
}

function alongRow(columns: FlameColumns, box: number, by: 1 | -1, visible: (box: number) => boolean): number {
  const row = columns.depth[box]!;
  for (let at = positionInRow(columns, box) + by; ; at += by) {
    if (at < columns.rowStart[row]! || at >= columns.rowStart[row + 1]!) return box;
    const candidate = columns.rowBoxes[at]!;
    if (visible(candidate)) return candidate;
  }
}

/** Indexes ascend along a row. */
function positionInRow(columns: FlameColumns, box: number): number {
  const row = columns.depth[box]!;
  let low = columns.rowStart[row]!;
  let high = columns.rowStart[row + 1]! - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (columns.rowBoxes[middle]! < box) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The widest box of a frame; -1 where it has none. */
export function widestBoxOf(columns: FlameColumns, frame: number): number {
  let widest = -1;
  for (let box = 0; box < columns.frame.length; box++) {
    if (columns.frame[box] !== frame) continue;
    if (widest < 0 || columns.totalMicros[box]! > columns.totalMicros[widest]!) widest = box;
  }
  return widest;
}

/** Boxes from the root to `box`, both included. */
export function pathTo(columns: FlameColumns, box: number): number[] {
  const path: number[] = [];
  for (let at = box; at >= 0; at = columns.parent[at]!) path.push(at);
  return path.reverse();
}
