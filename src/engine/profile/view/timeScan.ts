import { MAX_DEPTH } from '../../model/flame';

/** What a scan needs of a lane; see `TimeLane`. */
interface ScannedLane {
  readonly first: number;
  readonly end: number;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly common: Uint16Array;
  readonly depth: Uint16Array;
}

export interface ScanLimits {
  /** Segments to look at, of the timeline. */
  readonly from: number;
  readonly to: number;
  /** Boxes are told that last at least this long, or for at least this many segments. */
  readonly minMicros: number;
  readonly minSegments: number;
}

export const NO_LIMITS: ScanLimits = { from: 0, to: Infinity, minMicros: 0, minSegments: 0 };

/** Boxes upon one another that began and ended together: those of the depths `above + 1` to `depth`. */
export interface BoxRun {
  segment: number;
  /** First segment after it. */
  endSegment: number;
  endMicros: number;
  above: number;
  depth: number;
  /** Of the deepest of them; the others have no time of their own. */
  selfMicros: number;
  selfSegments: number;
}

/**
 * Walks over a lane's segments with the stack of open boxes and tells those that end, except for what began before the
 * first segment or ends after the last one. Every segment opens and closes runs, not boxes, in constant time on average.
 * @param tell gets an object that the next call reuses; false ends the scan.
 */
export function scanLane(
  start: Float64Array,
  lane: ScannedLane,
  limits: ScanLimits,
  tell: (run: BoxRun) => boolean,
): void {
  const { common, depth, first, startMicros: laneStart } = lane;
  const { minMicros, minSegments } = limits;
  const from = Math.max(first, limits.from);
  const to = Math.min(lane.end, limits.to);
  const run: BoxRun = {
    ...{ segment: 0, endSegment: 0, endMicros: 0, above: 0, depth: 0, selfMicros: 0, selfSegments: 0 },
  };
  // The stack of open runs. A run ends where the next one begins, so that `tops` says all of their depths.
  const size = MAX_DEPTH + 2;
  const segments = new Int32Array(size);
  const tops = new Int32Array(size);
  const selfMicros = new Float64Array(size);
  const selfSegments = new Int32Array(size);
  // Entry 0 is the ground: what is open before the first segment and is not told.
  let top = 0;
  tops[0] = from < to ? common[from - first]! : 0;

  for (let segment = from; segment <= to; segment++) {
    const atEnd = segment === to;
    if (atEnd && to !== lane.end) break;
    const shared = atEnd ? 0 : common[segment - first]!;
    const now = atEnd ? lane.endMicros : segment === first ? laneStart : start[segment]!;
    while (top > 0 && tops[top]! > shared) {
      const began = segments[top]!;
      const beganMicros = began === first ? laneStart : start[began]!;
      const above = Math.max(tops[top - 1]!, shared);
      if (now - beganMicros >= minMicros || segment - began >= minSegments) {
        run.segment = began;
        run.endSegment = segment;
        run.endMicros = now;
        run.above = above;
        run.depth = tops[top]!;
        run.selfMicros = selfMicros[top]!;
        run.selfSegments = selfSegments[top]!;
        if (!tell(run)) return;
      }
      if (above > tops[top - 1]!) {
        // Its lower part stays open: none of it was on top before.
        tops[top] = above;
        selfMicros[top] = 0;
        selfSegments[top] = 0;
        break;
      }
      top--;
    }
    if (atEnd) break;
    if (shared < tops[0]) tops[0] = shared;
    const stackDepth = depth[segment - first]!;
    if (stackDepth > tops[top]!) {
      top++;
      segments[top] = segment;
      tops[top] = stackDepth;
      selfMicros[top] = 0;
      selfSegments[top] = 0;
    }
    if (stackDepth > 0) {
      const stop = segment + 1 < lane.end ? start[segment + 1]! : lane.endMicros;
      selfMicros[top]! += stop - now;
      selfSegments[top]!++;
    }
  }
}
