import type { Palette } from './palette';
import type { Scene } from './renderer';
import { FlameRenderer, ROW_PX, rowsOf } from './renderer';

const SCALE = 2;
const TITLE_PX = 34;
const MARGIN_PX = 8;
/** Canvases have limits, and nobody looks at more. */
const MAX_ROWS = 300;

/** What is on the screen: one graph, or several one above the other. */
export interface Picture {
  readonly scenes: readonly Scene[];
  readonly widthPx: number;
}

/** A PNG of twice the screen's resolution: all rows of what is shown, below a title. */
export async function drawPng(
  { scenes, widthPx }: Picture,
  palette: Palette,
  title: string,
): Promise<Uint8Array> {
  const graphs = scenes.map((scene) => drawScene(scene, palette, widthPx));
  const width = widthPx + 2 * MARGIN_PX;
  const height = graphs.reduce((sum, { heightPx }) => sum + heightPx + MARGIN_PX, TITLE_PX);
  const canvas = new OffscreenCanvas(Math.round(width * SCALE), Math.round(height * SCALE));
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new Error('The canvas has no 2D context.');
  context.scale(SCALE, SCALE);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  context.fillStyle = palette.foreground;
  context.font = palette.font.replace('12px', '600 14px');
  context.textBaseline = 'middle';
  context.fillText(title, MARGIN_PX, TITLE_PX / 2, widthPx);
  let top = TITLE_PX;
  for (const { canvas: graph, heightPx } of graphs) {
    context.drawImage(graph, MARGIN_PX, top, widthPx, heightPx);
    top += heightPx + MARGIN_PX;
  }
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}

function drawScene(
  scene: Scene,
  palette: Palette,
  widthPx: number,
): { readonly canvas: OffscreenCanvas; readonly heightPx: number } {
  const rows = Math.min(Math.max(deepestRow(scene), 1), MAX_ROWS);
  const canvas = new OffscreenCanvas(1, 1);
  const renderer = new FlameRenderer(canvas, palette);
  renderer.resize(widthPx, rows * ROW_PX, SCALE);
  const hidden = scene.flipped ? Math.max(rowsOf(scene) - rows, 0) * ROW_PX : 0;
  renderer.draw({ ...scene, hovered: -1 }, hidden);
  return { canvas, heightPx: rows * ROW_PX };
}

/** Rows down to the deepest box that the viewport shows. */
function deepestRow(scene: Scene): number {
  const { boxes, view, firstRow } = scene;
  let deepest = 0;
  for (let box = 0; box < boxes.frame.length; box++) {
    if (boxes.start[box]! >= view.end || boxes.start[box]! + boxes.total[box]! <= view.start) continue;
    deepest = Math.max(deepest, boxes.depth[box]!);
  }
  return deepest + 1 - firstRow;
}
