import type { CheckResult } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import { evaluateThreshold, type Threshold, type ThresholdResult } from '../model/thresholds';
import { MergedTimes } from './histograms';
import { attemptsOf } from './trial';

/**
 * Thresholds with `abortOnFail`, held against the steady window so far after each of its windows, as k6 does. Feed it
 * with the windows of the steady window alone.
 */
export class AbortRule {
  private readonly watched: readonly Threshold[];
  private readonly times = new MergedTimes();
  private unanswered = 0;
  private failed = 0;
  private maxMicros = 0;
  /** Percentiles beyond what was measured show the generator. */
  private generatorLate = false;
  private readonly checks = { name: 'checks', passes: 0, fails: 0 };

  /** `startMicros`: where the steady window began, of the monotonic clock. */
  constructor(
    thresholds: readonly Threshold[],
    private readonly startMicros: number,
  ) {
    this.watched = thresholds.filter(({ abortOnFail }) => abortOnFail);
  }

  /** The threshold that ends the test, once one is broken later than its `delayAbortEval`. */
  add(window: LoadWindow): ThresholdResult | undefined {
    if (this.watched.length === 0) return undefined;
    this.times.add(window);
    this.unanswered += attemptsOf(window) - window.latency.count;
    this.failed += window.failed;
    this.generatorLate ||= window.latency.limitedBy === 'generator';
    this.maxMicros = Math.max(this.maxMicros, window.latency.maxMicros);
    this.checks.passes += window.checksPassed;
    this.checks.fails += window.checksFailed;
    const seconds = (window.endMicros - this.startMicros) / 1e6;
    for (const threshold of this.watched) {
      if (seconds < threshold.delayAbortEval) continue;
      const result = this.evaluate(threshold, window.endMicros);
      if (result.state === 'fail') return result;
    }
    return undefined;
  }

  private evaluate(threshold: Threshold, endMicros: number): ThresholdResult {
    const { times, startMicros } = this;
    const { count, measuredTo } = times;
    const at = (quantile: number) => times.quantile(quantile) ?? 0;
    const checks: CheckResult[] = [this.checks];
    return evaluateThreshold(threshold, {
      load: {
        requests: count,
        // Thresholds ask for the sum of what failed alone, so that its kinds need not be known.
        errors: {
          byStatus: { failed: this.failed - this.unanswered },
          timeouts: 0,
          connection: this.unanswered,
        },
        latency: {
          count,
          ...(measuredTo < 1 && { measuredTo }),
          ...(this.generatorLate && { limitedBy: 'generator' as const }),
          meanMicros: times.meanMicros ?? 0,
          p50Micros: at(0.5),
          p90Micros: at(0.9),
          p95Micros: at(0.95),
          p99Micros: at(0.99),
          p999Micros: at(0.999),
          maxMicros: this.maxMicros,
        },
        startMicros,
        endMicros,
      },
      checks,
      quantile: (quantile) => times.quantile(quantile),
    });
  }
}
