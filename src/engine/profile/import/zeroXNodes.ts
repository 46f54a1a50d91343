import { KeyTable } from './jsonBytes';
import { END, type JsonScanner } from './jsonScanner';
import { Float64List, Int32List } from './numberList';
import type { StackBuilder } from './stackBuilder';
import { zeroXFrame, zeroXTier } from './zeroXFrames';

const [NAME, VALUE, STATE, CHILDREN, PLAIN_NAME, TYPE, KIND] = [0, 1, 2, 3, 4, 5, 6];
const NODE_KEYS = new KeyTable(['name', 'value', 'S', 'children', 'fn', 'type', 'kind']);
const MAX_NAME_BYTES = 16_384;
const MAX_NODES = 1 << 24;

/**
 * Reads the tree that is next into the builder. A node's own samples are its value less those of its children: 0x's
 * `top` lacks those of functions that it left out of the tree.
 */
export function readTree(scanner: JsonScanner, builder: StackBuilder): void {
  const tree = new RawTree(builder);
  if (!scanner.beginObject()) scanner.failType('has a tree that is no object');
  let node = tree.push(-1);
  for (;;) {
    const key = scanner.nextKey(NODE_KEYS);
    if (key === NAME || key === PLAIN_NAME)
      tree.name(node, scanner.string(MAX_NAME_BYTES), key === PLAIN_NAME);
    else if (key === VALUE) tree.value.values[node] = scanner.number();
    else if (key === STATE) tree.state.values[node] = scanner.number();
    else if (key === CHILDREN && scanner.beginArray()) {
      if (!scanner.nextItem()) continue;
      if (!scanner.beginObject()) scanner.failType('has a node that is no object');
      if (tree.size >= MAX_NODES) scanner.fail('has more nodes than can be read');
      node = tree.push(node);
    } else if (key === END) {
      // The node's end: its next sibling follows, or the end of its parent's children.
      const parent = tree.parent.values[node]!;
      if (parent < 0) break;
      if (scanner.nextItem()) {
        if (!scanner.beginObject()) scanner.failType('has a node that is no object');
        if (tree.size >= MAX_NODES) scanner.fail('has more nodes than can be read');
        node = tree.push(parent);
      } else node = parent;
    } else scanner.skip();
  }
  tree.addTo(builder);
}

/** Reads stacks of `{name, type, kind}`, outermost function first. */
export function readTicks(scanner: JsonScanner, builder: StackBuilder): void {
  scanner.beginArray();
  while (scanner.nextItem()) {
    if (!scanner.beginArray()) scanner.failType('has a stack that is no array');
    let node = 0;
    while (scanner.nextItem()) {
      let name = '';
      let type = '';
      let kind = '';
      if (!scanner.beginObject()) scanner.failType('has a frame that is no object');
      for (let key = scanner.nextKey(NODE_KEYS); key !== END; key = scanner.nextKey(NODE_KEYS)) {
        if (key === NAME) name = scanner.string(MAX_NAME_BYTES) ?? '';
        else if (key === TYPE) type = scanner.string(100) ?? '';
        else if (key === KIND) kind = scanner.string(100) ?? '';
        else scanner.skip();
      }
      const isScript = type === '' || type === 'JS';
      const text = isScript ? name : `${name} [${type}${kind === '' ? '' : `:${kind}`}]`;
      node = builder.child(node, builder.frames.id(zeroXFrame(text)));
      if (isScript) builder.addTier(node, zeroXTier(kind === 'Opt' ? 2 : kind === 'Unopt' ? 1 : 0));
    }
    if (node > 0) builder.add(node, 1);
  }
}

/** The nodes as the file lists them: keys of a node may stand behind its children. */
class RawTree {
  readonly parent = new Int32List();
  readonly value = new Float64List();
  readonly state = new Int32List();
  private readonly frame = new Int32List();

  constructor(private readonly builder: StackBuilder) {}

  get size(): number {
    return this.parent.size;
  }

  push(parent: number): number {
    this.parent.push(parent);
    this.value.push(0);
    this.state.push(0);
    this.frame.push(-1);
    return this.parent.size - 1;
  }

  /** @param plain the name has no mark of a tier: it is preferred to one that has. */
  name(node: number, text: string | undefined, plain: boolean): void {
    // The root's is "all stacks".
    if (node === 0 || text === undefined || (!plain && this.frame.values[node]! >= 0)) return;
    // Names of the tree by tiers: `*mix /app/x.js:3:12 [INLINABLE]`.
    const name = plain ? text : text.replace(/^[~*]/u, '').replace(/ \[INLINABLE\]$/u, '');
    this.frame.values[node] = this.builder.frames.id(zeroXFrame(name));
  }

  addTo(builder: StackBuilder): void {
    const { size } = this;
    const own = this.value.values.slice(0, size);
    for (let node = 1; node < size; node++) {
      const parent = this.parent.values[node]!;
      const value = this.value.values[node]!;
      if (value > 0) own[parent]! -= value;
    }
    const unnamed = builder.frames.id({ name: '(anonymous)', owner: { kind: 'v8' } });
    const nodes = new Int32Array(size);
    for (let node = 1; node < size; node++) {
      const frame = this.frame.values[node]!;
      nodes[node] = builder.child(nodes[this.parent.values[node]!]!, frame < 0 ? unnamed : frame);
      // More in the children than in the node: nothing is its own. What is no number is told by the builder.
      const value = own[node]! < 0 && this.value.values[node]! >= 0 ? 0 : own[node]!;
      if (value === 0) continue;
      const samples = Math.min(0x7fffffff, Math.round(value));
      if (!builder.add(nodes[node]!, value, samples)) continue;
      const tier = zeroXTier(this.state.values[node]!);
      if (tier > 0) builder.addTier(nodes[node]!, tier, samples);
    }
  }
}
