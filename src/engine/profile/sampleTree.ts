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
    return { parent, fn, selfMicros, selfSamples, ...this.sortedTicks(rank) };
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
