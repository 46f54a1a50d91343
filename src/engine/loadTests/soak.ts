import type { LoadResult } from '../model/load';
import type { Drift, LeakSuspect, SoakResult, Verdict } from '../model/loadTestResult';
import { formatBytes, formatMicros } from '../model/units';
import { driftOf } from './drift';
import { failedShare } from './judgeLoad';
import type { SoakLatency } from './soakLatency';
import { hoursLeft, memoryPoints, type SoakReading } from './soakMemory';
import type { Stretch } from './soakPlan';
import { formatPercent } from './text';
import type { Point } from './trend';

/** What was watched while the load went on. */
export interface SoakObservations {
  /** The time in which the load kept its level; undefined where it changed all the time. */
  readonly stretch: Stretch | undefined;
  readonly latency: Pick<SoakLatency, 'p50' | 'p99'>;
  /** Undefined where the app's memory is not known. */
  readonly readings: readonly SoakReading[] | undefined;
  /** Of V8's heap, of a process. */
  readonly heapLimitBytes?: number | undefined;
}

/** Growth over the test that matters. */
const MEMORY = { leastShare: 0.05, leastGrowth: 1024 * 1024 };
const LATENCY = { leastShare: 0.2, leastGrowth: 1000 };

/** What drifted; `hoursLeft` until the heap is full, where memory drifts. */
export interface SoakDrifts extends Pick<SoakResult, 'latency' | 'memory'> {
  /** 0.5 or 0.99: which response time `latency` is of. */
  readonly quantile?: number;
  readonly hoursLeft?: number;
}

/** Of the response times p99, unless p50 alone drifts or is known. */
export function soakDrifts({
  stretch,
  latency,
  readings = [],
  heapLimitBytes,
}: SoakObservations): SoakDrifts {
  if (!stretch) return {};
  const p99 = drift(latency.p99, stretch, LATENCY);
  const p50 = drift(latency.p50, stretch, LATENCY);
  const isMedian = p50 !== undefined && (p99 === undefined || (p50.drifts && !p99.drifts));
  const told = isMedian ? p50 : p99;
  const memory = drift(memoryPoints(readings), stretch, MEMORY);
  const inStretch = readings.filter(({ x }) => x >= stretch.from && x <= stretch.to);
  const left = memory?.drifts && heapLimitBytes ? hoursLeft(inStretch, heapLimitBytes) : undefined;
  return {
    ...(told && { latency: told, quantile: isMedian ? 0.5 : 0.99 }),
    ...(memory && { memory }),
    ...(left !== undefined && { hoursLeft: left }),
  };
}

function drift(points: readonly Point[], { from, to }: Stretch, least: typeof MEMORY): Drift | undefined {
  const inside = points.filter(({ x }) => x >= from && x <= to).map(({ x, y }) => ({ x: x - from, y }));
  return driftOf(inside, { seconds: to - from, ...least });
}

/** Fails with what drifts; inconclusive where there are too few points to tell. */
export function judgeSoak(
  { latency, memory, quantile, hoursLeft: left }: SoakDrifts,
  { stretch, readings }: Pick<SoakObservations, 'stretch' | 'readings'>,
  leaks: readonly LeakSuspect[],
  load: LoadResult,
): { readonly soak: SoakResult; readonly verdict: Verdict } {
  const soak: SoakResult = { ...(latency && { latency }), ...(memory && { memory }), leaks };
  const p = quantile === 0.5 ? 'p50' : 'p99';
  const seconds = stretch ? stretch.to - stretch.from : 0;
  const evidence = [
    latency
      ? driftText(`Response time (${p})`, latency, formatMicros, seconds)
      : 'Response times: too few points.',
    memory
      ? driftText('Memory in use after a collection', memory, formatBytes, seconds)
      : readings
        ? 'Memory: too few readings of a process that was there all the time.'
        : 'Memory is not known: the app was started elsewhere.',
    ...(left === undefined ? [] : [`At this rate the heap is full in ${hours(left)}.`]),
    ...leaks.map(
      ({ functionName, place, bytes, share }) =>
        `${formatBytes(bytes)} (${formatPercent(share)} of what was allocated since and stayed) are of ${functionName || '(anonymous)'}${place ? `, ${place.file}:${place.line}` : ''}.`,
    ),
  ];
  const verdict = (state: Verdict['state'], sentence: string) => ({
    soak,
    verdict: { state, sentence, evidence },
  });

  if (failedShare(load) > 0.5)
    return verdict('fail', `Most requests failed: ${formatPercent(failedShare(load))}.`);
  const drifting = [
    ...(memory?.drifts
      ? [
          `memory in use grows by ${perHour(memory, formatBytes)}${leaks[0]?.place ? `, from ${siteText(leaks[0])}` : ''}`,
        ]
      : []),
    ...(latency?.drifts ? [`response times (${p}) grow by ${perHour(latency, formatMicros)}`] : []),
  ];
  if (drifting.length > 0) return verdict('fail', `${capital(drifting.join(', and '))}.`);
  if (!stretch)
    return verdict(
      'inconclusive',
      'Inconclusive: the load changed all the time, so that no trend is the app’s own.',
    );
  if (!latency || (readings && !memory))
    return verdict(
      'inconclusive',
      `Inconclusive: the test was too short to tell a drift of ${[...(latency ? [] : ['response times']), ...(readings && !memory ? ['memory'] : [])].join(' and ')}.`,
    );
  return verdict(
    'pass',
    readings ? 'Neither response times nor memory drift.' : 'Response times do not drift.',
  );
}

function driftText(
  what: string,
  { slopePerHour, low, high, pValue, points, start, drifts }: Drift,
  format: (value: number) => string,
  seconds: number,
): string {
  const signed = (value: number) => `${value < 0 ? '-' : '+'}${format(Math.abs(value))}`;
  const share =
    start > 0 ? ` (${formatPercent(Math.abs((slopePerHour * seconds) / 3600 / start))} over the test)` : '';
  const p = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
  return `${what}: ${drifts ? 'drifts' : 'steady'}; ${signed(slopePerHour)} per hour${share}, 95 % between ${signed(low)} and ${signed(high)}, ${p} of ${points} points, from ${format(start)}.`;
}

function perHour({ slopePerHour }: Drift, format: (value: number) => string): string {
  return `${format(slopePerHour)} per hour`;
}

function siteText({ functionName, place }: LeakSuspect): string {
  const file = place!.file.split(/[\\/]/).at(-1);
  return `${functionName || '(anonymous)'} (${file}:${place!.line})`;
}

function hours(value: number): string {
  return value < 1
    ? `${Math.ceil(value * 60)} minutes`
    : value < 72
      ? `${value.toFixed(1)} hours`
      : `${(value / 24).toFixed(0)} days`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
