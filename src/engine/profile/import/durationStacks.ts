import { FRAME_KINDS, type StackProfile, type StackThread } from '../../model/stackProfile';
import type { DurationEvents } from './durationEvents';
import { ChildTable } from './mergeTree';
import { Float64List, Int32List } from './numberList';

/** The stacks of events that lie within others of their thread; what lasts beyond its parent ends with it. */
export function durationStacks(
  events: DurationEvents,
  threadName: (pid: number, tid: number) => string,
): StackProfile {
  const stacks = new EventStacks(events);
  const order = orderedByThread(events);
  const origin = events.start.values.subarray(0, events.size).reduce((a, b) => Math.min(a, b), Infinity);
  const threads: StackThread[] = [];
  for (let at = 0; at < order.length;) {
    const thread = events.thread.values[order[at]!]!;
    let to = at;
    while (to < order.length && events.thread.values[order[to]!] === thread) to++;
    const told = stacks.add(order.subarray(at, to), origin);
    const { pid, tid } = events.threads[thread]!;
    if (told.to > told.from) threads.push({ name: threadName(pid, tid), pid, ...told });
    at = to;
  }
  const count = events.names.length;
  const none = new Int32Array(count).fill(-1);
  return {
    name: '',
    format: 'chromeTrace',
    unit: 'micros',
    frames: {
      names: events.names,
      kinds: new Uint8Array(count).fill(FRAME_KINDS.indexOf('app')),
      urls: [],
      urlOf: none,
      lines: new Int32Array(count),
      columns: new Int32Array(count),
      packages: [],
      packageOf: none.slice(),
    },
    ...stacks.take(),
    threads: threads.length > 0 ? threads : [EMPTY_THREAD],
    cpuScale: 1,
    warnings: ['The trace holds no CPU profile: shown is how long its events lasted, not what ran.'],
  };
}

const EMPTY_THREAD: StackThread = { name: 'main', from: 0, to: 0, endMicros: 0, samples: 0, total: 0 };

/**
 * Event indexes by thread, within one by time. At the same time, beginnings and ends stay as they were written; of
 * events with a duration, which are written when they end, the longest comes first.
 */
function orderedByThread({ size, thread, start, duration, timed }: DurationEvents): Uint32Array {
  return new Uint32Array(size)
    .map((_, i) => i)
    .sort(
      (a, b) =>
        thread.values[a]! - thread.values[b]! ||
        start.values[a]! - start.values[b]! ||
        timed.values[a]! - timed.values[b]! ||
        (timed.values[a] === 1 ? duration.values[b]! - duration.values[a]! : 0) ||
        a - b,
    );
}

class EventStacks {
  private readonly parent = new Int32List();
  private readonly frame = new Int32List();
  private readonly self = new Float64List();
  private readonly children: ChildTable;
  private readonly segmentNode = new Int32List();
  private readonly segmentStart = new Float64List();
  private idle = 0;

  constructor(private readonly events: DurationEvents) {
    this.children = new ChildTable(events.size + 1);
    this.node(-1, -1);
  }

  /** Takes in the events of a thread, in order of time. */
  add(
    order: Uint32Array,
    origin: number,
  ): Pick<StackThread, 'from' | 'to' | 'endMicros' | 'samples' | 'total'> {
    const { start, duration, event } = this.events;
    const from = this.segmentNode.size;
    const lastEnd = order.reduce((end, i) => {
      const lasts = duration.values[i]!;
      return Math.max(end, start.values[i]! + (Number.isFinite(lasts) ? lasts : 0));
    }, -Infinity);
    const nodes = new Int32List();
    const ends = new Float64List();
    /** 1: ends with an event of its own, or with what it lies in. */
    const open = new Int32List();
    let time = start.values[order[0]!]!;
    let total = 0;
    const goOn = (to: number) => {
      if (to <= time) return;
      const top = nodes.size > 0 ? nodes.values[nodes.size - 1]! : -1;
      this.segment(from, top, time - origin);
      if (top >= 0) {
        this.self.values[top]! += to - time;
        total += to - time;
      } else this.idle += to - time;
      time = to;
    };
    const close = (to: number) => {
      while (nodes.size > 0 && ends.values[nodes.size - 1]! <= to) {
        goOn(ends.values[--ends.size]!);
        nodes.size--;
        open.size--;
      }
    };
    for (const i of order) {
      const at = start.values[i]!;
      close(at);
      goOn(at);
      if (event.values[i]! < 0) {
        // Ends the innermost event that was begun and not ended.
        let begun = open.size - 1;
        while (begun >= 0 && open.values[begun] === 0) begun--;
        if (begun >= 0) nodes.size = ends.size = open.size = begun;
        continue;
      }
      const limit = ends.size > 0 ? ends.values[ends.size - 1]! : Infinity;
      const above = nodes.size > 0 ? nodes.values[nodes.size - 1]! : 0;
      nodes.push(this.child(above, event.values[i]!));
      ends.push(Math.min(limit, at + duration.values[i]!));
      open.push(1 - this.events.timed.values[i]!);
    }
    // What was never ended lasts as long as its thread.
    close(lastEnd);
    goOn(lastEnd);
    return { from, to: this.segmentNode.size, endMicros: lastEnd - origin, samples: 0, total };
  }

  take(): Pick<StackProfile, 'tree' | 'timeline' | 'idle'> {
    const { parent, frame, self } = this;
    return {
      tree: {
        parent: parent.take(),
        frame: frame.take(),
        self: self.take(),
        samples: new Int32Array(parent.size),
      },
      timeline: { node: this.segmentNode.take(), start: this.segmentStart.take() },
      idle: this.idle,
    };
  }

  private segment(from: number, node: number, start: number): void {
    const last = this.segmentNode.size - 1;
    if (last >= from && this.segmentNode.values[last] === node) return;
    this.segmentNode.push(node);
    this.segmentStart.push(start);
  }

  private child(parent: number, frame: number): number {
    const known = this.children.find(parent, frame);
    if (known >= 0) return known;
    const node = this.node(parent, frame);
    this.children.add(parent, frame, node);
    return node;
  }

  private node(parent: number, frame: number): number {
    this.parent.push(parent);
    this.frame.push(frame);
    this.self.push(0);
    return this.parent.size - 1;
  }
}
