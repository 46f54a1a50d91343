/**
 * The boxes of a flamegraph of any view, a struct of arrays in depth-first preorder; values are in the profile's unit
 * (in time order `start` and `total` are microseconds). Box 0 is the root. Boxes of one depth never overlap, and
 * within a depth both index and `start` ascend. Each array owns its buffer, so the value can be transferred.
 */
export interface FlameBoxes {
  /** Where the box begins, from the root's left edge. */
  readonly start: Float64Array;
  /** Width of the box: its own value and that of everything above it in the stack. */
  readonly total: Float64Array;
  readonly self: Float64Array;
  readonly totalSamples: Int32Array;
  readonly selfSamples: Int32Array;
  /** 0 is the root. */
  readonly depth: Int32Array;
  /**
   * Index in the profile's frames; -1 for the root. In time order of several threads each has rows of its own, one
   * thread's above another's: `-2 - i` marks the box, a child of the root, that is named after thread `i`, on which
   * that thread's stacks stand. Its `depth` may so exceed that of its parent by more than one.
   */
  readonly frame: Int32Array;
  /** Index of the box it stands on; -1 for the root. */
  readonly parent: Int32Array;
  /** First index behind the box's subtree: its descendants are `index + 1` to `subtreeEnd[index] - 1`. */
  readonly subtreeEnd: Int32Array;
  /**
   * The box's identity, the same in every page of one view: its node in the view's tree, or of a time-ordered view
   * the segment in which it begins times `MAX_DEPTH` plus its depth above its thread's own box (-1 for the root).
   * A Float64Array, since that exceeds 32 bits.
   */
  readonly node: Float64Array;
  /** Boxes by depth: those of depth `d` are `rowBoxes[rowStart[d]]` to `rowBoxes[rowStart[d + 1] - 1]`, left to right. */
  readonly rowStart: Int32Array;
  readonly rowBoxes: Int32Array;
  /** Index in `FRAME_TIERS`; absent where the capture knows none. */
  readonly tier?: Uint8Array;
  /**
   * Of a page in time order that leaves out narrow boxes: 1 for a box that stands for many of them. It shows which
   * stack ran in the middle of the time it covers; its `total` is that time, not that of one call. Absent for none.
   */
  readonly sampled?: Uint8Array;
  /** Of a difference: `total` before, scaled as `total` is (per request, or to equal shares). */
  readonly totalBefore?: Float64Array;
  /** Of a difference: `self` before, scaled as `self` is. */
  readonly selfBefore?: Float64Array;
}

/** Deeper stacks are cut there, with a warning: no reader follows them, and each row costs. */
export const MAX_DEPTH = 4096;
