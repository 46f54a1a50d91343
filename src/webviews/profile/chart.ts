import { h } from '../ui/dom';
import { prefersReducedMotion } from '../ui/theme';
import type { Palette } from './palette';
import type { Scene } from './renderer';
import { FlameRenderer, ROW_PX, rowsOf } from './renderer';
import type { Viewport } from './viewport';
import { fullViewport, panBy, spanOf, zoomAt } from './viewport';
import { boxAt } from './visible';

export interface ChartEvents {
  /** -1 when the pointer left; the position is the pointer's in the page. */
  hover(box: number, x: number, y: number): void;
  /** `open`: reveal the source, `focus`: and give it the keyboard. */
  select(box: number, how: { readonly open: boolean; readonly focus: boolean }): void;
  step(direction: 'parent' | 'child' | 'left' | 'right'): void;
  zoom(view: Viewport): void;
  zoomToBox(box: number): void;
  menu(box: number, x: number, y: number): void;
  scrolled(scrollTop: number): void;
  /** Of what is drawn and of the scrollbar beside it, in CSS pixels. */
  resized(widthPx: number, scrollbarPx: number): void;
  /** Drawn for the first time. */
  drawn(): void;
}

/** Of the pointer in the page. */
type Point = Pick<MouseEvent, 'clientX' | 'clientY'>;

/** Wheel notches to zoom factor. */
const ZOOM_PER_PX = 0.002;
const KEY_ZOOM = 1.5;
const DRAG_SLOP_PX = 4;
const ANIMATION_MS = 140;
/** A second click within it zooms, and opens nothing. Systems take 500 ms at most; longer would feel slow. */
const DOUBLE_CLICK_MS = 300;

/** The canvas with its scrolling, pointer and keyboard. Draws only after `update`, at most once a display frame. */
export class FlameChart {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { 'aria-hidden': 'true' });
  private readonly spacer = h('div', { class: 'spacer' });
  private readonly renderer: FlameRenderer;
  private readonly observer: ResizeObserver;
  private scene: Scene | undefined;
  private widthPx = 0;
  private heightPx = 0;
  private request = 0;
  private animation = 0;
  private openTimer = 0;
  private wasDrawn = false;
  /** Where the drawing is flipped, its foot is what is seen first. */
  private wasFlipped = false;
  /** To be brought into view once the chart has a height. */
  private pendingRow: number | undefined;
  private pointer: Point = { clientX: 0, clientY: 0 };
  private drag:
    { readonly x: number; readonly y: number; lastX: number; lastY: number; moved: boolean } | undefined;

  constructor(
    private readonly events: ChartEvents,
    palette: Palette,
    label: string,
  ) {
    this.element = h(
      'div',
      {
        class: 'chart',
        tabindex: 0,
        role: 'application',
        'aria-roledescription': 'flamegraph',
        'aria-label': label,
        'aria-describedby': 'chart-help',
      },
      this.spacer,
    );
    this.spacer.append(this.canvas);
    this.renderer = new FlameRenderer(this.canvas, palette);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.element);
    this.listen();
  }

  get width(): number {
    return this.widthPx;
  }

  update(scene: Scene): void {
    const before = this.scene;
    this.scene = scene;
    if (before?.boxes !== scene.boxes || before.flipped !== scene.flipped) this.layOut();
    this.schedule();
  }

  setPalette(palette: Palette): void {
    this.renderer.setPalette(palette);
    this.schedule();
  }

  /** Moves the viewport there, smoothly unless the user wants no motion. */
  zoomTo(target: Viewport): void {
    cancelAnimationFrame(this.animation);
    const from = this.scene?.view;
    if (!from || prefersReducedMotion()) return this.events.zoom(target);
    const begin = performance.now();
    const move = (now: number) => {
      const passed = Math.min(Math.max((now - begin) / ANIMATION_MS, 0), 1);
      const eased = 1 - (1 - passed) ** 3;
      const between = (a: number, b: number) => a + (b - a) * eased;
      this.events.zoom(
        passed === 1
          ? target
          : { start: between(from.start, target.start), end: between(from.end, target.end) },
      );
      if (passed < 1) this.animation = requestAnimationFrame(move);
    };
    this.animation = requestAnimationFrame(move);
  }

  /** `depth` is a box's. */
  scrollToDepth(depth: number): void {
    // As it is now: the observer tells of a new height only later.
    const { scrollTop, clientHeight } = this.element;
    this.pendingRow = clientHeight === 0 ? depth : undefined;
    if (clientHeight === 0 || !this.scene) return;
    const top = this.topOfDepth(depth);
    if (top < scrollTop) this.element.scrollTop = Math.max(0, top - ROW_PX);
    else if (top + ROW_PX > scrollTop + clientHeight) {
      this.element.scrollTop = top - clientHeight + 2 * ROW_PX;
    }
  }

  scrollTo(scrollTop: number): void {
    this.element.scrollTop = scrollTop;
  }

  /** Middle of the box in the page, for a menu that the keyboard opened. */
  positionOf(box: number): { readonly x: number; readonly y: number } {
    const { scene } = this;
    const bounds = this.element.getBoundingClientRect();
    if (!scene || box < 0) return { x: bounds.left + 20, y: bounds.top + 20 };
    const perPx = spanOf(scene.view) / Math.max(this.widthPx, 1);
    const left = (scene.boxes.start[box]! - scene.view.start) / perPx;
    const x = Math.min(Math.max(left + 12, 0), this.widthPx - 1);
    const y = this.topOfDepth(scene.boxes.depth[box]!) - this.element.scrollTop + ROW_PX;
    return { x: bounds.left + x, y: bounds.top + Math.min(Math.max(y, 0), this.heightPx) };
  }

  /** Tells what the resting pointer is over now that other boxes are drawn. */
  hoverAgain(): void {
    this.hoverAt(this.pointer);
  }

  dispose(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.request);
    cancelAnimationFrame(this.animation);
    window.clearTimeout(this.openTimer);
  }

  private layOut(): void {
    const { scene } = this;
    if (!scene) return;
    this.spacer.style.height = `${rowsOf(scene) * ROW_PX}px`;
    if (scene.flipped !== this.wasFlipped) {
      this.wasFlipped = scene.flipped;
      this.element.scrollTop = scene.flipped ? this.element.scrollHeight : 0;
    }
  }

  private topOfDepth(depth: number): number {
    const { scene } = this;
    if (!scene) return 0;
    const row = depth - scene.firstRow;
    if (!scene.flipped) return row * ROW_PX;
    return Math.max(rowsOf(scene) * ROW_PX, this.element.clientHeight) - (row + 1) * ROW_PX;
  }

  private measure(): void {
    const wasHidden = this.heightPx === 0;
    this.widthPx = this.element.clientWidth;
    this.heightPx = this.element.clientHeight;
    this.canvas.style.width = `${this.widthPx}px`;
    this.canvas.style.height = `${this.heightPx}px`;
    this.renderer.resize(this.widthPx, this.heightPx, window.devicePixelRatio || 1);
    if (wasHidden && this.scene?.flipped) this.element.scrollTop = this.element.scrollHeight;
    // Resizing clears the canvas: drawn in the same display frame it does not flicker.
    this.draw();
    if (this.pendingRow !== undefined) this.scrollToDepth(this.pendingRow);
    if (this.widthPx > 0) this.events.resized(this.widthPx, this.element.offsetWidth - this.widthPx);
  }

  private schedule(): void {
    if (this.request === 0) this.request = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    cancelAnimationFrame(this.request);
    this.request = 0;
    if (!this.scene || this.widthPx === 0) return;
    this.renderer.draw(this.scene, this.element.scrollTop);
    if (this.wasDrawn) return;
    this.wasDrawn = true;
    this.events.drawn();
  }

  private listen(): void {
    const { element } = this;
    element.addEventListener('scroll', () => {
      this.schedule();
      this.events.hover(-1, 0, 0);
      this.events.scrolled(element.scrollTop);
    });
    element.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    element.addEventListener('pointerdown', (event) => this.onPointerDown(event));
    element.addEventListener('pointermove', (event) => this.onPointerMove(event));
    element.addEventListener('pointerup', () => this.endDrag());
    element.addEventListener('pointercancel', () => this.endDrag());
    element.addEventListener('pointerleave', () => this.events.hover(-1, 0, 0));
    element.addEventListener('click', (event) => this.onClick(event));
    element.addEventListener('dblclick', (event) => this.zoomToBox(this.boxUnder(event)));
    element.addEventListener('contextmenu', (event) => this.onMenu(event));
    element.addEventListener('keydown', (event) => this.onKey(event));
  }

  private boxUnder(event: Point): number {
    const { scene } = this;
    if (!scene) return -1;
    const bounds = this.element.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    if (x < 0 || x >= this.widthPx) return -1;
    const y = event.clientY - bounds.top + this.element.scrollTop;
    const height = Math.max(rowsOf(scene) * ROW_PX, this.heightPx);
    const row = Math.floor((scene.flipped ? height - y : y) / ROW_PX);
    return row < 0 ? -1 : boxAt(scene.boxes, row + scene.firstRow, x, scene.view, this.widthPx);
  }

  /** As in VS Code's own flame chart: the wheel zooms, with Shift it pans, with Alt it scrolls through the depth. */
  private onWheel(event: WheelEvent): void {
    if (!this.scene) return;
    event.preventDefault();
    cancelAnimationFrame(this.animation);
    const { view, boxes } = this.scene;
    const total = boxes.total[0]!;
    const perPx = spanOf(view) / this.widthPx;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? ROW_PX : 1;
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.altKey) {
      this.element.scrollTop += event.deltaY * unit;
    } else if (isSideways) {
      this.events.zoom(panBy(view, (event.deltaX || event.deltaY) * unit * perPx, total));
    } else {
      const x = event.clientX - this.element.getBoundingClientRect().left;
      const factor = Math.exp(-event.deltaY * unit * ZOOM_PER_PX * (event.ctrlKey ? 4 : 1));
      this.events.zoom(zoomAt(view, factor, view.start + x * perPx, total));
    }
    this.hoverAt(event);
  }

  private hoverAt(pointer: Point): void {
    this.pointer = { clientX: pointer.clientX, clientY: pointer.clientY };
    this.events.hover(this.boxUnder(pointer), pointer.clientX, pointer.clientY);
  }

  private onPointerDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { clientX, clientY } = event;
    this.drag = { x: clientX, y: clientY, lastX: clientX, lastY: clientY, moved: false };
  }

  private onPointerMove(event: PointerEvent): void {
    const { drag, scene } = this;
    if (!drag || !scene) return this.hoverAt(event);
    if (!drag.moved) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < DRAG_SLOP_PX) return;
      drag.moved = true;
      this.element.setPointerCapture(event.pointerId);
      this.element.classList.add('dragging');
      this.events.hover(-1, 0, 0);
    }
    const perPx = spanOf(scene.view) / this.widthPx;
    this.element.scrollTop -= event.clientY - drag.lastY;
    this.events.zoom(panBy(scene.view, (drag.lastX - event.clientX) * perPx, scene.boxes.total[0]!));
    drag.lastX = event.clientX;
    drag.lastY = event.clientY;
  }

  private endDrag(): void {
    this.element.classList.remove('dragging');
    // The click that ends a drag still sees it, and does not select.
    const { drag } = this;
    if (drag) setTimeout(() => this.drag === drag && (this.drag = undefined));
  }

  private onClick(event: MouseEvent): void {
    window.clearTimeout(this.openTimer);
    if (this.drag?.moved || event.detail > 1) return;
    const box = this.boxUnder(event);
    const focus = event.ctrlKey || event.metaKey;
    // With the modifier it is no beginning of a double click.
    this.events.select(box, { open: box > 0 && focus, focus });
    if (box <= 0 || focus) return;
    this.openTimer = window.setTimeout(() => {
      if (this.scene?.selected === box) this.events.select(box, { open: true, focus: false });
    }, DOUBLE_CLICK_MS);
  }

  private zoomToBox(box: number): void {
    if (box >= 0) this.events.zoomToBox(box);
  }

  private onMenu(event: MouseEvent): void {
    event.preventDefault();
    window.clearTimeout(this.openTimer);
    // The menu key is no pointer's.
    const byKey = event instanceof PointerEvent && event.pointerType === '';
    const box = this.boxUnder(event);
    if (byKey) this.openMenu(this.scene?.selected ?? -1);
    else if (box > 0) this.events.menu(box, event.clientX, event.clientY);
  }

  private openMenu(box: number): void {
    const { x, y } = this.positionOf(box);
    if (box > 0) this.events.menu(box, x, y);
  }

  private onKey(event: KeyboardEvent): void {
    const { scene } = this;
    if (!scene || event.ctrlKey || event.metaKey || event.altKey) return;
    const { boxes, view, selected } = scene;
    const total = boxes.total[0]!;
    const up = scene.flipped ? 'child' : 'parent';
    const down = scene.flipped ? 'parent' : 'child';
    switch (event.key) {
      case 'ArrowUp':
        this.events.step(up);
        break;
      case 'ArrowDown':
        this.events.step(down);
        break;
      case 'ArrowLeft':
      case 'ArrowRight': {
        const isLeft = event.key === 'ArrowLeft';
        if (event.shiftKey) {
          this.events.zoom(panBy(view, spanOf(view) * (isLeft ? -0.2 : 0.2), total));
        } else this.events.step(isLeft ? 'left' : 'right');
        break;
      }
      case 'Home':
        this.events.select(scene.firstRow, { open: false, focus: false });
        this.zoomTo(fullViewport(total));
        break;
      case 'Enter':
        if (selected >= 0) this.zoomToBox(selected);
        break;
      case 'ContextMenu':
        this.openMenu(selected);
        break;
      case 'F10':
        if (!event.shiftKey) return;
        this.openMenu(selected);
        break;
      case '+':
      case '=':
        this.zoomTo(zoomAt(view, KEY_ZOOM, this.focusPoint(), total));
        break;
      case '-':
        this.zoomTo(zoomAt(view, 1 / KEY_ZOOM, this.focusPoint(), total));
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Keys zoom at the selected box where it is in view, else at the middle. */
  private focusPoint(): number {
    const { boxes, view, selected } = this.scene!;
    const middle = (view.start + view.end) / 2;
    if (selected < 0) return middle;
    const left = Math.max(boxes.start[selected]!, view.start);
    const right = Math.min(boxes.start[selected]! + boxes.total[selected]!, view.end);
    return right > left ? (left + right) / 2 : middle;
  }
}
