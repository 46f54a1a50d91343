import type { CpuProfile } from '../cpuProfile';
import { CallFrameReader, MAX_LINE } from './callFrames';
import { cpuProfileToStacks } from './cpuProfileStacks';
import { KeyTable, OPEN_BRACE } from './jsonBytes';
import type { ScannerOptions } from './byteWindow';
import { END, JsonScanner } from './jsonScanner';
import { indexIds, type IdIndex, NodeTable, orderNodes, type NodeOrder } from './nodeTable';
import { NumberList } from './numberList';
import type { ByteSource, ImportOptions, Imported } from './source';

/** Imports `.cpuprofile`: what Node's inspector, `--cpu-prof` and DevTools write. */
export function importCpuProfile(source: ByteSource, options: ImportOptions): Imported {
  return { profiles: [cpuProfileToStacks(readCpuProfile(source, options), { consume: true })], active: 0 };
}

/**
 * Reads the inspector's `Profiler.Profile`, also with `parent` ids in place of `children`, and also inside of
 * `{"profile":…}` or `{"result":{"profile":…}}`, as tools save it.
 * @throws {ThroughlineError} BAD_PROFILE with a sentence that says what is wrong with `source.name`.
 */
export function readCpuProfile(source: ByteSource, options: ScannerOptions = {}): CpuProfile {
  const scanner = new JsonScanner(source, options);
  if (scanner.peek() === -1) scanner.fail('is empty');
  const reader = new CpuProfileReader(scanner);
  if (scanner.peek() === OPEN_BRACE) reader.readObject(0);
  else scanner.skip();
  scanner.finish();
  return reader.finish();
}

const [NODES, SAMPLES, TIME_DELTAS, START_TIME, END_TIME, PROFILE, RESULT] = [0, 1, 2, 3, 4, 5, 6];
const PROFILE_KEYS = new KeyTable([
  ...['nodes', 'samples', 'timeDeltas', 'startTime', 'endTime', 'profile', 'result'],
]);
const [ID, CALL_FRAME, HIT_COUNT, CHILDREN, POSITION_TICKS, PARENT] = [0, 1, 2, 3, 4, 5];
const NODE_KEYS = new KeyTable(['id', 'callFrame', 'hitCount', 'children', 'positionTicks', 'parent']);
const [LINE, TICKS] = [0, 1];
const TICK_KEYS = new KeyTable(['line', 'ticks']);

/** `{"result":{"profile":{…}}}` */
const DEEPEST_PROFILE = 2;
const MAX_COUNT = 0x7fffffff;

/** Bytes that a node and a sample take while the profile is read, at most, and what all may take together. */
const NODE_BYTES = 100;
const SAMPLE_BYTES = 40;
const MAX_BYTES = 1.8e9;

/** Gathers the columns of a profile from JSON that comes in any order, or from pieces of it. */
export class CpuProfileReader {
  private nodes = new NodeTable();
  private readonly frames: CallFrameReader;
  private samples: NumberList | undefined;
  private deltas: NumberList | undefined;
  private startTime: number | undefined;
  private endTime: number | undefined;
  private any = false;

  constructor(private readonly scanner: JsonScanner) {
    this.frames = new CallFrameReader(scanner);
  }

  /** The members of the object that is next. */
  readObject(depth: number): void {
    const { scanner } = this;
    this.any = true;
    scanner.beginObject();
    for (let key = scanner.nextKey(PROFILE_KEYS); key !== END; key = scanner.nextKey(PROFILE_KEYS)) {
      if (key === NODES) this.readNodes();
      else if (key === SAMPLES) this.samples = this.readNumbers('samples');
      else if (key === TIME_DELTAS) this.deltas = this.readNumbers('timeDeltas');
      else if (key === START_TIME) this.startTime = this.readTime('startTime');
      else if (key === END_TIME) this.endTime = this.readTime('endTime');
      else if (
        (key === PROFILE || key === RESULT) &&
        depth < DEEPEST_PROFILE &&
        scanner.peek() === OPEN_BRACE
      )
        this.readObject(depth + 1);
      else scanner.skip();
    }
  }

  finish(): CpuProfile {
    const { scanner, nodes } = this;
    if (!this.any) scanner.fail('is not a CPU profile');
    if (nodes.size === 0) scanner.fail('has no nodes');
    const fail = (what: string): never => scanner.fail(what);
    const ids = indexIds(nodes.ids);
    if (ids.repeated !== undefined) fail(`has two nodes with the id ${ids.repeated}`);
    const order = orderNodes(this.parents(ids), fail);
    return {
      callFrames: this.frames.callFrames,
      parent: order.parent,
      callFrame: inOrder(nodes.callFrame.take(), order),
      hitCount: inOrder(nodes.hitCount.take(), order),
      ...this.sampled(ids, order),
      ...orderTicks(nodes, order),
    };
  }

  private readNodes(): void {
    const { scanner } = this;
    // As in every reader of JSON, the last of equal keys counts.
    this.nodes = new NodeTable();
    if (!scanner.beginArray()) scanner.failType('has no list at nodes');
    while (scanner.nextItem()) {
      if (!scanner.beginObject()) scanner.failType(`has no object at ${this.where()}`);
      this.readNode();
      if ((this.nodes.size & 0xffff) === 0) this.checkSize();
    }
  }

  private where(): string {
    return `nodes[${this.nodes.size}]`;
  }

  private readNode(): void {
    const { scanner, nodes } = this;
    let id = NaN;
    let callFrame = -1;
    let hitCount = -1;
    let parent: number | undefined;
    let children = 0;
    nodes.ticks.begin();
    for (let key = scanner.nextKey(NODE_KEYS); key !== END; key = scanner.nextKey(NODE_KEYS)) {
      if (key === ID) id = scanner.number();
      else if (key === CALL_FRAME) callFrame = this.frames.read(() => `${this.where()}.callFrame`);
      else if (key === HIT_COUNT) hitCount = this.hits();
      else if (key === CHILDREN) children += this.readChildren();
      else if (key === POSITION_TICKS) this.readTicks();
      else if (key === PARENT) parent = this.readParent();
      else scanner.skip();
    }
    if (!Number.isSafeInteger(id)) scanner.failType(`has no whole number at ${this.where()}.id`);
    if (callFrame < 0) scanner.failType(`has no object at ${this.where()}.callFrame`);
    if (parent !== undefined) {
      nodes.withParent.push(nodes.size);
      nodes.parentIds.push(parent);
    }
    nodes.ids.push(id);
    nodes.childCount.push(children);
    nodes.hitCount.push(hitCount);
    nodes.ticks.finish();
    nodes.callFrame.push(callFrame);
  }

  private hits(): number {
    const hits = this.scanner.number();
    if (!Number.isSafeInteger(hits)) {
      this.scanner.failType(`has no whole number at ${this.where()}.hitCount`);
    }
    return Math.max(-1, Math.min(MAX_COUNT, hits));
  }

  private readParent(): number | undefined {
    const first = this.scanner.peek();
    const parent = this.scanner.number();
    if (Number.isSafeInteger(parent)) return parent;
    if (first !== NULL) this.scanner.failType(`has no whole number at ${this.where()}.parent`);
    return undefined;
  }

  private readChildren(): number {
    const { scanner } = this;
    const { children } = this.nodes;
    if (!scanner.beginArray()) scanner.failType(`has no list at ${this.where()}.children`);
    let count = 0;
    for (; scanner.nextItem(); count++) {
      const id = scanner.number();
      if (!Number.isSafeInteger(id)) {
        scanner.failType(`has no whole number at ${this.where()}.children`);
      }
      children.push(id);
    }
    return count;
  }

  private readTicks(): void {
    const { scanner } = this;
    const { ticks: table } = this.nodes;
    const fail = (what: string) => scanner.failType(`${what} ${this.where()}.positionTicks`);
    if (!scanner.beginArray()) fail('has no list at');
    while (scanner.nextItem()) {
      let line = NaN;
      let ticks = NaN;
      if (!scanner.beginObject()) fail('has no object at');
      for (let key = scanner.nextKey(TICK_KEYS); key !== END; key = scanner.nextKey(TICK_KEYS)) {
        if (key === LINE) line = scanner.number();
        else if (key === TICKS) ticks = scanner.number();
        else scanner.skip();
      }
      if (!Number.isSafeInteger(line) || !Number.isFinite(ticks)) fail('has no whole number at');
      if (ticks < 0) fail('has negative ticks in');
      if (line < 0 || line > MAX_LINE) fail('has a line out of range in');
      if (ticks > 0) table.add(line, ticks);
    }
  }

  private readNumbers(what: string): NumberList {
    const list = new NumberList();
    const guard = { size: 0 };
    const push = (value: number) => {
      if ((++guard.size & 0xfffff) === 0) this.checkSize(guard.size);
      list.push(value);
    };
    if (!this.scanner.numbers({ push })) this.scanner.failType(`has no list at ${what}`);
    return list;
  }

  private checkSize(samples = 0): void {
    if (samples * SAMPLE_BYTES + this.nodes.size * NODE_BYTES > MAX_BYTES) {
      this.scanner.fail('is too large to be shown: it would take more than 2 GB of memory');
    }
  }

  private readTime(what: string): number {
    const time = this.scanner.number();
    if (!Number.isFinite(time)) this.scanner.failType(`has no number at ${what}`);
    return time;
  }

  private parents(ids: IdIndex): Int32Array {
    const { nodes, scanner } = this;
    const parentOf = new Int32Array(nodes.size).fill(-1);
    const set = (child: number, parent: number, where: () => string) => {
      if (child < 0 || parent < 0) scanner.fail(`names a missing node in ${where()}`);
      const known = parentOf[child]!;
      if (known >= 0 && known !== parent) scanner.fail(`has a node with two parents in ${where()}`);
      parentOf[child] = parent;
    };
    let parent = 0;
    let behind = nodes.childCount.values[0]!;
    nodes.children.drain((child, i) => {
      while (i >= behind) behind += nodes.childCount.values[++parent]!;
      set(ids.find(child), parent, () => `nodes[${parent}].children`);
    });
    nodes.parentIds.drain((id, i) => {
      const child = nodes.withParent.values[i]!;
      set(child, ids.find(id), () => `nodes[${child}].parent`);
    });
    return parentOf;
  }

  private sampled(ids: IdIndex, { rank }: NodeOrder) {
    const { scanner, samples: sampleIds, deltas } = this;
    if (sampleIds === undefined && deltas === undefined) return this.unsampled();
    if (sampleIds === undefined) return scanner.failType('has no samples');
    if (deltas === undefined) return scanner.failType('has no timeDeltas');
    const { startTime: startMicros, endTime: endMicros } = this;
    if (startMicros === undefined) return scanner.failType('has no number at startTime');
    if (endMicros === undefined) return scanner.failType('has no number at endTime');
    if (endMicros < startMicros) scanner.fail('ends before it starts');
    if (sampleIds.size !== deltas.size) {
      scanner.fail(`has ${sampleIds.size} samples but ${deltas.size} timeDeltas`);
    }
    const samples = new Int32Array(sampleIds.size);
    sampleIds.drain((id, i) => {
      const node = ids.find(id);
      if (node < 0) scanner.fail(`names a missing node in samples[${i}]`);
      samples[i] = rank === undefined ? node : rank[node]!;
    });
    const times = new Float64Array(samples.length);
    let time = startMicros;
    let ascending = true;
    deltas.drain((delta, i) => {
      if (!Number.isFinite(delta)) scanner.fail(`has no number at timeDeltas[${i}]`);
      if (delta < 0) ascending = false;
      times[i] = time += delta;
    });
    if (!Number.isFinite(time)) scanner.fail('has times beyond any clock');
    // V8 itself writes small negative deltas where a sample overtook another.
    if (!ascending) sortByTime(samples, times);
    return { samples, times, startMicros, endMicros };
  }

  /** What was only counted: `hitCount` is all that is known. */
  private unsampled() {
    const startMicros = this.startTime ?? 0;
    const endMicros = Math.max(startMicros, this.endTime ?? startMicros);
    return { samples: new Int32Array(0), times: new Float64Array(0), startMicros, endMicros };
  }
}

/** First letter of `null`. */
const NULL = 0x6e;

function inOrder(values: Int32Array, { order }: NodeOrder): Int32Array {
  if (order === undefined) return values;
  const sorted = new Int32Array(values.length);
  for (let i = 0; i < sorted.length; i++) sorted[i] = values[order[i]!]!;
  return sorted;
}

function orderTicks({ ticks, size }: NodeTable, { order }: NodeOrder) {
  const { line, lines, values } = ticks;
  const tickNode = new Int32Array(line.size);
  const tickLine = new Int32Array(line.size);
  const tickCount = new Float64Array(line.size);
  const first = new Int32Array(size + 1);
  for (let node = 0; node < size; node++) first[node + 1] = first[node]! + lines.values[node]!;
  let count = 0;
  for (let i = 0; i < size; i++) {
    const node = order === undefined ? i : order[i]!;
    for (let at = first[node]!; at < first[node + 1]!; at++) {
      tickNode[count] = i;
      tickLine[count] = line.values[at]!;
      tickCount[count++] = values[at]!;
    }
  }
  return { tickNode, tickLine, tickCount };
}

/** Sorts in place; equal times keep their order. Samples are nearly in order, so each moves but a little. */
function sortByTime(samples: Int32Array, times: Float64Array): void {
  let moves = 0;
  const limit = samples.length * 32 + 1024;
  for (let i = 1; i < times.length && moves <= limit; i++) {
    const time = times[i]!;
    if (time >= times[i - 1]!) continue;
    const sample = samples[i]!;
    let at = i;
    for (; at > 0 && times[at - 1]! > time; at--, moves++) {
      times[at] = times[at - 1]!;
      samples[at] = samples[at - 1]!;
    }
    times[at] = time;
    samples[at] = sample;
  }
  if (moves > limit) mergeSort(samples, times);
}

function mergeSort(samples: Int32Array, times: Float64Array): void {
  const size = samples.length;
  let [fromTimes, toTimes] = [times, new Float64Array(size)];
  let [fromSamples, toSamples] = [samples, new Int32Array(size)];
  for (let width = 1; width < size; width *= 2) {
    for (let low = 0; low < size; low += 2 * width) {
      const middle = Math.min(low + width, size);
      const high = Math.min(low + 2 * width, size);
      for (let at = low, left = low, right = middle; at < high; at++) {
        const takesLeft = left < middle && (right >= high || fromTimes[left]! <= fromTimes[right]!);
        const next = takesLeft ? left++ : right++;
        toTimes[at] = fromTimes[next]!;
        toSamples[at] = fromSamples[next]!;
      }
    }
    [fromTimes, toTimes] = [toTimes, fromTimes];
    [fromSamples, toSamples] = [toSamples, fromSamples];
  }
  if (fromTimes !== times) {
    times.set(fromTimes);
    samples.set(fromSamples);
  }
}
