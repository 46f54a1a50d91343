import { errorCount, type LoadResult } from '../model/load';
import type { Verdict } from '../model/loadTestResult';
import type { ThresholdResult } from '../model/thresholds';
import { formatMicros, formatShare } from '../model/units';

/** By the thresholds alone: an imported result has no other judge. */
export function verdictOf(tool: string, load: LoadResult, thresholds: readonly ThresholdResult[]): Verdict {
  const of = (state: ThresholdResult['state']) => thresholds.filter((each) => each.state === state);
  const failed = of('fail');
  const state =
    failed.length > 0
      ? 'fail'
      : thresholds.length === 0 || of('inconclusive').length > 0
        ? 'inconclusive'
        : 'pass';
  const sentence =
    thresholds.length === 0
      ? `${tool} sent ${load.requests} requests; there is no threshold to judge them by.`
      : state === 'fail'
        ? `${failed.length} of ${thresholds.length} thresholds ${failed.length === 1 ? 'is' : 'are'} broken.`
        : state === 'pass'
          ? `All ${thresholds.length} thresholds hold.`
          : `${of('inconclusive').length} of ${thresholds.length} thresholds cannot be judged.`;
  const sent = load.requests + load.errors.timeouts + load.errors.connection;
  return {
    state,
    sentence,
    evidence: [
      `${load.throughput.mean.toFixed(1)} requests/s, p99 ${formatMicros(load.latency.p99Micros)}, ${formatShare(errorCount(load.errors) / Math.max(1, sent))} failed.`,
      ...failed.map(({ metric, expression }) => `${metric}: ${expression} is broken.`),
    ],
  };
}
