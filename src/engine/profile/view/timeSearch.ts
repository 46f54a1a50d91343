import type { SearchResult } from '../../model/view';
import { MAX_FOUND, widestByStart } from './search';
import { boxIdentity, nodeAtDepth } from './timeBoxes';
import type { TimeIndex } from './timeIndex';
import { NO_LIMITS, scanLane } from './timeScan';

/** Boxes are gathered up to here before the narrower ones are let go. */
const MAX_GATHERED = MAX_FOUND * 8;

interface Found {
  readonly start: number;
  readonly total: number;
  readonly row: number;
  readonly node: number;
}

/** The widest boxes in time order whose frame matches, in one pass over the segments. */
export function foundInTime(
  index: TimeIndex,
  matched: Uint8Array,
): Pick<SearchResult & { readonly state: 'ok' }, 'boxes' | 'starts' | 'totals' | 'depths'> {
  const { tree, shown, timeline } = index;
  /** Depth of the nearest matching node at or below a node; 0 for none. */
  const matchDepth = new Int32Array(tree.parent.length);
  for (let node = 1; node < matchDepth.length; node++) {
    const own = matched[tree.frame[node]!] === 1;
    matchDepth[node] = own ? index.nodeDepth[node]! : matchDepth[tree.parent[node]!]!;
  }
  let found: Found[] = [];
  let least = 0;
  for (const lane of index.lanes) {
    scanLane(timeline.start, lane, NO_LIMITS, (run) => {
      const start = run.segment === lane.first ? lane.startMicros : timeline.start[run.segment]!;
      const total = run.endMicros - start;
      const top = shown[timeline.node[run.segment]!]!;
      if (total <= least || matchDepth[top]! <= run.above) return true;
      for (let depth = run.depth, node = nodeAtDepth(index, run.segment, depth); depth > run.above;) {
        const nearest = matchDepth[node]!;
        if (nearest <= run.above) break;
        for (; depth > nearest; depth--) node = tree.parent[node]!;
        const identity = boxIdentity(run.segment, depth);
        found.push({ start: start - index.originMicros, total, row: lane.row + depth, node: identity });
        depth--;
        node = tree.parent[node]!;
      }
      if (found.length > MAX_GATHERED) {
        found = found.sort((a, b) => b.total - a.total).slice(0, MAX_FOUND);
        least = found.at(-1)!.total;
      }
      return true;
    });
  }
  const doubles = (value: (box: Found) => number) => Float64Array.from(found, value);
  return widestByStart(
    found.map((_, box) => box),
    ...([doubles((box) => box.start), doubles((box) => box.total)] as const),
    Int32Array.from(found, (box) => box.row),
    doubles((box) => box.node),
  );
}
