import { firstAfter, segmentsWithin } from './restrict';
import { type FoundBox, nodeAtDepth, type TimeBounds } from './timeBoxes';
import type { TimeIndex, TimeLane } from './timeIndex';

/** A part of the page is this many times as wide as the narrowest box that is shown as it is. */
const PART_WIDTHS = 4;
/** A page is not parted more finely than this, nor into more frames of all parts' stacks. */
const MAX_PARTS = 8000;
const MAX_FRAMES = 200_000;

/**
 * What stands in a page for the boxes that are too narrow for it, so that a stretch of short calls is no gap: the page
 * is parted evenly, and each part shows, above the boxes that are wide enough, the stack that ran in its middle. It is
 * a sample, as true to the whole as samples are; idle parts stay free. A box begins and ends with its part, but not
 * within a box that is shown as it is.
 * @param exact the lane's boxes that are wide enough, in preorder.
 */
export function sampleNarrow(
  index: TimeIndex,
  lane: TimeLane,
  bounds: TimeBounds,
  exact: readonly FoundBox[],
): FoundBox[] {
  const from = Math.max(bounds.from, lane.startMicros);
  const to = Math.min(bounds.to, lane.endMicros);
  if (bounds.min <= 0 || from >= to) return [];
  let width = Math.max(bounds.min * PART_WIDTHS, (to - from) / MAX_PARTS);
  while (framesOfParts(index, lane, { from, to, width }) > MAX_FRAMES) width *= 2;
  const sampled: FoundBox[] = [];
  /** Exact boxes that hold the moment, outermost first. */
  const open: FoundBox[] = [];
  let next = 0;
  let lastEnd = from;
  for (const begin of partsOf(index, { from, to, width })) {
    const moment = begin + width / 2;
    for (; next < exact.length && exact[next]!.start <= moment; next++) {
      closeBefore(exact[next]!.start);
      open.push(exact[next]!);
    }
    closeBefore(moment);
    const below = open.at(-1);
    const left = Math.max(begin, below?.start ?? from, lastEnd);
    const right = Math.min(begin + width, below?.end ?? to, exact[next]?.start ?? to);
    addStack(index, lane, { moment, left, right, above: below?.depth ?? 0 }, sampled);
  }
  return sampled;

  function closeBefore(time: number): void {
    while (open.length > 0 && open.at(-1)!.end <= time) lastEnd = Math.max(lastEnd, open.pop()!.end);
  }
}

interface Parting {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Beginnings of the parts whose middle is within; the same in every page of one width. */
function partsOf({ originMicros }: TimeIndex, { from, to, width }: Parting): number[] {
  const begins: number[] = [];
  for (let part = Math.floor((from - originMicros) / width); ; part++) {
    const begin = originMicros + part * width;
    if (begin + width / 2 >= to) return begins;
    if (begin + width / 2 >= from) begins.push(begin);
  }
}

function framesOfParts(index: TimeIndex, lane: TimeLane, parting: Parting): number {
  return partsOf(index, parting).reduce((frames, begin) => {
    const segment = segmentAt(index, lane, begin + parting.width / 2);
    return frames + (segment < lane.first ? 0 : lane.depth[segment - lane.first]!);
  }, 0);
}

/** The lane's segment that runs at the time; less than its first where none does. */
function segmentAt({ timeline }: TimeIndex, lane: TimeLane, time: number): number {
  return firstAfter(timeline.start, lane.first, lane.end, time) - 1;
}

interface Part {
  readonly moment: number;
  readonly left: number;
  readonly right: number;
  /** Depth of the exact box on which the sampled ones stand. */
  readonly above: number;
}

function addStack(
  index: TimeIndex,
  lane: TimeLane,
  { moment, left, right, above }: Part,
  into: FoundBox[],
): void {
  const { start } = index.timeline;
  const segment = segmentAt(index, lane, moment);
  if (segment < lane.first || right <= left) return;
  const depth = lane.depth[segment - lane.first]!;
  if (depth <= above) return;
  const within = segmentsWithin(
    start,
    { from: lane.first, to: lane.end, endMicros: lane.endMicros },
    left,
    right,
  );
  const samples = within.end - within.first;
  const stack: FoundBox[] = [];
  // Each box is known by where the call that runs at the moment begins.
  let began = segment;
  for (let at = depth; at > above; at--) {
    while (lane.common[began - lane.first]! >= at) began--;
    const node = nodeAtDepth(index, segment, at);
    stack.push({
      segment: began,
      depth: at,
      row: lane.row + at,
      frame: index.tree.frame[node]!,
      start: left,
      end: right,
      self: at === depth ? right - left : 0,
      samples,
      selfSamples: at === depth ? samples : 0,
      tier: index.tree.tier?.[node] ?? 0,
      sampled: 1,
    });
  }
  into.push(...stack.reverse());
}
