import { ThroughlineError } from '../model/errors';
import type { FlameColumns } from '../model/flame';
import type { CallTree, Frame } from '../model/profile';

export interface FlameLayoutOptions {
  /** Boxes narrower than this are left out with their subtrees; 0 (the default) keeps all. */
  readonly minMicros?: number;
}

/**
 * Lays the boxes of a call tree out: children side by side from their parent's left edge, widest first, so that the
 * parent's own time is the gap at its right. Linear but for the sorting of siblings, and without recursion.
 * Throws BAD_PROFILE where the tree is not one (arrays of different length, a parent behind its child, a frame that
 * is not in `frames`, time that is negative or not finite).
 */
export function layoutFlame(
  tree: CallTree,
  frames: readonly Frame[],
  options: FlameLayoutOptions = {},
): FlameColumns {
  checkTree(tree, frames.length);
  const totals = sumSubtrees(tree);
  const children = sortedChildren(tree, totals.micros);
  return placeBoxes(tree, totals, children, options.minMicros ?? 0);
}

interface Totals {
  readonly micros: Float64Array;
  readonly samples: Int32Array;
}

/** Children of node `i`: `nodes[start[i]]` to `nodes[start[i + 1] - 1]`. */
interface Children {
  readonly start: Int32Array;
  readonly nodes: Int32Array;
}

function checkTree(tree: CallTree, frameCount: number): void {
  const { parent, frame, selfMicros, selfSamples } = tree;
  const count = parent.length;
  if (count === 0) throw badTree('it has no root');
  if (frame.length !== count || selfMicros.length !== count || selfSamples.length !== count) {
    throw badTree('its columns differ in length');
  }
  for (let node = 0; node < count; node++) {
    const above = parent[node]!;
    if (node > 0 && !(above >= 0 && above < node)) throw badTree(`node ${node} has parent ${above}`);
    const id = frame[node]!;
    if (node > 0 && !(id >= 0 && id < frameCount)) throw badTree(`node ${node} has frame ${id}`);
    const micros = selfMicros[node]!;
    if (!(micros >= 0 && micros < Infinity)) throw badTree(`node ${node} took ${micros} µs`);
    if (selfSamples[node]! < 0) throw badTree(`node ${node} has ${selfSamples[node]} samples`);
  }
}

function badTree(reason: string): ThroughlineError {
  return new ThroughlineError('BAD_PROFILE', `The call tree cannot be drawn: ${reason}.`);
}

function sumSubtrees({ parent, selfMicros, selfSamples }: CallTree): Totals {
  const micros = Float64Array.from(selfMicros);
  const samples = Int32Array.from(selfSamples);
  for (let node = parent.length - 1; node > 0; node--) {
    const above = parent[node]!;
    micros[above]! += micros[node]!;
    samples[above]! += samples[node]!;
  }
  return { micros, samples };
}

function sortedChildren({ parent, frame }: CallTree, totalMicros: Float64Array): Children {
  const count = parent.length;
  const start = new Int32Array(count + 1);
  for (let node = 1; node < count; node++) start[parent[node]! + 1]!++;
  for (let node = 0; node < count; node++) start[node + 1]! += start[node]!;
  const next = start.slice(0, count);
  const nodes = new Int32Array(count - 1);
  for (let node = 1; node < count; node++) nodes[next[parent[node]!]!++] = node;
  // Ties go by frame, so that two runs with the same figures look the same.
  const widestFirst = (a: number, b: number) =>
    totalMicros[b]! - totalMicros[a]! || frame[a]! - frame[b]! || a - b;
  for (let node = 0; node < count; node++) {
    const from = start[node]!;
    const to = start[node + 1]!;
    if (to - from > 1) sortRange(nodes, from, to, widestFirst);
  }
  return { start, nodes };
}

/** Most nodes have a handful of children: for those a typed array's own sort costs more than it does. */
const INSERTION_LIMIT = 12;

function sortRange(
  nodes: Int32Array,
  from: number,
  to: number,
  compare: (a: number, b: number) => number,
): void {
  if (to - from > INSERTION_LIMIT) {
    nodes.subarray(from, to).sort(compare);
    return;
  }
  for (let at = from + 1; at < to; at++) {
    const node = nodes[at]!;
    let slot = at - 1;
    while (slot >= from && compare(nodes[slot]!, node) > 0) {
      nodes[slot + 1] = nodes[slot]!;
      slot--;
    }
    nodes[slot + 1] = node;
  }
}

function placeBoxes(tree: CallTree, totals: Totals, children: Children, minMicros: number): FlameColumns {
  const kept = keptCount(tree, totals.micros, minMicros);
  const startMicros = new Float64Array(kept);
  const totalMicros = new Float64Array(kept);
  const selfMicros = new Float64Array(kept);
  const totalSamples = new Int32Array(kept);
  const selfSamples = new Int32Array(kept);
  const depth = new Int32Array(kept);
  const frame = new Int32Array(kept);
  const parent = new Int32Array(kept).fill(-1);
  const subtreeEnd = new Int32Array(kept);
  const node = new Int32Array(kept);

  // Where the next child of a box begins; parallel to the boxes.
  const nextStart = new Float64Array(kept);
  const boxOf = new Int32Array(tree.parent.length);
  const stack = new Int32Array(kept);
  let stackSize = 1;
  let maxDepth = 0;
  for (let box = 0; stackSize > 0; box++) {
    const current = stack[--stackSize]!;
    boxOf[current] = box;
    node[box] = current;
    frame[box] = current === 0 ? -1 : tree.frame[current]!;
    selfMicros[box] = tree.selfMicros[current]!;
    selfSamples[box] = tree.selfSamples[current]!;
    totalMicros[box] = totals.micros[current]!;
    totalSamples[box] = totals.samples[current]!;
    if (box > 0) {
      const above = boxOf[tree.parent[current]!]!;
      parent[box] = above;
      depth[box] = depth[above]! + 1;
      startMicros[box] = nextStart[above]!;
      nextStart[above]! += totalMicros[box]!;
      maxDepth = Math.max(maxDepth, depth[box]!);
    }
    nextStart[box] = startMicros[box]!;
    // Pushed from last to first: the widest is popped, and so placed, first.
    for (let at = children.start[current + 1]! - 1; at >= children.start[current]!; at--) {
      const child = children.nodes[at]!;
      if (totals.micros[child]! >= minMicros) stack[stackSize++] = child;
    }
  }
  for (let box = kept - 1; box >= 0; box--) {
    if (subtreeEnd[box] === 0) subtreeEnd[box] = box + 1;
    const above = parent[box]!;
    if (above >= 0) subtreeEnd[above] = Math.max(subtreeEnd[above]!, subtreeEnd[box]!);
  }
  return {
    startMicros,
    totalMicros,
    selfMicros,
    totalSamples,
    selfSamples,
    depth,
    frame,
    parent,
    subtreeEnd,
    node,
    ...rowsByDepth(depth, maxDepth),
  };
}

/** Nodes of at least `minMicros`; a node's ancestors are never narrower than it. */
function keptCount({ parent }: CallTree, micros: Float64Array, minMicros: number): number {
  let kept = 1;
  for (let node = 1; node < parent.length; node++) if (micros[node]! >= minMicros) kept++;
  return kept;
}

function rowsByDepth(depth: Int32Array, maxDepth: number): Pick<FlameColumns, 'rowStart' | 'rowBoxes'> {
  const rowStart = new Int32Array(maxDepth + 2);
  for (const row of depth) rowStart[row + 1]!++;
  for (let row = 0; row <= maxDepth; row++) rowStart[row + 1]! += rowStart[row]!;
  const next = rowStart.slice(0, maxDepth + 1);
  const rowBoxes = new Int32Array(depth.length);
  for (let box = 0; box < depth.length; box++) rowBoxes[next[depth[box]!]!++] = box;
  return { rowStart, rowBoxes };
}
