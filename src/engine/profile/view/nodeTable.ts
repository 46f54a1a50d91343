/**
 * Nodes of a tree that is being built: a parent and a frame name at most one node, so that siblings of one frame
 * become one. Node 0 is the root; a node is made after its parent, hence `parent[i] < i`.
 */
export class NodeTable {
  private parents: Int32Array;
  private frames: Int32Array;
  private count = 1;
  /** Open addressing with linear probing: 1 + node, 0 where free. The length is a power of two. */
  private slots: Int32Array;
  private shift: number;

  /** @param expected nodes that there may be; more are possible. */
  constructor(expected: number) {
    const capacity = Math.max(16, expected + 1);
    this.parents = new Int32Array(capacity);
    this.frames = new Int32Array(capacity);
    this.parents[0] = -1;
    this.frames[0] = -1;
    const bits = Math.max(5, 33 - Math.clz32(capacity));
    this.slots = new Int32Array(2 ** bits);
    this.shift = 32 - bits;
  }

  get size(): number {
    return this.count;
  }

  /** The child of `parent` with `frame`, made where there is none. */
  child(parent: number, frame: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = this.slotOf(parent, frame);
    for (let held = slots[slot]!; held !== 0; held = slots[slot]!) {
      const node = held - 1;
      if (this.parents[node] === parent && this.frames[node] === frame) return node;
      slot = (slot + 1) & mask;
    }
    return this.add(parent, frame, slot);
  }

  columns(): { readonly parent: Int32Array; readonly frame: Int32Array } {
    return { parent: this.parents.slice(0, this.count), frame: this.frames.slice(0, this.count) };
  }

  private add(parent: number, frame: number, slot: number): number {
    if (this.count === this.parents.length) {
      this.grow();
      slot = this.freeSlot(parent, frame);
    }
    const node = this.count++;
    this.parents[node] = parent;
    this.frames[node] = frame;
    this.slots[slot] = node + 1;
    return node;
  }

  private slotOf(parent: number, frame: number): number {
    const mixed = Math.imul(Math.imul(parent, 0x9e3779b1) ^ frame, 0x85ebca6b);
    return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> this.shift;
  }

  private freeSlot(parent: number, frame: number): number {
    let slot = this.slotOf(parent, frame);
    while (this.slots[slot] !== 0) slot = (slot + 1) & (this.slots.length - 1);
    return slot;
  }

  private grow(): void {
    const { parents, frames } = this;
    this.parents = new Int32Array(parents.length * 2);
    this.parents.set(parents);
    this.frames = new Int32Array(frames.length * 2);
    this.frames.set(frames);
    this.slots = new Int32Array(this.slots.length * 2);
    this.shift--;
    for (let node = 1; node < this.count; node++) {
      this.slots[this.freeSlot(parents[node]!, frames[node]!)] = node + 1;
    }
  }
}
