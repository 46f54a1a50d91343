// Messages between the metrics view (editor/panels/metricsView.ts) and its webview (webviews/metrics).
// The webview sends `ready` first; the view answers with the whole state, and again at most four times a second.
import type { LatencySummary } from '../engine/model/load';
import type { Stage } from '../engine/model/target';
import type { Fields } from './guards';
import {
  BadMessage,
  count,
  fieldsOf,
  flag,
  list,
  number,
  oneOf,
  optional,
  text,
  texts,
  typedArray,
} from './guards';

export const STAGES: readonly Stage[] = ['start', 'probe', 'warmup', 'measure', 'analyse', 'save'];

/** Columns of equal length by time; a value that is not known is NaN. */
export interface MetricSeries {
  readonly load: {
    /** Seconds since the first value of either group. */
    readonly seconds: Float64Array;
    readonly requestsPerSecond: Float64Array;
    readonly p99Micros: Float64Array;
  };
  /** Over the processes that serve; utilisation and delay are those of the busiest. */
  readonly process: {
    readonly seconds: Float64Array;
    /** 1 is one core kept busy. */
    readonly cpuCores: Float64Array;
    readonly eventLoopUtilization: Float64Array;
    readonly eventLoopDelayP99Ms: Float64Array;
    readonly rssBytes: Float64Array;
    readonly heapUsedBytes: Float64Array;
  };
}

export interface ErrorCount {
  /** e.g. `status 503`, `timeouts`, `connection`. */
  readonly kind: string;
  readonly count: number;
}

/** What a finished run measured in its steady window. */
export interface RunFigures {
  readonly title: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly throughput: number;
  readonly requests: number;
  readonly connections: number;
  readonly latency: LatencySummary;
  readonly errors: readonly ErrorCount[];
  readonly apdex: { readonly targetMs: number; readonly score: number };
  readonly generator: {
    /** 0 to 1 of one core. */
    readonly cpuShare: number;
    readonly eventLoopUtilization: number;
    readonly eventLoopDelayP99Ms: number;
    readonly saturated: boolean;
  };
  readonly process?: {
    readonly processes: number;
    readonly cpuCores: number;
    readonly coresAvailable: number;
    readonly eventLoopUtilization: number;
    readonly eventLoopDelayP99Ms: number;
    readonly rssMaxBytes: number;
    readonly heapUsedMaxBytes: number;
    readonly gcShare: number;
  };
  readonly hasProfile: boolean;
  readonly warnings: readonly string[];
}

export type MetricsState =
  /** Nothing was measured yet. `notice` says how the last attempt ended. */
  | { readonly phase: 'idle'; readonly notice?: string }
  | {
      readonly phase: 'live';
      readonly label: string;
      readonly stage: Stage;
      readonly message: string;
      /** Replies that failed so far in the present phase of the load. */
      readonly errors: number;
      readonly series: MetricSeries;
    }
  | {
      readonly phase: 'finished';
      readonly figures: RunFigures;
      readonly series: MetricSeries;
      readonly notice?: string;
    };

export type ToMetrics = { readonly type: 'state'; readonly state: MetricsState };

export type FromMetrics =
  { readonly type: 'ready' } | { readonly type: 'measure' } | { readonly type: 'showFlamegraph' };

/** Throws `BadMessage`. */
export function parseToMetrics(data: unknown): ToMetrics {
  const fields = fieldsOf(data, 'the message');
  if (fields['type'] !== 'state') {
    throw new BadMessage(`no message to the metrics view is called ${String(fields['type'])}`);
  }
  return { type: 'state', state: parseState(fieldsOf(fields['state'], 'state')) };
}

/** Throws `BadMessage`. */
export function parseFromMetrics(data: unknown): FromMetrics {
  const fields = fieldsOf(data, 'the message');
  switch (fields['type']) {
    case 'ready':
    case 'measure':
    case 'showFlamegraph':
      return { type: fields['type'] };
    default:
      throw new BadMessage(`no message from the metrics view is called ${String(fields['type'])}`);
  }
}

function parseState(fields: Fields): MetricsState {
  const notice = optional(fields, 'notice', text);
  switch (fields['phase']) {
    case 'idle':
      return { phase: 'idle', ...(notice !== undefined && { notice }) };
    case 'live':
      return {
        phase: 'live',
        label: text(fields, 'label'),
        stage: oneOf(fields, 'stage', STAGES),
        message: text(fields, 'message'),
        errors: count(fields, 'errors'),
        series: parseSeries(fieldsOf(fields['series'], 'series')),
      };
    case 'finished':
      return {
        phase: 'finished',
        figures: parseFigures(fieldsOf(fields['figures'], 'figures')),
        series: parseSeries(fieldsOf(fields['series'], 'series')),
        ...(notice !== undefined && { notice }),
      };
    default:
      throw new BadMessage(`no phase is called ${String(fields['phase'])}`);
  }
}

function parseSeries(fields: Fields): MetricSeries {
  const load = fieldsOf(fields['load'], 'load');
  const process = fieldsOf(fields['process'], 'process');
  const loadSeconds = typedArray(load, 'seconds', 'Float64Array');
  const processSeconds = typedArray(process, 'seconds', 'Float64Array');
  const ofLoad = (key: string) => typedArray(load, key, 'Float64Array', loadSeconds.length);
  const ofProcess = (key: string) => typedArray(process, key, 'Float64Array', processSeconds.length);
  return {
    load: {
      seconds: loadSeconds,
      requestsPerSecond: ofLoad('requestsPerSecond'),
      p99Micros: ofLoad('p99Micros'),
    },
    process: {
      seconds: processSeconds,
      cpuCores: ofProcess('cpuCores'),
      eventLoopUtilization: ofProcess('eventLoopUtilization'),
      eventLoopDelayP99Ms: ofProcess('eventLoopDelayP99Ms'),
      rssBytes: ofProcess('rssBytes'),
      heapUsedBytes: ofProcess('heapUsedBytes'),
    },
  };
}

function parseFigures(fields: Fields): RunFigures {
  const latency = fieldsOf(fields['latency'], 'latency');
  const apdex = fieldsOf(fields['apdex'], 'apdex');
  const generator = fieldsOf(fields['generator'], 'generator');
  const process = optional(fields, 'process', (from, key) => parseProcess(fieldsOf(from[key], key)));
  return {
    title: text(fields, 'title'),
    createdAt: text(fields, 'createdAt'),
    throughput: number(fields, 'throughput'),
    requests: count(fields, 'requests'),
    connections: count(fields, 'connections'),
    latency: {
      count: count(latency, 'count'),
      ...measuredTo(latency),
      meanMicros: number(latency, 'meanMicros'),
      p50Micros: number(latency, 'p50Micros'),
      p90Micros: number(latency, 'p90Micros'),
      p95Micros: number(latency, 'p95Micros'),
      p99Micros: number(latency, 'p99Micros'),
      p999Micros: number(latency, 'p999Micros'),
      maxMicros: number(latency, 'maxMicros'),
    },
    errors: list(fields, 'errors', (entry) => ({ kind: text(entry, 'kind'), count: count(entry, 'count') })),
    apdex: { targetMs: number(apdex, 'targetMs'), score: number(apdex, 'score') },
    generator: {
      cpuShare: number(generator, 'cpuShare'),
      eventLoopUtilization: number(generator, 'eventLoopUtilization'),
      eventLoopDelayP99Ms: number(generator, 'eventLoopDelayP99Ms'),
      saturated: flag(generator, 'saturated'),
    },
    ...(process && { process }),
    hasProfile: flag(fields, 'hasProfile'),
    warnings: texts(fields, 'warnings'),
  };
}

function measuredTo(latency: Fields): Pick<LatencySummary, 'measuredTo'> {
  const quantile = optional(latency, 'measuredTo', number);
  return quantile === undefined ? {} : { measuredTo: quantile };
}

function parseProcess(fields: Fields): NonNullable<RunFigures['process']> {
  return {
    processes: count(fields, 'processes'),
    cpuCores: number(fields, 'cpuCores'),
    coresAvailable: number(fields, 'coresAvailable'),
    eventLoopUtilization: number(fields, 'eventLoopUtilization'),
    eventLoopDelayP99Ms: number(fields, 'eventLoopDelayP99Ms'),
    rssMaxBytes: number(fields, 'rssMaxBytes'),
    heapUsedMaxBytes: number(fields, 'heapUsedMaxBytes'),
    gcShare: number(fields, 'gcShare'),
  };
}
