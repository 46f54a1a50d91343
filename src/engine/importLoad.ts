import path from 'node:path';
import { stat } from 'node:fs/promises';
import { readSamples, readSummary, resultKind } from './handoff/results/read';
import type { K6Summary } from './handoff/results/k6Summary';
import { ResultRange, ResultTotals } from './importLoad/aggregate';
import { verdictOf } from './importLoad/verdict';
import { RouteRecorder } from './load/histograms';
import { environment } from './measure/details';
import { ThroughlineError } from './model/errors';
import type { LatencySummary, LoadResult } from './model/load';
import { executorSeconds, isOpenModel, type LoadTest } from './model/loadTest';
import type { LoadTestResult } from './model/loadTestResult';
import type { Run } from './model/run';
import {
  evaluateThreshold,
  parseThreshold,
  THRESHOLD_METRICS,
  type Threshold,
  type ThresholdMetric,
  type ThresholdResult,
} from './model/thresholds';
import type { RunStore } from './runs/store';

export interface ImportOptions {
  readonly store: RunStore;
  readonly signal: AbortSignal;
  /** The test that the tool ran, for its name, thresholds and model; without it the file's own words. */
  readonly test?: LoadTest;
  /** Of the `*.load.json`, as it is to be shown. */
  readonly testFile?: string;
  /** What k6 wrote with `--summary-export` beside its points: its own judgement of the thresholds. */
  readonly summaryFile?: string;
  /** Further sentences on how the result may mislead. */
  readonly notes?: readonly string[];
}

const DEFAULT_APDEX_MS = 100;

/**
 * Makes a run of what k6 or JMeter wrote: JSON points (also packed, `.gz`), a summary, or a JTL as CSV. Reads files
 * of any size in bounded memory, twice. Rejects with BAD_LOAD_RESULT, STORE_FAILED or `CancelledError`.
 */
export async function importLoadResult(file: string, options: ImportOptions): Promise<Run> {
  const kind = await resultKind(file, options.signal);
  const imported =
    kind === 'k6-summary'
      ? ofSummary(await readSummary(file), options)
      : await ofSamples(file, kind, options);
  const draft = await options.store.begin();
  try {
    return await draft.commit(runOf(file, imported, options));
  } finally {
    await draft.discard();
  }
}

interface Imported {
  readonly tool: 'k6' | 'JMeter';
  readonly load: LoadResult;
  readonly thresholds: readonly ThresholdResult[];
  readonly checks: LoadTestResult['checks'];
  readonly timeline: LoadTestResult['timeline'];
  readonly startedAt: Date;
  readonly notes: readonly string[];
}

async function ofSamples(
  file: string,
  kind: 'k6-points' | 'jtl',
  { signal, test, summaryFile }: ImportOptions,
): Promise<Imported> {
  const range = new ResultRange();
  await readSamples(file, kind, range, signal);
  if (range.samples === 0)
    throw new ThroughlineError(
      'BAD_LOAD_RESULT',
      `${file} has no request${range.warmups > 0 ? ' after the warm-up' : ''}.`,
    );
  const totals = new ResultTotals(range, test?.apdexTargetMs ?? DEFAULT_APDEX_MS);
  await readSamples(file, kind, totals, signal);
  const all = new RouteRecorder();
  const tool = kind === 'jtl' ? 'JMeter' : 'k6';
  const isOpen = test === undefined ? totals.unstarted > 0 : isOpenModel(test.executor);
  const result = totals.result(
    tool === 'k6' ? 'k6' : 'jmeter',
    isOpen ? 'open' : 'closed',
    test?.target ?? '',
    all,
  );
  const { series, timeline } = totals.course();
  const load = { ...result, series };
  if (load.requests + load.errors.timeouts + load.errors.connection === 0)
    throw new ThroughlineError('BAD_LOAD_RESULT', `${file} has no request.`);
  const summary = summaryFile === undefined ? undefined : await readSummary(summaryFile);
  const conditions = test?.thresholds ?? [...totals.thresholds.values()].flatMap(conditionOf);
  const evidence = {
    load,
    checks: totals.checks,
    quantile: (quantile: number) => (all.count === 0 ? undefined : all.valueAt(quantile)),
  };
  return {
    ...{ tool, load, timeline, checks: totals.checks },
    thresholds: [
      ...conditions.map((each) => evaluateThreshold(each, evidence)),
      ...(test === undefined && summary ? foreignThresholds(summary, conditions) : []),
    ],
    startedAt: new Date(range.startMs),
    notes: [
      ...(isOpen
        ? [
            `${tool} counts response times from sending, not from when a request was due: a slow target looks better than it is.`,
          ]
        : []),
      ...(summary ? disagreements(summary, conditions, evidence) : []),
    ],
  };
}

function ofSummary(summary: K6Summary, { test }: ImportOptions): Imported {
  const { requests, requestsPerSecond, durations, failedShare } = summary;
  if (requests === 0) throw new ThroughlineError('BAD_LOAD_RESULT', "k6's summary has no request.");
  const seconds = requestsPerSecond > 0 ? requests / requestsPerSecond : 0;
  const latency = latencyOf(summary);
  const failed = Math.round(failedShare * requests);
  const load: LoadResult = {
    engine: 'k6',
    model: test && isOpenModel(test.executor) ? 'open' : 'closed',
    origin: test?.target ?? '',
    routes: [],
    connections: summary.vus,
    ...{ startMicros: 0, endMicros: seconds * 1e6 },
    requests,
    bytes: summary.bytes,
    throughput: { mean: requestsPerSecond, perSecond: [] },
    latency,
    histogram: new RouteRecorder().encode().histogram,
    errors: { byStatus: {}, timeouts: 0, connection: failed },
    apdex: { targetMs: test?.apdexTargetMs ?? DEFAULT_APDEX_MS, score: 0 },
    generator: { cpuShare: 0, eventLoopUtilization: 0, eventLoopDelayP99Ms: 0, saturated: false },
  };
  return {
    tool: 'k6',
    load,
    thresholds: foreignThresholds(summary, []),
    checks: summary.checks,
    timeline: emptyTimeline(),
    startedAt: new Date(),
    notes: [
      "k6's summary has no single requests: there is no histogram, no course over time, no Apdex, no table of requests, and failures are not told apart. Import JSON points for those.",
      ...(durations['p(99)'] === undefined
        ? ['The summary has no p(99): add it to "summaryTrendStats", as exported scripts do.']
        : []),
    ],
  };
}

/** Percentiles that the summary has not are those below, marked as not measured. */
function latencyOf({ durations, requests }: K6Summary): LatencySummary {
  const micros = (name: string) => (durations[name] === undefined ? undefined : durations[name] * 1000);
  const p50 = micros('med') ?? 0;
  const p90 = micros('p(90)');
  const p95 = micros('p(95)');
  const p99 = micros('p(99)');
  const p999 = micros('p(99.9)');
  const known = [p90, p95, p99, p999].indexOf(undefined);
  return {
    count: requests,
    ...(known !== -1 && { measuredTo: [0.5, 0.9, 0.95, 0.99][known]! }),
    meanMicros: micros('avg') ?? 0,
    p50Micros: p50,
    p90Micros: p90 ?? p50,
    p95Micros: p95 ?? p90 ?? p50,
    p99Micros: p99 ?? p95 ?? p90 ?? p50,
    p999Micros: p999 ?? p99 ?? p95 ?? p90 ?? p50,
    maxMicros: micros('max') ?? 0,
  };
}

/** A condition in the file's words as one of ours; of other metrics none. */
function conditionOf({
  metric,
  expression,
}: {
  readonly metric: string;
  readonly expression: string;
}): Threshold[] {
  const known = knownMetric(metric);
  const parsed = known && parseThreshold(known, expression);
  return parsed?.state === 'ok' ? [parsed.threshold] : [];
}

function knownMetric(metric: string): ThresholdMetric | undefined {
  const bare = metric.replace(/\{scenario:load\}$/, '');
  return THRESHOLD_METRICS.find((each) => each === bare);
}

/** Of the tool's own judgement: those that were not judged here. */
function foreignThresholds({ thresholds }: K6Summary, judged: readonly Threshold[]): ThresholdResult[] {
  return thresholds.flatMap(({ metric, expression, holds }): ThresholdResult[] => {
    const known = knownMetric(metric);
    if (!known || judged.some((each) => each.metric === known && each.expression === expression)) return [];
    return [{ metric: known, expression, state: holds ? 'pass' : 'fail' }];
  });
}

function disagreements(
  { thresholds }: K6Summary,
  conditions: readonly Threshold[],
  evidence: Parameters<typeof evaluateThreshold>[1],
): string[] {
  return conditions.flatMap((condition) => {
    const theirs = thresholds.find(
      ({ metric, expression }) =>
        knownMetric(metric) === condition.metric && expression === condition.expression,
    );
    const { state } = evaluateThreshold(condition, evidence);
    if (!theirs || state === 'inconclusive' || theirs.holds === (state === 'pass')) return [];
    return [
      `k6 judged "${condition.metric}: ${condition.expression}" ${theirs.holds ? 'kept' : 'broken'}, by its points it is ${state === 'pass' ? 'kept' : 'broken'}.`,
    ];
  });
}

function emptyTimeline(): LoadTestResult['timeline'] {
  const none: never[] = [];
  return {
    ...{ startMicros: 0, endMicros: none, intendedRate: none, rate: none, failedRate: none },
    ...{ p50Micros: none, p95Micros: none, p99Micros: none, vus: none, targetCpu: none, generatorCpu: none },
    ...{ eventLoopUtilization: none, eventLoopDelayP99Ms: none, heapUsedBytes: none },
  };
}

function runOf(file: string, imported: Imported, options: ImportOptions): Omit<Run, 'id' | 'formatVersion'> {
  const { tool, load, thresholds, checks, timeline, startedAt } = imported;
  const { test } = options;
  const misleading = [
    ...(options.notes ?? []),
    ...imported.notes,
    `${tool} does not tell how busy its own machine was: whether it was the bottleneck is not known.`,
  ];
  return {
    createdAt: startedAt.toISOString(),
    target: { label: `${tool}: ${path.basename(file)}`, origin: load.origin, pids: [] },
    environment: environment(),
    scenario: {
      connections: load.connections,
      warmupSeconds: test?.warmupSeconds ?? 0,
      durationSeconds: test ? executorSeconds(test.executor) : (load.endMicros - load.startMicros) / 1e6,
      routes: load.routes.map(({ method, path: each }) => ({ method, path: each })),
      timeoutSeconds: test?.http.timeoutSeconds ?? 0,
      apdexTargetMs: load.apdex.targetMs,
    },
    probes: [],
    load,
    loadTest: {
      name: test?.name ?? path.basename(file),
      kind: test?.kind ?? 'load',
      ...(options.testFile !== undefined && { file: options.testFile }),
      verdict: verdictOf(tool, load, thresholds),
      ...{ thresholds, checks, misleading, timeline },
      importedFrom: tool,
    },
    profile: { state: 'none', reason: `The load was sent by ${tool}; nothing was profiled.` },
    hints: [],
    warnings: misleading,
  };
}

/** The file is there and is one. Throws BAD_USAGE. */
export async function checkResultFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) throw new ThroughlineError('BAD_USAGE', `There is no file ${file}.`);
}
