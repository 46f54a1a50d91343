import { MAX_DEPTH } from '../../model/flame';
import type { TimeIndex } from './timeIndex';

/** Times are of the timeline. */
export interface FoundBox {
  readonly segment: number;
  /** Above the thread's own box. */
  readonly depth: number;
  readonly row: number;
  readonly frame: number;
  readonly start: number;
  readonly end: number;
  readonly self: number;
  readonly samples: number;
  readonly selfSamples: number;
  readonly tier: number;
  /** 1: see `FlameBoxes.sampled`. */
  readonly sampled: number;
}

/** Of a page, as times of the timeline. */
export interface TimeBounds {
  readonly from: number;
  readonly to: number;
  readonly min: number;
}

/** See `FlameBoxes.node`. */
export function boxIdentity(segment: number, depth: number): number {
  return segment * MAX_DEPTH + depth;
}

/** The node of the segment's stack at a depth. */
export function nodeAtDepth(
  { timeline, shown, nodeDepth, tree }: TimeIndex,
  segment: number,
  depth: number,
): number {
  let node = shown[timeline.node[segment]!]!;
  for (let above = nodeDepth[node]! - depth; above > 0; above--) node = tree.parent[node]!;
  return node;
}
