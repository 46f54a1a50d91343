import * as z from 'zod/mini';
import { ThroughlineError } from '../model/errors';
import type { Hint } from '../model/hint';
import { MAX_SERIES_POINTS, type LoadResult, type ProbeResult, type Scenario } from '../model/load';
import { TEST_KINDS } from '../model/loadTest';
import type { MetricsResult } from '../model/metrics';
import type { Profile } from '../model/profile';
import { RUN_FORMAT_VERSION, type Environment, type Run, type RunSummary } from '../model/run';
import type { CaptureOptions } from '../model/target';
import { loadTest } from './loadTestSchema';
import {
  count,
  histogram,
  isoDate,
  latency,
  list,
  location,
  number,
  optional,
  positive,
  runId,
  schedule,
  share,
  text,
} from './values';

const route = z.object({ method: text, path: text });

const scenario: z.ZodMiniType<Scenario> = z.object({
  connections: count,
  warmupSeconds: positive,
  durationSeconds: positive,
  routes: list(route),
  headers: optional(z.record(text, text)),
  timeoutSeconds: positive,
  apdexTargetMs: positive,
});

const points = z.readonly(z.array(positive).check(z.maxLength(MAX_SERIES_POINTS)));
const loadResult: z.ZodMiniType<LoadResult> = z.object({
  engine: z.enum(['autocannon', 'throughline', 'k6', 'jmeter']),
  model: z.enum(['closed', 'open']),
  origin: text,
  routes: list(
    z.object({
      method: text,
      path: text,
      name: optional(text),
      failed: optional(count),
      requests: count,
      latency,
    }),
  ),
  connections: count,
  startMicros: number,
  endMicros: number,
  requests: count,
  bytes: positive,
  throughput: z.object({ mean: positive, perSecond: list(positive) }),
  latency,
  histogram,
  errors: z.object({ byStatus: z.record(text, count), timeouts: count, connection: count }),
  apdex: z.object({ targetMs: positive, score: share }),
  generator: z.object({
    cpuShare: positive,
    eventLoopUtilization: positive,
    eventLoopDelayP99Ms: positive,
    saturated: z.boolean(),
  }),
  schedule: optional(schedule),
  series: optional(
    z
      .object({
        intervalMicros: number.check(z.positive()),
        endMicros: points,
        p50Micros: points,
        p99Micros: points,
        requests: points,
        errors: points,
      })
      .check(
        z.refine(
          ({ endMicros, p50Micros, p99Micros, requests, errors }) =>
            [p50Micros, p99Micros, requests, errors].every(({ length }) => length === endMicros.length),
          'is of columns of different lengths',
        ),
      ),
  ),
});

const probe: z.ZodMiniType<ProbeResult> = z.object({
  route,
  verdict: z.enum(['ok', 'notFound', 'redirect', 'html', 'auth', 'clientError', 'serverError', 'noReply']),
  status: optional(count),
  contentType: optional(text),
  location: optional(text),
  closesConnection: z.boolean(),
  durationMs: positive,
  reason: optional(text),
});

const metrics: z.ZodMiniType<MetricsResult> = z.object({
  samples: list(
    z.object({
      pid: count,
      timeMicros: number,
      intervalMicros: number,
      cpuUserMicros: number,
      cpuSystemMicros: number,
      rssBytes: positive,
      heapUsedBytes: positive,
      heapTotalBytes: positive,
      heapLimitBytes: positive,
      externalBytes: positive,
      eventLoopDelayMeanMs: number,
      eventLoopDelayP99Ms: number,
      eventLoopDelayMaxMs: number,
      eventLoopUtilization: number,
      gcMicros: positive,
      gcMajorMicros: positive,
      gcCount: count,
      gcMajorCount: count,
      activeHandles: count,
      requests: count,
    }),
  ),
  summary: z.object({
    processes: count,
    cpuMicros: number,
    cpuCores: number,
    rssMaxBytes: positive,
    heapUsedMaxBytes: positive,
    eventLoopUtilization: number,
    eventLoopDelayMeanMs: number,
    eventLoopDelayP99Ms: number,
    eventLoopDelayMaxMs: number,
    gcShare: number,
    gcMajorCount: count,
    activeHandlesMax: count,
    coresAvailable: positive,
  }),
});

const frameKind = z.enum(['app', 'dependency', 'node', 'v8', 'native', 'kernel', 'regexp', 'init']);
const cost = { selfMicros: number, totalMicros: number, selfSamples: count, totalSamples: count };
const edges = list(z.object({ frame: count, totalMicros: number, samples: count }));

const profile: z.ZodMiniType<Profile> = z.object({
  frames: list(
    z.object({
      functionName: text,
      kind: frameKind,
      packageName: optional(text),
      source: optional(location),
      endLine: optional(count),
      generated: z.object({ url: text, line: count, column: count }),
    }),
  ),
  functions: list(z.object({ ...cost, frame: count, callers: edges, callees: edges })),
  lines: list(z.object({ ...cost, file: text, line: count, frame: count })),
  files: list(z.object({ file: text, kind: frameKind, sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) })),
  totals: z.object({
    sampledMicros: number,
    activeMicros: number,
    gcMicros: number,
    programMicros: number,
    samples: count,
    activeSamples: count,
    uncertainMicros: number,
  }),
  mapping: z.object({
    framesMapped: count,
    framesWithMap: count,
    failures: list(z.object({ url: text, reason: text })),
  }),
  threads: list(
    z.object({ pid: count, name: text, samples: count, sampledMicros: number, activeMicros: number }),
  ),
});

const hint: z.ZodMiniType<Hint> = z.object({
  rule: text,
  severity: z.enum(['info', 'warning', 'problem']),
  title: text,
  message: text,
  evidence: list(
    z.object({
      metric: text,
      value: number,
      threshold: number,
      unit: z.enum(['ms', 'share', 'count', 'bytes', 'samples']),
    }),
  ),
  place: optional(z.object({ file: text, line: count, column: count, functionName: text })),
  expectedGain: optional(number),
  nextStep: text,
});

export const environmentSchema: z.ZodMiniType<Environment> = z.object({
  platform: text,
  arch: text,
  cpuModel: text,
  cores: count,
  memoryBytes: positive,
  throughlineVersion: text,
});

export const scenarioSchema = scenario;

const capture: z.ZodMiniType<CaptureOptions> = z.object({
  cpu: z.boolean(),
  intervalMicros: z.number().check(z.positive()),
  inlining: z.enum(['reattribute', 'off']),
  // Of a later release than the format.
  backend: z._default(z.enum(['inspector', '0x', 'perf']), 'inspector'),
  heap: z._default(z.boolean(), false),
});

const runSchema: z.ZodMiniType<Run> = z.object({
  formatVersion: z.literal(RUN_FORMAT_VERSION),
  id: runId,
  name: optional(text),
  createdAt: isoDate,
  target: z.object({
    folder: optional(text),
    label: text,
    origin: text,
    nodeVersion: optional(text),
    pids: list(count),
  }),
  environment: environmentSchema,
  scenario,
  capture: optional(capture),
  probes: list(probe),
  load: loadResult,
  loadTest: optional(loadTest),
  metrics: optional(metrics),
  profile: z.discriminatedUnion('state', [
    z.object({ state: z.literal('ok'), profile, cpuScale: positive }),
    z.object({ state: z.literal('none'), reason: text }),
  ]),
  profiled: optional(z.object({ startMicros: number, endMicros: number, requests: count })),
  heap: optional(
    z.discriminatedUnion('state', [
      z.object({ state: z.literal('ok'), profile, intervalBytes: number.check(z.positive()) }),
      z.object({ state: z.literal('none'), reason: text }),
    ]),
  ),
  hints: list(hint),
  warnings: list(text),
});

const summarySchema: z.ZodMiniType<Omit<RunSummary, 'isBaseline'>> = z.object({
  id: runId,
  name: optional(text),
  createdAt: isoDate,
  label: text,
  throughput: positive,
  p99Micros: positive,
  measuredTo: optional(share),
  loadTest: optional(
    z.object({
      name: text,
      kind: z.enum(TEST_KINDS),
      file: optional(text),
      state: z.enum(['pass', 'fail', 'inconclusive']),
      sentence: text,
    }),
  ),
  requests: count,
  hasProfile: z.boolean(),
});

/** Of `run.json` of the present format. Throws BAD_RUN that names the first wrong key and `what` was read. */
export function parseRun(value: unknown, what: string): Run {
  const run = parseWith(runSchema, value, what);
  checkFrames(run, what);
  return run;
}

export function parseSummary(value: unknown, what: string): Omit<RunSummary, 'isBaseline'> {
  return parseWith(summarySchema, value, what);
}

export function parseWith<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.map(String).join('.') || 'the whole document';
  throw new ThroughlineError(
    'BAD_RUN',
    `${what} is damaged: ${where} is not as it should be.`,
    describe(issue),
  );
}

/** Every index must be of a frame: readers use them unchecked. */
function checkFrames(run: Run, what: string): void {
  for (const state of [run.profile, run.heap]) if (state?.state === 'ok') checkIndexes(state.profile, what);
}

function checkIndexes({ frames, functions, lines }: Profile, what: string): void {
  const bad = (index: number) => index >= frames.length;
  const wrong =
    functions.some(
      (cost) =>
        bad(cost.frame) ||
        cost.callers.some((edge) => bad(edge.frame)) ||
        cost.callees.some((edge) => bad(edge.frame)),
    ) || lines.some((line) => bad(line.frame));
  if (wrong)
    throw new ThroughlineError('BAD_RUN', `${what} is damaged: it names a frame that it does not hold.`);
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  if (!issue) return '';
  const expected = 'expected' in issue ? ` (expected ${String(issue.expected)})` : '';
  return `${issue.code}${expected}`;
}
