import type { LoadTestPlan } from '../loadTestPlan';
import { quantileMicros } from '../loadTests/histograms';
import type { LoadTestResult, LoadTimeline, Verdict } from '../model/loadTestResult';
import { evaluateThreshold, type ThresholdResult } from '../model/thresholds';
import type { Procedure } from './context';

/** What a test came to, with its verdict. A timeline that is missing is empty: nothing was told of the load. */
export function judged(
  { test, file }: LoadTestPlan,
  procedure: Procedure,
  timeline: LoadTimeline | undefined,
): LoadTestResult {
  const { load, checks, stress, capacity, spike, soak, worstWindow, abortedBy } = procedure;
  const quantile = (q: number) => quantileMicros(load, q);
  const thresholds = test.thresholds.map((threshold) =>
    evaluateThreshold(threshold, { load, checks, quantile }),
  );
  return {
    name: test.name,
    kind: test.kind,
    ...(file !== undefined && { file }),
    verdict: verdictOf(procedure, thresholds),
    thresholds,
    checks,
    misleading: procedure.misleading,
    timeline: timeline ?? emptyTimeline(load.startMicros),
    ...(worstWindow && { worstWindow }),
    ...(stress && { stress }),
    ...(capacity && { capacity }),
    ...(spike && { spike }),
    ...(soak && { soak }),
    ...(abortedBy !== undefined && { abortedBy }),
  };
}

function verdictOf(procedure: Procedure, thresholds: readonly ThresholdResult[]): Verdict {
  const state = thresholds.some((result) => result.state === 'fail') ? 'fail' : 'pass';
  return procedure.verdict ?? { state, sentence: '', evidence: [] };
}

function emptyTimeline(startMicros: number): LoadTimeline {
  return {
    startMicros,
    endMicros: [],
    intendedRate: [],
    rate: [],
    failedRate: [],
    p50Micros: [],
    p95Micros: [],
    p99Micros: [],
    vus: [],
    targetCpu: [],
    generatorCpu: [],
    eventLoopUtilization: [],
    eventLoopDelayP99Ms: [],
    heapUsedBytes: [],
  };
}
