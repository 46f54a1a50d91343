import type { SearchResult } from '../../model/view';
import type { FlameLayout } from './layout';
import type { ViewTree } from './viewTree';

/** More matching boxes are not told; the widest are. */
export const MAX_FOUND = 10_000;

type FoundBoxes = Pick<SearchResult & { readonly state: 'ok' }, 'boxes' | 'starts' | 'totals' | 'depths'>;

/** Values of the stacks that contain a matching frame, each stack counted once. */
export function matchedValues(
  { parent, frame, self, samples }: ViewTree,
  matched: Uint8Array,
): { readonly value: number; readonly samples: number } {
  const within = new Uint8Array(parent.length);
  let value = 0;
  let sampleCount = 0;
  for (let node = 1; node < parent.length; node++) {
    if (within[parent[node]!] === 0 && matched[frame[node]!] !== 1) continue;
    within[node] = 1;
    value += self[node]!;
    sampleCount += samples[node]!;
  }
  return { value, samples: sampleCount };
}

/** Matching boxes of a merged view. */
export function foundInLayout(layout: FlameLayout, tree: ViewTree, matched: Uint8Array): FoundBoxes {
  const found: number[] = [];
  for (let box = 1; box < layout.node.length; box++) {
    if (layout.total[box]! > 0 && matched[tree.frame[layout.node[box]!]!] === 1) found.push(box);
  }
  return widestByStart(found, layout.start, layout.total, layout.depth, layout.node);
}

/** Of boxes by index, the widest, in the order of their start. */
export function widestByStart(
  found: readonly number[],
  start: Float64Array,
  total: Float64Array,
  depth: Int32Array,
  node: ArrayLike<number>,
): FoundBoxes {
  const kept =
    found.length > MAX_FOUND
      ? [...found].sort((a, b) => total[b]! - total[a]! || a - b).slice(0, MAX_FOUND)
      : [...found];
  kept.sort((a, b) => start[a]! - start[b]! || depth[a]! - depth[b]! || a - b);
  return {
    boxes: Float64Array.from(kept, (box) => node[box]!),
    starts: Float64Array.from(kept, (box) => start[box]! + total[box]! / 2),
    totals: Float64Array.from(kept, (box) => total[box]!),
    depths: Int32Array.from(kept, (box) => depth[box]!),
  };
}
