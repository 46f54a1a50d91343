import type { Palette } from './palette';
import type { Scene } from './renderer';
import { FlameRenderer, ROW_PX, rowsOf } from './renderer';

const SCALE = 2;
const TITLE_PX = 34;
const MARGIN_PX = 8;
/** Canvases have limits, and nobody looks at more. */
const MAX_ROWS = 300;

/** What is shown as a PNG of twice the screen's resolution, all its rows, below a title. */
export async function drawPng(
  scene: Scene,
  palette: Palette,
  widthPx: number,
  title: string,
): Promise<Uint8Array> {
  const rows = Math.min(Math.max(deepestRow(scene), 1), MAX_ROWS);
  const graph = new OffscreenCanvas(1, 1);
  const renderer = new FlameRenderer(graph, palette);
  renderer.resize(widthPx, rows * ROW_PX, SCALE);
  const hidden = scene.flipped ? Math.max(rowsOf(scene) - rows, 0) * ROW_PX : 0;
  renderer.draw({ ...scene, hovered: -1 }, hidden);
  const width = widthPx + 2 * MARGIN_PX;
  const height = rows * ROW_PX + TITLE_PX + MARGIN_PX;
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
  context.drawImage(graph, MARGIN_PX, TITLE_PX, widthPx, rows * ROW_PX);
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
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
