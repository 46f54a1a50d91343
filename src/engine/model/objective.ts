/** What counts as "the app holds": searched for by stress tests, held to by capacity and spike tests. */
export interface Objective {
  /** e.g. 0.99. */
  readonly quantile: number;
  /** That quantile of the response time stays within this. */
  readonly latencyMicros: number;
  /** Share of failed requests that is still fine, 0 to 1. */
  readonly errorRate: number;
  /** Capacity: requests (iterations) a second that must be held. */
  readonly expectedRate?: number;
}
