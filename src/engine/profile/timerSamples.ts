import type { CpuProfile } from './cpuProfile';

/**
 * Leaves out the samples that V8 took at deoptimisations and at the profile's start: they follow no timer, are in no
 * `hitCount` and have no ticks, and code that deoptimises often would weigh too much. The format does not mark them,
 * so a node's surplus of samples over its `hitCount` is taken from those that stand closest between their neighbours.
 * `inPlace` moves the others together within the profile's own arrays.
 */
export function timerSamples(profile: CpuProfile, inPlace = false): Samples {
  const { samples, times, hitCount } = profile;
  const counts = new Int32Array(hitCount.length);
  for (let i = 0; i < samples.length; i++) counts[samples[i]!]!++;
  const surplus = new Int32Array(hitCount.length);
  let dropped = 0;
  for (let node = 0; node < surplus.length; node++) {
    if (hitCount[node]! >= 0) surplus[node] = Math.max(0, counts[node]! - hitCount[node]!);
    dropped += surplus[node]!;
  }
  if (dropped === 0) return { samples, times, counts };

  const isDropped = closestSamples(profile, counts, surplus);
  const kept = samples.length - dropped;
  const into = inPlace ? samples : new Int32Array(kept);
  const timesInto = inPlace ? times : new Float64Array(kept);
  let size = 0;
  for (let i = 0; i < samples.length; i++) {
    if (isDropped[i] === 1) continue;
    into[size] = samples[i]!;
    timesInto[size++] = times[i]!;
  }
  for (let node = 0; node < counts.length; node++) counts[node]! -= surplus[node]!;
  return { samples: into.subarray(0, kept), times: timesInto.subarray(0, kept), counts };
}

interface Samples {
  readonly samples: Int32Array;
  readonly times: Float64Array;
  /** Samples of each node. */
  readonly counts: Int32Array;
}

/** Marks `surplus[node]` samples of each node: those with the least room, of equal ones the earlier. */
function closestSamples(profile: CpuProfile, counts: Int32Array, surplus: Int32Array): Uint8Array {
  const { samples, times, startMicros, endMicros } = profile;
  const room = (i: number) => (times[i + 1] ?? endMicros) - (times[i - 1] ?? startMicros);
  // The samples of all nodes with a surplus, by node.
  const first = new Int32Array(counts.length + 1);
  for (let node = 0; node < counts.length; node++) {
    first[node + 1] = first[node]! + (surplus[node]! > 0 ? counts[node]! : 0);
  }
  const ofNode = new Int32Array(first.at(-1)!);
  const at = first.slice();
  for (let i = 0; i < samples.length; i++) {
    if (surplus[samples[i]!]! > 0) ofNode[at[samples[i]!]!++] = i;
  }
  const marked = new Uint8Array(samples.length);
  for (let node = 0; node < counts.length; node++) {
    if (surplus[node] === 0) continue;
    const rooms = new Float64Array(first[node + 1]! - first[node]!);
    for (let i = 0; i < rooms.length; i++) rooms[i] = room(ofNode[first[node]! + i]!);
    const most = rooms.slice().sort()[surplus[node]! - 1]!;
    let equal = surplus[node]!;
    for (const value of rooms) if (value < most) equal--;
    for (let i = 0; i < rooms.length; i++) {
      if (rooms[i]! < most || (rooms[i] === most && equal-- > 0)) marked[ofNode[first[node]! + i]!] = 1;
    }
  }
  return marked;
}
