import type { FlameBoxes } from '../../engine/model/flame';
import type { ProfileInfo, TablePage } from '../../engine/model/view';
import { colouringOf, presentIn, sumOfBoxes, type Colouring } from './colouring';
import type { GraphFrames } from './figures';
import { MAX_CATEGORIES, readPalette, type ColourMode, type Palette } from './palette';

/** How boxes look: their colours, what is set back, what is marked, and which way is up. */
export class Appearance {
  palette: Palette;
  colouring: Colouring;
  /** By category. */
  dimmed = new Uint8Array(MAX_CATEGORIES);
  /** By frame; absent where the cursor is in none. */
  marked: Uint8Array | undefined;
  flipped = false;
  /** All functions of what is shown, most own value first; absent until they came. */
  summary: TablePage | undefined;
  private cursorFrames = new Int32Array(0);

  constructor(
    private readonly frames: GraphFrames,
    public mode: ColourMode,
  ) {
    this.palette = readPalette(mode);
    this.colouring = colouringOf(mode, frames, undefined);
  }

  setMode(mode: ColourMode): void {
    this.mode = mode;
    this.dimmed = new Uint8Array(MAX_CATEGORIES);
    this.themeChanged();
    this.colouring = colouringOf(mode, this.frames, this.summary);
  }

  themeChanged(): void {
    this.palette = readPalette(this.mode);
  }

  setSummary(summary: TablePage): void {
    this.summary = summary;
    this.colouring = colouringOf(this.mode, this.frames, summary);
  }

  setDimmed(category: number, isDimmed: boolean): void {
    if (category < 0 || category >= MAX_CATEGORIES) return;
    // Another array, so that what was drawn with the old one is drawn anew.
    this.dimmed = this.dimmed.slice();
    this.dimmed[category] = isDimmed ? 1 : 0;
  }

  setCursor(frames: Int32Array): void {
    const count = this.frames.names.length;
    this.cursorFrames = frames.filter((frame) => frame >= 0 && frame < count);
    this.marked = undefined;
    if (this.cursorFrames.length === 0) return;
    this.marked = new Uint8Array(count);
    for (const frame of this.cursorFrames) this.marked[frame] = 1;
  }

  /** Of several functions (one source, many instances) the one with the most own cost; -1 for none. */
  get cursorFrame(): number {
    const { cursorFrames, summary } = this;
    const ranked = summary?.frame.find((frame) => cursorFrames.includes(frame));
    return ranked ?? cursorFrames[0] ?? -1;
  }

  /** The app's own function with the most own cost, else one that can be opened; -1 for none. */
  get hottest(): number {
    const { summary, frames } = this;
    if (!summary) return -1;
    const rows = Array.from(summary.frame).filter((_, row) => summary.self[row]! > 0);
    const own = rows.find((frame) => frames.kinds[frame] === 0);
    return own ?? rows.find((frame) => frames.openable[frame] === 1) ?? -1;
  }

  /** Own value by category; absent where none is known. `whole`: all boxes of a merged view, if they are there. */
  values(whole: FlameBoxes | undefined): Float64Array | undefined {
    if (this.mode === 'tier') return whole && sumOfBoxes(whole, this.colouring);
    return this.colouring.values;
  }

  /** By category, 1 where the boxes have any. */
  present(boxes: FlameBoxes | undefined): Uint8Array {
    return boxes ? presentIn(boxes, this.colouring) : new Uint8Array(MAX_CATEGORIES);
  }
}

/** What a profile's boxes can be coloured by; the first is what they are at first. */
export function colourModes(info: ProfileInfo): readonly ColourMode[] {
  return [
    ...(info.difference ? (['change'] as const) : []),
    ...(['kind', 'package', 'file', 'heat'] as const),
    ...(info.hasTiers ? (['tier'] as const) : []),
  ];
}
