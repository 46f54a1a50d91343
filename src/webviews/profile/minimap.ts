import type { FlameBoxes } from '../../engine/model/flame';
import { h } from '../ui/dom';
import type { Palette } from './palette';
import { bucketOf } from './palette';
import { BoxBuffer, collectRow } from './visible';
import type { Viewport } from './viewport';
import { clampViewport, fullViewport, spanOf } from './viewport';

const HEIGHT_PX = 28;
const ROW_PX = 2;

export interface MinimapScene {
  readonly boxes: FlameBoxes;
  readonly categories: Uint8Array;
  readonly dimmed: Uint8Array;
  readonly view: Viewport;
  readonly firstRow: 0 | 1;
}

/**
 * The graph's whole width in a few pixels, with a window where the viewport is. Boxes are drawn once a page; moving
 * only shifts the window, which is an element of its own.
 */
export class Minimap {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { 'aria-hidden': 'true' });
  private readonly window = h('div', { class: 'minimap-window' });
  private readonly buffer = new BoxBuffer();
  private scene: MinimapScene | undefined;
  private drawn: FlameBoxes | undefined;
  private widthPx = 0;
  private grab: { readonly at: number; readonly view: Viewport } | undefined;

  constructor(
    private readonly zoom: (view: Viewport) => void,
    private palette: Palette,
  ) {
    // The graph below does all this by keys as well.
    this.element = h('div', { class: 'minimap', 'aria-hidden': 'true' }, this.canvas, this.window);
    this.element.addEventListener('pointerdown', (event) => this.onDown(event));
    this.element.addEventListener('pointermove', (event) => this.onMove(event));
    const end = () => (this.grab = undefined);
    this.element.addEventListener('pointerup', end);
    this.element.addEventListener('pointercancel', end);
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.redraw();
  }

  resize(widthPx: number): void {
    if (widthPx === this.widthPx) return;
    this.widthPx = widthPx;
    this.redraw();
    if (this.scene) this.place(this.scene);
  }

  show(scene: MinimapScene): void {
    const before = this.scene;
    this.scene = scene;
    if (before?.categories !== scene.categories || this.drawn !== scene.boxes) this.redraw();
    this.place(scene);
  }

  /** Draws the boxes anew, e.g. where the legend set some back. */
  redraw(): void {
    const { scene, canvas, palette, widthPx } = this;
    if (!scene || widthPx === 0) return;
    this.drawn = scene.boxes;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(widthPx * scale));
    canvas.height = Math.round(HEIGHT_PX * scale);
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) return;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, widthPx, HEIGHT_PX);
    const { boxes } = scene;
    const full = fullViewport(boxes.total[0]!);
    const rows = Math.min(boxes.rowStart.length - 1 - scene.firstRow, HEIGHT_PX / ROW_PX);
    for (let row = 0; row < rows; row++) {
      this.buffer.clear();
      collectRow(boxes, row + scene.firstRow, full, widthPx, this.buffer);
      for (let at = 0; at < this.buffer.length; at++) {
        const box = this.buffer.box[at]!;
        const category = scene.categories[box]!;
        const bucket = bucketOf(category, 0, scene.dimmed[category] === 1);
        if (boxes.frame[box]! < 0) context.fillStyle = palette.root;
        else context.fillStyle = palette.outlined ? palette.edges[bucket]! : palette.fills[bucket]!;
        const width = Math.max(this.buffer.width[at]! - 0.5, 0.5);
        context.fillRect(this.buffer.left[at]!, row * ROW_PX, width, ROW_PX - 0.5);
      }
    }
  }

  private place({ boxes, view }: MinimapScene): void {
    const full = fullViewport(boxes.total[0]!).end;
    this.window.style.left = `${(view.start / full) * 100}%`;
    this.window.style.width = `${(spanOf(view) / full) * 100}%`;
  }

  private onDown(event: PointerEvent): void {
    const { scene } = this;
    if (!scene || event.button !== 0) return;
    const at = this.valueAt(event);
    const total = scene.boxes.total[0]!;
    let { view } = scene;
    if (at < view.start || at > view.end) {
      view = clampViewport({ start: at - spanOf(view) / 2, end: at + spanOf(view) / 2 }, total);
      this.zoom(view);
    }
    this.grab = { at, view };
    this.element.setPointerCapture(event.pointerId);
  }

  private onMove(event: PointerEvent): void {
    const { grab, scene } = this;
    if (!grab || !scene) return;
    const by = this.valueAt(event) - grab.at;
    const view = { start: grab.view.start + by, end: grab.view.end + by };
    this.zoom(clampViewport(view, scene.boxes.total[0]!));
  }

  private valueAt(event: PointerEvent): number {
    const { left, width } = this.element.getBoundingClientRect();
    const full = fullViewport(this.scene!.boxes.total[0]!).end;
    return Math.min(Math.max((event.clientX - left) / width, 0), 1) * full;
  }
}
