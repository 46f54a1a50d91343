import type { CallFrame, CpuProfile } from '../cpuProfile';
import type { NodeWeights } from '../weights';

/** The trees of several threads as one, whose root is that of all. Nodes of each stay in order. */
export interface JoinedTrees {
  readonly callFrames: readonly CallFrame[];
  readonly parent: Int32Array;
  readonly callFrame: Int32Array;
  readonly selfMicros: Float64Array;
  readonly selfSamples: Int32Array;
  readonly tickNode: Int32Array;
  readonly tickLine: Int32Array;
  readonly tickCount: Float64Array;
  /** Of each profile: what its nodes but the root are numbered from. */
  readonly offsets: readonly number[];
}

/** @param profiles at least one. */
export function joinTrees(profiles: readonly CpuProfile[], weights: readonly NodeWeights[]): JoinedTrees {
  const [only] = profiles;
  if (only !== undefined && profiles.length === 1) return { ...only, ...weights[0]!, offsets: [0] };
  const offsets: number[] = [];
  let size = 1;
  let ticks = 0;
  for (const { parent, tickNode } of profiles) {
    offsets.push(size - 1);
    size += parent.length - 1;
    ticks += tickNode.length;
  }
  const callFrames: CallFrame[] = [];
  const frameOffsets = new Map<readonly CallFrame[], number>();
  const joined = {
    callFrames,
    parent: new Int32Array(size).fill(-1),
    callFrame: new Int32Array(size),
    selfMicros: new Float64Array(size),
    selfSamples: new Int32Array(size),
    tickNode: new Int32Array(ticks),
    tickLine: new Int32Array(ticks),
    tickCount: new Float64Array(ticks),
    offsets,
  };
  let tick = 0;
  profiles.forEach((profile, thread) => {
    const { selfMicros, selfSamples } = weights[thread]!;
    const offset = offsets[thread]!;
    // Threads of one trace share their list of frames.
    let frames = frameOffsets.get(profile.callFrames);
    if (frames === undefined) {
      frames = callFrames.length;
      frameOffsets.set(profile.callFrames, frames);
      for (const frame of profile.callFrames) callFrames.push(frame);
    }
    for (let node = 0; node < profile.parent.length; node++) {
      const at = node === 0 ? 0 : node + offset;
      const parent = profile.parent[node]!;
      if (node > 0) joined.parent[at] = parent === 0 ? 0 : parent + offset;
      joined.callFrame[at] = profile.callFrame[node]! + frames;
      joined.selfMicros[at]! += selfMicros[node]!;
      joined.selfSamples[at]! += selfSamples[node]!;
    }
    for (let i = 0; i < profile.tickNode.length; i++) {
      joined.tickNode[tick] = profile.tickNode[i]! === 0 ? 0 : profile.tickNode[i]! + offset;
      joined.tickLine[tick] = profile.tickLine[i]!;
      joined.tickCount[tick++] = profile.tickCount[i]!;
    }
  });
  return joined;
}
