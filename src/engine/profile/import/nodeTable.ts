import { Int32List, NumberList } from './numberList';

/** The nodes of a V8 tree as the file lists them, before their order and their ids are known to be sound. */
export class NodeTable {
  readonly ids = new NumberList();
  readonly callFrame = new Int32List();
  readonly hitCount = new Int32List();
  /** Ids of the children of all nodes, one node behind the other, and how many each node has. */
  readonly children = new NumberList();
  readonly childCount = new Int32List();
  /** Of nodes that name their parent: which, and its id. */
  readonly withParent = new Int32List();
  readonly parentIds = new NumberList();
  readonly ticks = new TickTable();

  get size(): number {
    return this.callFrame.size;
  }
}

/** `positionTicks`: a line occurs once a node, its ticks summed. */
export class TickTable {
  readonly line = new Int32List();
  /** Number of lines of each node. */
  readonly lines = new Int32List();
  private counts = new Float64Array(1024);
  private first = 0;
  private atLine: Map<number, number> | undefined;

  /** Begins the ticks of the next node. */
  begin(): void {
    this.first = this.line.size;
    this.atLine = undefined;
  }

  add(line: number, ticks: number): void {
    const at = this.find(line);
    if (at >= 0) {
      this.counts[at]! += ticks;
      return;
    }
    if (this.line.size === this.counts.length) {
      const wider = new Float64Array(this.counts.length * 2);
      wider.set(this.counts);
      this.counts = wider;
    }
    this.counts[this.line.size] = ticks;
    this.atLine?.set(line, this.line.size);
    this.line.push(line);
  }

  finish(): void {
    this.lines.push(this.line.size - this.first);
  }

  get values(): Float64Array {
    return this.counts;
  }

  private find(line: number): number {
    const { values, size } = this.line;
    if (size - this.first <= FEW) {
      for (let at = this.first; at < size; at++) if (values[at] === line) return at;
      return -1;
    }
    if (this.atLine === undefined) {
      this.atLine = new Map();
      for (let at = this.first; at < size; at++) this.atLine.set(values[at]!, at);
    }
    return this.atLine.get(line) ?? -1;
  }
}

/** So few lines are sought one by one. */
const FEW = 24;

/** Finds a node by its id. */
export interface IdIndex {
  /** -1 where there is none. */
  find(id: number): number;
  /** An id that two nodes have; undefined where all differ. */
  readonly repeated: number | undefined;
}

/** V8 counts ids from 1, so a table serves; other ids are hashed. Empties `ids`. */
export function indexIds(ids: NumberList): IdIndex {
  const all = new Float64Array(ids.size);
  let least = Infinity;
  let most = -Infinity;
  ids.drain((id, i) => {
    all[i] = id;
    if (id < least) least = id;
    if (id > most) most = id;
  });
  return most - least < all.length * 4 + 1024 ? denseIndex(all, least, most) : hashedIndex(all);
}

function denseIndex(ids: Float64Array, least: number, most: number): IdIndex {
  const nodes = new Int32Array(Math.max(0, most - least + 1));
  let repeated: number | undefined;
  for (let i = 0; i < ids.length; i++) {
    const at = ids[i]! - least;
    if (nodes[at] !== 0) repeated ??= ids[i];
    nodes[at] = i + 1;
  }
  return { find: (id) => (nodes[id - least] ?? 0) - 1, repeated };
}

function hashedIndex(ids: Float64Array): IdIndex {
  const size = 2 ** Math.ceil(Math.log2(ids.length * 2 + 2));
  const slots = new Int32Array(size);
  const slotOf = (id: number) => (Math.imul(id % 0x7fffffff, 0x9e3779b1) ^ (id / 0x80000000)) & (size - 1);
  let repeated: number | undefined;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!;
    let slot = slotOf(id);
    while (slots[slot] !== 0 && ids[slots[slot]! - 1] !== id) slot = (slot + 1) & (size - 1);
    if (slots[slot] !== 0) repeated ??= id;
    slots[slot] = i + 1;
  }
  const find = (id: number) => {
    let slot = slotOf(id);
    while (slots[slot] !== 0) {
      if (ids[slots[slot]! - 1] === id) return slots[slot]! - 1;
      slot = (slot + 1) & (size - 1);
    }
    return -1;
  };
  return { find, repeated };
}

/** `order[i]` is the node at position `i`, every parent before its children; undefined: as the nodes are. */
export interface NodeOrder {
  readonly order: Int32Array | undefined;
  /** Position of each node; undefined as `order`. */
  readonly rank: Int32Array | undefined;
  /** Position of the parent of the node at each position; -1 of the root, which is at 0. */
  readonly parent: Int32Array;
}

/** Puts parents before children; `fail` is told where the nodes are no tree. */
export function orderNodes(parentOf: Int32Array, fail: (what: string) => never): NodeOrder {
  let roots = 0;
  let sorted = true;
  for (let i = 0; i < parentOf.length; i++) {
    if (parentOf[i]! < 0) roots++;
    if (parentOf[i]! >= i) sorted = false;
  }
  if (roots === 0) fail('has no root: its nodes form a cycle');
  if (roots > 1) fail(`has ${roots} roots in place of one`);
  // With every parent before its child there is no cycle, and the only root is first.
  return sorted ? { order: undefined, rank: undefined, parent: parentOf } : depthFirst(parentOf, fail);
}

function depthFirst(parentOf: Int32Array, fail: (what: string) => never): NodeOrder {
  const size = parentOf.length;
  const firstChild = new Int32Array(size).fill(-1);
  const nextSibling = new Int32Array(size).fill(-1);
  for (let i = size - 1; i >= 0; i--) {
    const parent = parentOf[i]!;
    if (parent < 0) continue;
    nextSibling[i] = firstChild[parent]!;
    firstChild[parent] = i;
  }
  const order = new Int32Array(size);
  const rank = new Int32Array(size).fill(-1);
  const parent = new Int32Array(size);
  let count = 0;
  for (let node = parentOf.indexOf(-1); node >= 0;) {
    rank[node] = count;
    order[count] = node;
    parent[count++] = parentOf[node]! < 0 ? -1 : rank[parentOf[node]!]!;
    if (firstChild[node]! >= 0) {
      node = firstChild[node]!;
      continue;
    }
    while (node >= 0 && nextSibling[node]! < 0) node = parentOf[node]!;
    if (node >= 0) node = nextSibling[node]!;
  }
  if (count !== size) fail('has nodes in a cycle');
  return { order, rank, parent };
}
