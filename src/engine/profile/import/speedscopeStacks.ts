import type { StackProfile, ValueUnit } from '../../model/stackProfile';
import type { FrameDraft } from './frameInterner';
import type { Float64List, Int32List } from './numberList';
import type { StackBuilder } from './stackBuilder';

interface StacksHead {
  readonly name: string;
  /** `samples` for what has no unit: whether its weights are counts shows once all are read. */
  readonly unit: ValueUnit;
  /** What a weight is multiplied by. */
  readonly factor: number;
}

/** The stacks of one profile of speedscope, or of several that are its threads. */
export class SpeedscopeStacks {
  /** By index in the file: the builder's frame + 1. */
  private readonly ids: Int32Array;
  private thread = 0;
  private startValue = 0;
  private endValue = 0;
  private idle = 0;
  private total = 0;
  private allWhole = true;
  private hasEvents = false;
  private misplaced = 0;

  constructor(
    private readonly builder: StackBuilder,
    private readonly frames: readonly FrameDraft[],
    private readonly head: StacksHead,
  ) {
    this.ids = new Int32Array(frames.length);
  }

  begin(threadName: string, startValue: number, endValue: number): void {
    this.thread = this.builder.thread(threadName);
    this.startValue = startValue;
    this.endValue = endValue;
  }

  addEvents(events: Int32List, times: Float64List): void {
    const { builder } = this;
    this.hasEvents = true;
    const base = Number.isFinite(this.startValue) ? this.startValue : (times.values[0] ?? 0);
    const open: number[] = [];
    let node = 0;
    /** Frames that are open beyond the tree's depth. */
    const nodes: number[] = [0];
    let last = base;
    for (let i = 0; i < events.size; i++) {
      const now = Math.max(last, times.values[i]!);
      if (now > last) this.spend(node, (last - base) * this.head.factor, (now - last) * this.head.factor, 1);
      last = now;
      const event = events.values[i]!;
      if (event >= 0) {
        open.push(event);
        node = builder.child(node, this.id(event));
        nodes.push(node);
        continue;
      }
      const frame = -1 - event;
      if (open.at(-1) !== frame) this.misplaced++;
      const at = lastOpen(open, frame);
      if (at < 0) continue;
      open.length = at;
      nodes.length = at + 1;
      node = nodes[at]!;
    }
    if (this.endValue > last) {
      this.spend(
        node,
        (last - base) * this.head.factor,
        (Math.min(this.endValue, Number.MAX_VALUE) - last) * this.head.factor,
        1,
      );
    }
  }

  addSamples(frames: Int32List, ends: Int32List, weights: Float64List): void {
    const { builder } = this;
    let from = 0;
    let time = 0;
    for (let i = 0; i < ends.size; i++) {
      const to = ends.values[i]!;
      let node = 0;
      for (let at = from; at < to && !builder.isTruncated(node); at++) {
        node = builder.child(node, this.id(frames.values[at]!));
      }
      from = to;
      const weight = weights.values[i]!;
      const value = weight * this.head.factor;
      this.spend(node, time, value, this.samplesOf(weight));
      if (value > 0 && value < Infinity) time += value;
    }
  }

  finish(): StackProfile {
    const warnings: string[] = [];
    if (this.misplaced > 0) {
      const count = this.misplaced.toLocaleString('en');
      warnings.push(`${count} events close a function that is not on top: others above it were closed too.`);
    }
    const isCount = this.head.unit === 'samples' && this.allWhole && this.total < 2 ** 31;
    return this.builder.build({
      ...{ name: this.head.name, format: 'speedscope', warnings, idle: this.idle },
      unit: this.head.unit === 'samples' && !isCount ? 'count' : this.head.unit,
      hasSamples: !this.hasEvents && (this.head.unit !== 'samples' || isCount),
    });
  }

  /** Of weights without a unit, each counts samples; of others a sample is one. */
  private samplesOf(weight: number): number {
    if (this.head.unit !== 'samples') return 1;
    if (!Number.isInteger(weight)) this.allWhole = false;
    if (weight > 0) this.total += weight;
    return weight > 0 && weight < 2 ** 31 ? weight : 0;
  }

  private spend(node: number, start: number, value: number, samples: number): void {
    const { builder, thread } = this;
    if (this.head.unit === 'micros' && value >= 0) {
      builder.segment(thread, start, node === 0 ? -1 : node);
      if (Number.isFinite(start + value)) builder.endThread(thread, start + value);
    }
    if (node !== 0) builder.add(node, value, samples, 0, thread);
    else if (value > 0 && value < 1e18) this.idle += value;
  }

  private id(frame: number): number {
    const known = this.ids[frame]! - 1;
    if (known >= 0) return known;
    const id = this.builder.frames.id(this.frames[frame]!);
    this.ids[frame] = id + 1;
    return id;
  }
}

/** Functions that one event may close that does not fit: else it is passed over. */
const MAX_UNWOUND = 1000;

function lastOpen(open: readonly number[], frame: number): number {
  const lowest = Math.max(0, open.length - MAX_UNWOUND);
  for (let at = open.length - 1; at >= lowest; at--) if (open[at] === frame) return at;
  return -1;
}
