import type { StackLines } from '../../model/stackProfile';
import type { CpuProfile } from '../cpuProfile';
import type { NodeWeights } from '../weights';
import { Float64List, Int32List } from './numberList';

export interface MergedTree {
  /** As in `StackTree`. */
  readonly parent: Int32Array;
  readonly frame: Int32Array;
  readonly self: Float64Array;
  readonly samples: Int32Array;
  /** Own value of idle nodes, which are not in the tree. */
  readonly idle: number;
  /** Merged node of each node of the profile; -1 for one that is idle or never ran. */
  readonly nodeOf: Int32Array;
  /** Several nodes of the profile became one. */
  readonly merges: boolean;
}

/** What of a profile's tree is needed. */
type Tree = Pick<CpuProfile, 'parent' | 'callFrame'>;
type Weights = Pick<NodeWeights, 'selfMicros' | 'selfSamples'>;

/**
 * Makes siblings of the same frame one node, and leaves out what was idle or never ran. V8's tree has hardly any such
 * siblings, so they are sought without a table of all nodes first.
 */
export function mergeTree(tree: Tree, frameOf: Int32Array, weights: Weights, idleFrame: number): MergedTree {
  const size = tree.parent.length;
  const frames = new Int32Array(size);
  for (let node = 1; node < size; node++) frames[node] = frameOf[tree.callFrame[node]!]!;
  frames[0] = -1;
  const { kept, idle } = usedNodes(tree.parent, frames, weights, idleFrame);
  const merges = hasTwins(tree.parent, frames, kept, frameOf.length);
  const nodeOf = new Int32Array(size).fill(-1);
  const parent = new Int32Array(size);
  const frame = new Int32Array(size);
  const self = new Float64Array(size);
  const samples = new Int32Array(size);
  const children = merges ? new ChildTable(size) : undefined;
  let count = 0;
  for (let node = 0; node < size; node++) {
    if (kept[node] === 0) continue;
    const above = node === 0 ? -1 : nodeOf[tree.parent[node]!]!;
    let at = node === 0 ? -1 : (children?.find(above, frames[node]!) ?? -1);
    if (at < 0) {
      at = count++;
      parent[at] = above;
      frame[at] = frames[node]!;
      if (node > 0) children?.add(above, frames[node]!, at);
    }
    nodeOf[node] = at;
    self[at]! += weights.selfMicros[node]!;
    samples[at]! += weights.selfSamples[node]!;
  }
  return {
    parent: parent.slice(0, count),
    frame: frame.slice(0, count),
    self: self.slice(0, count),
    samples: samples.slice(0, count),
    idle,
    nodeOf,
    merges,
  };
}

/** Own values of nodes on the lines that ticked; what no line is known for is left out. */
export function mergeLines(
  profile: Pick<CpuProfile, 'tickNode' | 'tickLine' | 'tickCount'>,
  weights: Weights,
  { nodeOf, merges, parent }: MergedTree,
): StackLines {
  const { tickNode, tickLine, tickCount } = profile;
  const node = new Int32List();
  const line = new Int32List();
  const value = new Float64List();
  const samples = new Float64List();
  for (let from = 0, to = 0; from < tickNode.length; from = to) {
    const at = tickNode[from]!;
    let ticks = 0;
    for (to = from; to < tickNode.length && tickNode[to] === at; to++) ticks += tickCount[to]!;
    const own = weights.selfSamples[at]!;
    if (nodeOf[at]! < 0 || own === 0) continue;
    // Samples without ticks are of no known line.
    const all = Math.max(ticks, own);
    for (let tick = from; tick < to; tick++) {
      node.push(nodeOf[at]!);
      line.push(tickLine[tick]!);
      value.push((weights.selfMicros[at]! * tickCount[tick]!) / all);
      samples.push((own * tickCount[tick]!) / all);
    }
  }
  const lines = { node: node.take(), line: line.take(), value: value.take(), samples: samples.take() };
  return merges ? mergedLines(lines, parent.length) : lines;
}

/** Nodes with values and what is above them, but for idle ones. */
function usedNodes(parent: Int32Array, frames: Int32Array, weights: Weights, idleFrame: number) {
  const kept = new Uint8Array(parent.length);
  let idle = 0;
  for (let node = parent.length - 1; node >= 0; node--) {
    const isIdle = idleFrame >= 0 && frames[node] === idleFrame;
    if (isIdle) idle += weights.selfMicros[node]!;
    else if (weights.selfMicros[node]! > 0 || weights.selfSamples[node]! > 0) kept[node] = 1;
    if (kept[node] === 1 && node > 0) kept[parent[node]!] = 1;
  }
  kept[0] = 1;
  return { kept, idle };
}

function hasTwins(parent: Int32Array, frames: Int32Array, kept: Uint8Array, frameCount: number): boolean {
  const firstChild = new Int32Array(parent.length).fill(-1);
  const nextSibling = new Int32Array(parent.length).fill(-1);
  for (let node = parent.length - 1; node > 0; node--) {
    if (kept[node] === 0) continue;
    nextSibling[node] = firstChild[parent[node]!]!;
    firstChild[parent[node]!] = node;
  }
  const seenUnder = new Int32Array(frameCount).fill(-1);
  for (let above = 0; above < parent.length; above++) {
    for (let node = firstChild[above]!; node >= 0; node = nextSibling[node]!) {
      if (seenUnder[frames[node]!] === above) return true;
      seenUnder[frames[node]!] = above;
    }
  }
  return false;
}

/** Child of a node by its frame: open addressing over typed arrays. */
export class ChildTable {
  private readonly mask: number;
  private readonly parents: Int32Array;
  private readonly frames: Int32Array;
  private readonly children: Int32Array;

  /** @param most entries at most. */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(most * 2 + 2));
    this.mask = size - 1;
    this.parents = new Int32Array(size).fill(-1);
    this.frames = new Int32Array(size);
    this.children = new Int32Array(size);
  }

  /** -1 where there is none. */
  find(parent: number, frame: number): number {
    const slot = this.slotOf(parent, frame);
    return this.parents[slot] === -1 ? -1 : this.children[slot]!;
  }

  add(parent: number, frame: number, child: number): void {
    const slot = this.slotOf(parent, frame);
    this.parents[slot] = parent;
    this.frames[slot] = frame;
    this.children[slot] = child;
  }

  private slotOf(parent: number, frame: number): number {
    let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 12)) & this.mask;
    while (this.parents[slot] !== -1 && (this.parents[slot] !== parent || this.frames[slot] !== frame)) {
      slot = (slot + 1) & this.mask;
    }
    return slot;
  }
}

/** Puts lines in the order of their nodes and sums those that a node has twice. */
export function mergedLines(lines: StackLines, nodes: number): StackLines {
  const first = new Int32Array(nodes + 1);
  for (const node of lines.node) first[node + 1]!++;
  for (let node = 0; node < nodes; node++) first[node + 1]! += first[node]!;
  const order = new Int32Array(lines.node.length);
  const at = first.slice();
  for (let i = 0; i < order.length; i++) order[at[lines.node[i]!]!++] = i;

  const line = new Int32Array(order.length);
  const value = new Float64Array(order.length);
  const samples = new Float64Array(order.length);
  const node = new Int32Array(order.length);
  let size = 0;
  for (let of = 0; of < nodes; of++) {
    const ofLine = first[of + 1]! - first[of]! > 1 ? new Map<number, number>() : undefined;
    for (let i = first[of]!; i < first[of + 1]!; i++) {
      const entry = order[i]!;
      const known = ofLine?.get(lines.line[entry]!);
      const into = known ?? size++;
      ofLine?.set(lines.line[entry]!, into);
      node[into] = of;
      line[into] = lines.line[entry]!;
      value[into]! += lines.value[entry]!;
      samples[into]! += lines.samples[entry]!;
    }
  }
  return {
    node: node.slice(0, size),
    line: line.slice(0, size),
    value: value.slice(0, size),
    samples: samples.slice(0, size),
  };
}
