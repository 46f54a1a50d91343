import { ThroughlineError } from '../model/errors';

/** The call frame of a profile node as V8 reports it. `line` and `column` are 0-based; -1 where V8 knows none. */
export interface CallFrame {
  readonly functionName: string;
  readonly scriptId: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/**
 * A V8 CPU profile as a struct of arrays. Node 0 is the root and `parent[i] < i`, so one pass upwards or
 * downwards visits children after or before their parents without recursion.
 */
export interface CpuProfile {
  readonly callFrames: readonly CallFrame[];
  readonly parent: Int32Array;
  /** Index in `callFrames` of each node. */
  readonly callFrame: Int32Array;
  /** Samples that the timer took, by node; -1 where the file does not say. */
  readonly hitCount: Int32Array;
  /** Node of each sample, in order of time. */
  readonly samples: Int32Array;
  /** Time of each sample, ascending, in microseconds of the monotonic clock. */
  readonly times: Float64Array;
  readonly startMicros: number;
  readonly endMicros: number;
  /** `positionTicks` of all nodes: `tickNode` ascends; `tickLine` is 1-based; a line occurs once a node. */
  readonly tickNode: Int32Array;
  readonly tickLine: Int32Array;
  readonly tickCount: Float64Array;
}

/**
 * Reads the inspector's `Profiler.Profile` format, also with `parent` ids in place of `children`.
 * @throws {ThroughlineError} BAD_PROFILE with a sentence that says what is wrong with `name`.
 */
export function parseCpuProfile(text: string, name: string): CpuProfile {
  return new Reader(name).read(text);
}

const MAX_LINE = 0x7fffffff;

class Reader {
  constructor(private readonly name: string) {}

  read(text: string): CpuProfile {
    if (text.trim() === '') this.fail('is empty');
    const root = this.record(this.json(text), 'The file');
    const nodes = this.array(root['nodes'], 'nodes').map((node, i) => this.record(node, `nodes[${i}]`));
    if (nodes.length === 0) this.fail('has no nodes');
    const indexOfId = this.ids(nodes);
    const order = this.order(nodes, indexOfId);
    return {
      ...this.frames(nodes, order),
      ...this.samples(root, indexOfId, order.rank),
      ...this.ticks(nodes, order.order),
      hitCount: Int32Array.from(order.order, (i) => {
        const hits = nodes[i]!['hitCount'];
        return hits === undefined ? -1 : this.integer(hits, `nodes[${i}].hitCount`);
      }),
    };
  }

  private json(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      // V8 names the place of the error, but not that it is the end.
      const cutOff = text.trimStart().startsWith('{') && !text.trimEnd().endsWith('}');
      return this.fail(cutOff ? 'is cut off: its JSON ends early' : 'is not JSON', String(error));
    }
  }

  private ids(nodes: readonly JsonObject[]): Map<number, number> {
    const indexOfId = new Map<number, number>();
    nodes.forEach((node, i) => {
      const id = this.integer(node['id'], `nodes[${i}].id`);
      if (indexOfId.has(id)) this.fail(`has two nodes with the id ${id}`);
      indexOfId.set(id, i);
    });
    return indexOfId;
  }

  /** Indexes in `nodes` with every parent before its children, and the rank of each index in that order. */
  private order(nodes: readonly JsonObject[], indexOfId: ReadonlyMap<number, number>): NodeOrder {
    const parentOf = this.parents(nodes, indexOfId);
    const firstChild = new Int32Array(nodes.length).fill(-1);
    const nextSibling = new Int32Array(nodes.length).fill(-1);
    const roots: number[] = [];
    for (let i = nodes.length - 1; i >= 0; i--) {
      const parent = parentOf[i]!;
      if (parent < 0) {
        roots.push(i);
        continue;
      }
      nextSibling[i] = firstChild[parent]!;
      firstChild[parent] = i;
    }
    const root = roots[0];
    if (root === undefined) return this.fail('has no root: its nodes form a cycle');
    if (roots.length > 1) this.fail(`has ${roots.length} roots in place of one`);
    const order = new Int32Array(nodes.length);
    const rank = new Int32Array(nodes.length).fill(-1);
    const stack = [root];
    let count = 0;
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      rank[i] = count;
      order[count++] = i;
      for (let child = firstChild[i]!; child >= 0; child = nextSibling[child]!) stack.push(child);
    }
    if (count !== nodes.length) this.fail('has nodes in a cycle');
    const parent = Int32Array.from(order, (i) => (parentOf[i]! < 0 ? -1 : rank[parentOf[i]!]!));
    return { order, rank, parent };
  }

  private parents(nodes: readonly JsonObject[], indexOfId: ReadonlyMap<number, number>): Int32Array {
    const parentOf = new Int32Array(nodes.length).fill(-1);
    const setParent = (child: unknown, parent: unknown, where: string) => {
      const childIndex = indexOfId.get(this.integer(child, where));
      const parentIndex = indexOfId.get(this.integer(parent, where));
      if (childIndex === undefined || parentIndex === undefined)
        return this.fail(`names a missing node in ${where}`);
      const known = parentOf[childIndex]!;
      if (known >= 0 && known !== parentIndex) this.fail(`has a node with two parents in ${where}`);
      parentOf[childIndex] = parentIndex;
    };
    nodes.forEach((node, i) => {
      if (node['children'] !== undefined) {
        for (const child of this.array(node['children'], `nodes[${i}].children`)) {
          setParent(child, node['id'], `nodes[${i}].children`);
        }
      }
      if (node['parent'] !== undefined && node['parent'] !== null) {
        setParent(node['id'], node['parent'], `nodes[${i}].parent`);
      }
    });
    return parentOf;
  }

  private frames(nodes: readonly JsonObject[], { order, parent }: NodeOrder) {
    const callFrames: CallFrame[] = [];
    const known = new Map<string, number>();
    const callFrame = new Int32Array(nodes.length);
    order.forEach((index, i) => {
      const frame = this.callFrame(nodes[index]!['callFrame'], `nodes[${index}].callFrame`);
      const key = `${frame.scriptId}\n${frame.line}\n${frame.column}\n${frame.functionName}\n${frame.url}`;
      let id = known.get(key);
      if (id === undefined) {
        id = callFrames.push(frame) - 1;
        known.set(key, id);
      }
      callFrame[i] = id;
    });
    return { callFrames, callFrame, parent };
  }

  private callFrame(value: unknown, where: string): CallFrame {
    const frame = this.record(value, where);
    const scriptId = frame['scriptId'];
    if (typeof scriptId !== 'string' && typeof scriptId !== 'number') this.fail(`lacks ${where}.scriptId`);
    return {
      functionName: this.text(frame['functionName'], `${where}.functionName`),
      scriptId: String(scriptId),
      url: this.text(frame['url'], `${where}.url`),
      line: this.place(frame['lineNumber'], `${where}.lineNumber`),
      column: this.place(frame['columnNumber'], `${where}.columnNumber`),
    };
  }

  private samples(root: JsonObject, indexOfId: ReadonlyMap<number, number>, rank: Int32Array) {
    const startMicros = this.number(root['startTime'], 'startTime');
    const endMicros = this.number(root['endTime'], 'endTime');
    if (endMicros < startMicros) this.fail('ends before it starts');
    const ids = this.array(root['samples'], 'samples');
    const deltas = this.array(root['timeDeltas'], 'timeDeltas');
    if (ids.length !== deltas.length) {
      this.fail(`has ${ids.length} samples but ${deltas.length} timeDeltas`);
    }
    const samples = new Int32Array(ids.length);
    const times = new Float64Array(ids.length);
    let time = startMicros;
    let ascending = true;
    for (let i = 0; i < ids.length; i++) {
      const index = indexOfId.get(ids[i] as number);
      if (index === undefined) return this.fail(`names a missing node in samples[${i}]`);
      samples[i] = rank[index]!;
      const delta = this.number(deltas[i], `timeDeltas[${i}]`);
      if (delta < 0) ascending = false;
      times[i] = time += delta;
    }
    if (times.length > 0 && !Number.isFinite(time)) this.fail('has times beyond any clock');
    // V8 itself writes small negative deltas where a sample overtook another.
    return { ...(ascending ? { samples, times } : sortByTime(samples, times)), startMicros, endMicros };
  }

  /** Node 26 repeats a line within a node's ticks: such lines are summed. */
  private ticks(nodes: readonly JsonObject[], order: Int32Array) {
    const tickNode: number[] = [];
    const tickLine: number[] = [];
    const tickCount: number[] = [];
    order.forEach((index, i) => {
      const value = nodes[index]!['positionTicks'];
      if (value === undefined) return;
      const where = `nodes[${index}].positionTicks`;
      const ofLine = new Map<number, number>();
      for (const entry of this.array(value, where)) {
        const tick = this.record(entry, where);
        const line = this.integer(tick['line'], `${where}.line`);
        const ticks = this.number(tick['ticks'], `${where}.ticks`);
        if (ticks < 0) this.fail(`has negative ticks in ${where}`);
        if (line < 0 || line > MAX_LINE) this.fail(`has a line out of range in ${where}`);
        if (ticks > 0) ofLine.set(line, (ofLine.get(line) ?? 0) + ticks);
      }
      for (const [line, ticks] of ofLine) {
        tickNode.push(i);
        tickLine.push(line);
        tickCount.push(ticks);
      }
    });
    return {
      tickNode: Int32Array.from(tickNode),
      tickLine: Int32Array.from(tickLine),
      tickCount: Float64Array.from(tickCount),
    };
  }

  private place(value: unknown, where: string): number {
    if (value === undefined) return -1;
    const place = this.integer(value, where);
    if (place > MAX_LINE) this.fail(`has a place out of range in ${where}`);
    return Math.max(-1, place);
  }

  private record(value: unknown, where: string): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.fail(where === 'The file' ? 'is not a CPU profile' : `has no object at ${where}`);
    }
    return value as JsonObject;
  }

  private array(value: unknown, where: string): readonly unknown[] {
    if (value === undefined) return this.fail(`has no ${where}`);
    return Array.isArray(value) ? value : this.fail(`has no list at ${where}`);
  }

  private number(value: unknown, where: string): number {
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.fail(`has no number at ${where}`);
    return value;
  }

  private integer(value: unknown, where: string): number {
    if (!Number.isSafeInteger(value)) return this.fail(`has no whole number at ${where}`);
    return value as number;
  }

  private text(value: unknown, where: string): string {
    return typeof value === 'string' ? value : this.fail(`has no text at ${where}`);
  }

  private fail(what: string, detail = ''): never {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${this.name} ${what}.`, detail);
  }
}

type JsonObject = Record<string, unknown>;

interface NodeOrder {
  readonly order: Int32Array;
  readonly rank: Int32Array;
  readonly parent: Int32Array;
}

function sortByTime(samples: Int32Array, times: Float64Array) {
  const order = Array.from(times.keys()).sort((a, b) => times[a]! - times[b]!);
  return {
    samples: Int32Array.from(order, (i) => samples[i]!),
    times: Float64Array.from(order, (i) => times[i]!),
  };
}
