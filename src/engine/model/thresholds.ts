import { errorCount, requestCount, type LoadResult } from './load';
import type { CheckResult } from './loadTestResult';

/** What a threshold is on, in k6's names. */
export const THRESHOLD_METRICS = ['http_req_duration', 'http_req_failed', 'http_reqs', 'checks'] as const;
export type ThresholdMetric = (typeof THRESHOLD_METRICS)[number];

/** One condition, as in k6 (grafana.com/docs/k6, "Thresholds"), e.g. `p(99)<200`. */
export interface Threshold {
  readonly metric: ThresholdMetric;
  /** As written. */
  readonly expression: string;
  readonly aggregation: Aggregation;
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '===' | '!=';
  /** Milliseconds for durations; a share 0 to 1 for rates of failures and checks; a count, or a second's rate, for `http_reqs`. */
  readonly limit: number;
  readonly abortOnFail: boolean;
  /** Seconds into the steady window before it may abort. */
  readonly delayAbortEval: number;
}

export type Aggregation =
  | { readonly type: 'percentile'; readonly percentile: number }
  | { readonly type: 'avg' | 'min' | 'med' | 'max' | 'rate' | 'count' };

export interface ThresholdResult {
  readonly metric: ThresholdMetric;
  readonly expression: string;
  /** `inconclusive`: the value could not be measured; see `LatencySummary.measuredTo`. */
  readonly state: 'pass' | 'fail' | 'inconclusive';
  /** In the threshold's unit; absent where it is not known. */
  readonly observed?: number;
  /** Why it is inconclusive. */
  readonly reason?: string;
}

/** What can be asked of a metric: k6's trend, rate and counter. */
export const AGGREGATIONS: Readonly<Record<ThresholdMetric, readonly string[]>> = {
  http_req_duration: ['avg', 'min', 'med', 'max', 'p(N)'],
  http_req_failed: ['rate'],
  http_reqs: ['count', 'rate'],
  checks: ['rate'],
};

export type ParsedThreshold =
  | { readonly state: 'ok'; readonly threshold: Threshold }
  | { readonly state: 'bad'; readonly message: string };

const EXPRESSION =
  /^\s*(?<name>[A-Za-z]+(?:\([^()]*\))?)\s*(?<operator>===|==|!=|<=|<|>=|>)\s*(?<limit>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*$/;

/** Reads k6's threshold expression. `message` is a sentence. */
export function parseThreshold(
  metric: ThresholdMetric,
  expression: string,
  {
    abortOnFail = false,
    delayAbortEval = 0,
  }: Partial<Pick<Threshold, 'abortOnFail' | 'delayAbortEval'>> = {},
): ParsedThreshold {
  const bad = (message: string): ParsedThreshold => ({ state: 'bad', message });
  const groups = EXPRESSION.exec(expression)?.groups;
  if (!groups) {
    return bad(
      `"${expression}" is no threshold: write an aggregation, an operator and a number, such as ${EXAMPLES[metric]}.`,
    );
  }
  const aggregation = parseAggregation(groups['name']!);
  if (!aggregation || !fits(metric, aggregation)) {
    const known = AGGREGATIONS[metric].join(', ');
    return bad(`${metric} has no "${groups['name']}": it takes ${known}, such as ${EXAMPLES[metric]}.`);
  }
  if (aggregation.type === 'percentile' && !(aggregation.percentile > 0 && aggregation.percentile <= 100))
    return bad(`A percentile is above 0 and at most 100, not ${aggregation.percentile}.`);
  const limit = Number(groups['limit']);
  if (isShare(metric) && limit > 1) {
    return bad(
      `The rate of ${metric} is a share from 0 to 1, never ${limit}: for ${limit} % write ${limit / 100}.`,
    );
  }
  const operator = groups['operator'] as Threshold['operator'];
  return {
    state: 'ok',
    threshold: { metric, expression, aggregation, operator, limit, abortOnFail, delayAbortEval },
  };
}

const EXAMPLES: Readonly<Record<ThresholdMetric, string>> = {
  http_req_duration: '"p(99)<200"',
  http_req_failed: '"rate<0.01"',
  http_reqs: '"rate>100"',
  checks: '"rate>0.99"',
};

function parseAggregation(name: string): Aggregation | undefined {
  const percentile = /^p\(((?:\d+(?:\.\d*)?|\.\d+))\)$/.exec(name)?.[1];
  if (percentile !== undefined) return { type: 'percentile', percentile: Number(percentile) };
  switch (name) {
    case 'avg':
    case 'min':
    case 'med':
    case 'max':
    case 'rate':
    case 'count':
      return { type: name };
    default:
      return undefined;
  }
}

function fits(metric: ThresholdMetric, { type }: Aggregation): boolean {
  return AGGREGATIONS[metric].includes(type === 'percentile' ? 'p(N)' : type);
}

function isShare(metric: ThresholdMetric): boolean {
  return metric === 'http_req_failed' || metric === 'checks';
}

/** What a test measured, or has measured so far. */
export interface ThresholdEvidence {
  readonly load: Pick<
    LoadResult,
    'requests' | 'errors' | 'latency' | 'startMicros' | 'endMicros' | 'schedule'
  >;
  readonly checks: readonly CheckResult[];
  /**
   * Response time at a quantile, 0 to 1, in microseconds, of the load's histogram; undefined where it holds nothing.
   * The model reads no histogram itself.
   */
  readonly quantile: (quantile: number) => number | undefined;
}

/** Whether the threshold holds. Of what is only known to be longer, or shorter, than measured, it says no more than follows. */
export function evaluateThreshold(threshold: Threshold, evidence: ThresholdEvidence): ThresholdResult {
  const { metric, expression } = threshold;
  const value = observe(threshold, evidence);
  if (value === undefined) {
    const reason = metric === 'checks' ? 'No check was made.' : 'No request was completed.';
    return { metric, expression, state: 'inconclusive', reason };
  }
  const { observed, known } = value;
  const holds = HOLDS[known](threshold, observed);
  if (holds !== undefined) return { metric, expression, state: holds ? 'pass' : 'fail', observed };
  return {
    metric,
    expression,
    state: 'inconclusive',
    observed,
    reason: `It was not measured: ${WHY_NOT[known]}.`,
  };
}

interface Observed {
  readonly observed: number;
  /** What is known of the true value: that it is this, this or more, this or less, or neither. */
  readonly known: 'exactly' | 'atLeast' | 'atMost' | 'neither';
}

const WHY_NOT: Readonly<Record<Observed['known'], string>> = {
  exactly: 'the reason is unknown',
  atLeast: 'requests that never started or were cut off took longer than is known',
  atMost: 'the generator itself was late, which shows in it instead of the app',
  neither: 'the generator itself was late, and requests never started or were cut off',
};

function observe({ metric, aggregation }: Threshold, evidence: ThresholdEvidence): Observed | undefined {
  const { load, checks } = evidence;
  switch (metric) {
    case 'http_req_duration':
      return observeDuration(aggregation, evidence);
    case 'http_req_failed': {
      const requests = requestCount(load);
      return requests === 0 ? undefined : exactly(errorCount(load.errors) / requests);
    }
    case 'http_reqs': {
      // What the target did in the window, as throughput is told.
      const sent = load.requests + load.errors.timeouts + load.errors.connection;
      if (aggregation.type === 'count') return exactly(sent);
      const seconds = (load.endMicros - load.startMicros) / 1e6;
      return seconds > 0 ? exactly(sent / seconds) : undefined;
    }
    case 'checks': {
      const passes = checks.reduce((sum, check) => sum + check.passes, 0);
      const made = checks.reduce((sum, check) => sum + check.fails, passes);
      return made === 0 ? undefined : exactly(passes / made);
    }
  }
}

function observeDuration(
  aggregation: Aggregation,
  { load: { latency, schedule }, quantile }: ThresholdEvidence,
): Observed | undefined {
  if (latency.count === 0) return undefined;
  const measuredTo = latency.measuredTo ?? 1;
  const beyond = knownBeyond(latency, schedule);
  const at = (q: number): Observed | undefined => {
    const micros = quantile(q);
    return micros === undefined
      ? undefined
      : { observed: micros / 1000, known: q > measuredTo ? beyond : 'exactly' };
  };
  // What was not measured is longer than what was, so the mean and the maximum without it are lower bounds; with what
  // the generator was late by they are upper ones.
  const withoutUnmeasured = (micros: number): Observed => ({
    observed: micros / 1000,
    known: measuredTo < 1 ? beyond : 'exactly',
  });
  switch (aggregation.type) {
    case 'percentile':
      return at(aggregation.percentile / 100);
    case 'med':
      return at(0.5);
    case 'min':
      return at(0);
    case 'max':
      return withoutUnmeasured(latency.maxMicros);
    case 'avg':
      return withoutUnmeasured(latency.meanMicros);
    default:
      return undefined;
  }
}

/** Response times count from when a request was due: where the generator was late, the app was quicker than they say. */
function knownBeyond(
  { limitedBy }: LoadResult['latency'],
  schedule: LoadResult['schedule'],
): Observed['known'] {
  if (limitedBy !== 'generator') return 'atLeast';
  return schedule && schedule.unstarted + schedule.interrupted > 0 ? 'neither' : 'atMost';
}

function exactly(observed: number): Observed {
  return { observed, known: 'exactly' };
}

function holdsAt({ operator, limit }: Threshold, value: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
    case '===':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}

/** Whether the threshold holds for every value from `low` on; undefined where for some alone. */
function holdsFrom({ operator, limit }: Threshold, low: number): boolean | undefined {
  switch (operator) {
    case '<':
      return low >= limit ? false : undefined;
    case '<=':
      return low > limit ? false : undefined;
    case '>':
      return low > limit ? true : undefined;
    case '>=':
      return low >= limit ? true : undefined;
    case '==':
    case '===':
      return low > limit ? false : undefined;
    case '!=':
      return low > limit ? true : undefined;
  }
}

/** Whether the threshold holds for every value up to `high`; undefined where for some alone. */
function holdsUpTo({ operator, limit }: Threshold, high: number): boolean | undefined {
  switch (operator) {
    case '<':
      return high < limit ? true : undefined;
    case '<=':
      return high <= limit ? true : undefined;
    case '>':
      return high <= limit ? false : undefined;
    case '>=':
      return high < limit ? false : undefined;
    case '==':
    case '===':
      return high < limit ? false : undefined;
    case '!=':
      return high < limit ? true : undefined;
  }
}

const HOLDS: Readonly<
  Record<Observed['known'], (threshold: Threshold, value: number) => boolean | undefined>
> = {
  exactly: holdsAt,
  atLeast: holdsFrom,
  atMost: holdsUpTo,
  neither: () => undefined,
};
