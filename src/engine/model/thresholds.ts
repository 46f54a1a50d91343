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
