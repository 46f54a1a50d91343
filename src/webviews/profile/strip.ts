import { formatMicros } from '../../engine/model/units';
import { FRAME_KINDS } from '../../engine/model/stackProfile';
import type { Activity, TimeRange } from '../../engine/model/view';
import type { LatencyStrip } from '../../protocol/profile';
import { button, h } from '../ui/dom';
import type { Palette } from './palette';
import { bucketOf } from './palette';
import { drawActivity, drawLatency, drawRuler, RULER_PX } from './stripDrawing';
import { clampRange, slowestSecond } from './timeRange';

const ACTIVITY_PX = 22;
const LATENCY_PX = 34;
const DRAG_SLOP_PX = 3;
/** Keys move an end of the range by this part of the whole, with Shift by ten times as much. */
const KEY_STEP = 0.01;
/** A key that is held changes the view when it rests. */
const KEY_AFTER_MS = 200;

/** What ran and how long answers took over the profile's time; dragging over it picks a range. */
export class TimeStrip {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { 'aria-hidden': 'true' });
  private readonly area: HTMLElement;
  private readonly shadeBefore = h('div', { class: 'strip-shade' });
  private readonly shadeAfter = h('div', { class: 'strip-shade' });
  private readonly from: HTMLElement;
  private readonly to: HTMLElement;
  private readonly readout = h('span', { class: 'strip-readout figure dim', 'aria-hidden': 'true' });
  private readonly observer: ResizeObserver;
  private activity: Activity | undefined;
  private range: TimeRange | undefined;
  private widthPx = 0;
  private drag: { readonly x: number; readonly at: number; moved: boolean } | undefined;
  private keyTimer = 0;

  constructor(
    private readonly durationMicros: number,
    private readonly latency: LatencyStrip | undefined,
    private readonly pick: (range: TimeRange | undefined) => void,
    private palette: Palette,
  ) {
    this.from = this.slider('Begin of the time range', 'startMicros');
    this.to = this.slider('End of the time range', 'endMicros');
    this.area = h(
      'div',
      { class: 'strip-area', title: 'Drag to look at a range of time' },
      this.canvas,
      this.shadeBefore,
      this.shadeAfter,
      this.from,
      this.to,
    );
    this.area.style.height = `${this.heightPx}px`;
    const spike = latency && slowestSecond(latency, durationMicros);
    this.element = h(
      'section',
      { class: 'strip', 'aria-label': 'Time' },
      // Above, not beside: the times lie over those of the graph.
      h(
        'div',
        { class: 'strip-head' },
        latency ? latencyKey() : h('span', { class: 'dim' }, 'CPU time by kind'),
        this.readout,
        spike &&
          button('Slowest Second', () => this.choose(spike), {
            title: 'Show only the second with the highest p99 response time (L)',
          }),
      ),
      this.area,
    );
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.area);
    this.area.addEventListener('pointerdown', (event) => this.onDown(event));
    this.area.addEventListener('pointermove', (event) => this.onMove(event));
    this.area.addEventListener('pointerup', () => this.onUp());
    this.area.addEventListener('pointercancel', () => (this.drag = undefined));
    this.area.addEventListener('pointerleave', () => !this.drag && this.show(this.range));
    this.show(undefined);
  }

  get hasLatency(): boolean {
    return this.latency !== undefined;
  }

  setActivity(activity: Activity | undefined): void {
    this.activity = activity;
    this.draw();
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.draw();
  }

  /** The range that the view has, or that is being picked. */
  show(range: TimeRange | undefined, tellsRange = true): void {
    if (tellsRange) this.range = range;
    const { startMicros, endMicros } = range ?? { startMicros: 0, endMicros: this.durationMicros };
    const left = (startMicros / this.durationMicros) * 100;
    const right = (endMicros / this.durationMicros) * 100;
    this.shadeBefore.style.left = '0';
    this.shadeBefore.style.width = `${left}%`;
    this.shadeAfter.style.left = `${right}%`;
    this.shadeAfter.style.width = `${100 - right}%`;
    this.from.style.left = `${left}%`;
    this.to.style.left = `${right}%`;
    this.element.classList.toggle('has-range', range !== undefined);
    for (const [slider, value] of [
      [this.from, startMicros],
      [this.to, endMicros],
    ] as const) {
      slider.setAttribute('aria-valuenow', String(Math.round(value)));
      slider.setAttribute('aria-valuetext', formatMicros(value));
    }
    this.readout.textContent = range
      ? `${formatMicros(range.startMicros)} – ${formatMicros(range.endMicros)}`
      : formatMicros(this.durationMicros);
  }

  /** To the p99 spike. */
  chooseSlowest(): void {
    const spike = this.latency && slowestSecond(this.latency, this.durationMicros);
    if (spike) this.choose(spike);
  }

  dispose(): void {
    this.observer.disconnect();
    window.clearTimeout(this.keyTimer);
  }

  private get heightPx(): number {
    return RULER_PX + ACTIVITY_PX + (this.latency ? LATENCY_PX : 0);
  }

  private slider(label: string, end: 'startMicros' | 'endMicros'): HTMLElement {
    const element = h('div', {
      class: 'strip-handle',
      role: 'slider',
      tabindex: 0,
      'aria-label': label,
      'aria-valuemin': 0,
      'aria-valuemax': Math.round(this.durationMicros),
    });
    element.addEventListener('keydown', (event) => this.onKey(event, end));
    return element;
  }

  private choose(range: TimeRange | undefined): void {
    this.show(range);
    this.pick(range);
  }

  private onKey(event: KeyboardEvent, end: 'startMicros' | 'endMicros'): void {
    const step = this.durationMicros * KEY_STEP * (event.shiftKey ? 10 : 1);
    const now = this.range ?? { startMicros: 0, endMicros: this.durationMicros };
    const edge =
      end === 'startMicros' ? [0, now.endMicros - step] : [now.startMicros + step, this.durationMicros];
    let value = now[end];
    if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') value -= step;
    else if (event.key === 'ArrowRight' || event.key === 'ArrowUp') value += step;
    else if (event.key === 'Home') value = edge[0]!;
    else if (event.key === 'End') value = edge[1]!;
    else return;
    event.preventDefault();
    event.stopPropagation();
    value = Math.min(Math.max(value, edge[0]!), Math.max(edge[1]!, edge[0]!));
    const range = clampRange({ ...now, [end]: value }, this.durationMicros);
    const isWhole = range?.startMicros === 0 && range.endMicros === this.durationMicros;
    const chosen = isWhole ? undefined : range;
    this.show(chosen);
    window.clearTimeout(this.keyTimer);
    this.keyTimer = window.setTimeout(() => this.pick(chosen), KEY_AFTER_MS);
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.drag = { x: event.clientX, at: this.microsAt(event), moved: false };
    this.area.setPointerCapture(event.pointerId);
  }

  private onMove(event: PointerEvent): void {
    const at = this.microsAt(event);
    const { drag } = this;
    if (!drag) {
      this.readout.textContent = this.tellAt(at);
      return;
    }
    if (Math.abs(event.clientX - drag.x) >= DRAG_SLOP_PX) drag.moved = true;
    if (drag.moved) {
      this.dragged = clampRange({ startMicros: drag.at, endMicros: at }, this.durationMicros);
      this.show(this.dragged, false);
    }
  }

  private dragged: TimeRange | undefined;

  private onUp(): void {
    const { drag, dragged } = this;
    this.drag = this.dragged = undefined;
    if (drag?.moved && dragged) this.choose(dragged);
    // A click outside of the range lets it go.
    else if (drag && this.range) {
      const { startMicros, endMicros } = this.range;
      if (drag.at < startMicros || drag.at > endMicros) this.choose(undefined);
    }
  }

  private tellAt(micros: number): string {
    const { latency } = this;
    if (!latency) return formatMicros(micros);
    const at = latency.endMicros.findIndex((end) => end >= micros);
    const p99 = latency.p99Micros[at];
    const rate = latency.requestsPerSecond[at];
    return [
      formatMicros(micros),
      ...(p99 !== undefined && Number.isFinite(p99) ? [`p99 ${formatMicros(p99)}`] : []),
      ...(rate !== undefined && Number.isFinite(rate) ? [`${rate.toFixed(0)}/s`] : []),
    ].join(' · ');
  }

  private microsAt(event: PointerEvent): number {
    const { left, width } = this.area.getBoundingClientRect();
    const part = Math.min(Math.max((event.clientX - left) / Math.max(width, 1), 0), 1);
    return part * this.durationMicros;
  }

  private resize(): void {
    this.widthPx = this.area.clientWidth;
    this.draw();
  }

  private draw(): void {
    const { canvas, palette, widthPx, heightPx } = this;
    if (widthPx === 0) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(widthPx * scale);
    canvas.height = Math.round(heightPx * scale);
    const context = canvas.getContext('2d');
    if (!context) return;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, widthPx, heightPx);
    const kinds = FRAME_KINDS.map((_, kind) => {
      const bucket = bucketOf(kind, 0, false);
      return palette.outlined ? palette.edges[bucket]! : palette.fills[bucket]!;
    });
    const place = { context, palette, widthPx, durationMicros: this.durationMicros };
    drawRuler(place);
    if (this.activity) drawActivity(place, this.activity, kinds, RULER_PX, ACTIVITY_PX);
    if (this.latency) drawLatency(place, this.latency, RULER_PX + ACTIVITY_PX + 2, LATENCY_PX - 3);
  }
}

function latencyKey(): HTMLElement {
  const entry = (name: string, label: string) =>
    h('span', { class: 'strip-key' }, h('span', { class: `strip-line ${name}` }), label);
  return h(
    'span',
    { class: 'dim strip-keys' },
    entry('p99', 'p99'),
    entry('p50', 'p50'),
    entry('rate', 'req/s'),
  );
}
