import type { FlameBoxes } from '../../engine/model/flame';
import type { Viewport } from './viewport';
import { firstEndingAfter } from './viewport';

/** Narrower boxes are not drawn one by one. */
export const MIN_BOX_PX = 1;

/** What to draw, in CSS pixels from the chart's left edge. Reused from frame to frame: nothing is allocated per box. */
export class BoxBuffer {
  length = 0;
  box = new Int32Array(1024);
  row = new Int32Array(1024);
  left = new Float64Array(1024);
  width = new Float64Array(1024);
  /** 1: a run of boxes too narrow to draw, of which `box` is the first; `width` is that of the run. */
  crumb = new Uint8Array(1024);

  clear(): void {
    this.length = 0;
  }

  push(box: number, row: number, left: number, width: number, crumb: 0 | 1): void {
    if (this.length === this.box.length) this.grow();
    this.box[this.length] = box;
    this.row[this.length] = row;
    this.left[this.length] = left;
    this.width[this.length] = width;
    this.crumb[this.length] = crumb;
    this.length++;
  }

  private grow(): void {
    const size = this.length * 2;
    const grown = <T extends Int32Array | Float64Array | Uint8Array>(array: T, into: T): T => {
      into.set(array);
      return into;
    };
    this.box = grown(this.box, new Int32Array(size));
    this.row = grown(this.row, new Int32Array(size));
    this.left = grown(this.left, new Float64Array(size));
    this.width = grown(this.width, new Float64Array(size));
    this.crumb = grown(this.crumb, new Uint8Array(size));
  }
}

/**
 * Adds the row's boxes that the viewport shows to `out`, left to right. The work depends on the pixels, not on the
 * boxes: runs of narrow ones are jumped over by binary search, each leaving one crumb of at most `MIN_BOX_PX`.
 */
export function collectRow(
  boxes: FlameBoxes,
  row: number,
  view: Viewport,
  widthPx: number,
  out: BoxBuffer,
): void {
  const { rowBoxes, start, total } = boxes;
  const pxPerUnit = widthPx / (view.end - view.start);
  const narrow = MIN_BOX_PX / pxPerUnit;
  const end = boxes.rowStart[row + 1]!;
  let at = firstEndingAfter(boxes, row, view.start);
  while (at < end) {
    const box = rowBoxes[at]!;
    const begin = start[box]!;
    if (begin >= view.end) return;
    const value = total[box]!;
    const left = (begin - view.start) * pxPerUnit;
    if (value >= narrow) {
      out.push(box, row, left, value * pxPerUnit, 0);
      at++;
      continue;
    }
    const next = Math.max(at + 1, firstEndingAfter(boxes, row, begin + narrow, at + 1));
    const last = rowBoxes[next - 1]!;
    const run = start[last]! + total[last]! - begin;
    if (run > 0) out.push(box, row, left, run * pxPerUnit, 1);
    at = next;
  }
}

/** How far the pointer may miss a narrow box, in CSS pixels. */
const REACH_PX = 4;

/** The box of `row` at `x` (CSS pixels), or the nearest narrow one right beside it; -1 for none. */
export function boxAt(boxes: FlameBoxes, row: number, x: number, view: Viewport, widthPx: number): number {
  if (row < 0 || row >= boxes.rowStart.length - 1) return -1;
  const perPx = (view.end - view.start) / widthPx;
  const at = view.start + x * perPx;
  const end = boxes.rowStart[row + 1]!;
  const hit = firstEndingAfter(boxes, row, at);
  const after = hit < end ? boxes.rowBoxes[hit]! : -1;
  const afterGap = after < 0 ? Infinity : Math.max(boxes.start[after]! - at, 0);
  if (afterGap === 0) return after;
  const before = hit > boxes.rowStart[row]! ? boxes.rowBoxes[hit - 1]! : -1;
  const beforeGap = before < 0 ? Infinity : at - (boxes.start[before]! + boxes.total[before]!);
  const reach = REACH_PX * perPx;
  // Beyond a wide neighbour is beyond it: only what is hard to hit is reached for.
  const near = (box: number, gap: number) => box >= 0 && gap <= reach && boxes.total[box]! < 2 * reach;
  if (near(after, afterGap) && afterGap <= beforeGap) return after;
  if (near(before, beforeGap)) return before;
  return near(after, afterGap) ? after : -1;
}
