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

/** `summary`: all functions, most own value first; absent until they came. */
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
      return byRank(mode, ...packageGroups(frames), summary);
    case 'file':
      return byRank(mode, frames.fileOf, frames.files, summary);
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
export const SAME = 3;

/** Categories that `boxes` show: others need no legend. */
export function presentIn(boxes: FlameBoxes, colouring: Colouring): Uint8Array {
  const present = new Uint8Array(MAX_CATEGORIES);
  const categories = colouring.categories(boxes);
  for (let box = 1; box < categories.length; box++) {
    if (boxes.frame[box]! >= 0) present[categories[box]!] = 1;
  }
  return present;
}

/** Own values of all boxes by category, where no function's boxes are of one category. `boxes` are all there are. */
export function sumOfBoxes(boxes: FlameBoxes, colouring: Colouring): Float64Array {
  const values = new Float64Array(MAX_CATEGORIES);
  const categories = colouring.categories(boxes);
  for (let box = 0; box < categories.length; box++) {
    if (boxes.frame[box]! >= 0) values[categories[box]!]! += boxes.self[box]!;
  }
  return values;
}

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

/** Code of no package is grouped by its kind. */
function packageGroups(frames: ShownFrames): [of: Int32Array, names: readonly string[]] {
  const { packages, packageOf, kinds } = frames;
  const of = packageOf.map((group, frame) => (group >= 0 ? group : packages.length + kinds[frame]!));
  return [of, [...packages, ...FRAME_KINDS.map((kind) => KIND_NAMES[kind])]];
}

/** The groups with the most own value, then total, get a colour each; the others share one. -1: of no group. */
function byRank(
  mode: ColourMode,
  groupOf: Int32Array,
  groups: readonly string[],
  summary: TablePage | undefined,
): Colouring {
  const self = new Float64Array(groups.length + 1);
  const total = new Float64Array(groups.length + 1);
  for (let row = 0; row < (summary?.frame.length ?? 0); row++) {
    const group = groupOf[summary!.frame[row]!]! + 1;
    self[group]! += summary!.self[row]!;
    total[group] = Math.max(total[group]!, summary!.total[row]!);
  }
  // Before the figures are there, what has the most functions is likely to lead.
  if (!summary) for (const group of groupOf) total[group + 1]!++;
  const ranked = Array.from(total.keys())
    .filter((group) => total[group]! > 0)
    .sort((a, b) => self[b]! - self[a]! || total[b]! - total[a]! || a - b)
    .slice(0, MAX_CATEGORIES - 1);
  const category = new Uint8Array(groups.length + 1).fill(MAX_CATEGORIES - 1);
  ranked.forEach((group, rank) => (category[group] = rank));
  const labels = Array.from({ length: MAX_CATEGORIES }, (_, rank) => {
    const group = ranked[rank];
    if (group === undefined) return rank === MAX_CATEGORIES - 1 ? 'Others' : '';
    return group === 0 ? 'No file' : displayName(groups[group - 1]!, 60);
  });
  return byFrame(
    mode,
    labels,
    Uint8Array.from(groupOf, (group) => category[group + 1]!),
    summary,
  );
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
