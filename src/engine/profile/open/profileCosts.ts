import type { Profile, SourceFile } from '../../model/profile';
import type { StackProfile } from '../../model/stackProfile';
import type { CostBasis } from '../../model/units';
import type { CostTree, LineTable } from '../aggregate';
import { aggregateFunctions, aggregateLines } from '../aggregate';
import type { SessionCosts } from '../sessionMessages';
import { framesOf } from './frameTables';

/** Where the own values of a profile's `lines` fall in the sources. */
export interface PlacedLines {
  readonly lines: LineTable['lines'];
  /** By index in `StackProfile.lines`: index in `lines`, -1 where the line is not known. */
  readonly ofTick: Int32Array;
  /** By node: the line of the call that leads to it, as above; absent where the capture knows none. */
  readonly ofCall?: Int32Array;
  readonly files: readonly SourceFile[];
}

/** Functions and lines of the sources, in the profile's own unit. */
export function profileCosts(profile: StackProfile, placed: PlacedLines): SessionCosts {
  const { tree, lines } = preorder(profile, placed);
  const frames = framesOf(profile.frames);
  const sumWhere = (name: string) =>
    tree.selfMicros.reduce((sum, value, node) => {
      const frame = frames[tree.fn[node]!];
      return frame?.kind === 'v8' && frame.functionName === name ? sum + value : sum;
    }, 0);
  const active = tree.selfMicros.reduce((sum, value) => sum + value, 0);
  const samples = profile.threads.reduce((sum, thread) => sum + thread.samples, 0);
  const result: Profile = {
    frames,
    functions: aggregateFunctions(tree, frames.length),
    lines: aggregateLines(tree, lines),
    files: placed.files,
    totals: {
      sampledMicros: Math.round(active + profile.idle),
      activeMicros: Math.round(active),
      gcMicros: Math.round(sumWhere('(garbage collector)')),
      programMicros: Math.round(sumWhere('(program)')),
      samples,
      activeSamples: tree.selfSamples.reduce((sum, count) => sum + count, 0),
      uncertainMicros: 0,
    },
    mapping: profile.mapping ?? { framesMapped: 0, framesWithMap: 0, failures: [] },
    threads: profile.threads.map((thread) => ({
      pid: thread.pid ?? 0,
      name: thread.name,
      samples: thread.samples,
      sampledMicros: Math.round(thread.total),
      activeMicros: Math.round(thread.total),
    })),
  };
  return { profile: result, basis: basisOf(profile, active) };
}

/** @param active the sum of all values. */
export function basisOf(profile: StackProfile, active: number): CostBasis {
  return {
    activeMicros: active,
    cpuScale: profile.cpuScale,
    requests: profile.requests ?? 0,
    ...(profile.unit !== 'micros' && { unit: profile.unit }),
    ...(profile.unitName !== undefined && { unitName: profile.unitName }),
    ...(profile.tree.samples.every((count) => count === 0) && { sampled: false }),
  };
}

/** The tree with its lines in depth-first order, as sums by function and line need it. */
function preorder({ tree, lines }: StackProfile, placed: PlacedLines): { tree: CostTree; lines: LineTable } {
  const rank = ranks(tree.parent);
  const size = rank.length;
  const parent = new Int32Array(size);
  const fn = new Int32Array(size);
  const selfMicros = new Float64Array(size);
  const selfSamples = new Int32Array(size);
  const ofCall = new Int32Array(size).fill(-1);
  for (let node = 0; node < size; node++) {
    const at = rank[node]!;
    parent[at] = node === 0 ? -1 : rank[tree.parent[node]!]!;
    fn[at] = tree.frame[node]!;
    selfMicros[at] = tree.self[node]!;
    selfSamples[at] = tree.samples[node]!;
    ofCall[at] = placed.ofCall?.[node] ?? -1;
  }
  const ticks = lines?.node.length ?? 0;
  const order = Uint32Array.from({ length: ticks }, (_, tick) => tick).sort(
    (a, b) => rank[lines!.node[a]!]! - rank[lines!.node[b]!]!,
  );
  return {
    tree: {
      parent,
      fn,
      selfMicros,
      selfSamples,
      tickNode: Int32Array.from(order, (tick) => rank[lines!.node[tick]!]!),
      tickLine: Int32Array.from(order, (tick) => lines!.line[tick]!),
      tickMicros: Float64Array.from(order, (tick) => lines!.value[tick]!),
      tickSamples: Float64Array.from(order, (tick) => lines!.samples[tick]!),
    },
    lines: {
      lines: placed.lines,
      ofTick: Int32Array.from(order, (tick) => placed.ofTick[tick]!),
      ofCall,
    },
  };
}

/** Position of each node in depth-first preorder. */
function ranks(parent: Int32Array): Int32Array {
  const size = parent.length;
  // Sizes of subtrees, then the place of each child behind its elder siblings' subtrees.
  const subtree = new Int32Array(size).fill(1);
  for (let node = size - 1; node > 0; node--) subtree[parent[node]!]! += subtree[node]!;
  const rank = new Int32Array(size);
  const next = new Int32Array(size);
  next[0] = 1;
  for (let node = 1; node < size; node++) {
    const above = parent[node]!;
    rank[node] = next[above]!;
    next[above] = rank[node]! + subtree[node]!;
    next[node] = rank[node]! + 1;
  }
  return rank;
}
