import { h } from '../ui/dom';
import { prefersReducedMotion } from '../ui/theme';
import { step } from './navigate';
import { readPalette } from './palette';
import type { Scene } from './renderer';
import { FlameRenderer, ROW_PX } from './renderer';
import type { Viewport } from './viewport';
import { fullViewport, panBy, zoomAt } from './viewport';
import { boxAt } from './visible';

export interface ChartEvents {
  /** -1 when the pointer left; the position is the pointer's in the page. */
  hover(box: number, x: number, y: number): void;
  /** `open`: reveal the source, `focus`: and give it the keyboard. */
  select(box: number, how: { readonly open: boolean; readonly focus: boolean }): void;
  zoom(view: Viewport): void;
  zoomToBox(box: number): void;
  scrolled(scrollTop: number): void;
}

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
  /** To be brought into view once the chart has a height. */
  private pendingRow: number | undefined;
  private drag:
    { readonly x: number; readonly y: number; lastX: number; lastY: number; moved: boolean } | undefined;

  constructor(private readonly events: ChartEvents) {
    this.element = h(
      'div',
      {
        class: 'chart',
        tabindex: 0,
        role: 'application',
        'aria-roledescription': 'flamegraph',
        'aria-label': 'Flamegraph',
        'aria-describedby': 'chart-help',
      },
      this.spacer,
      this.canvas,
    );
    this.spacer.append(this.canvas);
    this.renderer = new FlameRenderer(this.canvas, readPalette());
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.element);
    this.listen();
  }

  get width(): number {
    return this.widthPx;
  }

  update(scene: Scene): void {
    if (scene.columns !== this.scene?.columns) {
      this.spacer.style.height = `${(scene.columns.rowStart.length - 1) * ROW_PX}px`;
    }
    this.scene = scene;
    this.schedule();
  }

  themeChanged(): void {
    this.renderer.setPalette(readPalette());
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
          : {
              startMicros: between(from.startMicros, target.startMicros),
              endMicros: between(from.endMicros, target.endMicros),
            },
      );
      if (passed < 1) this.animation = requestAnimationFrame(move);
    };
    this.animation = requestAnimationFrame(move);
  }

  scrollToRow(row: number): void {
    const top = row * ROW_PX;
    // As it is now: the observer tells of a new height only later.
    const { scrollTop, clientHeight } = this.element;
    this.pendingRow = clientHeight === 0 ? row : undefined;
    if (clientHeight === 0) return;
    if (top < scrollTop) this.element.scrollTop = Math.max(0, top - ROW_PX);
    else if (top + ROW_PX > scrollTop + clientHeight) {
      this.element.scrollTop = top - clientHeight + 2 * ROW_PX;
    }
  }

  scrollTo(scrollTop: number): void {
    this.element.scrollTop = scrollTop;
  }

  dispose(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.request);
    cancelAnimationFrame(this.animation);
    window.clearTimeout(this.openTimer);
  }

  private measure(): void {
    this.widthPx = this.element.clientWidth;
    this.heightPx = this.element.clientHeight;
    this.canvas.style.width = `${this.widthPx}px`;
    this.canvas.style.height = `${this.heightPx}px`;
    this.renderer.resize(this.widthPx, this.heightPx, window.devicePixelRatio || 1);
    // Resizing clears the canvas: drawn in the same display frame it does not flicker.
    this.draw();
    if (this.pendingRow !== undefined) this.scrollToRow(this.pendingRow);
  }

  private schedule(): void {
    if (this.request === 0) this.request = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    cancelAnimationFrame(this.request);
    this.request = 0;
    if (this.scene && this.widthPx > 0) this.renderer.draw(this.scene, this.element.scrollTop);
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
    element.addEventListener('keydown', (event) => this.onKey(event));
  }

  private boxUnder(event: MouseEvent): number {
    if (!this.scene) return -1;
    const bounds = this.element.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const row = Math.floor((event.clientY - bounds.top + this.element.scrollTop) / ROW_PX);
    if (x < 0 || x >= this.widthPx) return -1;
    return boxAt(this.scene.columns, row, x, this.scene.view, this.widthPx);
  }

  /** As in VS Code's own flame chart: the wheel zooms, with Shift it pans, with Alt it scrolls through the depth. */
  private onWheel(event: WheelEvent): void {
    if (!this.scene) return;
    event.preventDefault();
    cancelAnimationFrame(this.animation);
    const { view, columns } = this.scene;
    const microsPerPx = (view.endMicros - view.startMicros) / this.widthPx;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? ROW_PX : 1;
    const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.altKey) {
      this.element.scrollTop += event.deltaY * unit;
    } else if (isSideways) {
      const pixels = (event.deltaX || event.deltaY) * unit;
      this.events.zoom(panBy(view, pixels * microsPerPx, columns));
    } else {
      const x = event.clientX - this.element.getBoundingClientRect().left;
      const factor = Math.exp(-event.deltaY * unit * ZOOM_PER_PX * (event.ctrlKey ? 4 : 1));
      this.events.zoom(zoomAt(view, factor, view.startMicros + x * microsPerPx, columns));
    }
  }

  private onPointerDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { clientX, clientY } = event;
    this.drag = { x: clientX, y: clientY, lastX: clientX, lastY: clientY, moved: false };
  }

  private onPointerMove(event: PointerEvent): void {
    const { drag, scene } = this;
    if (!drag || !scene) {
      this.events.hover(this.boxUnder(event), event.clientX, event.clientY);
      return;
    }
    if (!drag.moved) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < DRAG_SLOP_PX) return;
      drag.moved = true;
      this.element.setPointerCapture(event.pointerId);
      this.element.classList.add('dragging');
      this.events.hover(-1, 0, 0);
    }
    const microsPerPx = (scene.view.endMicros - scene.view.startMicros) / this.widthPx;
    this.element.scrollTop -= event.clientY - drag.lastY;
    this.events.zoom(panBy(scene.view, (drag.lastX - event.clientX) * microsPerPx, scene.columns));
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

  private onKey(event: KeyboardEvent): void {
    const { scene } = this;
    if (!scene || event.ctrlKey || event.metaKey || event.altKey) return;
    const { columns, view, selected } = scene;
    const middle = (view.startMicros + view.endMicros) / 2;
    const go = (direction: 'parent' | 'child' | 'left' | 'right') =>
      this.select(selected < 0 ? 0 : step(columns, selected, direction, view, this.widthPx));
    switch (event.key) {
      case 'ArrowUp':
        go('parent');
        break;
      case 'ArrowDown':
        go('child');
        break;
      case 'ArrowLeft':
        go('left');
        break;
      case 'ArrowRight':
        go('right');
        break;
      case 'Home':
        this.select(0);
        this.zoomTo(fullViewport(columns));
        break;
      case 'Enter':
        this.zoomToBox(selected);
        break;
      case '+':
      case '=':
        this.zoomTo(zoomAt(view, KEY_ZOOM, this.focusMicros(middle), columns));
        break;
      case '-':
        this.zoomTo(zoomAt(view, 1 / KEY_ZOOM, this.focusMicros(middle), columns));
        break;
      case 'o':
        if (selected > 0) this.events.select(selected, { open: true, focus: true });
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  private select(box: number): void {
    this.events.select(box, { open: false, focus: false });
    if (this.scene) this.scrollToRow(this.scene.columns.depth[box]!);
  }

  /** Keys zoom at the selected box where it is in view. */
  private focusMicros(otherwise: number): number {
    const { scene } = this;
    if (!scene || scene.selected < 0) return otherwise;
    const { columns, view, selected } = scene;
    const left = Math.max(columns.startMicros[selected]!, view.startMicros);
    const right = Math.min(columns.startMicros[selected]! + columns.totalMicros[selected]!, view.endMicros);
    return right > left ? (left + right) / 2 : otherwise;
  }
}
