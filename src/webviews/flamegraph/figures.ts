import type { Cost } from '../../engine/model/profile';
import { MIN_CERTAIN_SAMPLES } from '../../engine/model/profile';
import type { CostBasis } from '../../engine/model/units';
import { costFigures, formatMs, formatShare } from '../../engine/model/units';
import type { FlameFrames } from '../../protocol/flamegraph';
import { displayName, plural } from '../ui/text';

export const ROOT_NAME = 'All';

export function nameOf(frames: FlameFrames, frame: number): string {
  if (frame < 0) return ROOT_NAME;
  return displayName(frames.names[frame]!) || '(anonymous)';
}

/** `src/price.ts:12`, `node:internal/crypto:88`; empty where there is no file. */
export function placeOf(frames: FlameFrames, frame: number): string {
  const file = frame < 0 ? -1 : frames.fileOf[frame]!;
  if (file < 0) return '';
  const line = frames.lines[frame]!;
  const name = displayName(frames.files[file]!);
  return line > 0 ? `${name}:${line}` : name;
}

export function packageOf(frames: FlameFrames, frame: number): string {
  const index = frame < 0 ? -1 : frames.packageOf[frame]!;
  return index < 0 ? '' : displayName(frames.packages[index]!);
}

export interface CostText {
  readonly self: string;
  readonly total: string;
  readonly samples: string;
  /** Empty where there are samples enough. */
  readonly uncertain: string;
}

/** `12.3 % · 340 ms · 0.17 ms/request`. */
export function costText(cost: Cost, basis: CostBasis): CostText {
  const figures = costFigures(cost, basis);
  const join = (share: number, ms: number, perRequest: number | undefined) =>
    [
      formatShare(share),
      formatMs(ms),
      ...(perRequest === undefined ? [] : [`${formatMs(perRequest)}/request`]),
    ].join(' · ');
  return {
    self: join(figures.selfShare, figures.selfMs, figures.selfMsPerRequest),
    total: join(figures.totalShare, figures.totalMs, figures.totalMsPerRequest),
    samples: plural(figures.samples, 'sample'),
    uncertain: figures.uncertain ? `uncertain: fewer than ${MIN_CERTAIN_SAMPLES} samples` : '',
  };
}

/** One sentence for the screen reader when the box is selected. */
export function spokenBox(frames: FlameFrames, frame: number, depth: number, text: CostText): string {
  const place = placeOf(frames, frame);
  return [
    nameOf(frames, frame),
    ...(place ? [place] : []),
    `total ${text.total}`,
    `self ${text.self}`,
    text.samples,
    ...(text.uncertain ? [text.uncertain] : []),
    `depth ${depth}`,
  ].join(', ');
}
