import type { StackTree } from '../../model/stackProfile';
import { NodeTable } from './nodeTable';
import type { Reshaped, ViewTree } from './viewTree';

/** Nodes of an inverted tree, beyond which narrow chains of callers are not followed, and beyond which none are. */
const FEW_NODES = 200_000;
const MOST_NODES = 6_000_000;
/** Of the whole: narrower chains are of no picture. */
const NARROW_SHARE = 1 / 200_000;

/**
 * Callers above callees: the root's children are the functions that ran, above each its callers. A stack's value
 * lies where its chain of callers ends. A tree has as many chains as nodes with a value and their lengths add up: in a
 * large one those too narrow to be drawn are cut, and their value stays where they are.
 */
export function invertTree(tree: ViewTree): Reshaped {
  const { self, samples, selfBefore } = tree;
  const starts = nodesWhere(
    self.length,
    (node) => self[node]! > 0 || samples[node]! > 0 || (selfBefore !== undefined && selfBefore[node]! > 0),
  );
  const weight = selfBefore ? self.map((value, node) => Math.max(value, selfBefore[node]!)) : self;
  const { parent, frame, endOf } = callerChains(tree, starts, weight);
  const nodeOf = new Int32Array(self.length).fill(-1);
  nodeOf[0] = 0;
  starts.forEach((node, index) => (nodeOf[node] = endOf[index]!));
  return { parent, frame, nodeOf };
}

/** Nodes but for the root, ascending. */
export function nodesWhere(count: number, holds: (node: number) => boolean): Int32Array {
  const nodes = new Int32Array(count);
  let found = 0;
  for (let node = 1; node < count; node++) if (holds(node)) nodes[found++] = node;
  return nodes.slice(0, found);
}

/** Chains of callers from each of `starts`, ascending, to the root, merged into a tree. */
export function callerChains(
  tree: StackTree,
  starts: Int32Array,
  weight: Float64Array,
): { readonly parent: Int32Array; readonly frame: Int32Array; readonly endOf: Int32Array } {
  const table = new NodeTable(starts.length * 2);
  const narrow = starts.reduce((sum, node) => sum + weight[node]!, 0) * NARROW_SHARE;
  /** Per chain, where it has come to: in the tree, and in the inverted one. */
  const at = starts.slice();
  const endOf = new Int32Array(starts.length);
  /** Chains still to be followed. */
  let active = starts.map((_, chain) => chain);
  // All chains grow by one caller in a round, so that the bound leaves out the far callers of all alike.
  while (active.length > 0 && table.size < MOST_NODES) {
    const sums = table.size >= FEW_NODES ? sumByEnd(active, endOf, starts, weight, table.size) : undefined;
    const next = new Int32Array(active.length);
    let count = 0;
    for (const chain of active) {
      if (sums && sums[endOf[chain]!]! < narrow) continue;
      const node = at[chain]!;
      endOf[chain] = table.child(endOf[chain]!, tree.frame[node]!);
      const caller = tree.parent[node]!;
      if (caller <= 0) continue;
      at[chain] = caller;
      next[count++] = chain;
    }
    active = next.subarray(0, count);
  }
  return { ...table.columns(), endOf };
}

function sumByEnd(
  active: Int32Array,
  endOf: Int32Array,
  starts: Int32Array,
  weight: Float64Array,
  count: number,
): Float64Array {
  const sums = new Float64Array(count);
  for (const chain of active) sums[endOf[chain]!]! += weight[starts[chain]!]!;
  return sums;
}
