import assert from 'node:assert/strict';
import type { Hint } from '../../../src/engine/model/hint';
import { DEFAULT_SCENARIO, type LoadResult } from '../../../src/engine/model/load';
import type { MetricSample, MetricsResult, MetricsSummary } from '../../../src/engine/model/metrics';
import type { CallEdge, Frame, Profile } from '../../../src/engine/model/profile';
import { findHints, type HintInput } from '../../../src/engine/hints/registry';

/** A function of a built profile; times in milliseconds, one sample a millisecond. */
export interface BuiltFunction {
  readonly name: string;
  readonly kind: Frame['kind'];
  readonly selfMs: number;
  readonly totalMs: number;
  /** Of `app` and `dependency`: where it is declared. */
  readonly file?: string;
  readonly line?: number;
  readonly endLine?: number;
  /** Of `node`: its module, e.g. `node:fs`. */
  readonly url?: string;
  readonly packageName?: string;
  /** Names of the functions that call it, with the milliseconds along each edge. */
  readonly callers?: Readonly<Record<string, number>>;
}

export interface BuiltLine {
  readonly function: string;
  readonly line: number;
  readonly selfMs: number;
}

export interface BuiltProfile {
  readonly functions: readonly BuiltFunction[];
  readonly lines?: readonly BuiltLine[];
  readonly activeMs?: number;
  readonly sampledMs?: number;
}

export function buildProfile({
  functions,
  lines = [],
  activeMs = 1000,
  sampledMs = 1000,
}: BuiltProfile): Profile {
  const index = (name: string): number => {
    const found = functions.findIndex((one) => one.name === name);
    if (found < 0) throw new Error(`the built profile has no function ${name}`);
    return found;
  };
  const edges = (entries: readonly (readonly [string, number])[]): CallEdge[] =>
    entries
      .map(([name, ms]) => ({ frame: index(name), totalMicros: ms * 1000, samples: ms }))
      .sort((a, b) => b.totalMicros - a.totalMicros);
  const calleesOf = (caller: string) =>
    functions.flatMap((one) =>
      one.callers?.[caller] === undefined ? [] : [[one.name, one.callers[caller]] as const],
    );
  return {
    frames: functions.map((one) => ({
      functionName: one.name,
      kind: one.kind,
      ...(one.packageName !== undefined && { packageName: one.packageName }),
      ...(one.file !== undefined && { source: { file: one.file, line: one.line ?? 1, column: 1 } }),
      ...(one.endLine !== undefined && { endLine: one.endLine }),
      generated: { url: one.url ?? `file://${one.file ?? ''}`, line: one.line ?? 0, column: 1 },
    })),
    functions: functions
      .map((one, frame) => ({
        frame,
        selfMicros: one.selfMs * 1000,
        totalMicros: one.totalMs * 1000,
        selfSamples: one.selfMs,
        totalSamples: one.totalMs,
        callers: edges(Object.entries(one.callers ?? {})),
        callees: edges(calleesOf(one.name)),
      }))
      .sort((a, b) => b.selfMicros - a.selfMicros),
    lines: lines
      .map((one) => ({
        file: functions[index(one.function)]?.file ?? '',
        line: one.line,
        frame: index(one.function),
        selfMicros: one.selfMs * 1000,
        totalMicros: one.selfMs * 1000,
        selfSamples: one.selfMs,
        totalSamples: one.selfMs,
      }))
      .sort((a, b) => b.selfMicros - a.selfMicros),
    files: [],
    totals: {
      sampledMicros: sampledMs * 1000,
      activeMicros: activeMs * 1000,
      gcMicros: 0,
      programMicros: 0,
      samples: sampledMs,
      activeSamples: activeMs,
      uncertainMicros: 0,
    },
    mapping: { framesMapped: 0, framesWithMap: 0, failures: [] },
    threads: [
      {
        pid: 1,
        name: 'main',
        samples: sampledMs,
        sampledMicros: sampledMs * 1000,
        activeMicros: activeMs * 1000,
      },
    ],
  };
}

/** 1000 requests in a second over 20 connections, in microseconds of response time. */
export function buildLoad(overrides: Partial<LoadResult> & { meanMicros?: number } = {}): LoadResult {
  const { meanMicros = 20_000, ...rest } = overrides;
  const latency = {
    count: 1000,
    meanMicros,
    p50Micros: meanMicros,
    p90Micros: meanMicros * 1.5,
    p95Micros: meanMicros * 1.7,
    p99Micros: meanMicros * 2,
    p999Micros: meanMicros * 3,
    maxMicros: meanMicros * 4,
  };
  return {
    engine: 'autocannon',
    model: 'closed',
    origin: 'http://127.0.0.1:3000',
    routes: [],
    connections: 20,
    startMicros: 0,
    endMicros: 1_000_000,
    requests: 1000,
    bytes: 1_000_000,
    throughput: { mean: 1000, perSecond: [1000] },
    latency,
    histogram: '',
    errors: { byStatus: {}, timeouts: 0, connection: 0 },
    apdex: { targetMs: 100, score: 1 },
    generator: { cpuShare: 0.3, eventLoopUtilization: 0.4, eventLoopDelayP99Ms: 2, saturated: false },
    ...rest,
  };
}

/** Four intervals of 250 ms, each like `sample`, of a process that is half busy unless told otherwise. */
export function buildMetrics(
  sample: Partial<MetricSample> = {},
  summary: Partial<MetricsSummary> = {},
): MetricsResult {
  const samples = Array.from({ length: 4 }, (_, index) => ({
    pid: 1,
    timeMicros: (index + 1) * 250_000,
    intervalMicros: 250_000,
    cpuUserMicros: 110_000,
    cpuSystemMicros: 15_000,
    rssBytes: 80e6,
    heapUsedBytes: 30e6,
    heapTotalBytes: 50e6,
    heapLimitBytes: 2e9,
    externalBytes: 2e6,
    eventLoopDelayMeanMs: 1,
    eventLoopDelayP99Ms: 3,
    eventLoopDelayMaxMs: 4,
    eventLoopUtilization: 0.5,
    gcMicros: 2000,
    gcMajorMicros: 0,
    gcCount: 2,
    gcMajorCount: 0,
    activeHandles: 25,
    requests: 250,
    ...sample,
  }));
  return {
    samples,
    summary: {
      processes: 1,
      cpuMicros: 500_000,
      cpuCores: 0.5,
      rssMaxBytes: 80e6,
      heapUsedMaxBytes: 30e6,
      eventLoopUtilization: 0.5,
      eventLoopDelayMeanMs: 1,
      eventLoopDelayP99Ms: 3,
      eventLoopDelayMaxMs: 4,
      gcShare: 0.008,
      gcMajorCount: 0,
      activeHandlesMax: 25,
      coresAvailable: 8,
      ...summary,
    },
  };
}

/** Source files by name; the text's first line is line 1. */
export type Sources = Readonly<Record<string, readonly string[]>>;

export function buildInput(
  overrides: Partial<Omit<HintInput, 'sourceLine'>> & { sources?: Sources },
): HintInput {
  const { sources = {}, ...rest } = overrides;
  return {
    cpuScale: 1,
    load: buildLoad(),
    scenario: DEFAULT_SCENARIO,
    ...rest,
    sourceLine: (file, line) => sources[file]?.[line - 1],
  };
}

/** The hints of one rule, through the registry as the product asks it; each must carry evidence and advice. */
export function hintsOf(rule: string, input: HintInput): Hint[] {
  const hints = findHints(input);
  for (const hint of hints) {
    assert.ok(
      hint.evidence.length > 0 && hint.nextStep.length > 20,
      `${hint.rule} has no evidence or advice`,
    );
    for (const { metric, value, threshold } of hint.evidence) {
      assert.ok(value >= threshold, `${hint.rule}: ${metric} is ${value}, below ${threshold}`);
    }
  }
  return hints.filter((hint) => hint.rule === rule);
}
