import type { FlameBoxes } from '../../engine/model/flame';
import { KIND_NAMES } from '../../engine/model/profile';
import { FRAME_KINDS, FRAME_TIERS } from '../../engine/model/stackProfile';
import type { TablePage } from '../../engine/model/view';
import type { ShownFrames } from '../../protocol/profile';
import { displayName } from '../ui/text';
import { MAX_CATEGORIES, type ColourMode } from './palette';

/** Which category each box has, and what the legend says of it. */
export interface Colouring {
  readonly mode: ColourMode;
  readonly labels: readonly string[];
  /** Own value by category; absent where the legend tells none. */
  readonly values?: Float64Array;
  /** By frame; absent where boxes of one function differ. */
  readonly byFrame?: Uint8Array;
  /** By box. */
  categories(boxes: FlameBoxes): Uint8Array;
}

/** `summary`: the functions with the most own value; absent until it came. */
export function colouringOf(
  mode: ColourMode,
  frames: ShownFrames,
  summary: TablePage | undefined,
): Colouring {
  switch (mode) {
    case 'kind':
      return byFrame(
        mode,
        FRAME_KINDS.map((kind) => KIND_NAMES[kind]),
        frames.kinds,
        summary,
      );
    case 'package':
      return byRank(mode, frames.packageOf, frames.packages, 'No package', summary);
    case 'file':
      return byRank(mode, frames.fileOf, frames.files, 'No file', summary);
    case 'heat':
      return byFrame(mode, HEAT_LABELS, heatOf(frames.names.length, summary), undefined);
    case 'tier':
      return byBox(
        mode,
        FRAME_TIERS.map((tier) => TIER_NAMES[tier]),
        (boxes) => boxes.tier ?? new Uint8Array(boxes.frame.length),
      );
    case 'change':
      return byBox(mode, CHANGE_LABELS, changesOf);
  }
}

const TIER_NAMES: Readonly<Record<(typeof FRAME_TIERS)[number], string>> = {
  unknown: 'Not known',
  interpreted: 'Interpreted',
  baseline: 'Baseline',
  maglev: 'Maglev',
  optimised: 'Optimised',
  inlined: 'Inlined',
};

const HEAT_LABELS = ['No own cost', '', '', '', '', '', 'Most own cost'];
const CHANGE_LABELS = [
  '−50 % or more',
  '−20 % to −50 %',
  '−5 % to −20 %',
  'Same (±5 %)',
  '+5 % to +25 %',
  '+25 % to +100 %',
  'Doubled or new',
];
const SAME = 3;

/** Category of a change, relative to the larger side: halved and doubled are as far from the middle. */
export function changeCategory(now: number, before: number): number {
  const larger = Math.max(now, before);
  if (larger <= 0) return SAME;
  const change = (now - before) / larger;
  const size = Math.abs(change);
  const step = size < 0.05 ? 0 : size < 0.2 ? 1 : size < 0.5 ? 2 : 3;
  return change < 0 ? SAME - step : SAME + step;
}

function changesOf(boxes: FlameBoxes): Uint8Array {
  const of = new Uint8Array(boxes.frame.length).fill(SAME);
  if (boxes.totalBefore) {
    for (let box = 0; box < of.length; box++) {
      of[box] = changeCategory(boxes.total[box]!, boxes.totalBefore[box]!);
    }
  }
  return of;
}

function byFrame(
  mode: ColourMode,
  labels: readonly string[],
  of: Uint8Array,
  summary: TablePage | undefined,
): Colouring {
  const values = summary && sumBy(of, summary);
  return {
    mode,
    labels,
    ...(values && { values }),
    byFrame: of,
    categories: cached((boxes) => Uint8Array.from(boxes.frame, (frame) => (frame < 0 ? 0 : of[frame]!))),
  };
}

function byBox(
  mode: ColourMode,
  labels: readonly string[],
  categories: (boxes: FlameBoxes) => Uint8Array,
): Colouring {
  return { mode, labels, categories: cached(categories) };
}

/** The groups with the most own value get a colour each, the others share one. */
function byRank(
  mode: ColourMode,
  groupOf: Int32Array,
  groups: readonly string[],
  none: string,
  summary: TablePage | undefined,
): Colouring {
  const values = new Float64Array(groups.length + 1);
  if (summary) {
    for (let row = 0; row < summary.frame.length; row++) {
      values[groupOf[summary.frame[row]!]! + 1]! += summary.self[row]!;
    }
  } else {
    for (const group of groupOf) values[group + 1]!++;
  }
  const ranked = Array.from(values.keys())
    .filter((group) => values[group]! > 0)
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, MAX_CATEGORIES - 1);
  const rest = ranked.length;
  const category = new Uint8Array(groups.length + 1).fill(MAX_CATEGORIES - 1);
  ranked.forEach((group, rank) => (category[group] = rank));
  const labels = ranked.map((group) => (group === 0 ? none : displayName(groups[group - 1]!, 60)));
  const all = Array.from({ length: MAX_CATEGORIES }, (_, at) => labels[at] ?? '');
  if (rest === MAX_CATEGORIES - 1) all[rest] = 'Others';
  const of = Uint8Array.from(groupOf, (group) => category[group + 1]!);
  return byFrame(mode, all, of, summary);
}

function sumBy(of: Uint8Array, summary: TablePage): Float64Array {
  const values = new Float64Array(MAX_CATEGORIES);
  for (let row = 0; row < summary.frame.length; row++) {
    values[of[summary.frame[row]!]!]! += summary.self[row]!;
  }
  return values;
}

/** Steps grow with the root of the own value, so that what is warm differs from what is cold. */
function heatOf(frameCount: number, summary: TablePage | undefined): Uint8Array {
  const of = new Uint8Array(frameCount);
  if (!summary) return of;
  let hottest = 0;
  for (const self of summary.self) hottest = Math.max(hottest, self);
  const steps = HEAT_LABELS.length - 1;
  for (let row = 0; row < summary.frame.length; row++) {
    const share = hottest > 0 ? summary.self[row]! / hottest : 0;
    of[summary.frame[row]!] = share <= 0 ? 0 : Math.max(1, Math.round(Math.sqrt(share) * steps));
  }
  return of;
}

function cached(make: (boxes: FlameBoxes) => Uint8Array): (boxes: FlameBoxes) => Uint8Array {
  const made = new WeakMap<FlameBoxes, Uint8Array>();
  return (boxes) => {
    let of = made.get(boxes);
    if (!of) made.set(boxes, (of = make(boxes)));
    return of;
  };
}
