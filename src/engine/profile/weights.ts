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
}

/**
 * Weighs the samples of a window. V8's `timeDeltas[i]` is the time *before* sample i, so a sample stands for the
 * time until the next one, the last one for the time until the profile's or the window's end. The time before the
 * first sample belongs to none. A gap in which the sampler did not run (the process was stopped, the machine slept)
 * counts as one usual interval.
 */
export function weighSamples(profile: CpuProfile, window?: TimeWindow): NodeWeights {
  const { samples, times } = profile;
  const start = Math.max(window?.startMicros ?? -Infinity, profile.startMicros);
  const end = Math.min(window?.endMicros ?? Infinity, Math.max(profile.endMicros, times.at(-1) ?? -Infinity));
  const selfMicros = new Float64Array(profile.parent.length);
  const selfSamples = new Int32Array(profile.parent.length);
  const usual = medianInterval(times);
  const limit = Math.max(LONGEST_INTERVAL_MICROS, usual * LONGEST_INTERVAL_FACTOR);
  let count = 0;
  let sampledMicros = 0;
  for (let i = 0; i < samples.length; i++) {
    const time = times[i]!;
    if (time < start || time >= end) continue;
    const span = Math.min(times[i + 1] ?? end, end) - time;
    const micros = span > limit ? usual : span;
    selfMicros[samples[i]!]! += micros;
    selfSamples[samples[i]!]!++;
    sampledMicros += micros;
    count++;
  }
  return { selfMicros, selfSamples, samples: count, sampledMicros };
}

/** A crowded machine delays the sampler by tens of milliseconds; beyond this the process itself stood still. */
const LONGEST_INTERVAL_MICROS = 100_000;
const LONGEST_INTERVAL_FACTOR = 50;

function medianInterval(times: Float64Array): number {
  if (times.length < 2) return 0;
  const intervals = new Float64Array(times.length - 1);
  for (let i = 0; i < intervals.length; i++) intervals[i] = times[i + 1]! - times[i]!;
  intervals.sort();
  return intervals[intervals.length >> 1]!;
}
