import type { HintPlace } from '../../model/hint';
import type { MetricSample } from '../../model/metrics';
import type { FunctionCost, Profile } from '../../model/profile';
import { fileName, formatMs, percent } from '../format';
import { reached, type HintInput, type Rule } from '../input';
import { nameOf, placeOfCall, shareOf, wasBusy } from '../profileQueries';

/** Clinic.js Doctor's limits: the median delay, and the longest. */
const MIN_MEDIAN_MS = 10;
const MIN_MAX_MS = 100;
/** The catalogue asks for three occurrences: intervals of about 250 ms that were late. */
const MIN_LATE_INTERVALS = 3;
/** A major collection that lasted for most of the delay caused it; the rule for GC speaks then. */
const GC_CAUSE = 0.7;
/** Requests shorter than this do not block; many of them in one turn of a full loop do, which is queueing. */
const SHORT_REQUEST_MS = 5;
const QUEUEING_SLACK = 1.5;
/** Below this, active threads waited for a core (or for the disk or a child) for whole slices of the scheduler. */
const MIN_ON_CPU = 0.8;
/** Share of synchronous waiting that explains a thread that is active but not on a core. */
const MIN_SYNC_WAIT_SHARE = 0.05;

export const eventLoopDelay: Rule = {
  id: 'EL-DELAY',
  find(input) {
    const { metrics, profile } = input;
    if (!metrics) return [];
    const samples = metrics.samples.filter((sample) => !isMajorCollection(sample));
    if (samples.length < MIN_LATE_INTERVALS) return [];
    const medianMs = median(samples.map((sample) => sample.eventLoopDelayMeanMs));
    const maxMs = Math.max(...samples.map((sample) => sample.eventLoopDelayMaxMs));
    const late = samples.filter((sample) => sample.eventLoopDelayMaxMs >= MIN_MAX_MS).length;
    const oftenLate = late >= MIN_LATE_INTERVALS && !isQueueing(input, maxMs);
    const alwaysLate = medianMs >= MIN_MEDIAN_MS && !isQueueing(input, medianMs);
    if ((!oftenLate && !alwaysLate) || machineIsCrowded(input)) return [];

    const evidence = reached([
      { metric: 'event-loop delay, median', value: medianMs, threshold: MIN_MEDIAN_MS, unit: 'ms' },
      { metric: 'event-loop delay, longest', value: maxMs, threshold: MIN_MAX_MS, unit: 'ms' },
      { metric: 'late intervals', value: late, threshold: MIN_LATE_INTERVALS, unit: 'count' },
    ]);
    const cause = profile && dearestOwnFunction(input, profile);
    return [
      {
        rule: eventLoopDelay.id,
        severity: maxMs >= 2 * MIN_MAX_MS || medianMs >= 5 * MIN_MEDIAN_MS ? 'problem' : 'warning',
        title: `The event loop is blocked for up to ${formatMs(maxMs)}`,
        message:
          `Timers and replies were late by ${formatMs(medianMs)} in the median and ${formatMs(maxMs)} at the longest: ` +
          'some request holds the thread for that long, and every other request waits.' +
          (cause
            ? ` Most of the time is spent in ${cause.place.functionName} (${fileName(cause.place.file)}:${cause.place.line}, ${percent(cause.share)} of the CPU).`
            : ''),
        evidence,
        ...(cause && { place: cause.place, expectedGain: cause.share }),
        nextStep:
          'Split the long computation into parts (await setImmediate between them), move it to a worker thread, ' +
          'or use the asynchronous form of what blocks.',
      },
    ];
  },
};

function isMajorCollection(sample: MetricSample): boolean {
  return (
    sample.eventLoopDelayMaxMs >= MIN_MEDIAN_MS &&
    sample.gcMajorMicros >= GC_CAUSE * sample.eventLoopDelayMaxMs * 1000
  );
}

/** A full loop works off all waiting connections in one turn: that delay is many short requests, not one long. */
function isQueueing({ load, metrics, profile, cpuScale }: HintInput, delayMs: number): boolean {
  if (load.requests === 0) return false;
  const busyMs = profile
    ? profile.totals.activeMicros / 1000 / load.requests
    : (metrics?.summary.cpuMicros ?? 0) / 1000 / Math.max(cpuScale, 0.1) / load.requests;
  return busyMs < SHORT_REQUEST_MS && delayMs <= QUEUEING_SLACK * busyMs * load.connections;
}

/** The threads were active but not on a core, and nothing in the profile waits synchronously. */
function machineIsCrowded({ profile, cpuScale }: HintInput): boolean {
  if (!profile || cpuScale >= MIN_ON_CPU) return false;
  const waiting = profile.functions
    .filter((cost) => /Sync$/.test(profile.frames[cost.frame]?.functionName ?? ''))
    .reduce((sum, cost) => sum + cost.selfMicros, 0);
  return shareOf(profile, waiting) < MIN_SYNC_WAIT_SHARE;
}

/** The app's function with most self time, or that calls what has most: total less what other app code took. */
function dearestOwnFunction(
  input: HintInput,
  profile: Profile,
): { place: HintPlace; share: number } | undefined {
  if (!wasBusy(profile)) return undefined;
  const own = profile.functions
    .filter((cost) => profile.frames[cost.frame]?.kind === 'app')
    .map((cost) => ({ cost, micros: ownMicros(profile, cost) }))
    .sort((a, b) => b.micros - a.micros)[0];
  if (!own) return undefined;
  const callee = own.cost.callees.find((edge) => profile.frames[edge.frame]?.kind !== 'app');
  const calleeName = callee ? nameOf(profile.frames[callee.frame]) : '';
  const place = placeOfCall(input, profile, {
    frame: own.cost.frame,
    calleeName: callee && callee.totalMicros > own.cost.selfMicros ? calleeName : '',
  });
  return place && { place, share: shareOf(profile, own.micros) };
}

function ownMicros(profile: Profile, cost: FunctionCost): number {
  const foreign = cost.callees
    .filter((edge) => profile.frames[edge.frame]?.kind !== 'app')
    .reduce((sum, edge) => sum + edge.totalMicros, 0);
  return Math.min(cost.totalMicros, cost.selfMicros + foreign);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
