import type { CpuProfile } from './cpuProfile';
import { timerSamples } from './timerSamples';

/** A span of the monotonic clock, in microseconds. */
export interface TimeWindow {
  readonly startMicros: number;
  readonly endMicros: number;
}

/** What each node of a profile cost by itself in a window. */
export interface NodeWeights {
  readonly selfMicros: Float64Array;
  readonly selfSamples: Int32Array;
  readonly samples: number;
  readonly sampledMicros: number;
  readonly segments: SampleSegments;
}

/**
 * The same weights in order of time: segment `i` begins at `start[i]` and lasts until `start[i + 1]`, the last until
 * `endMicros`. Times are of the profile's clock.
 */
export interface SampleSegments {
  /** Node of the profile; -1 where the process stood still. */
  readonly node: Int32Array;
  readonly start: Float64Array;
  readonly endMicros: number;
}

/**
 * Weighs the samples of a window. V8's `timeDeltas[i]` is the time before sample i. A sample stands for the time that
 * is nearer to it than to any other: half of the gap before it and half of the gap behind it; the first and the last
 * stand for all the time to the window's ends. Sampled at even intervals that is the same as counting whole gaps on
 * either side. On a crowded machine, where samples come late, it halves the error, because what delays the sampler is
 * often what the app just did. A gap in which nothing ran (the process was stopped, the machine slept) counts as one
 * usual interval.
 */
export function weighSamples(profile: CpuProfile, window?: TimeWindow): NodeWeights {
  return weigh(profile, window, false);
}

/**
 * Weighs all samples, in the arrays of the profile itself: its `samples` and `times` are lost, and the memory of
 * millions of samples is not needed twice.
 */
export function consumeSamples(profile: CpuProfile): NodeWeights {
  return weigh(profile, undefined, true);
}

function weigh(profile: CpuProfile, window: TimeWindow | undefined, inPlace: boolean): NodeWeights {
  const { samples, times, counts } = timerSamples(profile, inPlace);
  const start = Math.max(window?.startMicros ?? -Infinity, profile.startMicros);
  const end = Math.min(window?.endMicros ?? Infinity, Math.max(profile.endMicros, times.at(-1) ?? -Infinity));
  const usual = medianInterval(times);
  const limit = Math.max(LONGEST_INTERVAL_MICROS, usual * LONGEST_INTERVAL_FACTOR);
  const first = firstAtOrAfter(times, start);
  const count = Math.max(0, firstAtOrAfter(times, end) - first);
  const last = first + count - 1;
  let pauses = 0;
  for (let i = first + 1; i <= last; i++) if (times[i]! - times[i - 1]! > limit) pauses++;

  const selfMicros = new Float64Array(profile.parent.length);
  // Of the whole profile they are counted already.
  const selfSamples = count === samples.length ? counts : countSamples(samples, first, last, counts.length);
  const reuses = inPlace && pauses === 0;
  const nodes = reuses ? samples.subarray(0, count) : new Int32Array(count + pauses);
  const starts = reuses ? times.subarray(0, count) : new Float64Array(count + pauses);
  let sampledMicros = 0;
  let size = 0;
  let time = times[first] ?? start;
  let before = time - start > limit ? usual : Math.max(0, time - start);
  for (let i = first; i <= last; i++) {
    const next = i === last ? end : times[i + 1]!;
    const gap = next - time > limit ? usual : Math.max(0, next - time);
    const behind = i === last ? gap : gap / 2;
    const node = samples[i]!;
    selfMicros[node]! += before + behind;
    sampledMicros += before + behind;
    // Where the arrays are the profile's own, this overwrites what was read just now.
    nodes[size] = node;
    starts[size++] = time - before;
    if (i < last && next - time > limit) {
      nodes[size] = -1;
      starts[size++] = time + behind;
    }
    before = behind;
    if (i < last) time = next;
    else time += behind;
  }
  const segments = { node: nodes, start: starts, endMicros: time };
  return { selfMicros, selfSamples, samples: count, sampledMicros, segments };
}

function countSamples(samples: Int32Array, first: number, last: number, nodes: number): Int32Array {
  const counts = new Int32Array(nodes);
  for (let i = first; i <= last; i++) counts[samples[i]!]!++;
  return counts;
}

/** Index of the first time at or after `bound`; the length where there is none. */
function firstAtOrAfter(times: Float64Array, bound: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A crowded machine delays the sampler by some hundred milliseconds; beyond this the process itself stood still. */
const LONGEST_INTERVAL_MICROS = 1_000_000;
const LONGEST_INTERVAL_FACTOR = 50;

/** So few intervals are sorted; more are counted by whole microseconds. */
const FEW = 1 << 16;
const LONGEST_COUNTED_MICROS = LONGEST_INTERVAL_MICROS;

function medianInterval(times: Float64Array): number {
  const count = times.length - 1;
  if (count < 1) return 0;
  if (count <= FEW) {
    const intervals = new Float64Array(count);
    for (let i = 0; i < count; i++) intervals[i] = times[i + 1]! - times[i]!;
    return intervals.sort()[count >> 1]!;
  }
  const counts = new Int32Array(LONGEST_COUNTED_MICROS + 1);
  const bucketOf = (i: number) => Math.min(LONGEST_COUNTED_MICROS, times[i + 1]! - times[i]!) | 0;
  for (let i = 0; i < count; i++) counts[bucketOf(i)]!++;
  let bucket = 0;
  for (let below = counts[0]!; below <= count >> 1; below += counts[++bucket]!);
  let sum = 0;
  for (let i = 0; i < count; i++) if (bucketOf(i) === bucket) sum += times[i + 1]! - times[i]!;
  return sum / counts[bucket]!;
}
