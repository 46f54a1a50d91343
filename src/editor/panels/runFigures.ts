import type { LoadErrors } from '../../engine/model/load';
import type { Run } from '../../engine/model/run';
import { runTitle } from '../../engine/model/runTitle';
import type { ErrorCount, MetricsState, RunFigures } from '../../protocol/metrics';
import { recordedSeries } from './liveSeries';

/** What the metrics view shows of a finished run. */
export function finishedState(run: Run, notice?: string): MetricsState {
  return {
    phase: 'finished',
    figures: runFigures(run),
    series: recordedSeries(run.load.throughput.perSecond, run.metrics?.samples ?? []),
    ...(notice !== undefined && { notice }),
  };
}

function runFigures(run: Run): RunFigures {
  const { load, metrics } = run;
  const { cpuShare, eventLoopUtilization, eventLoopDelayP99Ms, saturated } = load.generator;
  return {
    title: runTitle(run),
    createdAt: run.createdAt,
    throughput: load.throughput.mean,
    requests: load.requests,
    connections: load.connections,
    latency: load.latency,
    errors: errorCounts(load.errors),
    apdex: load.apdex,
    generator: { cpuShare, eventLoopUtilization, eventLoopDelayP99Ms, saturated },
    ...(metrics && {
      process: {
        processes: metrics.summary.processes,
        cpuCores: metrics.summary.cpuCores,
        coresAvailable: metrics.summary.coresAvailable,
        eventLoopUtilization: metrics.summary.eventLoopUtilization,
        eventLoopDelayP99Ms: metrics.summary.eventLoopDelayP99Ms,
        rssMaxBytes: metrics.summary.rssMaxBytes,
        heapUsedMaxBytes: metrics.summary.heapUsedMaxBytes,
        gcShare: metrics.summary.gcShare,
      },
    }),
    hasProfile: run.profile.state === 'ok',
    warnings: run.warnings,
  };
}

/** Kinds that occurred, most frequent first. */
export function errorCounts({ byStatus, timeouts, connection }: LoadErrors): ErrorCount[] {
  return [
    ...Object.entries(byStatus).map(([status, count]) => ({ kind: `status ${status}`, count })),
    { kind: 'timeouts', count: timeouts },
    { kind: 'connection', count: connection },
  ]
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}
