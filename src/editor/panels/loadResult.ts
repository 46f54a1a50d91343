import type { LoadTimeline } from '../../engine/model/loadTestResult';
import type { LoadAction, LoadColumns, ShownResult } from '../../protocol/load';
import type { OpenRun } from '../currentRun';
import { errorCounts } from './runFigures';

/** What the panel shows of a stored load test; undefined of a run that is none. */
export function shownResult(open: OpenRun, actions: readonly LoadAction[]): ShownResult | undefined {
  const { run, storeFolder } = open;
  if (!run.loadTest) return undefined;
  const { timeline, worstWindow, ...test } = run.loadTest;
  const fromStart = (micros: number) => micros - timeline.startMicros;
  const { load, profile } = run;
  return {
    ref: { storeFolder, id: run.id },
    title: run.name ?? test.name,
    createdAt: run.createdAt,
    test: {
      ...test,
      ...(worstWindow && {
        worstWindow: {
          ...worstWindow,
          startMicros: fromStart(worstWindow.startMicros),
          endMicros: fromStart(worstWindow.endMicros),
        },
      }),
    },
    timeline: columnsOfTimeline(timeline),
    load: {
      engine: load.engine,
      model: load.model,
      origin: load.origin,
      connections: load.connections,
      seconds: (load.endMicros - load.startMicros) / 1e6,
      requests: load.requests,
      bytes: load.bytes,
      throughput: load.throughput.mean,
      latency: load.latency,
      histogram: load.histogram,
      errors: errorCounts(load.errors),
      apdex: load.apdex,
      generator: load.generator,
      ...(load.schedule && { schedule: load.schedule }),
      ...(load.redirectsRefused !== undefined && { redirectsRefused: load.redirectsRefused }),
      routes: load.routes,
    },
    profile: profile.state === 'ok' ? { state: 'ok' } : { state: 'none', reason: profile.reason },
    actions,
  };
}

function columnsOfTimeline(timeline: LoadTimeline): LoadColumns {
  const column = (values: readonly (number | null)[]) => Float64Array.from(values, (value) => value ?? NaN);
  return {
    seconds: Float64Array.from(timeline.endMicros, (micros) => micros / 1e6),
    intendedRate: column(timeline.intendedRate),
    rate: column(timeline.rate),
    failedRate: column(timeline.failedRate),
    p50Micros: column(timeline.p50Micros),
    p95Micros: column(timeline.p95Micros),
    p99Micros: column(timeline.p99Micros),
    vus: column(timeline.vus),
    targetCpu: column(timeline.targetCpu),
    generatorCpu: column(timeline.generatorCpu),
    eventLoopUtilization: column(timeline.eventLoopUtilization),
    eventLoopDelayP99Ms: column(timeline.eventLoopDelayP99Ms),
    heapUsedBytes: column(timeline.heapUsedBytes),
  };
}
