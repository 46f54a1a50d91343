import type { StackTimeline } from '../model/stackProfile';

/**
 * The merged stacks of one or more captures, idle time left out: a struct of arrays in depth-first preorder, node 0
 * the root. `fn[i]` is a function's id (-1 for the root). Ticks split a node's self time over generated lines.
 */
export interface SampleTree {
  readonly parent: Int32Array;
  readonly fn: Int32Array;
  readonly selfMicros: Float64Array;
  readonly selfSamples: Int32Array;
  /** Ascending. */
  readonly tickNode: Int32Array;
  /** 1-based line in the script of the node's function. */
  readonly tickLine: Int32Array;
  readonly tickMicros: Float64Array;
  readonly tickSamples: Float64Array;
  /** Of all threads, one after another, in the order in which they were added. */
  readonly timeline: Required<StackTimeline>;
}

export const ROOT = 0;

/** Function ids and node ids are packed into one number: 2^21 functions, 2^31 nodes. */
const MAX_FUNCTIONS = 2 ** 21;

/** Merges stacks as they come. Node ids are the builder's own until `build` puts them in preorder. */
export class SampleTreeBuilder {
  private readonly parent: number[] = [-1];
  private readonly fn: number[] = [-1];
  private readonly micros: number[] = [0];
  private readonly samples: number[] = [0];
  private readonly childOf = new Map<number, number>();
  private readonly tickNode: number[] = [];
  private readonly tickLine: number[] = [];
  private readonly tickMicros: number[] = [];
  private readonly tickSamples: number[] = [];
  private readonly segments: { readonly node: Int32Array; readonly start: Float64Array }[] = [];
  /** By sampled node, then by the node that its time was given to: microseconds. */
  private readonly spread = new Map<number, Map<number, number>>();

  /** The child of `parent` for that function; made on first use. */
  child(parent: number, fn: number): number {
    if (fn < 0 || fn >= MAX_FUNCTIONS) throw new RangeError(`function id ${fn}`);
    const key = parent * MAX_FUNCTIONS + fn;
    let node = this.childOf.get(key);
    if (node === undefined) {
      node = this.parent.push(parent) - 1;
      this.fn.push(fn);
      this.micros.push(0);
      this.samples.push(0);
      this.childOf.set(key, node);
    }
    return node;
  }

  addSelf(node: number, micros: number, samples: number): void {
    this.micros[node]! += micros;
    this.samples[node]! += samples;
  }

  /** Tells that `micros` of those given to `node` by `addSelf` were sampled on the stack of `sampled`. */
  addSpread(sampled: number, node: number, micros: number): void {
    let parts = this.spread.get(sampled);
    if (parts === undefined) this.spread.set(sampled, (parts = new Map<number, number>()));
    parts.set(node, (parts.get(node) ?? 0) + micros);
  }

  /** Appends a thread's stacks in order of time; -1 where it was idle. */
  addSegments(node: Int32Array, start: Float64Array): void {
    this.segments.push({ node, start });
  }

  /** Tells where time given to `addSelf` was spent. */
  addTick(node: number, line: number, micros: number, samples: number): void {
    this.tickNode.push(node);
    this.tickLine.push(line);
    this.tickMicros.push(micros);
    this.tickSamples.push(samples);
  }

  build(): SampleTree {
    const rank = this.preorder();
    const size = rank.length;
    const parent = new Int32Array(size);
    const fn = new Int32Array(size);
    const selfMicros = new Float64Array(size);
    const selfSamples = new Int32Array(size);
    for (let node = 0; node < size; node++) {
      const at = rank[node]!;
      parent[at] = node === ROOT ? -1 : rank[this.parent[node]!]!;
      fn[at] = this.fn[node]!;
      selfMicros[at] = this.micros[node]!;
      selfSamples[at] = Math.round(this.samples[node]!);
    }
    return {
      parent,
      fn,
      selfMicros,
      selfSamples,
      ...this.sortedTicks(rank),
      timeline: this.timeline(rank),
    };
  }

  private timeline(rank: Int32Array): Required<StackTimeline> {
    const size = this.segments.reduce((sum, { node }) => sum + node.length, 0);
    const node = new Int32Array(size);
    const start = new Float64Array(size);
    let at = 0;
    for (const segments of this.segments) {
      for (const [i, own] of segments.node.entries()) node[at + i] = own < 0 ? -1 : rank[own]!;
      start.set(segments.start, at);
      at += segments.node.length;
    }
    return { node, start, spread: this.spreadColumns(rank) };
  }

  /** A node that shares with none keeps its time. */
  private spreadColumns(rank: Int32Array): Required<StackTimeline>['spread'] {
    const builderId = new Int32Array(rank.length);
    for (let node = 0; node < rank.length; node++) builderId[rank[node]!] = node;
    const first = new Int32Array(rank.length + 1);
    const node: number[] = [];
    const part: number[] = [];
    for (let sampled = 0; sampled < rank.length; sampled++) {
      first[sampled] = node.length;
      const own = builderId[sampled]!;
      const parts = [...(this.spread.get(own) ?? [[own, 1] as const])];
      const total = parts.reduce((sum, [, micros]) => sum + micros, 0);
      for (const [owner, micros] of parts) {
        node.push(rank[owner]!);
        part.push(total > 0 ? micros / total : 1 / parts.length);
      }
    }
    first[rank.length] = node.length;
    return { first, node: Int32Array.from(node), part: Float32Array.from(part) };
  }

  /** Position of each node in depth-first preorder, children in order of first sight. */
  private preorder(): Int32Array {
    const size = this.parent.length;
    const firstChild = new Int32Array(size).fill(-1);
    const nextSibling = new Int32Array(size).fill(-1);
    for (let node = size - 1; node > 0; node--) {
      const parent = this.parent[node]!;
      nextSibling[node] = firstChild[parent]!;
      firstChild[parent] = node;
    }
    const rank = new Int32Array(size);
    let next = 0;
    let node = ROOT;
    while (node >= 0) {
      rank[node] = next++;
      if (firstChild[node]! >= 0) {
        node = firstChild[node]!;
        continue;
      }
      while (node >= 0 && nextSibling[node]! < 0) node = this.parent[node]!;
      if (node >= 0) node = nextSibling[node]!;
    }
    return rank;
  }

  private sortedTicks(rank: Int32Array) {
    const order = Uint32Array.from(this.tickNode.keys()).sort(
      (a, b) => rank[this.tickNode[a]!]! - rank[this.tickNode[b]!]!,
    );
    return {
      tickNode: Int32Array.from(order, (i) => rank[this.tickNode[i]!]!),
      tickLine: Int32Array.from(order, (i) => this.tickLine[i]!),
      tickMicros: Float64Array.from(order, (i) => this.tickMicros[i]!),
      tickSamples: Float64Array.from(order, (i) => this.tickSamples[i]!),
    };
  }
}
