import type { LoadResult } from '../model/load';
import { formatMicros } from '../model/units';
import { failedShare } from './judgeLoad';
import { formatPercent, formatQuantile, plural } from './text';

export interface MisleadingOptions {
  /** The one that is told or judged: of the objective, or the highest of the thresholds; 0.99 unless given. */
  readonly quantile?: number;
  /** Not told where the test's kind is short by intent: smoke tests. */
  readonly short?: boolean;
}

/**
 * A percentile rests on the requests beyond it: with fewer than ten of those, one more or less moves it by more than
 * it differs between apps. p99 needs 1,000 requests, p99.9 ten thousand.
 */
const LEAST_BEYOND = 10;
const LEAST_SECONDS = 10;
/** Failed requests are often quicker than those that did their work. */
const MANY_FAILED = 0.05;
/** Of the schedule. */
const MANY_LATE = 0.01;
/** Connections busy on average, by Little's law, of those that may be opened. */
const CONNECTIONS_BUSY = 0.9;

/** How the result of a load may mislead, in sentences; empty where nothing is known. */
export function misleading(load: LoadResult, options: MisleadingOptions = {}): string[] {
  const { quantile = 0.99, short = false } = options;
  return [
    ...unmeasured(load, quantile),
    ...fewSamples(load, quantile, short),
    ...ofGenerator(load),
    ...ofSchedule(load),
    ...ofErrors(load),
    ...ofModel(load),
    ...ofConnections(load),
  ];
}

/** Requests that a percentile needs; see `LEAST_BEYOND`. */
export function samplesNeeded(quantile: number): number {
  return Math.ceil(Number((LEAST_BEYOND / (1 - Math.min(quantile, 0.9999))).toPrecision(9)));
}

function unmeasured({ latency: { measuredTo, limitedBy } }: LoadResult, quantile: number): string[] {
  if (measuredTo === undefined || measuredTo >= 1) return [];
  const why =
    limitedBy === 'generator'
      ? 'the generator itself was late, which shows in them instead of the app'
      : 'of requests that never started or were cut off nobody knows the response time, but that it is long';
  const told =
    measuredTo < quantile ? `${formatQuantile(quantile)} is not among those measured` : 'those above are not';
  return [
    `Response times are measured up to ${formatQuantile(Math.floor(measuredTo * 1000) / 1000)}; ${told}: ${why}.`,
  ];
}

function fewSamples(
  { latency, routes, startMicros, endMicros }: LoadResult,
  quantile: number,
  short: boolean,
) {
  if (short) return [];
  const needed = samplesNeeded(quantile);
  const q = formatQuantile(quantile);
  const sentences: string[] = [];
  if (latency.count < needed)
    sentences.push(
      `${q} rests on ${plural(latency.count, 'request')}; it takes ${needed}, of which ${LEAST_BEYOND} lie beyond it, to be stable.`,
    );
  else {
    const few = routes.filter((route) => route.latency.count < needed);
    if (few.length > 0)
      sentences.push(
        `${few.length} of ${plural(routes.length, 'route')} have fewer than the ${needed} requests that ${q} takes: ${listed(few)}.`,
      );
  }
  const seconds = (endMicros - startMicros) / 1e6;
  if (seconds < LEAST_SECONDS)
    sentences.push(
      `The window was ${seconds.toFixed(1)} s long: what happens less often, such as major garbage collection, may be missing.`,
    );
  return sentences;
}

function listed(routes: LoadResult['routes']): string {
  const named = routes.slice(0, 3).map(({ name, method, path }) => name ?? `${method} ${path}`);
  const more = routes.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function ofGenerator({ generator }: LoadResult): string[] {
  if (!generator.saturated) return [];
  const busy = formatPercent(Math.min(1, Math.max(generator.cpuShare, generator.eventLoopUtilization)));
  return [`The load generator itself was busy ${busy} of the time: the app may be faster than this.`];
}

function ofSchedule({ schedule }: LoadResult): string[] {
  if (schedule === undefined || schedule.intended === 0) return [];
  const { intended, unstarted, late, interrupted, lagP99Micros } = schedule;
  const sentences: string[] = [];
  if (unstarted > 0)
    sentences.push(
      `${formatPercent(unstarted / intended)} of the iterations never started, since every virtual user was busy: the app saw less load than the schedule called for.`,
    );
  if (late / intended > MANY_LATE)
    sentences.push(
      `${formatPercent(late / intended)} of the iterations were sent more than 5 ms late (the generator's lag: p99 ${formatMicros(lagP99Micros)}); response times count from when they were due.`,
    );
  if (interrupted > 0)
    sentences.push(
      `${plural(interrupted, 'iteration was', 'iterations were')} cut off at the end, and took longer than is known.`,
    );
  return sentences;
}

function ofErrors(load: LoadResult): string[] {
  const share = failedShare(load);
  if (share > 0.5)
    return [
      `Errors dominate: ${formatPercent(share)} of the requests failed, and the figures are of failures.`,
    ];
  if (share > MANY_FAILED)
    return [
      `${formatPercent(share)} of the requests failed; failures take another time than work does, and count in throughput and percentiles where they have a reply.`,
    ];
  return [];
}

function ofModel({ model }: LoadResult): string[] {
  return model === 'open'
    ? []
    : [
        'Closed model: each virtual user waits for its reply before it sends again, so that a slow app gets less load, and few requests meet a stall (coordinated omission). Percentiles are better than those that users who arrive on their own would see.',
      ];
}

function ofConnections({ model, connections, throughput, latency }: LoadResult): string[] {
  const busy = (throughput.mean * latency.meanMicros) / 1e6;
  return model === 'closed' || connections === 0 || busy < connections * CONNECTIONS_BUSY
    ? []
    : [
        `On average ${busy.toFixed(0)} requests were under way, and ${plural(connections, 'connection')} allowed: waiting for a connection is part of the response times.`,
      ];
}
