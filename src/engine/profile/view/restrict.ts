import type { StackProfile, StackThread, StackTimeline } from '../../model/stackProfile';
import type { TimeRange } from '../../model/view';
import type { ViewTree } from './viewTree';

export interface Restriction {
  readonly range?: TimeRange | undefined;
  /** Indexes in the profile's threads; absent for all. */
  readonly threads?: readonly number[] | undefined;
}

/** What the timeline says of each node of the tree. */
export interface TimelineSums {
  /** Microseconds on top of the stack. */
  readonly micros: Float64Array;
  /** Segments that begin with it on top, each shared among the nodes that it is spread to. */
  readonly segments: Float64Array;
}

/**
 * The tree with what ran within the restriction alone; without a timeline the tree as it is. A node keeps the part of
 * its value, in whatever unit, that the time of its segments in the range has of the time of all of them, so that the
 * whole range gives the whole tree. A segment astride the edge counts by its overlap, samples by where they begin.
 * @param whole `sumTimeline` without a restriction.
 */
export function restrictTree(
  profile: Pick<StackProfile, 'timeline' | 'threads'>,
  tree: ViewTree,
  whole: TimelineSums,
  restriction: Restriction,
): ViewTree {
  if (!profile.timeline) return tree;
  const part = sumTimeline(profile.timeline, profile.threads, tree.parent.length, restriction);
  const self = new Float64Array(tree.self.length);
  const samples = new Int32Array(tree.samples.length);
  for (let node = 0; node < self.length; node++) {
    const samplesShare = whole.segments[node]! > 0 ? part.segments[node]! / whole.segments[node]! : 0;
    const share = whole.micros[node]! > 0 ? part.micros[node]! / whole.micros[node]! : samplesShare;
    self[node] = tree.self[node]! * share;
    samples[node] = Math.round(tree.samples[node]! * samplesShare);
  }
  return { ...tree, self, samples };
}

export function sumTimeline(
  timeline: StackTimeline,
  threads: readonly StackThread[],
  nodeCount: number,
  restriction: Restriction = {},
): TimelineSums {
  const { start, node } = timeline;
  const startMicros = restriction.range?.startMicros ?? -Infinity;
  const endMicros = restriction.range?.endMicros ?? Infinity;
  // Summed over what was sampled first: a node's spread is the same for each of its segments.
  const sampledCount = timeline.spread ? timeline.spread.first.length - 1 : nodeCount;
  const micros = new Float64Array(sampledCount);
  const segments = new Float64Array(sampledCount);
  for (const thread of chosenThreads(threads, restriction.threads)) {
    const { first, end } = segmentsWithin(start, thread, startMicros, endMicros);
    for (let segment = first; segment < end; segment++) {
      const sampled = node[segment]!;
      if (sampled < 0) continue;
      const begin = start[segment]!;
      const stop = segment + 1 < thread.to ? start[segment + 1]! : thread.endMicros;
      micros[sampled]! += Math.max(0, Math.min(stop, endMicros) - Math.max(begin, startMicros));
      if (begin >= startMicros && begin < endMicros) segments[sampled]!++;
    }
  }
  if (!timeline.spread) return { micros, segments };
  return {
    micros: spreadOut(timeline.spread, micros, nodeCount),
    segments: spreadOut(timeline.spread, segments, nodeCount),
  };
}

export function chosenThreads(
  threads: readonly StackThread[],
  chosen: readonly number[] | undefined,
): readonly StackThread[] {
  return chosen ? threads.filter((_, index) => chosen.includes(index)) : threads;
}

/** The thread's segments that overlap the time: `first` inclusive, `end` exclusive. */
export function segmentsWithin(
  start: Float64Array,
  thread: Pick<StackThread, 'from' | 'to' | 'endMicros'>,
  startMicros: number,
  endMicros: number,
): { readonly first: number; readonly end: number } {
  const { from, to } = thread;
  if (from >= to || thread.endMicros < startMicros) return { first: from, end: from };
  // The one that runs at the beginning of the time is the last that begins before it.
  const first = Math.max(from, firstAfter(start, from, to, startMicros) - 1);
  const end = firstAtOrAfter(start, first, to, endMicros);
  return { first, end };
}

/** First index from `low` to `high` whose value is greater. */
export function firstAfter(values: Float64Array, low: number, high: number, value: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function firstAtOrAfter(values: Float64Array, low: number, high: number, value: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}

function spreadOut(
  { first, node, part }: NonNullable<StackTimeline['spread']>,
  sampled: Float64Array,
  nodeCount: number,
): Float64Array {
  const result = new Float64Array(nodeCount);
  for (let from = 0; from < sampled.length; from++) {
    const value = sampled[from]!;
    if (value === 0) continue;
    for (let at = first[from]!; at < first[from + 1]!; at++) result[node[at]!]! += value * part[at]!;
  }
  return result;
}
