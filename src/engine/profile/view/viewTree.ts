import type { StackTree } from '../../model/stackProfile';

/** The tree that a view shows. */
export interface ViewTree extends StackTree {
  /** Of a difference: own values before, scaled to be comparable with `self`. */
  readonly selfBefore?: Float64Array;
}

/** What a change makes of a tree's nodes; their values follow by `reweigh`. */
export interface Reshaped {
  readonly parent: Int32Array;
  readonly frame: Int32Array;
  /** Of each node before, the node that has its value now; -1 where it is left out. */
  readonly nodeOf: Int32Array;
}

/** The values of `tree` on the nodes that the change gave them to. */
export function reweigh({ parent, frame, nodeOf }: Reshaped, tree: ViewTree): ViewTree {
  const count = parent.length;
  const self = new Float64Array(count);
  const samples = new Int32Array(count);
  const selfBefore = tree.selfBefore && new Float64Array(count);
  for (let old = 0; old < nodeOf.length; old++) {
    const node = nodeOf[old]!;
    if (node < 0) continue;
    self[node]! += tree.self[old]!;
    samples[node]! += tree.samples[old]!;
    if (selfBefore) selfBefore[node]! += tree.selfBefore[old]!;
  }
  const tier = tree.tier && widestTier(nodeOf, tree.self, tree.tier, count);
  return { parent, frame, self, samples, ...(tier && { tier }), ...(selfBefore && { selfBefore }) };
}

/** Nodes through two changes, one after the other. */
export function composeNodes(first: Int32Array, second: Int32Array): Int32Array {
  return first.map((node) => (node < 0 ? -1 : second[node]!));
}

/** The tier of the widest of the nodes that became one. */
function widestTier(nodeOf: Int32Array, self: Float64Array, tier: Uint8Array, count: number): Uint8Array {
  const result = new Uint8Array(count);
  const widest = new Float64Array(count).fill(-1);
  for (let old = 0; old < nodeOf.length; old++) {
    const node = nodeOf[old]!;
    if (node < 0 || self[old]! <= widest[node]!) continue;
    widest[node] = self[old]!;
    result[node] = tier[old]!;
  }
  return result;
}
