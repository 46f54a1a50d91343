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
  const totals = subtreeSums(tree.parent, tree.self.slice());
  const samples = subtreeSums(tree.parent, tree.samples.slice());
  const before = tree.selfBefore && subtreeSums(tree.parent, tree.selfBefore.slice());
  const placed = place(tree, totals);
  const count = placed.node.length;
  const total = new Float64Array(count);
  const totalSamples = new Int32Array(count);
  const totalBefore = before && new Float64Array(count);
  const subtreeEnd = new Int32Array(count);
  let boxCount = 0;
  for (let box = 0; box < count; box++) {
    const node = placed.node[box]!;
    total[box] = totals[node]!;
    totalSamples[box] = samples[node]!;
    if (totalBefore) totalBefore[box] = before[node]!;
    if (box === 0 || (total[box]! > 0 && placed.depth[box]! < MAX_DEPTH)) boxCount++;
  }
  for (let box = count - 1; box >= 0; box--) {
    if (subtreeEnd[box] === 0) subtreeEnd[box] = box + 1;
    const above = placed.parent[box]!;
    // The last child is met first, and its end is its parent's.
    if (above >= 0 && subtreeEnd[above] === 0) subtreeEnd[above] = subtreeEnd[box]!;
  }
  return { ...placed, total, totalSamples, ...(totalBefore && { totalBefore }), subtreeEnd, boxCount };
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

/** Adds each node's value to its parent's, leaves first; in place. */
export function subtreeSums<T extends Float64Array | Int32Array>(parent: Int32Array, values: T): T {
  for (let node = parent.length - 1; node > 0; node--) values[parent[node]!]! += values[node]!;
  return values;
}

type Placed = Pick<FlameLayout, 'node' | 'start' | 'depth' | 'parent'>;

function place(tree: ViewTree, totals: Float64Array): Placed {
  const count = tree.parent.length;
  const children = sortedChildren(tree, totals);
  const node = new Int32Array(count);
  const start = new Float64Array(count);
  const depth = new Int32Array(count);
  const parent = new Int32Array(count);
  /** Nodes to be placed, with the box each stands on. */
  const stack = new Int32Array(count);
  const below = new Int32Array(count);
  /** Where the next child of a box begins. */
  const next = new Float64Array(count);
  below[0] = -1;
  let size = 1;
  for (let box = 0; size > 0; box++) {
    size--;
    const current = stack[size]!;
    const above = below[size]!;
    node[box] = current;
    parent[box] = above;
    if (above >= 0) {
      depth[box] = depth[above]! + 1;
      start[box] = next[above]!;
      next[above]! += totals[current]!;
    }
    next[box] = start[box]!;
    // Pushed from last to first: the widest is popped, and so placed, first.
    for (let at = children.first[current + 1]! - 1; at >= children.first[current]!; at--) {
      stack[size] = children.nodes[at]!;
      below[size++] = box;
    }
  }
  return { node, start, depth, parent };
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
