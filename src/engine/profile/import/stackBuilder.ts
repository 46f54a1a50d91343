import { ThroughlineError } from '../../model/errors';
import { MAX_DEPTH } from '../../model/flame';
import {
  FRAME_TIERS,
  type FrameTable,
  type ProfileFormat,
  type StackProfile,
  type StackThread,
  type StackTimeline,
  type StackTree,
  type ValueUnit,
} from '../../model/stackProfile';
import { FrameInterner, placeOf } from './frameInterner';
import { LineSums } from './lineSums';
import { Float64List, Int32List } from './numberList';

/** What of a profile its stacks do not say. */
export interface StackProfileHead {
  readonly name?: string;
  readonly format: ProfileFormat;
  readonly unit: ValueUnit;
  readonly unitName?: string | undefined;
  readonly startedAtMs?: number | undefined;
  /** Value outside the stacks: the threads were idle. */
  readonly idle?: number;
  readonly warnings?: readonly string[];
  /** Whether the counts of samples are the format's own; else the profile tells none. */
  readonly hasSamples: boolean;
}

/** Deepest node of a tree: views number the boxes of a stack below `MAX_DEPTH`. */
export const DEEPEST = MAX_DEPTH - 1;
/** Distinct stacks, with all stacks they stand on. */
const MAX_NODES = 1 << 24;
/** Of all nodes; what a node takes, and each of its values, with what growing copies. */
const MAX_BYTES = 1e9;
const NODE_BYTES = 40;
const VALUE_BYTES = 16;
const TIERS = FRAME_TIERS.length;

/**
 * Merges stacks into a tree as they come. Memory grows with distinct stacks only, apart from the timeline. A stack may
 * carry several values, of one column each: `build` makes a profile of one of them.
 */
export class StackBuilder {
  readonly frames = new FrameInterner();
  private readonly parent = new Int32List();
  private readonly frame = new Int32List();
  private readonly depth = new Int32List();
  private readonly samples = new Int32List();
  private readonly self: readonly Float64List[];
  private readonly lines: LineSums;
  /** Node + 1 by parent and frame, open addressing. */
  private slots = new Int32Array(1 << 12);
  /** Samples by tier, `FRAME_TIERS.length` a node. */
  private tierCounts = new Int32Array(0);
  private readonly threads: BuiltThread[] = [];
  private table: FrameTable | undefined;
  private readonly maxNodes: number;
  private truncations = 0;
  private outOfRange = 0;

  constructor(
    /** The file's name, for errors. */
    private readonly sourceName: string,
    columns = 1,
  ) {
    this.self = Array.from({ length: columns }, () => new Float64List());
    this.lines = new LineSums(columns);
    this.maxNodes = Math.min(MAX_NODES, Math.floor(MAX_BYTES / (NODE_BYTES + VALUE_BYTES * columns)));
    this.pushNode(-1, -1, 0);
  }

  get nodeCount(): number {
    return this.parent.size;
  }

  /** The node of `frame` above `parent`; where the stack is too deep, the one that stands for the rest of it. */
  child(parent: number, frame: number): number {
    const depth = this.depth.values[parent]! + 1;
    if (depth >= DEEPEST) {
      if (depth > DEEPEST) return parent;
      this.truncations++;
      return this.find(parent, this.frames.truncated(), depth);
    }
    return this.find(parent, frame, depth);
  }

  /** Whether the rest of the stack was cut there. */
  isTruncated(node: number): boolean {
    return this.depth.values[node]! >= DEEPEST;
  }

  frameOf(node: number): number {
    return this.frame.values[node]!;
  }

  parentOf(node: number): number {
    return this.parent.values[node]!;
  }

  /**
   * Adds to the node's own value. Values that are no finite number of 0 or more are left out, with a warning.
   * @returns whether it was added.
   */
  add(node: number, value: number, samples = 1, column = 0, thread = 0): boolean {
    const of = this.threads[thread] ?? this.threads[this.thread('main')]!;
    if (!(value >= 0 && value <= MAX_VALUE)) {
      this.outOfRange++;
      return false;
    }
    this.self[column]!.values[node]! += value;
    const counts = this.samples.values;
    counts[node] = Math.min(MAX_COUNT, counts[node]! + samples);
    of.samples += samples;
    of.totals[column]! += value;
    return true;
  }

  /** Adds to a line (1-based) of the file of the node's frame. A line of 0 or a cut stack is no line. */
  addLine(node: number, line: number, value: number, samples = 1, column = 0, sourceColumn = 0): void {
    if (placeOf(line) === 0 || this.isTruncated(node) || !(value >= 0 && value <= MAX_VALUE)) return;
    this.lines.add(node, line, placeOf(sourceColumn), value, samples, column);
  }

  /** Counts how the node's function ran; `tier` is an index in `FRAME_TIERS`. */
  addTier(node: number, tier: number, samples = 1): void {
    if (this.isTruncated(node)) return;
    const needed = (node + 1) * TIERS;
    if (this.tierCounts.length < needed) {
      const wider = new Int32Array(Math.max(needed, this.parent.values.length * TIERS));
      wider.set(this.tierCounts);
      this.tierCounts = wider;
    }
    const at = node * TIERS + tier;
    this.tierCounts[at] = Math.min(MAX_COUNT, this.tierCounts[at]! + samples);
  }

  /** A thread of the profile; the first that is made has index 0. */
  thread(name: string, pid?: number): number {
    if (this.threads.length > MAX_THREADS) return MAX_THREADS;
    if (this.threads.length === MAX_THREADS) return this.pushThread('other threads', undefined);
    return this.pushThread(name.slice(0, MAX_THREAD_NAME), pid);
  }

  private pushThread(name: string, pid: number | undefined): number {
    const thread: BuiltThread = {
      ...{ name, samples: 0, endMicros: 0, nodes: new Int32List(64), starts: new Float64List(64) },
      ...(pid !== undefined && Number.isSafeInteger(pid) && pid >= 0 && { pid }),
      totals: new Float64Array(this.self.length),
    };
    return this.threads.push(thread) - 1;
  }

  /**
   * Begins a segment of the thread's timeline at a time in microseconds from the profile's beginning: `node` is on top
   * from then on, -1 for idle. A time before the last segment's is taken as the same.
   */
  segment(thread: number, startMicros: number, node: number): void {
    const of = this.threads[thread]!;
    const { starts, nodes } = of;
    const last = starts.size - 1;
    const earliest = last >= 0 ? starts.values[last]! : 0;
    const start = startMicros >= earliest && startMicros <= MAX_VALUE ? startMicros : earliest;
    if (nodes.size >= MAX_SEGMENTS) this.fail('has more samples than can be shown');
    starts.push(start);
    nodes.push(node);
    of.endMicros = Math.max(of.endMicros, start);
  }

  /** The thread's timeline ends there, or where it is already longer, as it is. */
  endThread(thread: number, endMicros: number): void {
    const of = this.threads[thread]!;
    if (endMicros > of.endMicros && endMicros <= MAX_VALUE) of.endMicros = endMicros;
  }

  /** The stacks that have a value in `column`, as a profile. May be called for each column. */
  build(head: StackProfileHead, column = 0): StackProfile {
    if (this.threads.length === 0) this.thread('main');
    this.table ??= this.frames.build();
    const kept = this.keptNodes(column);
    const tree = this.tree(kept, column, head.hasSamples);
    const lines = this.lines.build(kept.rank, column, head.hasSamples);
    const { timeline, threads } = this.timeline(kept.rank, column, head.hasSamples);
    return {
      name: head.name ?? '',
      format: head.format,
      unit: head.unit,
      ...(head.unitName !== undefined && { unitName: head.unitName }),
      frames: this.table,
      tree,
      ...(lines && { lines }),
      ...(timeline && { timeline }),
      threads,
      idle: head.idle ?? 0,
      ...(head.startedAtMs !== undefined && { startedAtMs: head.startedAtMs }),
      cpuScale: 1,
      warnings: [...(head.warnings ?? []), ...this.warnings()],
    };
  }

  private find(parent: number, frame: number, depth: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(parent, frame) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const node = this.slots[slot]! - 1;
      if (node < 0) break;
      if (this.parent.values[node] === parent && this.frame.values[node] === frame) return node;
    }
    const node = this.pushNode(parent, frame, depth);
    this.slots[slot] = node + 1;
    if (this.parent.size * 2 > this.slots.length) this.widen();
    return node;
  }

  private pushNode(parent: number, frame: number, depth: number): number {
    const node = this.parent.size;
    if (node >= this.maxNodes) {
      this.fail(`has more than ${this.maxNodes.toLocaleString('en')} distinct stacks`);
    }
    this.parent.push(parent);
    this.frame.push(frame);
    this.depth.push(depth);
    this.samples.push(0);
    for (const column of this.self) column.push(0);
    return node;
  }

  private widen(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let node = 1; node < this.parent.size; node++) {
      let slot = hash(this.parent.values[node]!, this.frame.values[node]!) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = node + 1;
    }
  }

  /** Nodes with a value or a place in the timeline, and those below them: their new indexes, -1 for the others. */
  private keptNodes(column: number): { readonly rank: Int32Array; readonly count: number } {
    const size = this.parent.size;
    const self = this.self[column]!.values;
    const rank = new Int32Array(size);
    rank[0] = 1;
    if (this.self.length === 1) for (const { nodes } of this.threads) markAll(rank, nodes);
    for (let node = size - 1; node > 0; node--) {
      if (self[node]! > 0 || (this.self.length === 1 && this.samples.values[node]! > 0)) rank[node] = 1;
      if (rank[node] === 1) rank[this.parent.values[node]!] = 1;
    }
    let count = 0;
    for (let node = 0; node < size; node++) rank[node] = rank[node] === 1 ? count++ : -1;
    return { rank, count };
  }

  private tree(
    { rank, count }: { readonly rank: Int32Array; readonly count: number },
    column: number,
    hasSamples: boolean,
  ): StackTree {
    const parent = new Int32Array(count);
    const frame = new Int32Array(count);
    const self = new Float64Array(count);
    const samples = new Int32Array(count);
    const tier = this.tierCounts.length > 0 ? new Uint8Array(count) : undefined;
    for (let node = 0; node < rank.length; node++) {
      const at = rank[node]!;
      if (at < 0) continue;
      const above = this.parent.values[node]!;
      parent[at] = above < 0 ? -1 : rank[above]!;
      frame[at] = this.frame.values[node]!;
      self[at] = this.self[column]!.values[node]!;
      if (hasSamples) samples[at] = this.samples.values[node]!;
      if (tier) tier[at] = mostOf(this.tierCounts, node * TIERS);
    }
    return { parent, frame, self, samples, ...(tier && { tier }) };
  }

  private timeline(
    rank: Int32Array,
    column: number,
    hasSamples: boolean,
  ): { readonly timeline?: StackTimeline; readonly threads: StackThread[] } {
    // With several columns a segment may be of a stack that the others have no value of.
    const segments = this.threads.reduce((sum, { nodes }) => sum + nodes.size, 0);
    if (segments > MAX_SEGMENTS) this.fail('has more samples than can be shown');
    const node = new Int32Array(segments);
    const start = new Float64Array(segments);
    let at = 0;
    const threads = this.threads.map((thread): StackThread => {
      const from = at;
      for (let i = 0; i < thread.nodes.size; i++) {
        const top = thread.nodes.values[i]!;
        node[at] = top < 0 ? -1 : rank[top]!;
        start[at++] = thread.starts.values[i]!;
      }
      return {
        name: thread.name,
        ...(thread.pid !== undefined && { pid: thread.pid }),
        ...{ from, to: at, endMicros: thread.endMicros },
        samples: hasSamples ? thread.samples : 0,
        total: thread.totals[column]!,
      };
    });
    return segments > 0 ? { timeline: { node, start }, threads } : { threads };
  }

  private warnings(): string[] {
    const warnings = this.frames.warnings;
    if (this.truncations > 0) {
      warnings.push(
        `Stacks of more than ${(DEEPEST - 1).toLocaleString('en')} functions were cut: the rest of each is shown as "(truncated)".`,
      );
    }
    if (this.outOfRange > 0) {
      const count = this.outOfRange.toLocaleString('en');
      warnings.push(`${count} values were negative or no numbers and are left out.`);
    }
    return warnings;
  }

  private fail(what: string): never {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${this.sourceName} ${what}.`);
  }
}

interface BuiltThread {
  readonly name: string;
  readonly pid?: number;
  readonly nodes: Int32List;
  readonly starts: Float64List;
  readonly totals: Float64Array;
  samples: number;
  endMicros: number;
}

const MAX_COUNT = 0x7fffffff;
/** Sums of values remain finite, and whole numbers exact as far as doubles are. */
const MAX_VALUE = 1e18;
const MAX_THREADS = 4096;
const MAX_THREAD_NAME = 200;
const MAX_SEGMENTS = 1 << 27;

function hash(parent: number, frame: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(frame + 1, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

function markAll(rank: Int32Array, nodes: Int32List): void {
  for (let i = 0; i < nodes.size; i++) {
    const node = nodes.values[i]!;
    if (node >= 0) rank[node] = 1;
  }
}

function mostOf(counts: Int32Array, from: number): number {
  let best = 0;
  for (let i = 1; i < TIERS; i++) if ((counts[from + i] ?? 0) > (counts[from + best] ?? 0)) best = i;
  return best;
}
