import type { FlameBoxes } from '../../engine/model/flame';

/** The part of the root's width that is shown, in the unit of the boxes' `start`. */
export interface Viewport {
  readonly start: number;
  readonly end: number;
}

/** Narrowest span relative to the whole: further in, edges would lose their digits. */
const MIN_SPAN = 1e-9;

export function fullViewport(total: number): Viewport {
  return { start: 0, end: total > 0 ? total : 1 };
}

export function spanOf(view: Viewport): number {
  return view.end - view.start;
}

/** Shows `1 / factor` of the present span; what is at `at` stays where it is. */
export function zoomAt(view: Viewport, factor: number, at: number, total: number): Viewport {
  return clampViewport({ start: at - (at - view.start) / factor, end: at + (view.end - at) / factor }, total);
}

export function panBy(view: Viewport, by: number, total: number): Viewport {
  return clampViewport({ start: view.start + by, end: view.end + by }, total);
}

export function isFull(view: Viewport, total: number): boolean {
  const full = fullViewport(total);
  const slack = full.end * 1e-9;
  return view.start <= slack && view.end >= full.end - slack;
}

/** Keeps the span within its limits, then moves it inside the graph. */
export function clampViewport(view: Viewport, total: number): Viewport {
  const full = fullViewport(total).end;
  const span = Math.min(Math.max(view.end - view.start, full * MIN_SPAN), full);
  const start = Math.min(Math.max(view.start, 0), full - span);
  return { start, end: start + span };
}

/**
 * A viewport in which a box can be read and its surroundings seen: the present one where the box takes at least an
 * eighth of it, else eight times the box around it.
 */
export function viewportToRead(start: number, width: number, view: Viewport, total: number): Viewport {
  const inView = start >= view.start && start + width <= view.end;
  if (inView && width >= spanOf(view) / 8) return view;
  const span = Math.min(Math.max(width * 4, total * MIN_SPAN), total);
  return clampViewport({ start: start - (span - width) / 2, end: start + (span + width) / 2 }, total);
}

/** Position in `rowBoxes` of the row's first box that ends behind `at`; the row's end where none does. */
export function firstEndingAfter(
  boxes: FlameBoxes,
  row: number,
  at: number,
  from = boxes.rowStart[row]!,
): number {
  const { rowBoxes, start, total } = boxes;
  let low = from;
  let high = boxes.rowStart[row + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const box = rowBoxes[middle]!;
    if (start[box]! + total[box]! > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
