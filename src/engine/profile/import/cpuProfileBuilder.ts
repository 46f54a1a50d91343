import type { CallFrame, CpuProfile } from '../cpuProfile';
import { MAX_LINE } from './callFrames';
import { mergedLines } from './mergeTree';
import { indexIds, type IdIndex, NodeTable, orderNodes, type NodeOrder } from './nodeTable';
import type { NumberList } from './numberList';
import { sortByTime } from './sortByTime';

/** Columns of a V8 profile as they were read, and what makes a profile of them. */
export class CpuProfileBuilder {
  nodes = new NodeTable();
  /** Ids of nodes. */
  samples: NumberList | undefined;
  deltas: NumberList | undefined;
  /** Line of each sample, 1-based, in place of the nodes' ticks; 0 where V8 knows none. */
  lines: NumberList | undefined;
  startTime: number | undefined;
  endTime: number | undefined;

  /** Lets go of what was gathered. `errors.failType` throws, with a sentence that goes on from the profile's name. */
  finish(callFrames: readonly CallFrame[], errors: { failType(what: string): never }): CpuProfile {
    const { nodes } = this;
    const fail: Fail = (what) => errors.failType(what);
    if (nodes.size === 0) fail('has no nodes');
    const ids = indexIds(nodes.ids);
    if (ids.repeated !== undefined) fail(`has two nodes with the id ${ids.repeated}`);
    const order = orderNodes(this.parents(ids, fail), fail);
    return {
      callFrames,
      parent: order.parent,
      callFrame: inOrder(nodes.callFrame.take(), order),
      hitCount: inOrder(nodes.hitCount.take(), order),
      ...orderTicks(nodes, order),
      ...this.sampled(ids, order, fail),
    };
  }

  private parents(ids: IdIndex, fail: Fail): Int32Array {
    const { nodes } = this;
    const parentOf = new Int32Array(nodes.size).fill(-1);
    const set = (child: number, parent: number, where: () => string) => {
      if (child < 0 || parent < 0) fail(`names a missing node in ${where()}`);
      const known = parentOf[child]!;
      if (known >= 0 && known !== parent) fail(`has a node with two parents in ${where()}`);
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

  private sampled(ids: IdIndex, { rank }: NodeOrder, fail: Fail) {
    const { samples: sampleIds, deltas } = this;
    if (sampleIds === undefined && deltas === undefined) return this.unsampled();
    if (sampleIds === undefined) return fail('has no samples');
    if (deltas === undefined) return fail('has no timeDeltas');
    const { startTime: startMicros, endTime: endMicros } = this;
    if (startMicros === undefined) return fail('has no number at startTime');
    if (endMicros === undefined) return fail('has no number at endTime');
    if (endMicros < startMicros) fail('ends before it starts');
    if (sampleIds.size !== deltas.size) {
      fail(`has ${sampleIds.size} samples but ${deltas.size} timeDeltas`);
    }
    const samples = new Int32Array(sampleIds.size);
    sampleIds.drain((id, i) => {
      const node = ids.find(id);
      if (node < 0) fail(`names a missing node in samples[${i}]`);
      samples[i] = rank === undefined ? node : rank[node]!;
    });
    const ticks = this.lines && ticksOfLines(samples, this.lines, this.nodes.size);
    const times = new Float64Array(samples.length);
    let time = startMicros;
    let ascending = true;
    deltas.drain((delta, i) => {
      if (!Number.isFinite(delta)) fail(`has no number at timeDeltas[${i}]`);
      if (delta < 0) ascending = false;
      times[i] = time += delta;
    });
    if (!Number.isFinite(time)) fail('has times beyond any clock');
    // V8 itself writes small negative deltas where a sample overtook another.
    if (!ascending) sortByTime(samples, times);
    return { samples, times, startMicros, endMicros, ...ticks };
  }

  /** What was only counted: `hitCount` is all that is known. */
  private unsampled() {
    const startMicros = this.startTime ?? 0;
    const endMicros = Math.max(startMicros, this.endTime ?? startMicros);
    return { samples: new Int32Array(0), times: new Float64Array(0), startMicros, endMicros };
  }
}

type Fail = (what: string) => never;

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

function ticksOfLines(samples: Int32Array, lines: NumberList, nodes: number) {
  const line = new Int32Array(lines.size);
  lines.drain((value, i) => {
    line[i] = value > 0 && value <= MAX_LINE ? value : 0;
  });
  const ones = new Float64Array(line.length).fill(1);
  const merged = mergedLines({ node: samples, line, value: ones, samples: ones }, nodes);
  const known = (_: unknown, i: number) => merged.line[i]! > 0;
  return {
    tickNode: merged.node.filter(known),
    tickLine: merged.line.filter(known),
    tickCount: merged.value.filter(known),
  };
}
