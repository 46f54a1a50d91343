import { FRAME_KINDS } from '../../engine/model/stackProfile';
import { formatMicros } from '../../engine/model/units';
import type { Activity } from '../../engine/model/view';
import type { LatencyStrip } from '../../protocol/profile';
import type { Palette } from './palette';
import { rulerStep } from './timeRange';

export const RULER_PX = 16;
const LABEL_EVERY_PX = 110;

/** Where a strip is drawn: `widthPx` CSS pixels stand for the profile's time. */
export interface StripPlace {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly widthPx: number;
  readonly durationMicros: number;
}

export function drawRuler({ context, palette, widthPx, durationMicros }: StripPlace): void {
  const step = rulerStep(durationMicros, widthPx / LABEL_EVERY_PX);
  context.font = palette.font.replace('12px', '10px');
  context.textBaseline = 'middle';
  context.fillStyle = palette.dim;
  for (let micros = 0; micros < durationMicros; micros += step) {
    const x = Math.round((micros / durationMicros) * widthPx);
    context.fillRect(x, RULER_PX - 5, 1, 5);
    const label = micros === 0 ? '0' : formatMicros(micros);
    if (x + 4 + context.measureText(label).width < widthPx) context.fillText(label, x + 4, 7);
  }
}

/** Stacked by kind, from the bottom; as high as all threads can be busy. */
export function drawActivity(
  { context, widthPx, durationMicros }: StripPlace,
  activity: Activity,
  colours: readonly string[],
  top: number,
  heightPx: number,
): void {
  const kinds = FRAME_KINDS.length;
  const buckets = activity.byKind.length / kinds;
  const bucketPx = (activity.bucketMicros / durationMicros) * widthPx;
  for (let kind = 0; kind < kinds; kind++) {
    context.fillStyle = colours[kind]!;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const share = activity.byKind[bucket * kinds + kind]!;
      if (!(share > 0)) continue;
      let below = 0;
      for (let under = 0; under < kind; under++) below += activity.byKind[bucket * kinds + under]!;
      const height = Math.min(share, 1) * heightPx;
      const y = top + heightPx - Math.min(below, 1) * heightPx - height;
      context.fillRect(bucket * bucketPx, y, Math.max(bucketPx, 0.5) + 0.2, height);
    }
  }
}

/** Lines of p99 and p50 on one scale, the rate on another, errors as marks at the foot. */
export function drawLatency(place: StripPlace, latency: LatencyStrip, top: number, heightPx: number): void {
  const { context } = place;
  const style = getComputedStyle(document.body);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const slowest = largest(latency.p99Micros);
  line(
    place,
    latency,
    latency.requestsPerSecond,
    largest(latency.requestsPerSecond),
    top,
    heightPx,
    colour('--strip-rate'),
    RATE_DASH,
  );
  line(place, latency, latency.p50Micros, slowest, top, heightPx, colour('--strip-p50'), SOLID);
  line(place, latency, latency.p99Micros, slowest, top, heightPx, colour('--strip-p99'), SOLID);
  context.fillStyle = colour('--strip-error');
  for (let at = 0; at < latency.errors.length; at++) {
    if (!(latency.errors[at]! > 0)) continue;
    context.fillRect(xOf(place, latency, at) - 1.5, top + heightPx - 4, 3, 4);
  }
}

const SOLID: number[] = [];
const RATE_DASH = [2, 2];

function line(
  place: StripPlace,
  latency: LatencyStrip,
  values: Float64Array,
  highest: number,
  top: number,
  heightPx: number,
  colour: string,
  dash: number[],
): void {
  if (!(highest > 0)) return;
  const { context } = place;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.setLineDash(dash);
  context.beginPath();
  let isOpen = false;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) {
      isOpen = false;
      continue;
    }
    const y = top + heightPx - (Math.max(value, 0) / highest) * heightPx;
    if (isOpen) context.lineTo(xOf(place, latency, at), y);
    else context.moveTo(xOf(place, latency, at), y);
    isOpen = true;
  }
  context.stroke();
  context.setLineDash(SOLID);
}

function xOf({ widthPx, durationMicros }: StripPlace, latency: LatencyStrip, at: number): number {
  return ((latency.endMicros[at]! - latency.intervalMicros / 2) / durationMicros) * widthPx;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) if (Number.isFinite(value) && value > most) most = value;
  return most;
}
