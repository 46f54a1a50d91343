import type { FrameTable } from '../../model/stackProfile';
import type { Sandwich } from '../../model/view';
import { callerChains, nodesWhere } from './invert';
import { cutLimited, layoutTree } from './layout';
import { reshape } from './transforms';
import { reweigh, type ViewTree } from './viewTree';

/** Boxes of either side; narrower ones are left out where there would be more. */
const MAX_SIDE_BOXES = 200_000;

/**
 * Both sides count each stack once, so that both are as wide as the function's total: callees stand on the outermost
 * call of a recursive function, callers lie above the innermost.
 */
export function sandwich(frames: FrameTable, tree: ViewTree, frame: number): Sandwich {
  const focused = reweigh(reshape(frames, tree, { type: 'focusFunction', frame })!, tree);
  return { frame, callers: sideBoxes(callersOf(tree, frame)), callees: sideBoxes(focused) };
}

function sideBoxes(tree: ViewTree): Sandwich['callers'] {
  return cutLimited(layoutTree(tree), tree, {}, MAX_SIDE_BOXES).boxes;
}

function callersOf(tree: ViewTree, wanted: number): ViewTree {
  const { parent, frame, self, samples, selfBefore } = tree;
  const count = parent.length;
  /** The innermost call of the function at or below a node; 0 for none. */
  const call = new Int32Array(count);
  const sums: { self: Float64Array; samples: Int32Array; selfBefore?: Float64Array } = {
    self: new Float64Array(count),
    samples: new Int32Array(count),
    ...(selfBefore && { selfBefore: new Float64Array(count) }),
  };
  for (let node = 1; node < count; node++) {
    const at = frame[node] === wanted ? node : call[parent[node]!]!;
    call[node] = at;
    if (at === 0) continue;
    sums.self[at]! += self[node]!;
    sums.samples[at]! += samples[node]!;
    if (sums.selfBefore) sums.selfBefore[at]! += selfBefore![node]!;
  }
  const starts = nodesWhere(count, (node) => call[node] === node);
  const chains = callerChains(tree, starts, sums.self);
  const nodeOf = new Int32Array(count).fill(-1);
  nodeOf[0] = 0;
  starts.forEach((node, index) => (nodeOf[node] = chains.endOf[index]!));
  const calls: ViewTree = { parent, frame, ...sums };
  return reweigh({ parent: chains.parent, frame: chains.frame, nodeOf }, calls);
}
