import type { CpuProfile } from './cpuProfile';

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
  const { samples, times } = timerSamples(profile);
  const start = Math.max(window?.startMicros ?? -Infinity, profile.startMicros);
  const end = Math.min(window?.endMicros ?? Infinity, Math.max(profile.endMicros, times.at(-1) ?? -Infinity));
  const selfMicros = new Float64Array(profile.parent.length);
  const selfSamples = new Int32Array(profile.parent.length);
  const usual = medianInterval(times);
  const limit = Math.max(LONGEST_INTERVAL_MICROS, usual * LONGEST_INTERVAL_FACTOR);
  const first = firstAtOrAfter(times, start);
  const last = firstAtOrAfter(times, end) - 1;
  const gap = (from: number, to: number) => (to - from > limit ? usual : Math.max(0, to - from));
  let sampledMicros = 0;
  const segments = new SegmentList(last - first + 1);
  for (let i = first; i <= last; i++) {
    const time = times[i]!;
    const before = i === first ? gap(start, time) : gap(times[i - 1]!, time) / 2;
    const behind = i === last ? gap(time, end) : gap(time, times[i + 1]!) / 2;
    selfMicros[samples[i]!]! += before + behind;
    selfSamples[samples[i]!]!++;
    sampledMicros += before + behind;
    segments.add(samples[i]!, time - before, time + behind);
  }
  return {
    selfMicros,
    selfSamples,
    samples: Math.max(0, last - first + 1),
    sampledMicros,
    segments: segments.list(),
  };
}

/** Appends spans of time and fills what lies between them with -1. */
class SegmentList {
  private readonly node: Int32Array;
  private readonly start: Float64Array;
  private size = 0;
  private endMicros = 0;

  constructor(spans: number) {
    this.node = new Int32Array(2 * Math.max(0, spans));
    this.start = new Float64Array(this.node.length);
  }

  add(node: number, from: number, to: number): void {
    if (this.size > 0 && from > this.endMicros) this.put(-1, this.endMicros);
    this.put(node, from);
    this.endMicros = to;
  }

  list(): SampleSegments {
    const { node, start, size, endMicros } = this;
    return { node: node.slice(0, size), start: start.slice(0, size), endMicros };
  }

  private put(node: number, start: number): void {
    this.node[this.size] = node;
    this.start[this.size++] = start;
  }
}

/**
 * Leaves out the samples that V8 took at deoptimisations and at the profile's start: they follow no timer, are in no
 * `hitCount` and have no ticks, and code that deoptimises often would weigh too much. The format does not mark them,
 * so a node's surplus of samples over its `hitCount` is taken from those that stand closest between their neighbours.
 */
function timerSamples(profile: CpuProfile): { readonly samples: Int32Array; readonly times: Float64Array } {
  const { samples, times, hitCount } = profile;
  const surplus = new Int32Array(hitCount.length);
  for (const node of samples) surplus[node]!++;
  let any = false;
  for (let node = 0; node < surplus.length; node++) {
    surplus[node] = hitCount[node]! < 0 ? 0 : Math.max(0, surplus[node]! - hitCount[node]!);
    any ||= surplus[node]! > 0;
  }
  if (!any) return { samples, times };
  const room = (i: number) => (times[i + 1] ?? profile.endMicros) - (times[i - 1] ?? profile.startMicros);
  const closestFirst = Uint32Array.from(samples.keys())
    .filter((i) => surplus[samples[i]!]! > 0)
    .sort((a, b) => room(a) - room(b));
  const dropped = new Uint8Array(samples.length);
  for (const i of closestFirst) {
    if (surplus[samples[i]!]!-- > 0) dropped[i] = 1;
  }
  const kept = (_: number, i: number) => dropped[i] === 0;
  return { samples: samples.filter(kept), times: times.filter(kept) };
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

function medianInterval(times: Float64Array): number {
  if (times.length < 2) return 0;
  const intervals = new Float64Array(times.length - 1);
  for (let i = 0; i < intervals.length; i++) intervals[i] = times[i + 1]! - times[i]!;
  intervals.sort();
  return intervals[intervals.length >> 1]!;
}
