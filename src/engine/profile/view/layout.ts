import { type FlameBoxes, MAX_DEPTH } from '../../model/flame';
import { rowsByDepth } from './rows';
import type { ViewTree } from './viewTree';

/**
 * Where the box of every node of a tree is, a struct of arrays in depth-first preorder with the widest child first.
 * Boxes without width are there too, last among their siblings: tables count what a difference shows gone.
 */
export interface FlameLayout {
  readonly node: Int32Array;
  readonly start: Float64Array;
  readonly total: Float64Array;
  readonly totalSamples: Int32Array;
  readonly totalBefore?: Float64Array;
  readonly depth: Int32Array;
  /** Box below; -1 for the root. */
  readonly parent: Int32Array;
  readonly subtreeEnd: Int32Array;
  /** Boxes with a width, less deep than `MAX_DEPTH`: those that pages are cut from. */
  readonly boxCount: number;
}

export interface PageBounds {
  /** Part of the root's width; absent for all. */
  readonly from?: number;
  readonly to?: number;
  /** Boxes narrower than this are left out with what stands on them. */
  readonly min?: number;
}

/** The boxes of a tree within the bounds: a page of `layoutTree`. */
export function layoutFlame(tree: ViewTree, bounds: PageBounds = {}): FlameBoxes {
  return cutPage(layoutTree(tree), tree, bounds);
}

/**
 * Lays a tree out: children side by side from their parent's left edge, widest first, so that the parent's own value
 * is the gap at its right. Linear but for the sorting of siblings, and without recursion.
 */
export function layoutTree(tree: ViewTree): FlameLayout {
  const count = tree.parent.length;
  const { totals, samples, sizes } = subtreeSums(tree);
  const totalsBefore = tree.selfBefore && sumUp(tree.parent, tree.selfBefore.slice());
  const children = sortedChildren(tree, totals);
  const node = new Int32Array(count);
  const start = new Float64Array(count);
  const total = new Float64Array(count);
  const totalSamples = new Int32Array(count);
  const totalBefore = totalsBefore && new Float64Array(count);
  const depth = new Int32Array(count);
  const parent = new Int32Array(count).fill(-1, 0, 1);
  const subtreeEnd = new Int32Array(count).fill(count, 0, 1);
  const boxOf = new Int32Array(count);
  total[0] = totals[0]!;
  totalSamples[0] = samples[0]!;
  if (totalBefore) totalBefore[0] = totalsBefore[0]!;
  let boxCount = 1;
  // Subtrees are contiguous in preorder: where a node's box is follows from its parent's and its siblings' sizes.
  for (let below = 0; below < count; below++) {
    const stand = boxOf[below]!;
    let box = stand + 1;
    let left = start[stand]!;
    const level = depth[stand]! + 1;
    for (let at = children.first[below]!; at < children.first[below + 1]!; at++) {
      const child = children.nodes[at]!;
      const width = totals[child]!;
      boxOf[child] = box;
      node[box] = child;
      start[box] = left;
      total[box] = width;
      totalSamples[box] = samples[child]!;
      if (totalBefore) totalBefore[box] = totalsBefore[child]!;
      depth[box] = level;
      parent[box] = stand;
      if (width > 0 && level < MAX_DEPTH) boxCount++;
      left += width;
      box += sizes[child]!;
      subtreeEnd[boxOf[child]] = box;
    }
  }
  return {
    ...{ node, start, total, totalSamples, depth, parent, subtreeEnd, boxCount },
    ...(totalBefore && { totalBefore }),
  };
}

/** The boxes within the bounds, in time proportional to their number and that of their siblings. */
export function cutPage(layout: FlameLayout, tree: ViewTree, bounds: PageBounds = {}): FlameBoxes {
  return boxesOf(layout, tree, chooseBoxes(layout, bounds, Infinity) ?? []);
}

/** As `cutPage`, with `min` raised until there are `limit` boxes at most; tells the `min` it came to. */
export function cutLimited(
  layout: FlameLayout,
  tree: ViewTree,
  bounds: PageBounds,
  limit: number,
): { readonly boxes: FlameBoxes; readonly min: number } {
  let min = bounds.min ?? 0;
  for (;;) {
    const chosen = chooseBoxes(layout, { ...bounds, min }, limit);
    if (chosen) return { boxes: boxesOf(layout, tree, chosen), min };
    min = Math.max(min * 2, layout.total[0]! / 1e7);
  }
}

/** Undefined where there are more than `limit`. */
function chooseBoxes(layout: FlameLayout, bounds: PageBounds, limit: number): number[] | undefined {
  const { start, total, parent, subtreeEnd, depth } = layout;
  const { from = 0, to = Infinity, min = 0 } = bounds;
  const chosen = [0];
  for (let box = 1; box < total.length;) {
    const width = total[box]!;
    // No sibling behind it is wider, or nearer.
    if (width < min || width <= 0 || start[box]! >= to) box = subtreeEnd[parent[box]!]!;
    else if (start[box]! + width <= from || depth[box]! >= MAX_DEPTH) box = subtreeEnd[box]!;
    else if (chosen.push(box++) > limit) return undefined;
  }
  return chosen;
}

function boxesOf(layout: FlameLayout, tree: ViewTree, chosen: readonly number[]): FlameBoxes {
  const count = chosen.length;
  const start = new Float64Array(count);
  const total = new Float64Array(count);
  const self = new Float64Array(count);
  const totalSamples = new Int32Array(count);
  const selfSamples = new Int32Array(count);
  const depth = new Int32Array(count);
  const frame = new Int32Array(count);
  const parent = new Int32Array(count);
  const node = new Float64Array(count);
  const tier = tree.tier && new Uint8Array(count);
  const totalBefore = layout.totalBefore && new Float64Array(count);
  const selfBefore = tree.selfBefore && new Float64Array(count);
  /** Boxes of the page on the way from the root to the last one, by depth. */
  const open: number[] = [];
  for (let index = 0; index < count; index++) {
    const box = chosen[index]!;
    const of = layout.node[box]!;
    start[index] = layout.start[box]!;
    total[index] = layout.total[box]!;
    totalSamples[index] = layout.totalSamples[box]!;
    depth[index] = layout.depth[box]!;
    node[index] = of;
    self[index] = tree.self[of]!;
    selfSamples[index] = tree.samples[of]!;
    frame[index] = tree.frame[of]!;
    if (tier) tier[index] = tree.tier[of]!;
    if (totalBefore) totalBefore[index] = layout.totalBefore[box]!;
    if (selfBefore) selfBefore[index] = tree.selfBefore[of]!;
    open[depth[index]!] = index;
    parent[index] = index === 0 ? -1 : open[depth[index]! - 1]!;
  }
  return {
    ...{ start, total, self, totalSamples, selfSamples, depth, frame, parent, node },
    subtreeEnd: subtreeEnds(parent),
    ...rowsByDepth(depth),
    ...(tier && { tier }),
    ...(totalBefore && { totalBefore }),
    ...(selfBefore && { selfBefore }),
  };
}

/** Of boxes in preorder: the first index behind each one's subtree. */
export function subtreeEnds(parent: Int32Array): Int32Array {
  const ends = new Int32Array(parent.length);
  for (let box = parent.length - 1; box >= 0; box--) {
    if (ends[box] === 0) ends[box] = box + 1;
    const above = parent[box]!;
    if (above >= 0 && ends[above] === 0) ends[above] = ends[box]!;
  }
  return ends;
}

/** Of each node's subtree: values, samples and nodes. */
function subtreeSums({ parent, self, samples: own }: ViewTree): {
  readonly totals: Float64Array;
  readonly samples: Int32Array;
  readonly sizes: Int32Array;
} {
  const totals = self.slice();
  const samples = own.slice();
  const sizes = new Int32Array(parent.length).fill(1);
  for (let node = parent.length - 1; node > 0; node--) {
    const above = parent[node]!;
    totals[above]! += totals[node]!;
    samples[above]! += samples[node]!;
    sizes[above]! += sizes[node]!;
  }
  return { totals, samples, sizes };
}

/** Adds each node's value to its parent's, leaves first; in place. */
function sumUp(parent: Int32Array, values: Float64Array): Float64Array {
  for (let node = parent.length - 1; node > 0; node--) values[parent[node]!]! += values[node]!;
  return values;
}

/** Children of node `i`: `nodes[first[i]]` to `nodes[first[i + 1] - 1]`, widest first. */
interface Children {
  readonly first: Int32Array;
  readonly nodes: Int32Array;
}

function sortedChildren({ parent, frame }: ViewTree, totals: Float64Array): Children {
  const count = parent.length;
  const first = new Int32Array(count + 1);
  for (let node = 1; node < count; node++) first[parent[node]! + 1]!++;
  for (let node = 0; node < count; node++) first[node + 1]! += first[node]!;
  const next = first.slice(0, count);
  const nodes = new Int32Array(Math.max(0, count - 1));
  for (let node = 1; node < count; node++) nodes[next[parent[node]!]!++] = node;
  for (let node = 0; node < count; node++) {
    const from = first[node]!;
    const to = first[node + 1]!;
    if (to - from > INSERTION_LIMIT) {
      nodes.subarray(from, to).sort((a, b) => totals[b]! - totals[a]! || frame[a]! - frame[b]! || a - b);
    } else if (to - from > 1) sortFew(nodes, from, to, totals, frame);
  }
  return { first, nodes };
}

/** Most nodes have a handful of children: for those a typed array's own sort costs more than it does. */
const INSERTION_LIMIT = 12;

/** Widest first; ties go by frame, so that two profiles with the same figures look the same. */
function sortFew(nodes: Int32Array, from: number, to: number, totals: Float64Array, frame: Int32Array): void {
  for (let at = from + 1; at < to; at++) {
    const node = nodes[at]!;
    const total = totals[node]!;
    let slot = at - 1;
    for (; slot >= from; slot--) {
      const other = nodes[slot]!;
      const wider = totals[other]! - total || frame[node]! - frame[other]! || node - other;
      if (wider > 0) break;
      nodes[slot + 1] = other;
    }
    nodes[slot + 1] = node;
  }
}
