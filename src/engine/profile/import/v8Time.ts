/** Microseconds of one clock. */
export interface TickSpan {
  readonly startMicros: number;
  readonly endMicros: number;
}

/** What each tick from `from` to `to` (exclusive) stands for, and the same in order of time. */
export interface TickSpans {
  readonly from: number;
  readonly to: number;
  /** Microseconds by tick, from `from` on; idle ones too. */
  readonly weight: Float64Array;
  readonly idleMicros: number;
  readonly startMicros: number;
  readonly lengthMicros: number;
  /** Index of the tick of each segment; -1 where the thread stood still. */
  readonly segmentTick: Int32Array;
  /** Microseconds from `startMicros`. */
  readonly segmentStart: Float64Array;
}

/** Beyond this the process itself stood still. */
const LONGEST_MICROS = 1_000_000;

/**
 * Weighs the ticks of V8's sampler: each stands for half of the time to its neighbours. V8 logs one tick of an idle
 * thread and then none until it works again, so the gap behind an idle tick is idle, but for half of a usual interval
 * at its end.
 * @param times not necessarily ascending, as threads write the log. @param nodes -1 where the thread was idle.
 */
export function spanSamples(times: number[], nodes: readonly number[], window?: TickSpan): TickSpans {
  const n = times.length;
  for (let i = 1; i < n; i++) if (times[i]! < times[i - 1]!) times[i] = times[i - 1]!;
  const usual = usualInterval(times, nodes);
  const start = Math.max(window?.startMicros ?? -Infinity, times[0] ?? 0);
  const end = Math.max(start, Math.min(window?.endMicros ?? Infinity, times[n - 1] ?? 0));
  const from = firstAtOrAfter(times, start);
  const to = window ? Math.max(from, firstAtOrAfter(times, end)) : n;
  const weight = new Float64Array(to - from);
  const segmentTick: number[] = [];
  const segmentStart: number[] = [];
  let idleMicros = 0;
  let covered = start;
  for (let i = from; i < to; i++) {
    const idle = nodes[i]! < 0;
    const time = times[i]!;
    const gapBefore = time - (i === from ? start : times[i - 1]!);
    const gapBehind = (i === to - 1 ? end : times[i + 1]!) - time;
    const afterIdle = i > 0 && nodes[i - 1]! < 0;
    let before = i === from ? gapBefore : gapBefore / 2;
    let behind = i === to - 1 ? gapBehind : gapBehind / 2;
    if (!idle && afterIdle) {
      before = Math.min(before, usual / 2);
      // The idle tick before the window has no weight of its own.
      if (i === from) idleMicros += gapBefore - before;
    }
    if (idle && i < to - 1 && nodes[i + 1]! >= 0) behind = Math.max(behind, gapBehind - usual / 2);
    if (!idle && gapBehind > LONGEST_MICROS) behind = Math.min(behind, usual);
    if (!idle && gapBefore > LONGEST_MICROS) before = Math.min(before, usual);
    weight[i - from] = before + behind;
    if (idle) idleMicros += before + behind;
    if (time - before > covered + 1) push(-1, covered);
    push(idle ? -1 : i, Math.max(covered, time - before));
    covered = time + behind;
  }
  return {
    from,
    to,
    weight,
    idleMicros,
    startMicros: start,
    lengthMicros: end - start,
    segmentTick: Int32Array.from(segmentTick),
    segmentStart: Float64Array.from(segmentStart),
  };

  /** Neighbours of one stack are one segment. */
  function push(tick: number, at: number): void {
    const lastTick = segmentTick.at(-1);
    const same =
      lastTick !== undefined && (lastTick < 0 ? tick < 0 : tick >= 0 && nodes[lastTick] === nodes[tick]);
    if (same) return;
    segmentTick.push(tick);
    segmentStart.push(at - start);
  }
}

/** Median of the gaps between ticks of a working thread. */
function usualInterval(times: readonly number[], nodes: readonly number[]): number {
  const gaps: number[] = [];
  for (let i = 1; i < times.length; i++) {
    if (nodes[i]! >= 0 && nodes[i - 1]! >= 0) gaps.push(times[i]! - times[i - 1]!);
  }
  const sorted = Float64Array.from(gaps).sort();
  return sorted[sorted.length >> 1] ?? 1000;
}

function firstAtOrAfter(times: readonly number[], bound: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
