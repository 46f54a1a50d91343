import type { FlameBoxes } from '../../model/flame';
import { type PageBounds, subtreeEnds } from './layout';
import { segmentsWithin } from './restrict';
import { rowsByDepth } from './rows';
import { LONG_SEGMENTS, type LongBoxes, type TimeIndex, type TimeLane } from './timeIndex';
import { boxIdentity, type FoundBox, nodeAtDepth, type TimeBounds } from './timeBoxes';
import { sampleNarrow } from './timeSampling';
import { type BoxRun, scanLane, type ScanLimits } from './timeScan';

/**
 * The boxes in time order within the bounds, in time proportional to the segments in them; undefined where those that
 * are wide enough would be more than `limit`. Boxes are stretches of time in which a stack began alike; idle time is a gap. Of several
 * threads each stands on a box of its own, one thread's rows above another's (see `FlameBoxes.frame`); the rows of a
 * thread are the same in every page. Values are microseconds; a range begins at the root's left edge.
 */
export function cutTimePage(
  index: TimeIndex,
  pageBounds: PageBounds,
  limit = Infinity,
): FlameBoxes | undefined {
  const found: FoundBox[] = [rootBox(index)];
  const bounds = timeBounds(index, pageBounds);
  let free = limit - 1 - index.lanes.length;
  for (const lane of index.lanes) {
    if (index.lanes.length > 1) found.push(laneBox(lane));
    const boxes = boxesOfLane(index, lane, bounds, free);
    if (!boxes) return undefined;
    free -= boxes.length;
    for (const box of withSamples(index, lane, bounds, boxes)) found.push(box);
  }
  return toColumns(index, found);
}

/** As `cutTimePage`, with `min` raised until there are `limit` boxes at most; tells the `min` it came to. */
export function cutTimePageLimited(
  index: TimeIndex,
  bounds: PageBounds,
  limit: number,
): { readonly boxes: FlameBoxes; readonly min: number } {
  const min = bounds.min ?? 0;
  const boxes = cutTimePage(index, bounds, limit);
  if (boxes) return { boxes, min };
  const raised = Math.max(min, widthOfAtMost(index, bounds, limit));
  return { boxes: cutTimePage(index, { ...bounds, min: raised })!, min: raised };
}

/** Widths are told apart by eighths of a power of two. */
const STEPS = 8;

/** A width that at most `limit` boxes near the bounds have. */
function widthOfAtMost(index: TimeIndex, bounds: PageBounds, limit: number): number {
  const counts = new Float64Array(64 * STEPS);
  // The root and the threads' own boxes are always there.
  const free = limit - 1 - index.lanes.length;
  const count = (micros: number, boxes: number) => {
    const step = Math.ceil(Math.log2(micros) * STEPS);
    counts[Math.max(0, Math.min(counts.length - 1, step))]! += boxes;
  };
  for (const lane of index.lanes) {
    const limits = limitsWithin(index, lane, timeBounds(index, bounds));
    const long = longBeside(lane, limits);
    long?.end.forEach((end, at) => count(end - startOf(index, lane, long.segment[at]!), 1));
    scanLane(index.timeline.start, lane, limits, (run) => {
      if (!long || !isLong(run))
        count(run.endMicros - startOf(index, lane, run.segment), run.depth - run.above);
      return true;
    });
  }
  let step = counts.length - 1;
  for (let sum = counts[step]!; step > 0 && sum <= free; sum += counts[step]!) step--;
  // The boxes of a step are up to as wide as it says, and none of this one are wanted.
  return 2 ** (step / STEPS) * (1 + 1e-9);
}

/** Bounds of a page as times of the timeline. */
function timeBounds(index: TimeIndex, { from = 0, to = Infinity, min = 0 }: PageBounds): TimeBounds {
  return {
    from: index.originMicros + Math.max(0, from),
    to: index.originMicros + Math.min(index.totalMicros, to),
    min,
  };
}

function rootBox({ lanes, originMicros, totalMicros }: TimeIndex): FoundBox {
  const [only] = lanes.length === 1 ? lanes : [];
  const busy = lanes.reduce((sum, lane) => sum + lane.busySegments, 0);
  return {
    ...{ segment: -1, depth: 0, row: 0, frame: -1, samples: busy, selfSamples: 0, tier: 0, sampled: 0 },
    start: originMicros,
    end: originMicros + totalMicros,
    self: only ? totalMicros - only.busyMicros : 0,
  };
}

function laneBox(lane: TimeLane): FoundBox {
  return {
    ...{ segment: lane.first, depth: 0, row: lane.row, frame: -2 - lane.thread, tier: 0, sampled: 0 },
    start: lane.startMicros,
    end: lane.endMicros,
    self: lane.endMicros - lane.startMicros - lane.busyMicros,
    samples: lane.busySegments,
    selfSamples: 0,
  };
}

/** Those wide enough, in preorder: by where they begin, then by depth; undefined where they are too many. */
function boxesOfLane(
  index: TimeIndex,
  lane: TimeLane,
  bounds: TimeBounds,
  limit: number,
): FoundBox[] | undefined {
  const boxes: FoundBox[] = [];
  const add = (
    segment: number,
    depth: number,
    end: number,
    endSegment: number,
    self: number,
    selfSamples: number,
  ) => {
    const startMicros = startOf(index, lane, segment);
    const width = end - startMicros;
    if (width < bounds.min || width <= 0 || startMicros >= bounds.to || end <= bounds.from) return true;
    const node = nodeAtDepth(index, segment, depth);
    boxes.push({
      segment,
      depth,
      end,
      self,
      selfSamples,
      row: lane.row + depth,
      frame: index.tree.frame[node]!,
      start: startMicros,
      samples: endSegment - segment,
      tier: index.tree.tier?.[node] ?? 0,
      sampled: 0,
    });
    return boxes.length <= limit;
  };
  const limits = limitsWithin(index, lane, bounds);
  const long = longBeside(lane, limits);
  for (let at = 0; long && at < long.segment.length; at++) {
    const more = add(
      ...([long.segment[at]!, long.depth[at]!, long.end[at]!, long.endSegment[at]!] as const),
      ...([long.self[at]!, long.selfSegments[at]!] as const),
    );
    if (!more) return undefined;
  }
  let complete = true;
  scanLane(index.timeline.start, lane, limits, (run) => {
    if (long && isLong(run)) return true;
    for (let depth = run.above + 1; depth <= run.depth && complete; depth++) {
      const top = depth === run.depth;
      complete = add(
        ...([run.segment, depth, run.endMicros, run.endSegment] as const),
        ...([top ? run.selfMicros : 0, top ? run.selfSegments : 0] as const),
      );
    }
    return complete;
  });
  if (!complete) return undefined;
  return boxes.sort(inPreorder);
}

function withSamples(
  index: TimeIndex,
  lane: TimeLane,
  bounds: TimeBounds,
  boxes: readonly FoundBox[],
): readonly FoundBox[] {
  const sampled = sampleNarrow(index, lane, bounds, boxes);
  return sampled.length > 0 ? [...boxes, ...sampled].sort(inPreorder) : boxes;
}

function inPreorder(a: FoundBox, b: FoundBox): number {
  return a.start - b.start || a.depth - b.depth;
}

/** What of a lane is looked at for a page: boxes that are not long lie within. */
function limitsWithin({ timeline }: TimeIndex, lane: TimeLane, bounds: TimeBounds): ScanLimits {
  const thread = { from: lane.first, to: lane.end, endMicros: lane.endMicros };
  const { first, end } = segmentsWithin(timeline.start, thread, bounds.from, bounds.to);
  return {
    from: first - LONG_SEGMENTS,
    to: end + LONG_SEGMENTS,
    minMicros: bounds.min,
    minSegments: Infinity,
  };
}

/** Boxes that reach out of what is looked at; undefined where that is the whole lane. */
function longBeside(lane: TimeLane, limits: ScanLimits): LongBoxes | undefined {
  return limits.from <= lane.first && limits.to >= lane.end ? undefined : lane.long();
}

function isLong(run: BoxRun): boolean {
  return run.endSegment - run.segment > LONG_SEGMENTS;
}

function startOf({ timeline }: TimeIndex, lane: TimeLane, segment: number): number {
  return segment === lane.first ? lane.startMicros : timeline.start[segment]!;
}

function toColumns({ originMicros, tree, sampled }: TimeIndex, found: readonly FoundBox[]): FlameBoxes {
  const doubles = (value: (box: FoundBox) => number) => Float64Array.from(found, value);
  const integers = (value: (box: FoundBox) => number) => Int32Array.from(found, value);
  const depth = integers((box) => box.row);
  const parent = new Int32Array(found.length).fill(-1);
  /** Boxes from the root to the last one, by depth above the thread's own. */
  const open: number[] = [];
  for (let box = 1; box < found.length; box++) {
    const { depth: above, frame } = found[box]!;
    parent[box] = frame < -1 ? 0 : above === 1 && open[0] === undefined ? 0 : open[above - 1]!;
    open[above] = box;
  }
  return {
    start: doubles((box) => box.start - originMicros),
    total: doubles((box) => box.end - box.start),
    self: doubles((box) => box.self),
    totalSamples: integers((box) => (sampled ? box.samples : 0)),
    selfSamples: integers((box) => (sampled ? box.selfSamples : 0)),
    depth,
    frame: integers((box) => box.frame),
    parent,
    subtreeEnd: subtreeEnds(parent),
    node: doubles((box) => (box.segment < 0 ? -1 : boxIdentity(box.segment, box.depth))),
    ...rowsByDepth(depth),
    ...(found.some((box) => box.sampled === 1) && {
      sampled: Uint8Array.from(found, (box) => box.sampled),
    }),
    ...(tree.tier && { tier: Uint8Array.from(found, (box) => box.tier) }),
  };
}
