import * as z from 'zod/mini';
import { ThroughlineError } from '../../model/errors';
import type { LoadLimits, TemplateValues } from '../../model/loadSession';
import type { Executor, JsonValue, LoadTest } from '../../model/loadTest';
import type { SteadyParts, WindowParts } from './recorder';

/** What a generator process is told; sent once, first. Nothing else tells it of secrets. */
export interface SchedulerOrder {
  readonly type: 'start';
  readonly origin: string;
  readonly test: Pick<LoadTest, 'flows' | 'headers' | 'data' | 'http' | 'apdexTargetMs'>;
  readonly values: TemplateValues;
  readonly limits: LoadLimits;
  /** Of the windows, and of the series of the steady window. */
  readonly intervalMicros: number;
  readonly seriesMicros: number;
  /** Windows begin at whole intervals from it. */
  readonly baseMicros: number;
  /** The process ends by itself after this time, whatever happens. */
  readonly hardLimitSeconds: number;
}

/** What part of the whole falls to a process. */
export interface SliceOrder {
  readonly index: number;
  readonly count: number;
  readonly connections: number;
  /** Raised when the number of processes changes; see `Numbers`. */
  readonly generation: number;
}

export type ToScheduler =
  | SchedulerOrder
  | {
      readonly type: 'run';
      readonly phase: number;
      readonly executor: Executor;
      readonly startMicros: number;
      readonly slice: SliceOrder;
    }
  | { readonly type: 'begin'; readonly atMicros: number }
  | { readonly type: 'end'; readonly atMicros: number; readonly gracefulStopSeconds: number }
  | { readonly type: 'stop' };

export type FromScheduler =
  | { readonly type: 'ready' }
  | { readonly type: 'started' }
  | { readonly type: 'following'; readonly phase: number }
  | { readonly type: 'runEnded'; readonly phase: number }
  | { readonly type: 'window'; readonly window: WindowParts }
  | { readonly type: 'begun'; readonly startMicros: number }
  /** `completed`: since the process began. `lastError`: what the last failed connection died of. */
  | {
      readonly type: 'ended';
      readonly steady: SteadyParts;
      readonly completed: number;
      readonly lastError?: string;
    }
  | { readonly type: 'lost'; readonly reason: string; readonly completed: number }
  /** `usage`: what it was told cannot be done. */
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly code?: 'BAD_USAGE' | 'LOAD_HOST_NOT_ALLOWED';
    };

const text = z.string();
const number = z.number();
const positive = z.number().check(z.nonnegative());
const count = z.int().check(z.nonnegative());
const texts = z.record(text, text);

const jsonValue: z.ZodMiniType<JsonValue> = z.lazy(() =>
  z.union([text, number, z.boolean(), z.null(), z.array(jsonValue), z.record(text, jsonValue)]),
);

const flowStep = z.discriminatedUnion('type', [
  z.object({ type: z.literal('sleep'), minSeconds: positive, maxSeconds: positive }),
  z.object({
    type: z.literal('request'),
    name: text,
    method: text,
    path: text,
    headers: texts,
    body: z.exactOptional(text),
    bodyType: z.exactOptional(z.literal('json')),
    captures: z.array(
      z.object({
        name: text,
        from: z.discriminatedUnion('type', [
          z.object({ type: z.literal('json'), pointer: text }),
          z.object({ type: z.literal('header'), header: text }),
          z.object({ type: z.literal('regex'), pattern: text }),
        ]),
      }),
    ),
    checks: z.array(
      z.object({
        name: text,
        test: z.discriminatedUnion('type', [
          z.object({ type: z.literal('status'), ranges: z.array(z.tuple([number, number])) }),
          z.object({ type: z.literal('bodyIncludes'), text }),
          z.object({ type: z.literal('bodyMatches'), pattern: text }),
          z.object({ type: z.literal('json'), pointer: text, equals: z.exactOptional(jsonValue) }),
          z.object({
            type: z.literal('header'),
            header: text,
            equals: z.exactOptional(text),
            pattern: z.exactOptional(text),
          }),
        ]),
      }),
    ),
  }),
]);

const test = z.object({
  flows: z
    .array(
      z.object({
        name: text,
        weight: z.number().check(z.positive()),
        steps: z.array(flowStep).check(z.minLength(1)),
      }),
    )
    .check(z.minLength(1), z.maxLength(1000)),
  headers: texts,
  data: z.record(
    text,
    z.object({
      columns: z.array(text),
      rows: z.array(z.array(text)),
      pick: z.enum(['sequential', 'random']),
    }),
  ),
  http: z.object({
    timeoutSeconds: z.number().check(z.positive(), z.maximum(3600)),
    connections: z.int().check(z.minimum(1), z.maximum(10_000)),
    http2: z.boolean(),
    maxRedirects: count,
    insecureSkipTLSVerify: z.boolean(),
    processes: count,
  }),
  apdexTargetMs: z.number().check(z.positive()),
});

const stages = z.array(z.object({ duration: positive, target: positive })).check(z.minLength(1));
const arrivals = {
  timeUnit: z.number().check(z.positive()),
  preAllocatedVUs: count,
  maxVUs: count,
  gracefulStop: positive,
};
const executor = z.discriminatedUnion('executor', [
  z.object({ executor: z.literal('constant-vus'), vus: count, duration: positive, gracefulStop: positive }),
  z.object({
    executor: z.literal('ramping-vus'),
    startVUs: count,
    stages,
    gracefulRampDown: positive,
    gracefulStop: positive,
  }),
  z.object({ executor: z.literal('constant-arrival-rate'), rate: positive, duration: positive, ...arrivals }),
  z.object({ executor: z.literal('ramping-arrival-rate'), startRate: positive, stages, ...arrivals }),
  z.object({
    executor: z.literal('per-vu-iterations'),
    vus: count,
    iterations: count,
    maxDuration: positive,
    gracefulStop: positive,
  }),
]);

const toScheduler: z.ZodMiniType<ToScheduler> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    origin: text,
    test,
    values: z.object({ env: texts, secrets: texts }),
    limits: z.object({
      allowedHosts: z.array(text),
      maxRate: positive,
      maxVUs: positive,
      maxConnections: positive,
      maxDurationSeconds: positive,
    }),
    intervalMicros: z.number().check(z.minimum(1000)),
    seriesMicros: z.number().check(z.minimum(1000)),
    baseMicros: positive,
    hardLimitSeconds: z.number().check(z.positive(), z.maximum(1_000_000)),
  }),
  z.object({
    type: z.literal('run'),
    phase: count,
    executor,
    startMicros: positive,
    slice: z.object({
      index: count,
      count: z.int().check(z.minimum(1)),
      connections: z.int().check(z.minimum(1)),
      generation: count,
    }),
  }),
  z.object({ type: z.literal('begin'), atMicros: positive }),
  z.object({ type: z.literal('end'), atMicros: positive, gracefulStopSeconds: positive }),
  z.object({ type: z.literal('stop') }),
]);

const times = z.object({ histogram: text, sumMicros: positive, maxMicros: positive });
const generator = z.object({
  cpuShare: positive,
  eventLoopUtilization: positive,
  eventLoopDelayP99Ms: positive,
  saturated: z.boolean(),
});
const schedule = { intended: count, started: count, unstarted: count, late: count, lag: times };

const windowParts: z.ZodMiniType<WindowParts> = z.object({
  phase: count,
  startMicros: positive,
  endMicros: positive,
  ...schedule,
  times,
  failed: count,
  timeouts: count,
  unanswered: count,
  bytes: count,
  checksPassed: count,
  checksFailed: count,
  vusBusy: count,
  generator,
});

const steadyParts: z.ZodMiniType<SteadyParts> = z.object({
  startMicros: positive,
  endMicros: positive,
  ...schedule,
  interrupted: count,
  steps: z.array(z.object({ times, failed: count, unknown: count })),
  byStatus: z.record(text, count),
  timeouts: count,
  connectionErrors: count,
  satisfied: count,
  tolerated: count,
  checks: z.array(z.object({ name: text, passes: count, fails: count })),
  redirectsRefused: count,
  timeline: z.object({
    requests: count,
    bytes: count,
    perSecond: z.array(count),
    intervals: z.array(z.object({ histogram: text, errors: count })),
  }),
  generator,
});

const fromScheduler: z.ZodMiniType<FromScheduler> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('started') }),
  z.object({ type: z.literal('following'), phase: count }),
  z.object({ type: z.literal('runEnded'), phase: count }),
  z.object({ type: z.literal('window'), window: windowParts }),
  z.object({ type: z.literal('begun'), startMicros: positive }),
  z.object({
    type: z.literal('ended'),
    steady: steadyParts,
    completed: count,
    lastError: z.exactOptional(text),
  }),
  z.object({ type: z.literal('lost'), reason: text, completed: count }),
  z.object({
    type: z.literal('failed'),
    message: text,
    code: z.exactOptional(z.enum(['BAD_USAGE', 'LOAD_HOST_NOT_ALLOWED'])),
  }),
]);

/** Throws `LOAD_GENERATOR_FAILED`. */
export function parseToScheduler(message: unknown): ToScheduler {
  return parse(toScheduler, message);
}

/** Throws `LOAD_GENERATOR_FAILED`. */
export function parseFromScheduler(message: unknown): FromScheduler {
  return parse(fromScheduler, message);
}

function parse<T>(schema: z.ZodMiniType<T>, message: unknown): T {
  const parsed = z.safeParse(schema, message);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ThroughlineError(
    'LOAD_GENERATOR_FAILED',
    `A message of the load scheduler is malformed at "${issue?.path.join('.') ?? ''}": ${issue?.code ?? 'unknown'}.`,
  );
}
