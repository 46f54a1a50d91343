import { MAX_DEPTH } from '../../model/flame';
import type { StackProfile, StackThread, StackTimeline } from '../../model/stackProfile';
import { preorderPositions, SharedDepths } from './preorder';
import { type Restriction, segmentsWithin } from './restrict';
import { NO_LIMITS, scanLane } from './timeScan';
import type { ViewTree } from './viewTree';

/**
 * What pages in time order are cut from. Neighbouring segments whose stacks begin alike share boxes: a segment opens
 * the boxes above what it has in common with the one before, which makes a page one pass over two narrow columns.
 */
export interface TimeIndex {
  readonly timeline: StackTimeline;
  /** The view's tree, after transforms. */
  readonly tree: ViewTree;
  /** Depth in the tree; the root is 0. */
  readonly nodeDepth: Int32Array;
  /** Of each sampled node: the one shown; 0, the root, where nothing is. */
  readonly shown: Int32Array;
  readonly lanes: readonly TimeLane[];
  /** Time at the root's left edge, and how long it lasts, in microseconds. */
  readonly originMicros: number;
  readonly totalMicros: number;
  readonly boxCount: number;
  /** Whether segments count as samples. */
  readonly sampled: boolean;
}

/** A thread in time order; `common` and `depth` hold an entry per segment from `first` on. */
export interface TimeLane {
  /** Index in the profile's threads. */
  readonly thread: number;
  /** Row of the thread's own box, on which its stacks stand; the root's where it is the only thread. */
  readonly row: number;
  /** Segments: `first` inclusive, `end` exclusive. */
  readonly first: number;
  readonly end: number;
  readonly startMicros: number;
  readonly endMicros: number;
  /** Frames that each segment's stack shares with the one before. */
  readonly common: Uint16Array;
  /** Frames of each segment's stack, cut at `MAX_DEPTH`; 0 where the thread was idle. */
  readonly depth: Uint16Array;
  readonly busyMicros: number;
  readonly busySegments: number;
  /** Found when a page first asks for them. */
  readonly long: () => LongBoxes;
}

/**
 * Boxes of more than `LONG_SEGMENTS` segments, which a page would have to look for far outside of itself. All others
 * that a page shows begin and end within that many segments of it.
 */
export interface LongBoxes {
  readonly segment: number[];
  readonly depth: number[];
  readonly end: number[];
  readonly endSegment: number[];
  readonly self: number[];
  readonly selfSegments: number[];
}

export const LONG_SEGMENTS = 4096;

/**
 * @param nodeOf of each node of the profile's tree, its node in `tree`; -1 where it is left out. Absent where they
 * are the same.
 */
export function indexTime(
  profile: Pick<StackProfile, 'threads'> & { readonly timeline: StackTimeline },
  tree: ViewTree,
  nodeOf: Int32Array | undefined,
  restriction: Restriction,
): TimeIndex {
  const { timeline, threads } = profile;
  const nodeDepth = nodeDepths(tree.parent);
  const shown = shownNodes(timeline, nodeOf, tree.parent.length);
  const endMicros = threads.reduce((end, thread) => Math.max(end, thread.endMicros), 0);
  const from = Math.max(0, restriction.range?.startMicros ?? 0);
  const to = Math.max(from, Math.min(endMicros, restriction.range?.endMicros ?? endMicros));
  const chosen = [...threads.keys()].filter((index) => {
    const { first, end } = segmentsWithin(timeline.start, threads[index]!, from, to);
    return first < end && restriction.threads?.includes(index) !== false;
  });
  const position = preorderPositions(tree.parent);
  const depthAt = new Uint16Array(position.length);
  for (let node = 0; node < position.length; node++) {
    depthAt[position[node]!] = Math.min(nodeDepth[node]!, MAX_DEPTH);
  }
  const context: LaneContext = {
    ...{ from, to, depths: depthAt, shared: new SharedDepths(depthAt) },
    positions: shown.map((node) => position[node]!),
  };
  const lanes: TimeLane[] = [];
  let boxCount = 1;
  let row = chosen.length > 1 ? 1 : 0;
  for (const index of chosen) {
    const built = buildLane(timeline, threads[index]!, index, row, context);
    lanes.push(built.lane);
    boxCount += built.boxes + (chosen.length > 1 ? 1 : 0);
    row += built.deepest + 1;
  }
  return {
    ...{ timeline, tree, nodeDepth, shown, lanes, boxCount, originMicros: from, totalMicros: to - from },
    sampled: threads.some((thread) => thread.samples > 0),
  };
}

interface LaneContext {
  readonly from: number;
  readonly to: number;
  /** Of each sampled node: where the shown one is in preorder. */
  readonly positions: Int32Array;
  /** By position, `MAX_DEPTH` at most. */
  readonly depths: Uint16Array;
  readonly shared: SharedDepths;
}

function buildLane(
  timeline: StackTimeline,
  thread: StackThread,
  index: number,
  row: number,
  { from, to, positions, depths, shared }: LaneContext,
): { readonly lane: TimeLane; readonly boxes: number; readonly deepest: number } {
  const { first, end } = segmentsWithin(timeline.start, thread, from, to);
  const common = new Uint16Array(end - first);
  const depth = new Uint16Array(end - first);
  let boxes = 0;
  let deepest = 0;
  let busyMicros = 0;
  let busySegments = 0;
  let last = 0;
  const startMicros = Math.max(from, timeline.start[first]!);
  const endMicros = Math.min(to, thread.endMicros);
  let now = startMicros;
  for (let segment = first; segment < end; segment++) {
    const sampled = timeline.node[segment]!;
    const position = sampled < 0 ? 0 : positions[sampled]!;
    const stackDepth = Math.min(depths[position]!, MAX_DEPTH - 1);
    const inCommon = position === last ? stackDepth : Math.min(shared.of(last, position), stackDepth);
    common[segment - first] = inCommon;
    depth[segment - first] = stackDepth;
    boxes += stackDepth - inCommon;
    if (stackDepth > deepest) deepest = stackDepth;
    const next = segment + 1 < end ? timeline.start[segment + 1]! : endMicros;
    if (stackDepth > 0) {
      busyMicros += next - now;
      busySegments++;
    }
    now = next;
    last = position;
  }
  let long: LongBoxes | undefined;
  const lane: TimeLane = {
    ...{ thread: index, row, first, end, startMicros, endMicros, common, depth, busyMicros, busySegments },
    // A page of the whole lane has no use for them.
    long: () => (long ??= findLong(timeline, lane)),
  };
  return { lane, boxes, deepest };
}

function findLong({ start }: StackTimeline, lane: TimeLane): LongBoxes {
  const long: LongBoxes = { segment: [], depth: [], end: [], endSegment: [], self: [], selfSegments: [] };
  const limits = { ...NO_LIMITS, minMicros: Infinity, minSegments: LONG_SEGMENTS + 1 };
  scanLane(start, lane, limits, (run) => {
    for (let at = run.above + 1; at <= run.depth; at++) {
      long.segment.push(run.segment);
      long.depth.push(at);
      long.end.push(run.endMicros);
      long.endSegment.push(run.endSegment);
      long.self.push(at === run.depth ? run.selfMicros : 0);
      long.selfSegments.push(at === run.depth ? run.selfSegments : 0);
    }
    return true;
  });
  return long;
}

/** Where a segment's time is spread over several nodes, the one with most of it stands for all. */
function shownNodes(
  { spread }: StackTimeline,
  nodeOf: Int32Array | undefined,
  nodeCount: number,
): Int32Array {
  const after = (node: number) => Math.max(0, nodeOf ? nodeOf[node]! : node);
  if (!spread)
    return nodeOf
      ? nodeOf.map((node) => Math.max(0, node))
      : Int32Array.from({ length: nodeCount }, (_, node) => node);
  const shown = new Int32Array(spread.first.length - 1);
  for (let sampled = 0; sampled < shown.length; sampled++) {
    let widest = -1;
    for (let at = spread.first[sampled]!; at < spread.first[sampled + 1]!; at++) {
      if (widest < 0 || spread.part[at]! > spread.part[widest]!) widest = at;
    }
    shown[sampled] = widest < 0 ? 0 : after(spread.node[widest]!);
  }
  return shown;
}

function nodeDepths(parent: Int32Array): Int32Array {
  const result = new Int32Array(parent.length);
  for (let node = 1; node < parent.length; node++) result[node] = result[parent[node]!]! + 1;
  return result;
}
