import { MIN_CERTAIN_SAMPLES } from '../../engine/model/profile';
import type { FlameBoxes } from '../../engine/model/flame';
import type { Sandwich, ViewSpec } from '../../engine/model/view';
import { h } from '../ui/dom';
import { Latest, type Asker } from './asker';
import { FlameChart } from './chart';
import { amountText, nameOf } from './figures';
import { specKey } from './history';
import type { GraphEvents, Look } from './look';
import { step } from './navigate';
import type { Palette } from './palette';
import type { Picture } from './picture';
import type { Scene } from './renderer';
import { amountOf, selectionOf } from './selection';
import { clampViewport, fullViewport, viewportToRead, type Viewport } from './viewport';

/** Who calls a function, above it, and what it calls, below it. */
export class SandwichPane {
  readonly element: HTMLElement;
  private readonly callers: Half;
  private readonly callees: Half;
  private readonly title = h('strong', { class: 'name' });
  private readonly figures = h('span', { class: 'figure dim' });
  private readonly hint = h(
    'p',
    { class: 'graph-empty', role: 'status' },
    'Select a function in another view, or search for one, to see its callers and callees.',
  );
  private readonly latest: Latest;
  private asked = '';
  private sandwich: Sandwich | undefined;
  private look: Look | undefined;

  constructor(
    asker: Asker,
    private readonly events: GraphEvents,
    palette: Palette,
  ) {
    this.latest = new Latest(asker);
    this.callers = new Half(events, palette, 'Callers, above the function', true);
    this.callees = new Half(events, palette, 'Callees, below the function', false);
    this.element = h(
      'div',
      { class: 'sandwich' },
      h(
        'div',
        { class: 'sandwich-half' },
        h('div', { class: 'half-title dim' }, 'Callers'),
        this.callers.element,
      ),
      h('div', { class: 'sandwich-title' }, this.title, this.figures),
      h(
        'div',
        { class: 'sandwich-half' },
        h('div', { class: 'half-title dim' }, 'Callees'),
        this.callees.element,
      ),
      this.hint,
    );
  }

  /** Frame that it stands on; -1 before there is one. */
  get frame(): number {
    return this.sandwich?.frame ?? -1;
  }

  /** A frame of -1: none is selected yet. */
  open(spec: ViewSpec, frame: number): void {
    const asked = `${frame} ${specKey(spec)}`;
    if (frame < 0 || asked === this.asked) return;
    this.asked = asked;
    this.latest.ask({ type: 'sandwich', spec, frame }, ({ sandwich }) => {
      this.sandwich = sandwich;
      this.callers.start(sandwich.callers);
      this.callees.start(sandwich.callees);
      if (this.look) this.show(this.look);
    });
  }

  show(look: Look): void {
    this.look = look;
    const { sandwich } = this;
    this.element.classList.toggle('without', !sandwich);
    this.hint.hidden = sandwich !== undefined;
    if (!sandwich) return;
    const { frame, callees } = sandwich;
    this.title.textContent = nameOf(look.frames, frame);
    const text = amountText(amountOf(callees, Math.min(1, callees.frame.length - 1)), look.basis);
    this.figures.textContent = [
      `total ${text.total}`,
      text.samples && `${text.samples} samples`,
      text.change && `change ${text.change}`,
    ]
      .filter(Boolean)
      .join(', ');
    this.callers.show(look);
    this.callees.show(look);
  }

  /** Both halves, once they are there. */
  picture(): Picture | undefined {
    const scenes = [this.callers.scene(), this.callees.scene()].filter((scene) => scene !== undefined);
    return scenes.length === 2 ? { scenes, widthPx: this.callees.widthPx } : undefined;
  }

  /** The box that is selected in either half opens its menu. */
  openMenu(): void {
    if (!this.callers.openMenu()) this.callees.openMenu();
  }

  focus(): void {
    this.callees.focus();
  }

  setPalette(palette: Palette): void {
    this.callers.setPalette(palette);
    this.callees.setPalette(palette);
  }

  dispose(): void {
    this.latest.cancel();
    this.callers.dispose();
    this.callees.dispose();
  }
}

/** One of the two flamegraphs. It has all its boxes, so it asks for none. */
class Half {
  private readonly chart: FlameChart;
  private boxes: FlameBoxes | undefined;
  private view: Viewport = fullViewport(0);
  private hovered = -1;
  private selected = -1;
  private look: Look | undefined;

  constructor(
    private readonly events: GraphEvents,
    palette: Palette,
    label: string,
    private readonly flipped: boolean,
  ) {
    this.chart = new FlameChart(
      {
        hover: (box, x, y) => this.hover(box, x, y),
        select: (box, how) => this.select(box, how),
        step: (direction) => this.step(direction),
        zoom: (view) => {
          this.view = view;
          this.refresh();
        },
        zoomToBox: (box) => this.zoomToBox(box),
        menu: (box, x, y) => {
          const { boxes } = this;
          if (!boxes || boxes.frame[box]! < 0) return;
          this.select(box, { open: false, focus: false });
          events.menu(selectionOf(boxes, box), x, y);
        },
        scrolled: () => undefined,
        resized: () => undefined,
        drawn: () => undefined,
      },
      palette,
      label,
    );
  }

  get element(): HTMLElement {
    return this.chart.element;
  }

  start(boxes: FlameBoxes): void {
    this.boxes = boxes;
    this.view = fullViewport(boxes.total[0]!);
    this.selected = this.hovered = -1;
  }

  show(look: Look): void {
    this.look = look;
    const { boxes } = this;
    // What is selected elsewhere has no box here; the function's others are marked by their frame.
    const node = look.selection?.node ?? -1;
    if (boxes && this.selected >= 0 && boxes.node[this.selected] !== node) {
      this.selected = -1;
    }
    this.refresh();
  }

  openMenu(): boolean {
    if (!this.boxes || this.selected < 0) return false;
    const { x, y } = this.chart.positionOf(this.selected);
    this.events.menu(selectionOf(this.boxes, this.selected), x, y);
    return true;
  }

  focus(): void {
    this.chart.element.focus();
  }

  setPalette(palette: Palette): void {
    this.chart.setPalette(palette);
  }

  dispose(): void {
    this.chart.dispose();
  }

  private select(box: number, how: { readonly open: boolean; readonly focus: boolean }): void {
    const { boxes } = this;
    this.selected = box;
    if (boxes && box >= 0) this.events.select(selectionOf(boxes, box), how);
    else this.refresh();
  }

  private step(direction: 'parent' | 'child' | 'left' | 'right'): void {
    const { boxes } = this;
    if (!boxes || boxes.frame.length < 2) return;
    const box = this.selected < 0 ? 1 : Math.max(step(boxes, this.selected, direction), 1);
    this.select(box, { open: false, focus: false });
    const start = boxes.start[box]!;
    const width = boxes.total[box]!;
    const seen = (width / (this.view.end - this.view.start)) * this.chart.width >= 3;
    if (!seen || start >= this.view.end || start + width <= this.view.start) {
      this.chart.zoomTo(viewportToRead(start, width, this.view, boxes.total[0]!));
    }
    this.chart.scrollToDepth(boxes.depth[box]!);
  }

  private zoomToBox(box: number): void {
    const { boxes } = this;
    if (!boxes) return;
    const start = boxes.start[box]!;
    this.chart.zoomTo(clampViewport({ start, end: start + boxes.total[box]! }, boxes.total[0]!));
  }

  private hover(box: number, x: number, y: number): void {
    const { boxes } = this;
    if (box !== this.hovered) {
      this.hovered = box;
      this.refresh();
    }
    this.events.hover(box < 0 || !boxes ? undefined : selectionOf(boxes, box), x, y);
  }

  get widthPx(): number {
    return this.chart.width;
  }

  private refresh(): void {
    const scene = this.scene();
    if (scene) this.chart.update(scene);
  }

  scene(): Scene | undefined {
    const { look, boxes } = this;
    if (!look || !boxes) return undefined;
    return {
      boxes,
      frames: look.frames,
      view: this.view,
      selected: this.selected,
      selectedFrame: look.selection?.isFunction ? look.selection.frame : -1,
      hovered: this.hovered,
      matches: look.matches,
      categories: look.colouring.categories(boxes),
      dimmed: look.dimmed,
      marked: look.marked,
      flipped: this.flipped,
      firstRow: 1,
      uncertainBelow: MIN_CERTAIN_SAMPLES,
    };
  }
}
