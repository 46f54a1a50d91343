import * as z from 'zod/mini';
import { ThroughlineError } from '../model/errors';
import type { LoadProgress, LoadResult } from '../model/load';
import type { LoadWindow } from '../model/loadWindow';
import type { LoadRequest } from './routes';

/** What the generator is told to do; sent once, first. */
export interface LoadOrder {
  readonly type: 'start';
  readonly origin: string;
  readonly routes: readonly LoadRequest[];
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly timeoutSeconds: number;
  readonly apdexTargetMs: number;
  /** Of the series of the window; see `LoadSeries`. */
  readonly intervalMicros: number;
  /** Each connection begins with the first request; else they begin at different ones. */
  readonly inOrder?: boolean;
  /** Tells a `window` this often. */
  readonly windowMs?: number;
  /** The generator ends by itself after this time, whatever happens. */
  readonly hardLimitSeconds: number;
}

export type ToGenerator =
  LoadOrder | { readonly type: 'begin' } | { readonly type: 'end' } | { readonly type: 'stop' };

export type FromGenerator =
  /** The process listens; `start` may be sent. */
  | { readonly type: 'ready' }
  /** Requests are being sent. */
  | { readonly type: 'started' }
  | { readonly type: 'progress'; readonly progress: LoadProgress }
  /** Without a phase, which is the owner's to know. */
  | { readonly type: 'window'; readonly window: Omit<LoadWindow, 'phase'> }
  | { readonly type: 'begun'; readonly startMicros: number }
  /** `emptyReason`: nothing was completed in the window, and why. */
  | { readonly type: 'ended'; readonly result: LoadResult; readonly emptyReason?: string }
  /** No connection has been usable for a while. `completed`: since the load began. */
  | { readonly type: 'lost'; readonly reason: string; readonly completed: number }
  | { readonly type: 'failed'; readonly message: string };

const text = z.string();
const positive = z.number().check(z.nonnegative());
const count = z.int().check(z.nonnegative());
const route = { method: text, path: text };
const latency = z.object({
  count,
  measuredTo: z.exactOptional(positive),
  meanMicros: positive,
  p50Micros: positive,
  p90Micros: positive,
  p95Micros: positive,
  p99Micros: positive,
  p999Micros: positive,
  maxMicros: positive,
});

const toGenerator: z.ZodMiniType<ToGenerator> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    origin: text,
    routes: z
      .array(
        z.object({
          ...route,
          name: z.exactOptional(text),
          headers: z.exactOptional(z.record(text, text)),
          body: z.exactOptional(text),
        }),
      )
      .check(z.minLength(1), z.maxLength(1000)),
    headers: z.record(text, text),
    connections: z.int().check(z.minimum(1), z.maximum(10_000)),
    timeoutSeconds: z.number().check(z.minimum(1), z.maximum(3600)),
    apdexTargetMs: z.number().check(z.positive()),
    intervalMicros: z.number().check(z.minimum(1000)),
    inOrder: z.exactOptional(z.boolean()),
    windowMs: z.exactOptional(z.number().check(z.minimum(10))),
    hardLimitSeconds: z.number().check(z.positive(), z.maximum(1_000_000)),
  }),
  z.object({ type: z.literal('begin') }),
  z.object({ type: z.literal('end') }),
  z.object({ type: z.literal('stop') }),
]);

const generator = z.object({
  cpuShare: positive,
  eventLoopUtilization: positive,
  eventLoopDelayP99Ms: positive,
  saturated: z.boolean(),
});

const loadResult: z.ZodMiniType<LoadResult> = z.object({
  engine: z.literal('autocannon'),
  model: z.literal('closed'),
  origin: text,
  routes: z.array(
    z.object({
      ...route,
      name: z.exactOptional(text),
      failed: z.exactOptional(count),
      requests: count,
      latency,
    }),
  ),
  connections: count,
  startMicros: positive,
  endMicros: positive,
  requests: count,
  bytes: count,
  throughput: z.object({ mean: positive, perSecond: z.array(count) }),
  latency,
  histogram: text,
  errors: z.object({ byStatus: z.record(text, count), timeouts: count, connection: count }),
  apdex: z.object({ targetMs: positive, score: positive }),
  generator,
  series: z.exactOptional(
    z.object({
      intervalMicros: positive,
      endMicros: z.array(positive),
      p50Micros: z.array(positive),
      p99Micros: z.array(positive),
      requests: z.array(count),
      errors: z.array(count),
    }),
  ),
});

const fromGenerator: z.ZodMiniType<FromGenerator> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('started') }),
  z.object({
    type: z.literal('progress'),
    progress: z.object({
      phase: z.enum(['warmup', 'measure']),
      elapsedSeconds: positive,
      requestsPerSecond: positive,
      p99Micros: positive,
      errors: count,
    }),
  }),
  z.object({
    type: z.literal('window'),
    window: z.object({
      startMicros: positive,
      endMicros: positive,
      intended: count,
      started: count,
      unstarted: count,
      late: count,
      latency,
      histogram: text,
      failed: count,
      unanswered: count,
      bytes: count,
      checksPassed: count,
      checksFailed: count,
      vusBusy: count,
      lagP99Micros: positive,
      lagMaxMicros: positive,
      generator,
    }),
  }),
  z.object({ type: z.literal('begun'), startMicros: positive }),
  z.object({ type: z.literal('ended'), result: loadResult, emptyReason: z.exactOptional(text) }),
  z.object({ type: z.literal('lost'), reason: text, completed: count }),
  z.object({ type: z.literal('failed'), message: text }),
]);

/** Throws `LOAD_GENERATOR_FAILED`. */
export function parseToGenerator(message: unknown): ToGenerator {
  return parse(toGenerator, message);
}

/** Throws `LOAD_GENERATOR_FAILED`. */
export function parseFromGenerator(message: unknown): FromGenerator {
  return parse(fromGenerator, message);
}

function parse<T>(schema: z.ZodMiniType<T>, message: unknown): T {
  const parsed = z.safeParse(schema, message);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ThroughlineError(
    'LOAD_GENERATOR_FAILED',
    `A message of the load generator is malformed at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'unknown'}.`,
  );
}
