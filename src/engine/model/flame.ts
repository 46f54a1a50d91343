/**
 * The boxes of a flamegraph, a struct of arrays in depth-first preorder with the widest child first.
 * Box 0 is the root. Boxes of one depth never overlap, and within a depth both index and `startMicros` ascend.
 * Each array owns its buffer, so the value can be transferred to another thread or a webview.
 */
export interface FlameColumns {
  /** Where the box begins, from the root's left edge. */
  readonly startMicros: Float64Array;
  /** Width of the box: its own time and that of everything above it in the stack. */
  readonly totalMicros: Float64Array;
  readonly selfMicros: Float64Array;
  readonly totalSamples: Int32Array;
  readonly selfSamples: Int32Array;
  /** 0 is the root. */
  readonly depth: Int32Array;
  /** Index in `Profile.frames`; -1 for the root. */
  readonly frame: Int32Array;
  /** Index of the box it stands on; -1 for the root. */
  readonly parent: Int32Array;
  /** First index behind the box's subtree: its descendants are `index + 1` to `subtreeEnd[index] - 1`. */
  readonly subtreeEnd: Int32Array;
  /** Index in the `CallTree` it was laid out from. */
  readonly node: Int32Array;
  /** Boxes by depth: those of depth `d` are `rowBoxes[rowStart[d]]` to `rowBoxes[rowStart[d + 1] - 1]`, left to right. */
  readonly rowStart: Int32Array;
  readonly rowBoxes: Int32Array;
}

/** The buffers of `columns`, for a transfer list. */
export function flameBuffers(columns: FlameColumns): ArrayBuffer[] {
  return Object.values(columns).map((array: Float64Array | Int32Array) => array.buffer as ArrayBuffer);
}
