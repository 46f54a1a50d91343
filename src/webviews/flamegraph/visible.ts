import type { FlameColumns } from '../../engine/model/flame';
import type { Viewport } from './viewport';
import { firstEndingAfter } from './viewport';

/** Narrower boxes are not drawn one by one. */
export const MIN_BOX_PX = 0.5;

/** What to draw, in CSS pixels from the chart's left edge. Reused from frame to frame: nothing is allocated per box. */
export class BoxBuffer {
  length = 0;
  box = new Int32Array(1024);
  left = new Float64Array(1024);
  width = new Float64Array(1024);
  /** 1: a run of boxes too narrow to draw, of which `box` is the first; `width` is that of the run. */
  crumb = new Uint8Array(1024);

  clear(): void {
    this.length = 0;
  }

  push(box: number, left: number, width: number, crumb: 0 | 1): void {
    if (this.length === this.box.length) this.grow();
    this.box[this.length] = box;
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
  columns: FlameColumns,
  row: number,
  view: Viewport,
  widthPx: number,
  out: BoxBuffer,
): void {
  const { rowBoxes, startMicros, totalMicros } = columns;
  const pxPerMicro = widthPx / (view.endMicros - view.startMicros);
  const minMicros = MIN_BOX_PX / pxPerMicro;
  const end = columns.rowStart[row + 1]!;
  let at = firstEndingAfter(columns, row, view.startMicros);
  while (at < end) {
    const box = rowBoxes[at]!;
    const start = startMicros[box]!;
    if (start >= view.endMicros) return;
    const micros = totalMicros[box]!;
    const left = (start - view.startMicros) * pxPerMicro;
    if (micros >= minMicros) {
      out.push(box, left, micros * pxPerMicro, 0);
      at++;
      continue;
    }
    const next = Math.max(at + 1, firstEndingAfter(columns, row, start + minMicros, at + 1));
    const last = rowBoxes[next - 1]!;
    const runMicros = startMicros[last]! + totalMicros[last]! - start;
    if (runMicros > 0) out.push(box, left, runMicros * pxPerMicro, 1);
    at = next;
  }
}

/** How far the pointer may miss a narrow box, in CSS pixels. */
const REACH_PX = 2;

/** The box of `row` at `x` (CSS pixels), or a narrow one right beside it; -1 for none. */
export function boxAt(
  columns: FlameColumns,
  row: number,
  x: number,
  view: Viewport,
  widthPx: number,
): number {
  if (row < 0 || row >= columns.rowStart.length - 1) return -1;
  const microsPerPx = (view.endMicros - view.startMicros) / widthPx;
  const micros = view.startMicros + x * microsPerPx;
  const end = columns.rowStart[row + 1]!;
  const hit = firstEndingAfter(columns, row, micros);
  if (hit < end && columns.startMicros[columns.rowBoxes[hit]!]! <= micros) return columns.rowBoxes[hit]!;
  const reach = REACH_PX * microsPerPx;
  if (hit < end && columns.startMicros[columns.rowBoxes[hit]!]! - micros <= reach) {
    return columns.rowBoxes[hit]!;
  }
  if (hit > columns.rowStart[row]!) {
    const before = columns.rowBoxes[hit - 1]!;
    if (micros - (columns.startMicros[before]! + columns.totalMicros[before]!) <= reach) return before;
  }
  return -1;
}
