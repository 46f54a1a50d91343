import type { Page } from '../../engine/model/view';
import type { Viewport } from './viewport';
import { clampViewport, spanOf } from './viewport';
import { MIN_BOX_PX } from './visible';

/** The part of a `PageRequest` that follows from what is on the screen. */
export interface PageNeed {
  readonly from?: number;
  readonly to?: number;
  readonly min: number;
}

/** Asked for on either side of what is shown, relative to its span: panning a little asks for nothing. */
const MARGIN = 0.5;
/** Asked for finer than what is shown needs: zooming in a little asks for nothing. */
const FINER = 2;

/** Whether `page` holds all that `view` draws on `widthPx` pixels. */
export function suffices(page: Page, view: Viewport, widthPx: number): boolean {
  return covers(page, view) && (page.min === 0 || page.min <= narrowest(view, widthPx) * 1.001);
}

/** Whether the page has all of the view's width, at whatever resolution. */
export function covers(page: Page, view: Viewport): boolean {
  const slack = spanOf(view) * 1e-6;
  return isWhole(page) || (page.from <= view.start + slack && page.to >= view.end - slack);
}

export function isWhole(page: Page): boolean {
  const total = page.boxes.total[0]!;
  return page.from <= total * 1e-9 && page.to >= total * (1 - 1e-9);
}

/** What to ask for so that `view` can be drawn. */
export function needOf(view: Viewport, widthPx: number, total: number): PageNeed {
  const min = narrowest(view, widthPx) / FINER;
  const span = spanOf(view);
  if (span * (1 + 2 * MARGIN) >= total) return { min };
  const { start, end } = clampViewport(
    { start: view.start - span * MARGIN, end: view.end + span * MARGIN },
    total,
  );
  return { from: start, to: end, min };
}

/** Width of the narrowest box that is drawn, in the page's unit. */
function narrowest(view: Viewport, widthPx: number): number {
  return (MIN_BOX_PX * spanOf(view)) / Math.max(widthPx, 1);
}
