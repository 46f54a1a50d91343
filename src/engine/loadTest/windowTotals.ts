import { MergedTimes } from '../loadTests/histograms';
import type { LoadResult } from '../model/load';
import type { CheckResult } from '../model/loadTestResult';
import type { LoadWindow } from '../model/loadWindow';
import type { ThresholdEvidence } from '../model/thresholds';

/** What windows came to so far. Its memory does not grow with them. */
export class WindowTotals {
  private readonly times = new MergedTimes();
  private startMicros: number | undefined;
  private last: LoadWindow | undefined;
  private requests = 0;
  private failed = 0;
  private unanswered = 0;
  private passes = 0;
  private fails = 0;
  private meanSum = 0;

  add(window: LoadWindow): void {
    this.startMicros ??= window.startMicros;
    this.last = window;
    this.times.add(window);
    this.requests += window.latency.count;
    this.failed += window.failed;
    // Where it is not known, at least what cannot be among the replies.
    this.unanswered += window.unanswered ?? Math.max(0, window.failed - window.latency.count);
    this.passes += window.checksPassed;
    this.fails += window.checksFailed;
    this.meanSum += window.latency.meanMicros * window.latency.count;
  }

  get seconds(): number {
    return this.last ? (this.last.endMicros - this.startMicros!) / 1e6 : 0;
  }

  /** What thresholds are judged by before there is a result. */
  evidence(): ThresholdEvidence {
    const { times, requests, last } = this;
    const at = (quantile: number) => times.quantile(quantile) ?? 0;
    const { measuredTo } = times;
    const load: LoadResult = {
      engine: 'throughline',
      model: 'open',
      origin: '',
      routes: [],
      connections: 0,
      startMicros: this.startMicros ?? 0,
      endMicros: last?.endMicros ?? 0,
      requests,
      bytes: 0,
      throughput: { mean: this.seconds > 0 ? requests / this.seconds : 0, perSecond: [] },
      latency: {
        count: times.count,
        ...(measuredTo < 1 && { measuredTo }),
        meanMicros: requests > 0 ? this.meanSum / requests : 0,
        p50Micros: at(0.5),
        p90Micros: at(0.9),
        p95Micros: at(0.95),
        p99Micros: at(0.99),
        p999Micros: at(0.999),
        maxMicros: times.maxMicros ?? 0,
      },
      histogram: '',
      errors: {
        byStatus: { failed: Math.max(0, this.failed - this.unanswered) },
        timeouts: 0,
        connection: this.unanswered,
      },
      apdex: { targetMs: 0, score: 0 },
      generator: last?.generator ?? NO_GENERATOR,
    };
    const checks: CheckResult[] =
      this.passes + this.fails > 0 ? [{ name: 'all', passes: this.passes, fails: this.fails }] : [];
    return { load, checks, quantile: (quantile) => times.quantile(quantile) };
  }
}

const NO_GENERATOR = { cpuShare: 0, eventLoopUtilization: 0, eventLoopDelayP99Ms: 0, saturated: false };
