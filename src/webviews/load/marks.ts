import type uPlot from 'uplot';
import { cssVariable } from '../ui/theme';

/** Told apart by shape, not by colour alone. */
export type Mark = 'circle' | 'cross' | 'diamond';

/** Draws a mark at each known value of the series. */
export function drawMarks(plot: uPlot, series: number, mark: Mark, colour: string): void {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  const size = 4.5 * ratio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1.8 * ratio;
  plot.data[series]?.forEach((value, index) => {
    const at = plot.data[0][index];
    if (value == null || at === undefined) return;
    const x = plot.valToPos(at, 'x', true);
    const y = plot.valToPos(value, 'y', true);
    ctx.beginPath();
    if (mark === 'circle') {
      ctx.arc(x, y, size, 0, 2 * Math.PI);
      ctx.fill();
    } else if (mark === 'cross') {
      ctx.moveTo(x - size, y - size);
      ctx.lineTo(x + size, y + size);
      ctx.moveTo(x - size, y + size);
      ctx.lineTo(x + size, y - size);
      ctx.stroke();
    } else {
      ctx.moveTo(x, y - size * 1.2);
      ctx.lineTo(x + size * 1.2, y);
      ctx.lineTo(x, y + size * 1.2);
      ctx.lineTo(x - size * 1.2, y);
      ctx.closePath();
      ctx.stroke();
    }
  });
  ctx.restore();
}

/** Shades a stretch of the x axis. */
export function drawBand(plot: uPlot, from: number, to: number, fill: string): void {
  const { ctx, bbox } = plot;
  const left = Math.max(plot.valToPos(from, 'x', true), bbox.left);
  const right = Math.min(plot.valToPos(to, 'x', true), bbox.left + bbox.width);
  if (!(right > left)) return;
  ctx.save();
  ctx.fillStyle = fill;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.restore();
}

/** Hatches a stretch of the x axis: nothing was measured there. */
export function drawHatch(plot: uPlot, from: number, to: number, colour: string): void {
  const { ctx, bbox } = plot;
  const left = Math.max(plot.valToPos(from, 'x', true), bbox.left);
  const right = Math.min(plot.valToPos(to, 'x', true), bbox.left + bbox.width);
  if (!(right > left)) return;
  const step = 7 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  // From a grid of its own, so that neighbouring stretches join.
  for (let x = Math.floor((left - bbox.height) / step) * step; x < right; x += step) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

/** A line across the chart, at a value of the x or the y axis, with its name. */
export function drawRule(
  plot: uPlot,
  scale: 'x' | 'y',
  value: number,
  colour: string,
  label: string,
  font: string,
): void {
  const { ctx, bbox } = plot;
  const at = plot.valToPos(value, scale, true);
  const isInside =
    scale === 'x'
      ? at >= bbox.left - 1 && at <= bbox.left + bbox.width + 1
      : at >= bbox.top - 1 && at <= bbox.top + bbox.height + 1;
  if (!isInside) return;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.beginPath();
  if (scale === 'x') {
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
  } else {
    ctx.moveTo(bbox.left, at);
    ctx.lineTo(bbox.left + bbox.width, at);
  }
  ctx.stroke();
  // With an edge of the background's colour, it can be read over marks and lines.
  const write = (x: number, y: number) => {
    ctx.strokeText(label, x, y);
    ctx.fillText(label, x, y);
  };
  ctx.font = font.replace(/^(\d+)px/, (_, size: string) => `${Number(size) * ratio}px`);
  const gap = 4 * ratio;
  ctx.setLineDash([]);
  ctx.lineWidth = 3 * ratio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = cssVariable(getComputedStyle(document.body), '--vscode-editor-background', 'transparent');
  if (scale === 'y') {
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    write(bbox.left + bbox.width - gap, at - gap / 2);
  } else {
    const isRight = at > bbox.left + bbox.width / 2;
    ctx.textAlign = isRight ? 'right' : 'left';
    ctx.textBaseline = 'top';
    write(isRight ? at - gap : at + gap, bbox.top + gap);
  }
  ctx.restore();
}
