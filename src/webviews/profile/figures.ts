import { MIN_CERTAIN_SAMPLES } from '../../engine/model/profile';
import { formatPerRequest, formatShare, formatValue, type CostBasis } from '../../engine/model/units';
import type { ShownFrames, ValueBasis } from '../../protocol/profile';
import { displayName, formatCount } from '../ui/text';

const ROOT_NAME = 'All';

/** Frames with the names of the threads, whose boxes in time order have frames below -1. */
export interface GraphFrames extends ShownFrames {
  readonly threadNames: readonly string[];
}

/** See `FlameBoxes.frame` for what the negative ones are. */
export function nameOf(frames: GraphFrames, frame: number): string {
  if (frame === -1) return ROOT_NAME;
  if (frame < 0) return displayName(frames.threadNames[-2 - frame] ?? '') || 'thread';
  return displayName(frames.names[frame]!) || '(anonymous)';
}

/** `src/price.ts:12`, `node:internal/crypto:88`; empty where there is no file. */
export function placeOf(frames: ShownFrames, frame: number): string {
  const file = frame < 0 ? -1 : frames.fileOf[frame]!;
  if (file < 0) return '';
  const line = frames.lines[frame]!;
  const name = displayName(frames.files[file]!);
  return line > 0 ? `${name}:${line}` : name;
}

export function packageOf(frames: ShownFrames, frame: number): string {
  const index = frame < 0 ? -1 : frames.packageOf[frame]!;
  return index < 0 ? '' : displayName(frames.packages[index]!);
}

/** What is told of a box or a function. Values are in the basis's unit. */
export interface Amount {
  readonly self: number;
  readonly total: number;
  readonly selfSamples: number;
  readonly totalSamples: number;
  /** Of a difference: scaled as the others are. */
  readonly selfBefore?: number;
  readonly totalBefore?: number;
}

export interface AmountText {
  readonly self: string;
  readonly total: string;
  /** Empty where the profile knows no samples. */
  readonly samples: string;
  /** Empty where there are samples enough, or none are known. */
  readonly uncertain: string;
  /** Empty where there is nothing to compare with. */
  readonly change: string;
}

/** `12.3 % · 340 ms · 0.17 ms/request`. */
export function amountText(amount: Amount, basis: ValueBasis): AmountText {
  const isUncertain = amount.totalSamples > 0 && amount.totalSamples < MIN_CERTAIN_SAMPLES;
  const about = isUncertain ? '~' : '';
  const join = (value: number) =>
    [shareText(value, basis), valueText(value, basis), perRequestText(value, basis)]
      .filter(Boolean)
      .map((part) => about + part)
      .join(' · ');
  return {
    self: join(amount.self),
    total: join(amount.total),
    samples: amount.totalSamples > 0 ? formatCount(amount.totalSamples) : '',
    uncertain: isUncertain ? `uncertain: fewer than ${MIN_CERTAIN_SAMPLES} samples` : '',
    change: amount.totalBefore === undefined ? '' : changeText(amount.total, amount.totalBefore, basis),
  };
}

export function shareText(value: number, basis: ValueBasis): string {
  return formatShare(basis.total > 0 ? value / basis.total : 0);
}

/** `340 ms` of CPU time, `1.2 MB`, `830 samples`, `12 goroutines`. */
export function valueText(value: number, basis: ValueBasis): string {
  const text = formatValue(Math.abs(value), costBasis(basis));
  return value < 0 ? `−${text}` : text;
}

/** `0.17 ms/request`; empty without requests. */
export function perRequestText(value: number, basis: ValueBasis): string {
  if (basis.unit === 'samples' || basis.unit === 'count') return '';
  const text = formatPerRequest(value, costBasis(basis));
  return text === undefined ? '' : `${text}/request`;
}

function costBasis({ unit, unitName, total, cpuScale, requests }: ValueBasis): CostBasis {
  const named = unitName === undefined ? {} : { unitName: displayName(unitName, 40) };
  return { activeMicros: total, cpuScale, requests, unit, ...named };
}

/** `+1.2 ms/request (+34 %)`, `−3.1 % of all (new)`; `unchanged` where there is no difference. Brief for columns. */
export function changeText(now: number, before: number, basis: ValueBasis, isBrief = false): string {
  const delta = now - before;
  if (delta === 0) return 'unchanged';
  const sign = delta > 0 ? '+' : '−';
  const perRequest = perRequestText(Math.abs(delta), basis);
  const share = shareText(Math.abs(delta), basis);
  const size = isBrief
    ? perRequest.replace('/request', '/req') || share
    : perRequest || `${share} of the whole`;
  return `${sign}${size} (${relativeText(now, before)})`;
}

/** `+34 %`, `−8 %`, `new`, `gone`, `3.2×`. */
export function relativeText(now: number, before: number): string {
  if (before <= 0) return now > 0 ? 'new' : 'unchanged';
  if (now <= 0) return 'gone';
  const ratio = now / before;
  if (ratio >= 3) return `${ratio.toFixed(1)}×`;
  const percent = (ratio - 1) * 100;
  if (Math.abs(percent) < 0.05) return 'unchanged';
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`;
}

/** Of a box that stands for many (see `FlameBoxes.sampled`): what its name and its width mean. */
export const SAMPLED_NOTE = 'Many short calls; the function that ran in the middle of this stretch is named.';

/** One sentence for the screen reader when a box is selected; `stretch`: how long the calls take that it stands for. */
export function spokenBox(
  frames: GraphFrames,
  frame: number,
  depth: number,
  text: AmountText,
  stretch?: string,
): string {
  const figures = [
    `total ${text.total}`,
    `self ${text.self}`,
    text.samples && `${text.samples} samples`,
    text.uncertain,
    text.change && `change ${text.change}`,
  ];
  return [
    nameOf(frames, frame),
    placeOf(frames, frame),
    ...(stretch === undefined
      ? figures
      : [`a stretch of ${stretch} of many short calls, named after its middle`]),
    `depth ${depth}`,
  ]
    .filter(Boolean)
    .join(', ');
}
