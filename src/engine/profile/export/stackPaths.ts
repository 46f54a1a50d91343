import type { StackTree } from '../../model/stackProfile';

/** The stacks of a tree that are written out, and what of it is not. */
export interface ChosenStacks {
  /** Nodes with an own value, ascending. */
  readonly nodes: Int32Array;
  /** Stacks that did not fit, and their value. */
  readonly dropped: number;
  readonly droppedValue: number;
}

/** Characters of an exported text: a quarter of the longest string that V8 makes. */
export const MAX_EXPORT_LENGTH = 128 * 2 ** 20;

/**
 * The stacks to write so that the text stays within `limit`: where it would not, those of the largest values.
 * @param costOf characters that a frame takes.
 * @param perStack characters that a stack takes besides.
 */
export function chooseStacks(
  tree: StackTree,
  costOf: (frame: number) => number,
  perStack: number,
  limit = MAX_EXPORT_LENGTH,
): ChosenStacks {
  const cost = pathCosts(tree, costOf);
  const nodes: number[] = [];
  let length = 0;
  for (let node = 0; node < tree.parent.length; node++) {
    if (!(tree.self[node]! > 0)) continue;
    nodes.push(node);
    length += cost[node]! + perStack;
  }
  if (length <= limit) return { nodes: Int32Array.from(nodes), dropped: 0, droppedValue: 0 };
  const bySize = Int32Array.from(nodes).sort((a, b) => tree.self[b]! - tree.self[a]!);
  let kept = 0;
  for (let used = 0; kept < bySize.length; kept++) {
    used += cost[bySize[kept]!]! + perStack;
    if (used > limit) break;
  }
  const left = bySize.subarray(kept);
  let droppedValue = 0;
  for (const node of left) droppedValue += tree.self[node]!;
  return { nodes: bySize.slice(0, kept).sort(), dropped: left.length, droppedValue };
}

/** Frames from the root's child to the node, in `into`; returns how many. */
export function pathOf(tree: StackTree, node: number, into: number[]): number {
  let length = 0;
  for (let at = node; at > 0; at = tree.parent[at]!) into[length++] = tree.frame[at]!;
  for (let low = 0, high = length - 1; low < high; low++, high--) {
    const frame = into[low]!;
    into[low] = into[high]!;
    into[high] = frame;
  }
  return length;
}

function pathCosts(tree: StackTree, costOf: (frame: number) => number): Float64Array {
  const cost = new Float64Array(tree.parent.length);
  for (let node = 1; node < cost.length; node++) {
    cost[node] = cost[tree.parent[node]!]! + costOf(tree.frame[node]!);
  }
  return cost;
}
