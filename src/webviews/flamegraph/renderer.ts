import type { FlameColumns } from '../../engine/model/flame';
import type { FlameFrames } from '../../protocol/flamegraph';
import { nameOf } from './figures';
import type { Palette } from './palette';
import { BUCKET_COUNT, bucketOf, SHADE_COUNT } from './palette';
import type { Viewport } from './viewport';
import { BoxBuffer, collectRow } from './visible';

export const ROW_PX = 21;
const BOX_PX = ROW_PX - 1;
/** Narrower boxes carry no label. */
const MIN_LABEL_PX = 28;
const LABEL_PAD_PX = 5;

/** What is drawn. Indexes are of boxes; -1 for none. */
export interface Scene {
  readonly columns: FlameColumns;
  readonly frames: FlameFrames;
  readonly view: Viewport;
  readonly selected: number;
  readonly hovered: number;
  /** By frame, 1 where it matches; absent without a search. */
  readonly matches?: Uint8Array;
  /** By kind, 1 where the legend sets it back. */
  readonly dimmed: Uint8Array;
}

/** Draws scenes on a canvas that is as large as what is seen of it. */
export class FlameRenderer {
  private readonly context: CanvasRenderingContext2D;
  private readonly boxes = new BoxBuffer();
  private readonly rowOf: number[] = [];
  private readonly buckets: number[][] = Array.from({ length: BUCKET_COUNT }, () => []);
  private labels = new Labels();
  private shades: { readonly frames: FlameFrames; readonly of: Uint8Array } | undefined;
  private widthPx = 0;
  private heightPx = 0;
  private scale = 1;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private palette: Palette,
  ) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('The canvas has no 2D context.');
    this.context = context;
  }

  setPalette(palette: Palette): void {
    if (palette.font !== this.palette.font) this.labels = new Labels();
    this.palette = palette;
  }

  /** In CSS pixels; `scale` is `devicePixelRatio`. */
  resize(widthPx: number, heightPx: number, scale: number): void {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.scale = scale;
    this.canvas.width = Math.max(1, Math.round(widthPx * scale));
    this.canvas.height = Math.max(1, Math.round(heightPx * scale));
  }

  draw(scene: Scene, scrollTop: number): void {
    const { context, palette } = this;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, this.widthPx, this.heightPx);
    this.collect(scene, scrollTop);
    this.drawBoxes(scene, scrollTop);
    this.drawLabels(scene, scrollTop);
    this.drawMarks(scene, scrollTop);
  }

  private collect(scene: Scene, scrollTop: number): void {
    const { columns, frames, matches, dimmed } = scene;
    this.boxes.clear();
    this.rowOf.length = 0;
    for (const bucket of this.buckets) bucket.length = 0;
    const rows = columns.rowStart.length - 1;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX));
    const last = Math.min(rows, Math.ceil((scrollTop + this.heightPx) / ROW_PX));
    const shades = this.shadesOf(frames);
    for (let row = first; row < last; row++) {
      const from = this.boxes.length;
      collectRow(columns, row, scene.view, this.widthPx, this.boxes);
      for (let at = from; at < this.boxes.length; at++) {
        this.rowOf.push(row);
        const frame = columns.frame[this.boxes.box[at]!]!;
        if (frame < 0) continue;
        const kind = frames.kinds[frame]!;
        const setBack = dimmed[kind] === 1 || (matches !== undefined && matches[frame] !== 1);
        this.buckets[bucketOf(kind, shades[frame]!, setBack)]!.push(at);
      }
    }
  }

  private drawBoxes(scene: Scene, scrollTop: number): void {
    const { context, palette, boxes } = this;
    if (boxes.length > 0 && scene.columns.frame[boxes.box[0]!] === -1) {
      context.fillStyle = palette.root;
      this.fill(0, scrollTop);
      if (palette.outlined) {
        context.strokeStyle = palette.foreground;
        context.lineWidth = 1;
        this.stroke(0, scrollTop, 0.5);
      }
    }
    this.buckets.forEach((bucket, index) => {
      if (bucket.length === 0) return;
      context.fillStyle = palette.fills[index]!;
      if (palette.outlined) {
        context.strokeStyle = palette.edges[index]!;
        context.lineWidth = 1;
      }
      for (const at of bucket) {
        if (boxes.crumb[at] === 1) continue;
        this.fill(at, scrollTop);
        if (palette.outlined) this.stroke(at, scrollTop, 0.5);
      }
      // Runs too narrow to draw: a faint trace says that something is there.
      context.globalAlpha = 0.4;
      if (palette.outlined) context.fillStyle = palette.edges[index]!;
      for (const at of bucket) if (boxes.crumb[at] === 1) this.fill(at, scrollTop);
      context.globalAlpha = 1;
    });
  }

  private drawLabels(scene: Scene, scrollTop: number): void {
    const { context, palette, boxes } = this;
    context.font = palette.font;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.direction = 'ltr';
    const write = (at: number, ink: string) => {
      const left = Math.max(boxes.left[at]!, 0);
      const right = Math.min(boxes.left[at]! + boxes.width[at]!, this.widthPx);
      if (right - left < MIN_LABEL_PX) return;
      const frame = scene.columns.frame[boxes.box[at]!]!;
      const label = this.labels.fit(
        context,
        nameOf(scene.frames, frame),
        frame,
        right - left - 2 * LABEL_PAD_PX,
      );
      if (label === '') return;
      context.fillStyle = ink;
      context.fillText(label, left + LABEL_PAD_PX, this.topOf(at, scrollTop) + BOX_PX / 2 + 0.5);
    };
    if (boxes.length > 0 && scene.columns.frame[boxes.box[0]!] === -1) write(0, palette.rootInk);
    this.buckets.forEach((bucket, index) => {
      for (const at of bucket) if (boxes.crumb[at] === 0) write(at, palette.inks[index]!);
    });
  }

  /** The selected box, other boxes of its function, the hovered one, and matches where fills do not show them. */
  private drawMarks(scene: Scene, scrollTop: number): void {
    const { context, palette, boxes } = this;
    const { columns, selected, hovered, matches } = scene;
    const selectedFrame = selected >= 0 ? columns.frame[selected]! : -1;
    for (let at = 0; at < boxes.length; at++) {
      const box = boxes.box[at]!;
      if (boxes.crumb[at] === 1 && box !== selected) continue;
      const frame = columns.frame[box]!;
      if (box === selected) {
        context.strokeStyle = palette.background;
        context.lineWidth = 3;
        this.stroke(at, scrollTop, 1.5);
        context.strokeStyle = palette.outlined ? palette.focus : palette.foreground;
        context.lineWidth = 2;
        this.stroke(at, scrollTop, 1);
      } else if (box === hovered || (frame >= 0 && frame === selectedFrame)) {
        context.strokeStyle = palette.hover;
        context.lineWidth = 1;
        if (box !== hovered) context.setLineDash([3, 2]);
        this.stroke(at, scrollTop, 0.5);
        context.setLineDash([]);
      } else if (palette.outlined && matches && frame >= 0 && matches[frame] === 1) {
        context.strokeStyle = palette.foreground;
        context.lineWidth = 2;
        this.stroke(at, scrollTop, 1);
      }
    }
  }

  private fill(at: number, scrollTop: number): void {
    const { boxes } = this;
    const left = Math.max(boxes.left[at]!, 0);
    const right = Math.min(boxes.left[at]! + boxes.width[at]!, this.widthPx);
    // The gap between neighbours; very narrow boxes keep what they have.
    const gap = right - left > 3 ? 1 : 0;
    this.context.fillRect(left, this.topOf(at, scrollTop), Math.max(right - left - gap, 0.5), BOX_PX);
  }

  private stroke(at: number, scrollTop: number, inset: number): void {
    const { boxes } = this;
    const left = Math.max(boxes.left[at]!, -2);
    const right = Math.min(boxes.left[at]! + boxes.width[at]!, this.widthPx + 2);
    const gap = right - left > 3 ? 1 : 0;
    const width = Math.max(right - left - gap - 2 * inset, 0.5);
    this.context.strokeRect(left + inset, this.topOf(at, scrollTop) + inset, width, BOX_PX - 2 * inset);
  }

  private topOf(at: number, scrollTop: number): number {
    return this.rowOf[at]! * ROW_PX - scrollTop;
  }

  /** One shade a file or package, so that neighbours from different places differ. */
  private shadesOf(frames: FlameFrames): Uint8Array {
    if (this.shades?.frames === frames) return this.shades.of;
    this.labels = new Labels();
    const of = Uint8Array.from(frames.kinds, (_, frame) => {
      const place = frames.packageOf[frame]! >= 0 ? frames.packageOf[frame]! + 7 : frames.fileOf[frame]!;
      return (place * 5 + frames.names[frame]!.length) % SHADE_COUNT;
    });
    this.shades = { frames, of: of.map((shade) => (shade + SHADE_COUNT) % SHADE_COUNT) };
    return this.shades.of;
  }
}

/** Cuts labels to the room they have. */
class Labels {
  /** Width of the whole name, by frame (the root's at index 0). */
  private readonly widths: number[] = [];

  fit(context: CanvasRenderingContext2D, name: string, frame: number, room: number): string {
    const width = (this.widths[frame + 1] ??= context.measureText(name).width);
    if (width <= room) return name;
    // Cut in proportion, then to what really fits.
    let length = Math.min(name.length - 1, Math.ceil((name.length * room) / width));
    while (length > 0 && context.measureText(`${name.slice(0, length)}…`).width > room) length--;
    // Not in the middle of a surrogate pair.
    if (/[\uD800-\uDBFF]$/.test(name.slice(0, length))) length--;
    return length < 2 ? '' : `${name.slice(0, length)}…`;
  }
}
