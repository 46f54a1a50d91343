import type { FlameBoxes } from '../../engine/model/flame';
import type { Page, ViewMode, ViewSpec } from '../../engine/model/view';
import type { ValueBasis } from '../../protocol/profile';
import { h } from '../ui/dom';
import { MIN_CERTAIN_SAMPLES } from '../../engine/model/profile';
import type { Asker } from './asker';
import { FlameChart } from './chart';
import type { GraphEvents, Look } from './look';
import { Minimap } from './minimap';
import { boxOfNode, boxOfPath, gapBeside, step, widestBoxOf, type Direction } from './navigate';
import { PageSource } from './pages';
import type { Picture } from './picture';
import type { Scene } from './renderer';
import type { Palette } from './palette';
import { selectionOf, type Selection } from './selection';
import type { Viewport } from './viewport';
import { clampViewport, fullViewport, isFull, spanOf, viewportToRead } from './viewport';

/** A selected box narrower than this is brought where it can be seen. */
const SEEN_PX = 3;

/** What to do when the page that is asked for is there. */
type Pending =
  | { readonly type: 'select'; readonly selection: Selection }
  | { readonly type: 'frame'; readonly frame: number }
  | { readonly type: 'node'; readonly node: number; readonly frame?: number }
  | { readonly type: 'step'; readonly direction: Direction };

/** The flamegraph of one view, merged or in time order, with its minimap. */
export class GraphPane {
  readonly element: HTMLElement;
  private readonly chart: FlameChart;
  private readonly minimap: Minimap;
  private readonly pages: PageSource;
  private mode: ViewMode = 'merged';
  private view: Viewport = fullViewport(0);
  private look: Look | undefined;
  private hovered = -1;
  private pending: Pending | undefined;
  private restored: Viewport | undefined;
  private found: { readonly boxes: FlameBoxes; readonly node: number; readonly box: number } | undefined;
  private readonly empty = h('p', { class: 'graph-empty', role: 'status', hidden: true });

  constructor(
    asker: Asker,
    private readonly events: GraphEvents,
    palette: Palette,
    drawn: () => void,
  ) {
    this.chart = new FlameChart(
      {
        hover: (box, x, y) => this.hover(box, x, y),
        select: (box, how) => {
          this.pending = undefined;
          this.selectBox(box, how);
        },
        step: (direction) => this.step(direction),
        zoom: (view) => this.setView(view),
        zoomToBox: (box) => this.zoomToBox(box),
        menu: (box, x, y) => this.menu(box, x, y),
        scrolled: () => events.moved(),
        resized: (widthPx, scrollbarPx) => {
          // What stands above the graph ends where its drawing does.
          this.element.parentElement?.style.setProperty('--scrollbar', `${scrollbarPx}px`);
          this.minimap.resize(widthPx);
          this.pages.want(this.view, widthPx);
        },
        drawn,
      },
      palette,
      'Flamegraph',
    );
    this.minimap = new Minimap((view) => this.setView(view), palette);
    this.pages = new PageSource(asker, (page, isFirst) => this.arrived(page, isFirst));
    this.element = h(
      'div',
      { class: 'graph-pane' },
      this.minimap.element,
      h('div', { class: 'chart-frame' }, this.chart.element, this.empty),
    );
  }

  /** The first page, which came with the profile. */
  start(spec: ViewSpec, page: Page): void {
    this.mode = 'merged';
    this.pages.start(spec, 'merged', page);
    this.view = fullViewport(page.boxes.total[0]!);
  }

  /** Shows another view; `total` is the most its width can be. The selection is found in it again. */
  open(spec: ViewSpec, mode: ViewMode, total: number): void {
    if (this.pages.isOf(spec, mode)) return;
    this.mode = mode;
    const selection = this.look?.selection;
    this.pending = selection?.isFunction ? { type: 'select', selection } : undefined;
    this.element.classList.add('waiting');
    this.pages.open(spec, mode, total, this.chart.width || 1000);
  }

  show(look: Look): void {
    this.look = look;
    this.refresh();
  }

  get isZoomed(): boolean {
    const total = this.total;
    return total !== undefined && !isFull(this.view, total);
  }

  get viewport(): Viewport {
    return this.view;
  }

  /** What figures of this view's boxes are of. */
  basisOf(basis: ValueBasis): ValueBasis {
    if (this.mode === 'merged') return basis;
    return { unit: 'micros', total: this.total ?? 0, cpuScale: 1, requests: 0 };
  }

  /** What is on the screen. */
  picture(): Picture | undefined {
    const { page, look } = this;
    return page && look && { scenes: [this.sceneOf(page.boxes, look)], widthPx: this.chart.width };
  }

  /** Boxes of the view's whole width. */
  get overview(): FlameBoxes | undefined {
    return (this.pages.overview ?? this.page)?.boxes;
  }

  /** Whether `overview` holds all boxes of a merged view, with their own values. */
  get isWhole(): boolean {
    return this.mode === 'merged' && (this.pages.overview ?? this.page)?.min === 0;
  }

  /** Finds what is selected in the page that is there. */
  settle(): void {
    const selection = this.look?.selection;
    if (!selection?.isFunction || this.element.classList.contains('waiting')) return;
    this.pending = { type: 'select', selection };
    this.settlePending();
  }

  /** A viewport of an earlier time, to be shown once its page is there. */
  restore(view: Viewport): void {
    if (this.total === undefined || this.element.classList.contains('waiting')) this.restored = view;
    else this.setView(clampViewport(view, this.total));
  }

  resetZoom(): void {
    if (this.total !== undefined) this.chart.zoomTo(fullViewport(this.total));
  }

  zoomToSelection(): void {
    const box = this.selectedBox();
    if (box >= 0) this.zoomToBox(box);
  }

  /** Selects the widest box of a function; false where the page holds none. */
  reveal(frame: number): boolean {
    const { page } = this;
    if (this.element.classList.contains('waiting') || !page) {
      this.pending = { type: 'frame', frame };
      return true;
    }
    const whole = this.pages.overview ?? page;
    const box = widestBoxOf(whole.boxes, frame);
    if (box < 0) return false;
    this.goTo(
      whole.boxes.start[box]!,
      whole.boxes.total[box]!,
      whole.boxes.depth[box]!,
      whole.boxes.node[box]!,
    );
    return true;
  }

  /** Brings a box that may be in no page yet where it can be read, and selects it. */
  goTo(start: number, width: number, depth: number, node: number, frame?: number): void {
    if (this.total === undefined) return;
    this.pending = { type: 'node', node, ...(frame !== undefined && { frame }) };
    this.settlePending();
    this.chart.zoomTo(viewportToRead(start, width, this.view, this.total));
    this.chart.scrollToDepth(depth);
  }

  focus(): void {
    this.chart.element.focus();
  }

  openMenu(): void {
    const box = this.selectedBox();
    const { x, y } = this.chart.positionOf(box);
    if (box >= 0) this.menu(box, x, y);
  }

  setPalette(palette: Palette): void {
    this.chart.setPalette(palette);
    this.minimap.setPalette(palette);
  }

  redrawMinimap(): void {
    this.minimap.redraw();
  }

  dispose(): void {
    this.chart.dispose();
    this.pages.dispose();
  }

  private get page(): Page | undefined {
    return this.pages.pageFor(this.view);
  }

  private get total(): number | undefined {
    return (this.pages.overview ?? this.page)?.boxes.total[0];
  }

  private arrived(page: Page, isFirst: boolean): void {
    if (isFirst) {
      this.element.classList.remove('waiting');
      this.view = fullViewport(page.boxes.total[0]!);
      this.hovered = -1;
      if (this.restored) this.view = clampViewport(this.restored, page.boxes.total[0]!);
      this.restored = undefined;
    }
    this.refresh();
    // Its boxes have other indexes.
    if (this.hovered >= 0) this.chart.hoverAgain();
    if (isFirst || this.pending) this.settlePending();
    this.pages.want(this.view, this.chart.width);
    this.events.moved();
  }

  /** Does what waited for a page, where the page that is there allows it. */
  private settlePending(): void {
    const { pending, page } = this;
    if (!pending || !page) return;
    const { boxes } = page;
    switch (pending.type) {
      case 'select': {
        this.pending = undefined;
        const { frame, path } = pending.selection;
        let box = boxOfPath(boxes, path);
        if (box < 0) box = widestBoxOf(boxes, frame);
        if (box >= 0) this.selectBox(box, QUIETLY);
        if (box >= 0) this.ensureSeen(box);
        break;
      }
      case 'frame':
        this.pending = undefined;
        if (!this.reveal(pending.frame)) this.events.say('This function is not in this view.');
        break;
      case 'node': {
        let box = boxOfNode(boxes, pending.node);
        if (pending.frame !== undefined && boxes.frame[box] !== pending.frame) {
          box = widestBoxOf(boxes, pending.frame);
        }
        if (box < 0) return;
        this.pending = undefined;
        this.selectBox(box, QUIETLY);
        break;
      }
      case 'step': {
        this.pending = undefined;
        const box = this.selectedBox();
        if (box < 0) return;
        this.arriveAt(step(boxes, box, pending.direction));
      }
    }
  }

  private step(direction: Direction): void {
    const { page } = this;
    if (!page) return;
    const box = this.selectedBox();
    if (box < 0) return this.arriveAt(0);
    const gap = page.min > 0 && direction !== 'parent' ? gapBeside(page.boxes, box, direction) : undefined;
    if (gap && spanOf(gap) < spanOf(this.view) * 0.5) {
      // What lies there is too narrow for the page: it is fetched, and then stepped to.
      this.pending = { type: 'step', direction };
      this.setView(clampViewport(gap, page.boxes.total[0]!));
      return;
    }
    this.arriveAt(step(page.boxes, box, direction));
  }

  private arriveAt(box: number): void {
    this.selectBox(box, QUIETLY);
    this.ensureSeen(box);
  }

  private ensureSeen(box: number): void {
    const { page, view } = this;
    if (!page) return;
    const { boxes } = page;
    const start = boxes.start[box]!;
    const width = boxes.total[box]!;
    const isInView = start < view.end && start + width > view.start;
    const widthPx = (width / spanOf(view)) * this.chart.width;
    if (!isInView || widthPx < SEEN_PX) {
      this.chart.zoomTo(viewportToRead(start, width, view, boxes.total[0]!));
    }
    this.chart.scrollToDepth(boxes.depth[box]!);
  }

  private selectBox(box: number, how: { readonly open: boolean; readonly focus: boolean }): void {
    const { page } = this;
    if (!page) return;
    this.events.select(box < 0 ? undefined : selectionOf(page.boxes, box), how);
  }

  private zoomToBox(box: number): void {
    const { page } = this;
    if (!page) return;
    const { start, total } = page.boxes;
    this.chart.zoomTo(clampViewport({ start: start[box]!, end: start[box]! + total[box]! }, total[0]!));
  }

  private setView(view: Viewport): void {
    this.view = view;
    this.refresh();
    this.pages.want(view, this.chart.width);
    this.events.moved();
  }

  private hover(box: number, x: number, y: number): void {
    const { page } = this;
    if (box !== this.hovered) {
      this.hovered = box;
      this.refresh();
    }
    this.events.hover(box < 0 || !page ? undefined : selectionOf(page.boxes, box), x, y);
  }

  private menu(box: number, x: number, y: number): void {
    const { page } = this;
    if (!page) return;
    const selection = selectionOf(page.boxes, box);
    if (!selection.isFunction) return;
    this.selectBox(box, QUIETLY);
    this.events.menu(selection, x, y);
  }

  /** In the page that is drawn; -1 where it does not hold it. */
  private selectedBox(): number {
    const { page, look } = this;
    const node = look?.selection?.node ?? -1;
    if (!page || !look?.selection || (node < 0 && look.selection.frame !== -1)) return -1;
    if (this.found?.boxes !== page.boxes || this.found.node !== node) {
      this.found = { boxes: page.boxes, node, box: boxOfNode(page.boxes, node) };
    }
    return this.found.box;
  }

  private refresh(): void {
    const { look, page } = this;
    if (!look || !page) return;
    const { boxes } = page;
    const left = whatIsMissing(page);
    this.empty.hidden = left === '';
    this.empty.textContent = left;
    this.chart.update(this.sceneOf(boxes, look));
    const whole = this.pages.overview?.boxes ?? boxes;
    this.minimap.show({
      boxes: whole,
      categories: look.colouring.categories(whole),
      dimmed: look.dimmed,
      view: this.view,
      firstRow: 1,
    });
  }

  private sceneOf(boxes: FlameBoxes, look: Look): Scene {
    return {
      boxes,
      frames: look.frames,
      view: this.view,
      selected: this.selectedBox(),
      selectedFrame: look.selection?.isFunction ? look.selection.frame : -1,
      hovered: this.hovered,
      matches: look.matches,
      categories: look.colouring.categories(boxes),
      dimmed: look.dimmed,
      marked: look.marked,
      flipped: look.flipped,
      firstRow: 0,
      // A stretch of time is a sample or two wherever one looks.
      uncertainBelow: this.mode === 'merged' ? MIN_CERTAIN_SAMPLES : 0,
    };
  }
}

const QUIETLY = { open: false, focus: false };

/** Why there is nothing but the root; empty where there is more. */
function whatIsMissing({ boxes, boxCount }: Page): string {
  if (boxes.frame.length > 1 || boxCount > 1) return '';
  return boxes.total[0]! > 0
    ? 'No function is left, the whole is the time of what was taken out: take back the last change (Backspace), or reset.'
    : 'Nothing is left of the profile: take back the last change (Backspace), or reset.';
}
