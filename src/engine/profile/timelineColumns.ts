import * as z from 'zod/mini';
import type { StackThread, StackTimeline } from '../model/stackProfile';

/** A timeline as JSON: `micros` holds how long each segment lasted, which takes fewer digits than its start. */
export function timelineColumns(timeline: StackTimeline, threads: readonly StackThread[]): TimelineColumns {
  const { node, start } = timeline;
  const micros: number[] = [];
  const startMicros = threads.map((thread) => {
    if (thread.to <= thread.from) return 0;
    for (let i = thread.from; i < thread.to; i++) {
      const end = i + 1 < thread.to ? start[i + 1]! : thread.endMicros;
      micros.push(toHalf(end) - toHalf(start[i]!));
    }
    return toHalf(start[thread.from]!);
  });
  return {
    node: Array.from(node),
    micros,
    startMicros,
    ...(timeline.spread && { spread: spreadColumns(timeline.spread) }),
  };
}

/** Returns what is wrong with the columns where they are none of a tree with so many nodes. */
export function readTimeline(
  { node, micros, startMicros, spread }: TimelineColumns,
  threads: readonly StackThread[],
  nodes: number,
): StackTimeline | string {
  if (micros.length !== node.length || startMicros.length !== threads.length)
    return 'has a timeline of columns of different lengths';
  if (!node.every((value) => isIndex(value, -1, nodes)))
    return 'has a timeline of nodes that it does not hold';
  if (!micros.every((value) => typeof value === 'number' && value >= 0))
    return 'has a timeline whose times do not ascend';
  const start = new Float64Array(node.length);
  let at = 0;
  for (const [i, { from, to }] of threads.entries()) {
    if (from !== at || to < from || to > node.length) return 'has threads that do not share its timeline';
    let time = startMicros[i]!;
    for (; at < to; at++) {
      start[at] = time;
      time += micros[at]!;
    }
  }
  if (at !== node.length) return 'has threads that do not share its timeline';
  const parts = readSpread(spread ?? { of: [], node: [], part: [] }, nodes);
  if (typeof parts === 'string') return parts;
  return { node: Int32Array.from(node), start, spread: parts };
}

interface TimelineColumns {
  readonly node: readonly number[];
  readonly micros: readonly number[];
  /** By thread: where its first segment begins. */
  readonly startMicros: readonly number[];
  readonly spread?: SpreadColumns | undefined;
}

/** Nodes that are not listed keep all of their own time. */
interface SpreadColumns {
  /** Sampled nodes, ascending; one that shares its time with others occurs once for each of them. */
  readonly of: readonly number[];
  readonly node: readonly number[];
  readonly part: readonly number[];
}

type Spread = NonNullable<StackTimeline['spread']>;

function spreadColumns({ first, node, part }: Spread): SpreadColumns {
  const columns = { of: [] as number[], node: [] as number[], part: [] as number[] };
  for (let sampled = 0; sampled + 1 < first.length; sampled++) {
    const from = first[sampled]!;
    const to = first[sampled + 1]!;
    if (to === from + 1 && node[from] === sampled) continue;
    for (let at = from; at < to; at++) {
      columns.of.push(sampled);
      columns.node.push(node[at]!);
      columns.part.push(Number(part[at]!.toPrecision(9)));
    }
  }
  return columns;
}

function readSpread({ of, node, part }: SpreadColumns, nodes: number): Spread | string {
  if (node.length !== of.length || part.length !== of.length)
    return 'has a spread of columns of different lengths';
  const wrong = of.some(
    (sampled, i) =>
      !isIndex(sampled, i === 0 ? 0 : of[i - 1]!, nodes) ||
      !isIndex(node[i], 0, nodes) ||
      !(part[i]! >= 0 && part[i]! <= 1),
  );
  if (wrong) return 'has a spread of nodes that it does not hold';
  const first = new Int32Array(nodes + 1);
  const nodeOf: number[] = [];
  const partOf: number[] = [];
  for (let sampled = 0, at = 0; sampled < nodes; sampled++) {
    first[sampled] = nodeOf.length;
    if (of[at] !== sampled) {
      nodeOf.push(sampled);
      partOf.push(1);
    }
    for (; of[at] === sampled; at++) {
      nodeOf.push(node[at]!);
      partOf.push(part[at]!);
    }
  }
  first[nodes] = nodeOf.length;
  return { first, node: Int32Array.from(nodeOf), part: Float32Array.from(partOf) };
}

/** Times of V8 are whole microseconds, and the middle between two of them is a half. */
function toHalf(micros: number): number {
  return Math.round(micros * 2) / 2;
}

function isIndex(value: unknown, from: number, to: number): boolean {
  return Number.isInteger(value) && (value as number) >= from && (value as number) < to;
}

/** Of millions of entries: their types are checked by `readTimeline`, at a fraction of the cost. */
const columns = z.custom<readonly number[]>((value) => Array.isArray(value));

export const TIMELINE = z.object({
  node: columns,
  micros: columns,
  startMicros: z.array(z.number()),
  spread: z.optional(z.object({ of: columns, node: columns, part: columns })),
});
