import type { FlameBoxes } from '../../engine/model/flame';
import type { GraphFrames } from './figures';
import { Labels } from './labels';
import type { Palette } from './palette';
import { BUCKET_COUNT, bucketOf, SHADE_COUNT, UNCERTAIN_SHADE } from './palette';
import type { Viewport } from './viewport';
import { BoxBuffer, collectRow } from './visible';

export const ROW_PX = 20;
const BOX_PX = ROW_PX - 1;
/** Narrower boxes carry no label. */
const MIN_LABEL_PX = 26;
const LABEL_PAD_PX = 4;

/** What is drawn. Indexes are of boxes; -1 for none. */
export interface Scene {
  readonly boxes: FlameBoxes;
  readonly frames: GraphFrames;
  readonly view: Viewport;
  readonly selected: number;
  readonly selectedFrame: number;
  readonly hovered: number;
  /** By frame, 1 where it matches; absent without a search. */
  readonly matches?: Uint8Array | undefined;
  /** By box. */
  readonly categories: Uint8Array;
  /** By category, 1 where the legend sets it back. */
  readonly dimmed: Uint8Array;
  /** By frame, 1 where the cursor is in the function. */
  readonly marked?: Uint8Array | undefined;
  /** Callees above callers, as flames burn. */
  readonly flipped: boolean;
  /** 1 where the root is not drawn. */
  readonly firstRow: 0 | 1;
  /** Boxes with fewer samples look faint; 0 for none. */
  readonly uncertainBelow: number;
}

/** Rows that a scene draws. */
export function rowsOf(scene: Scene): number {
  return scene.boxes.rowStart.length - 1 - scene.firstRow;
}

/** Draws scenes on a canvas that is as large as what is seen of it. */
export class FlameRenderer {
  private readonly context: CanvasRenderingContext2D;
  private readonly visible = new BoxBuffer();
  /** Bucket of each visible box, and the boxes in the order of their buckets: colours change as seldom as they can. */
  private bucket = new Uint8Array(1024);
  private order = new Int32Array(1024);
  private readonly bucketEnd = new Int32Array(BUCKET_COUNT);
  private labels: Labels | undefined;
  private shades: { readonly frames: GraphFrames; readonly of: Uint8Array } | undefined;
  private widthPx = 0;
  private heightPx = 0;
  private scale = 1;

  constructor(
    private readonly canvas: HTMLCanvasElement | OffscreenCanvas,
    private palette: Palette,
  ) {
    // The cast: the two contexts draw alike.
    const context = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D | null;
    if (!context) throw new Error('The canvas has no 2D context.');
    this.context = context;
  }

  setPalette(palette: Palette): void {
    if (palette.font !== this.palette.font) this.labels = undefined;
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
    context.font = palette.font;
    this.collect(scene, scrollTop);
    this.drawBoxes(scene, scrollTop);
    this.drawLabels(scene, scrollTop);
    this.drawMarks(scene, scrollTop);
  }

  private collect(scene: Scene, scrollTop: number): void {
    const { boxes, frames, matches, dimmed, categories, firstRow, uncertainBelow } = scene;
    const { visible, bucketEnd } = this;
    visible.clear();
    const rows = rowsOf(scene);
    const content = Math.max(rows * ROW_PX, this.heightPx);
    const above = scene.flipped ? content - scrollTop - this.heightPx : scrollTop;
    const first = Math.max(0, Math.floor(above / ROW_PX));
    const last = Math.min(rows, Math.ceil((above + this.heightPx) / ROW_PX));
    for (let row = first; row < last; row++) {
      collectRow(boxes, row + firstRow, scene.view, this.widthPx, visible);
    }
    if (this.bucket.length < visible.length) {
      this.bucket = new Uint8Array(visible.box.length);
      this.order = new Int32Array(visible.box.length);
    }
    const shades = this.shadesOf(frames);
    bucketEnd.fill(0);
    for (let at = 0; at < visible.length; at++) {
      const box = visible.box[at]!;
      const frame = boxes.frame[box]!;
      const category = categories[box]!;
      const setBack =
        frame >= 0 && (dimmed[category] === 1 || (matches !== undefined && matches[frame] !== 1));
      const isFaint = boxes.totalSamples[box]! < uncertainBelow && boxes.totalSamples[box]! > 0;
      const shade = frame < 0 ? 0 : isFaint ? UNCERTAIN_SHADE : shades[frame]!;
      const bucket = bucketOf(category, shade, setBack);
      this.bucket[at] = bucket;
      bucketEnd[bucket]!++;
    }
    let sum = 0;
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      const count = bucketEnd[bucket]!;
      bucketEnd[bucket] = sum;
      sum += count;
    }
    for (let at = 0; at < visible.length; at++) this.order[bucketEnd[this.bucket[at]!]!++] = at;
  }

  private drawBoxes(scene: Scene, scrollTop: number): void {
    const { context, palette, visible, order, bucketEnd } = this;
    context.lineWidth = 1;
    let next = 0;
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      const from = next;
      next = bucketEnd[bucket]!;
      if (from === next) continue;
      context.fillStyle = palette.fills[bucket]!;
      if (palette.outlined) context.strokeStyle = palette.edges[bucket]!;
      let crumbs = 0;
      for (let place = from; place < next; place++) {
        const at = order[place]!;
        if (visible.crumb[at] === 1) {
          crumbs++;
        } else if (scene.boxes.frame[visible.box[at]!]! < 0) {
          this.drawRoot(scene, at, scrollTop, bucket);
        } else {
          this.fill(scene, at, scrollTop);
          if (palette.outlined) this.outline(scene, at, scrollTop, bucket);
        }
      }
      if (crumbs === 0) continue;
      // Runs too narrow to draw: a faint trace says that something is there.
      context.fillStyle = palette.crumbs[bucket]!;
      for (let place = from; place < next; place++) {
        if (visible.crumb[order[place]!] === 1) this.fill(scene, order[place]!, scrollTop);
      }
    }
  }

  /** In high contrast: a frame, and a bar at the left that shows its colour. */
  private outline(scene: Scene, at: number, scrollTop: number, bucket: number): void {
    const { context, palette, visible } = this;
    this.stroke(scene, at, scrollTop, 0.5);
    const left = Math.max(visible.left[at]!, 0);
    const right = Math.min(visible.left[at]! + visible.width[at]!, this.widthPx);
    if (right - left < 8) return;
    context.fillStyle = palette.edges[bucket]!;
    context.fillRect(left, this.topOf(scene, at, scrollTop), 3, BOX_PX);
    context.fillStyle = palette.fills[bucket]!;
  }

  private drawRoot(scene: Scene, at: number, scrollTop: number, bucket: number): void {
    const { context, palette } = this;
    context.fillStyle = palette.root;
    this.fill(scene, at, scrollTop);
    if (palette.outlined) {
      context.strokeStyle = palette.foreground;
      this.stroke(scene, at, scrollTop, 0.5);
      context.strokeStyle = palette.edges[bucket]!;
    }
    context.fillStyle = palette.fills[bucket]!;
  }

  private drawLabels(scene: Scene, scrollTop: number): void {
    const { context, palette, visible, order } = this;
    const { boxes } = scene;
    this.labels ??= new Labels(context, scene.frames);
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.direction = 'ltr';
    let inkOf = -1;
    for (let place = 0; place < visible.length; place++) {
      const at = order[place]!;
      if (visible.crumb[at] === 1) continue;
      const left = Math.max(visible.left[at]!, 0);
      const right = Math.min(visible.left[at]! + visible.width[at]!, this.widthPx);
      if (right - left < MIN_LABEL_PX) continue;
      const box = visible.box[at]!;
      const frame = boxes.frame[box]!;
      const label = this.labels.fit(
        frame,
        right - left - 2 * LABEL_PAD_PX - (palette.outlined ? 3 : 1),
        signOf(boxes, box),
      );
      if (label === '') continue;
      const bucket = frame < 0 ? BUCKET_COUNT : this.bucket[at]!;
      if (bucket !== inkOf) {
        inkOf = bucket;
        context.fillStyle = frame < 0 ? palette.rootInk : palette.inks[bucket]!;
      }
      context.fillText(
        label,
        left + LABEL_PAD_PX + (palette.outlined ? 2 : 0),
        this.topOf(scene, at, scrollTop) + BOX_PX / 2 + 0.5,
      );
    }
  }

  /** The selected box, other boxes of its function, the hovered one, the cursor's, and matches where fills do not show. */
  private drawMarks(scene: Scene, scrollTop: number): void {
    const { context, palette, visible } = this;
    const { boxes, selected, selectedFrame, hovered, matches, marked } = scene;
    for (let at = 0; at < visible.length; at++) {
      const box = visible.box[at]!;
      if (visible.crumb[at] === 1 && box !== selected) continue;
      const frame = boxes.frame[box]!;
      if (marked !== undefined && frame >= 0 && marked[frame] === 1) this.drawCursor(scene, at, scrollTop);
      if (box === selected) {
        context.strokeStyle = palette.background;
        context.lineWidth = 3;
        this.stroke(scene, at, scrollTop, 1.5);
        context.strokeStyle = palette.outlined ? palette.focus : palette.foreground;
        context.lineWidth = 2;
        this.stroke(scene, at, scrollTop, 1);
      } else if (box === hovered || (frame >= 0 && frame === selectedFrame)) {
        context.strokeStyle = palette.foreground;
        context.lineWidth = 1;
        if (box !== hovered) context.setLineDash(DASH);
        this.stroke(scene, at, scrollTop, 0.5);
        context.setLineDash(SOLID);
      } else if (palette.outlined && matches && frame >= 0 && matches[frame] === 1) {
        context.strokeStyle = palette.foreground;
        context.lineWidth = 2;
        this.stroke(scene, at, scrollTop, 1);
      }
    }
  }

  /** A bar at the box's foot and an outline, which no other mark has. */
  private drawCursor(scene: Scene, at: number, scrollTop: number): void {
    const { context, palette, visible } = this;
    context.strokeStyle = context.fillStyle = palette.cursor;
    context.lineWidth = 1;
    this.stroke(scene, at, scrollTop, 0.5);
    const left = Math.max(visible.left[at]!, 0);
    const right = Math.min(visible.left[at]! + visible.width[at]!, this.widthPx);
    context.fillRect(left, this.topOf(scene, at, scrollTop) + BOX_PX - 3, Math.max(right - left - 1, 1), 3);
  }

  /** Edges lie on the screen's pixels: blending them costs more than all the rest. */
  private fill(scene: Scene, at: number, scrollTop: number): void {
    const { visible, scale } = this;
    const from = Math.max(visible.left[at]!, 0);
    const to = Math.min(visible.left[at]! + visible.width[at]!, this.widthPx);
    const left = Math.round(from * scale) / scale;
    const right = Math.round(to * scale) / scale;
    // The gap between neighbours; very narrow boxes keep what they have.
    const width = Math.max(right - left - (to - from > 3 ? 1 : 0), 1 / scale);
    this.context.fillRect(left, this.topOf(scene, at, scrollTop), width, BOX_PX);
  }

  private stroke(scene: Scene, at: number, scrollTop: number, inset: number): void {
    const { visible } = this;
    const left = Math.max(visible.left[at]!, -2);
    const right = Math.min(visible.left[at]! + visible.width[at]!, this.widthPx + 2);
    const gap = right - left > 3 ? 1 : 0;
    const width = Math.max(right - left - gap - 2 * inset, 0.5);
    const top = this.topOf(scene, at, scrollTop) + inset;
    this.context.strokeRect(left + inset, top, width, BOX_PX - 2 * inset);
  }

  private topOf(scene: Scene, at: number, scrollTop: number): number {
    const row = this.visible.row[at]! - scene.firstRow;
    if (!scene.flipped) return row * ROW_PX - scrollTop;
    return Math.max(rowsOf(scene) * ROW_PX, this.heightPx) - (row + 1) * ROW_PX - scrollTop;
  }

  /** One shade a file or package, so that neighbours from different places differ. */
  private shadesOf(frames: GraphFrames): Uint8Array {
    if (this.shades?.frames === frames) return this.shades.of;
    this.labels = undefined;
    const of = Uint8Array.from(frames.kinds, (_, frame) => {
      const place = frames.packageOf[frame]! >= 0 ? frames.packageOf[frame]! + 7 : frames.fileOf[frame]! + 1;
      return (place * 5 + frames.names[frame]!.length) % SHADE_COUNT;
    });
    this.shades = { frames, of };
    return of;
  }
}

const DASH = [3, 2];
const SOLID: number[] = [];

/** Of a difference: the direction, for those who do not see it by colour. */
function signOf(boxes: FlameBoxes, box: number): string {
  if (!boxes.totalBefore || boxes.frame[box]! < 0) return '';
  const now = boxes.total[box]!;
  const change = now - boxes.totalBefore[box]!;
  if (Math.abs(change) < 0.05 * Math.max(now, boxes.totalBefore[box]!)) return '';
  return change > 0 ? '+ ' : '− ';
}
