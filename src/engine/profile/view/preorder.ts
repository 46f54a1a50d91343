/** Where each node is in a depth-first preorder of its tree, children in the order of their indexes. */
export function preorderPositions(parent: Int32Array): Int32Array {
  const count = parent.length;
  /** First nodes of the subtree, then where the next child's subtree begins. */
  const next = new Int32Array(count).fill(1);
  for (let node = count - 1; node > 0; node--) next[parent[node]!]! += next[node]!;
  const position = new Int32Array(count);
  next[0] = 1;
  for (let node = 1; node < count; node++) {
    const above = parent[node]!;
    const size = next[node]!;
    position[node] = next[above]!;
    next[above]! += size;
    next[node] = position[node]! + 1;
  }
  return position;
}

const BLOCK_BITS = 5;
const BLOCK = 1 << BLOCK_BITS;

/**
 * How many frames two stacks share, in constant time however deep they are. Between two nodes in preorder lies the
 * child of the nearest node below both: the shallowest there is one deeper than that.
 */
export class SharedDepths {
  /** Least depth from a position's block's beginning to it, and from it to the block's end. */
  private readonly before: Uint16Array;
  private readonly after: Uint16Array;
  /** Level `l`, entry `b`: least depth of the blocks `b` to `b + 2 ** l - 1`. */
  private readonly levels: Uint16Array[];

  /** @param depth by position, the root's 0 first. */
  constructor(private readonly depth: Uint16Array) {
    const count = depth.length;
    this.before = depth.slice();
    this.after = depth.slice();
    for (let at = 1; at < count; at++) {
      if (at % BLOCK !== 0) this.before[at] = Math.min(depth[at]!, this.before[at - 1]!);
    }
    for (let at = count - 2; at >= 0; at--) {
      if (at % BLOCK !== BLOCK - 1) this.after[at] = Math.min(depth[at]!, this.after[at + 1]!);
    }
    const blocks = Math.ceil(count / BLOCK);
    let level = Uint16Array.from({ length: blocks }, (_, block) => this.after[block * BLOCK]!);
    this.levels = [level];
    for (let width = 1; width * 2 <= blocks; width *= 2) {
      const narrower = level;
      level = new Uint16Array(blocks - width * 2 + 1);
      for (let block = 0; block < level.length; block++) {
        level[block] = Math.min(narrower[block]!, narrower[block + width]!);
      }
      this.levels.push(level);
    }
  }

  /** Depth of the nearest node below the nodes at two positions, or that is one of them. */
  of(one: number, other: number): number {
    if (one === other) return this.depth[one]!;
    const from = Math.min(one, other) + 1;
    const to = Math.max(one, other);
    const firstBlock = from >>> BLOCK_BITS;
    const lastBlock = to >>> BLOCK_BITS;
    let least: number;
    if (firstBlock === lastBlock) {
      least = this.depth[from]!;
      for (let at = from + 1; at <= to; at++) if (this.depth[at]! < least) least = this.depth[at]!;
      return least - 1;
    }
    least = Math.min(this.after[from]!, this.before[to]!);
    const between = lastBlock - firstBlock - 1;
    if (between > 0) {
      const bits = 31 - Math.clz32(between);
      const level = this.levels[bits]!;
      least = Math.min(least, level[firstBlock + 1]!, level[lastBlock - (1 << bits)]!);
    }
    return least - 1;
  }
}
