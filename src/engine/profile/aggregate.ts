import type { CallEdge, Cost, FunctionCost, LineCost } from '../model/profile';
import type { SampleTree } from './sampleTree';

/** Lines of sources that a profile can paint, by id, and where ticks and calls of a tree fall on them. */
export interface LineTable {
  readonly lines: readonly { readonly file: string; readonly line: number }[];
  /** Line id of each tick of the tree, -1 where it has none. */
  readonly ofTick: Int32Array;
  /** Line id of the call by which each node was entered, in its parent's source; -1 where that is not known. */
  readonly ofCall: Int32Array;
}

/** The part of a `SampleTree` that is summed up. */
export type CostTree = Omit<SampleTree, 'timeline'>;

/** Callers and callees listed for a function. */
const MAX_EDGES = 8;

/** Self time and totals by function; in totals a recursive function counts once a sample. Function ids are frames. */
export function aggregateFunctions(tree: CostTree, frameCount: number): FunctionCost[] {
  const { parent, fn } = tree;
  const subtree = subtreeCosts(tree);
  const costs = new CostTable(frameCount);
  const edges = new EdgeTable(frameCount);
  for (let node = 1; node < parent.length; node++) {
    costs.addSelf(fn[node]!, tree.selfMicros[node]!, tree.selfSamples[node]!);
  }
  const onPath = new Int32Array(frameCount);
  const edgesOnPath = new Map<number, number>();
  walk(
    tree,
    (node) => {
      const id = fn[node]!;
      if (onPath[id]!++ === 0) costs.addTotal(id, subtree.micros[node]!, subtree.samples[node]!);
      const caller = fn[parent[node]!]!;
      if (caller < 0) return;
      const key = edges.key(caller, id);
      const depth = edgesOnPath.get(key) ?? 0;
      if (depth === 0) edges.add(key, subtree.micros[node]!, subtree.samples[node]!);
      edgesOnPath.set(key, depth + 1);
    },
    (node) => {
      const id = fn[node]!;
      onPath[id]!--;
      const caller = fn[parent[node]!]!;
      if (caller >= 0) edgesOnPath.set(edges.key(caller, id), edgesOnPath.get(edges.key(caller, id))! - 1);
    },
  );
  const { callers, callees } = edges.lists();
  const functions: FunctionCost[] = [];
  for (let frame = 0; frame < frameCount; frame++) {
    const cost = costs.get(frame);
    if (cost.totalSamples === 0 && cost.totalMicros === 0) continue;
    functions.push({ frame, ...cost, callers: callers.get(frame) ?? [], callees: callees.get(frame) ?? [] });
  }
  return functions.sort((a, b) => b.selfMicros - a.selfMicros || b.totalMicros - a.totalMicros);
}

/**
 * Self time and totals by source line. A line's total is its self time and the time of the calls that are known to
 * be made on it; a line that is on a stack several times counts once a sample.
 */
export function aggregateLines(tree: CostTree, table: LineTable): LineCost[] {
  const { parent, fn, tickNode } = tree;
  const { lines, ofTick, ofCall } = table;
  const subtree = subtreeCosts(tree);
  const costs = new CostTable(lines.length);
  const owner = new OwnerTable(lines.length);
  const onPath = new Int32Array(lines.length);
  let tick = 0;
  walk(
    tree,
    (node) => {
      const call = ofCall[node]!;
      if (call >= 0) {
        owner.offer(call, fn[parent[node]!]!, 0);
        if (onPath[call]!++ === 0) costs.addTotal(call, subtree.micros[node]!, subtree.samples[node]!);
      }
      // Nodes come in preorder, and ticks are sorted by node.
      for (; tick < tickNode.length && tickNode[tick] === node; tick++) {
        const line = ofTick[tick]!;
        if (line < 0) continue;
        const micros = tree.tickMicros[tick]!;
        const samples = tree.tickSamples[tick]!;
        owner.offer(line, fn[node]!, micros);
        costs.addSelf(line, micros, samples);
        if (onPath[line] === 0) costs.addTotal(line, micros, samples);
      }
    },
    (node) => {
      const call = ofCall[node]!;
      if (call >= 0) onPath[call]!--;
    },
  );
  // Some formats know values alone.
  const sampled = tree.selfSamples.some((samples) => samples > 0);
  return lines
    .map((line, id) => ({ ...line, ...costs.get(id), frame: owner.of(id) }))
    .filter((line) => (sampled ? line.totalSamples : line.totalMicros) > 0 && line.frame >= 0)
    .sort((a, b) => b.selfMicros - a.selfMicros || b.totalMicros - a.totalMicros);
}

/** Self and descendants, by node. */
function subtreeCosts(tree: CostTree): { readonly micros: Float64Array; readonly samples: Int32Array } {
  const micros = Float64Array.from(tree.selfMicros);
  const samples = Int32Array.from(tree.selfSamples);
  for (let node = micros.length - 1; node > 0; node--) {
    const parent = tree.parent[node]!;
    micros[parent]! += micros[node]!;
    samples[parent]! += samples[node]!;
  }
  return { micros, samples };
}

/** Visits all nodes but the root in preorder; `leave` is called for a node after its descendants. */
function walk(tree: CostTree, enter: (node: number) => void, leave: (node: number) => void): void {
  const { parent } = tree;
  let current = 0;
  for (let node = 1; node < parent.length; node++) {
    for (; current !== parent[node]; current = parent[current]!) leave(current);
    enter(node);
    current = node;
  }
  for (; current > 0; current = parent[current]!) leave(current);
}

class CostTable {
  private readonly selfMicros: Float64Array;
  private readonly totalMicros: Float64Array;
  private readonly selfSamples: Float64Array;
  private readonly totalSamples: Float64Array;

  constructor(size: number) {
    this.selfMicros = new Float64Array(size);
    this.totalMicros = new Float64Array(size);
    this.selfSamples = new Float64Array(size);
    this.totalSamples = new Float64Array(size);
  }

  addSelf(id: number, micros: number, samples: number): void {
    this.selfMicros[id]! += micros;
    this.selfSamples[id]! += samples;
  }

  addTotal(id: number, micros: number, samples: number): void {
    this.totalMicros[id]! += micros;
    this.totalSamples[id]! += samples;
  }

  get(id: number): Cost {
    return {
      selfMicros: Math.round(this.selfMicros[id]!),
      totalMicros: Math.round(this.totalMicros[id]!),
      selfSamples: Math.round(this.selfSamples[id]!),
      totalSamples: Math.round(this.totalSamples[id]!),
    };
  }
}

/** The function with the most self time on each line. */
class OwnerTable {
  private readonly frame: Int32Array;
  private readonly micros: Map<number, number>[] = [];

  constructor(size: number) {
    this.frame = new Int32Array(size).fill(-1);
  }

  offer(line: number, frame: number, micros: number): void {
    const byFrame = (this.micros[line] ??= new Map<number, number>());
    const sum = (byFrame.get(frame) ?? 0) + micros;
    byFrame.set(frame, sum);
    const best = this.frame[line]!;
    if (best < 0 || sum > (byFrame.get(best) ?? 0)) this.frame[line] = frame;
  }

  of(line: number): number {
    return this.frame[line]!;
  }
}

class EdgeTable {
  private readonly micros = new Map<number, number>();
  private readonly samples = new Map<number, number>();

  constructor(private readonly frameCount: number) {}

  key(caller: number, callee: number): number {
    return caller * this.frameCount + callee;
  }

  add(key: number, micros: number, samples: number): void {
    this.micros.set(key, (this.micros.get(key) ?? 0) + micros);
    this.samples.set(key, (this.samples.get(key) ?? 0) + samples);
  }

  /** The dearest edges of each function. */
  lists(): { readonly callers: Map<number, CallEdge[]>; readonly callees: Map<number, CallEdge[]> } {
    const callers = new Map<number, CallEdge[]>();
    const callees = new Map<number, CallEdge[]>();
    const dearestFirst = [...this.micros].sort((a, b) => b[1] - a[1]);
    for (const [key, micros] of dearestFirst) {
      const caller = Math.floor(key / this.frameCount);
      const callee = key % this.frameCount;
      const edge = { totalMicros: Math.round(micros), samples: this.samples.get(key)! };
      put(callers, callee, { frame: caller, ...edge });
      put(callees, caller, { frame: callee, ...edge });
    }
    return { callers, callees };
  }
}

function put(lists: Map<number, CallEdge[]>, frame: number, edge: CallEdge): void {
  const list = lists.get(frame);
  if (list === undefined) lists.set(frame, [edge]);
  else if (list.length < MAX_EDGES) list.push(edge);
}
