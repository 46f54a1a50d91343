import type { Page, ViewMode, ViewSpec } from '../../engine/model/view';
import { Latest, type Asker } from './asker';
import { specKey } from './history';
import { covers, isWhole, needOf, suffices, type PageNeed } from './paging';
import type { Viewport } from './viewport';

/** A gesture asks once it rests that long. */
const ASK_AFTER_MS = 60;

/**
 * The pages of one view: one of its whole width, and one of what is zoomed in on. What a gesture needs beyond them is
 * asked for when it rests; meanwhile the better of the two is drawn.
 */
export class PageSource {
  private view: { readonly spec: ViewSpec; readonly mode: ViewMode; readonly key: string } | undefined;
  private whole: Page | undefined;
  private detail: Page | undefined;
  private readonly latest: Latest;
  private timer = 0;
  /** What was asked last and answered with the best there is, also where that is coarser than wanted. */
  private answered: string | undefined;

  constructor(
    asker: Asker,
    /** The first page of a view came, or a better one of the same. */
    private readonly arrived: (page: Page, isFirst: boolean) => void,
  ) {
    this.latest = new Latest(asker);
  }

  /** Begins with a page that is there already. */
  start(spec: ViewSpec, mode: ViewMode, page: Page): void {
    this.view = { spec, mode, key: keyOf(spec, mode) };
    this.whole = page;
    this.detail = undefined;
    this.answered = undefined;
  }

  isOf(spec: ViewSpec, mode: ViewMode): boolean {
    return this.view?.key === keyOf(spec, mode);
  }

  /** Asks for the first page of another view; `total` is the most its width can be, in its unit. */
  open(spec: ViewSpec, mode: ViewMode, total: number, widthPx: number): void {
    this.view = { spec, mode, key: keyOf(spec, mode) };
    this.answered = undefined;
    window.clearTimeout(this.timer);
    this.ask(needOf({ start: 0, end: Math.max(total, 1e-9) }, widthPx, total), true);
  }

  /** The page to draw `view` from, of what is there. */
  pageFor(view: Viewport): Page | undefined {
    const { whole, detail } = this;
    if (detail && covers(detail, view) && (!whole || detail.min <= whole.min)) return detail;
    return whole ?? detail;
  }

  /** The page of the whole width, at whatever resolution. */
  get overview(): Page | undefined {
    return this.whole;
  }

  /** Sees to it that `view` can be drawn in full. */
  want(view: Viewport, widthPx: number): void {
    window.clearTimeout(this.timer);
    const page = this.pageFor(view);
    if (!page || widthPx <= 0 || this.isOpening || suffices(page, view, widthPx)) return;
    this.timer = window.setTimeout(
      () => this.ask(needOf(view, widthPx, page.boxes.total[0]!), false),
      ASK_AFTER_MS,
    );
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.latest.cancel();
  }

  private isOpening = false;

  private ask(need: PageNeed, isFirst: boolean): void {
    const { view } = this;
    if (!view) return;
    const asked = JSON.stringify(need);
    if (!isFirst && asked === this.answered) return;
    this.isOpening = isFirst;
    const request = { spec: view.spec, mode: view.mode, ...need };
    this.latest.ask({ type: 'page', request }, ({ page }) => {
      this.isOpening = false;
      this.answered = asked;
      if (isFirst) this.whole = this.detail = undefined;
      if (isWhole(page)) this.whole = page;
      else this.detail = page;
      this.arrived(page, isFirst);
    });
  }
}

function keyOf(spec: ViewSpec, mode: ViewMode): string {
  return `${mode} ${specKey(spec)}`;
}
