import * as z from 'zod/mini';
import { TEST_KINDS, type Executor, type Stage } from '../model/loadTest';
import {
  MAX_TIMELINE_POINTS,
  type CapacityResult,
  type Drift,
  type LoadTestResult,
  type LoadTimeline,
  type SoakResult,
  type SpikeResult,
  type StressResult,
  type Trial,
} from '../model/loadTestResult';
import type { Objective } from '../model/objective';
import { THRESHOLD_METRICS } from '../model/thresholds';
import { count, list, location, number, optional, positive, share, text } from './values';

const objective: z.ZodMiniType<Objective> = z.object({
  quantile: share,
  latencyMicros: positive,
  errorRate: share,
  expectedRate: optional(positive),
});

const column = z.readonly(z.array(positive).check(z.maxLength(MAX_TIMELINE_POINTS)));
const gappy = z.readonly(z.array(z.nullable(positive)).check(z.maxLength(MAX_TIMELINE_POINTS)));

const timeline: z.ZodMiniType<LoadTimeline> = z
  .object({
    startMicros: number,
    endMicros: column,
    intendedRate: gappy,
    rate: column,
    failedRate: column,
    p50Micros: gappy,
    p95Micros: gappy,
    p99Micros: gappy,
    vus: column,
    targetCpu: gappy,
    generatorCpu: gappy,
    eventLoopUtilization: gappy,
    eventLoopDelayP99Ms: gappy,
    heapUsedBytes: gappy,
  })
  .check(
    z.refine(
      ({ startMicros: _start, endMicros, ...columns }) =>
        Object.values(columns).every(({ length }) => length === endMicros.length),
      'is of columns of different lengths',
    ),
  );

const trial: z.ZodMiniType<Trial> = z.object({
  model: z.enum(['open', 'closed']),
  level: positive,
  decision: z.enum(['pass', 'fail', 'undecided']),
  windows: count,
  discarded: count,
  badWindows: count,
  throughput: positive,
  latencyMicros: positive,
  errorRate: share,
  startMicros: number,
  endMicros: number,
});

const stress: z.ZodMiniType<StressResult> = z.object({
  objective,
  breakingPoint: optional(
    z.object({
      rate: positive,
      rejectedAt: optional(positive),
      latencyMicros: positive,
      concurrency: positive,
    }),
  ),
  ceiling: optional(z.object({ throughput: positive, vus: positive })),
  requestsPerIteration: optional(positive),
  trials: list(trial),
  discardedWindows: count,
  seconds: positive,
});

const capacity: z.ZodMiniType<CapacityResult> = z.object({
  objective,
  expectedRate: positive,
  // JSON has no undefined: it is a key that is not there.
  holds: z.optional(z.boolean()) as unknown as z.ZodMiniType<boolean | undefined>,
  headroom: optional(number),
  mostHeldRate: optional(positive),
  requestsPerIteration: optional(positive),
  trials: list(trial),
});

const spike: z.ZodMiniType<SpikeResult> = z.object({
  baselineRate: positive,
  spikeRate: positive,
  baselineLatencyMicros: positive,
  spikeLatencyMicros: positive,
  spikeErrorRate: share,
  recoverySeconds: optional(positive),
});

const drift: z.ZodMiniType<Drift> = z.object({
  slopePerHour: number,
  low: number,
  high: number,
  start: number,
  points: count,
  pValue: share,
  drifts: z.boolean(),
});

const soak: z.ZodMiniType<SoakResult> = z.object({
  latency: optional(drift),
  memory: optional(drift),
  leaks: list(z.object({ functionName: text, place: optional(location), bytes: positive, share })),
});

const stages: z.ZodMiniType<readonly Stage[]> = list(z.object({ duration: positive, target: positive }));
const arrival = { timeUnit: positive, preAllocatedVUs: count, maxVUs: count, gracefulStop: positive };
const executor: z.ZodMiniType<Executor> = z.discriminatedUnion('executor', [
  z.object({
    executor: z.literal('constant-vus'),
    vus: count,
    duration: positive,
    gracefulStop: positive,
  }),
  z.object({
    executor: z.literal('ramping-vus'),
    startVUs: count,
    stages,
    gracefulRampDown: positive,
    gracefulStop: positive,
  }),
  z.object({
    executor: z.literal('constant-arrival-rate'),
    rate: positive,
    duration: positive,
    ...arrival,
  }),
  z.object({ executor: z.literal('ramping-arrival-rate'), startRate: positive, stages, ...arrival }),
  z.object({
    executor: z.literal('per-vu-iterations'),
    vus: count,
    iterations: count,
    maxDuration: positive,
    gracefulStop: positive,
  }),
]);

/** Of a run of a load test. */
export const loadTest: z.ZodMiniType<LoadTestResult> = z.object({
  name: text,
  kind: z.enum(TEST_KINDS),
  file: optional(text),
  executor: optional(executor),
  verdict: z.object({
    state: z.enum(['pass', 'fail', 'inconclusive']),
    sentence: text,
    evidence: list(text),
  }),
  thresholds: list(
    z.object({
      metric: z.enum(THRESHOLD_METRICS),
      expression: text,
      state: z.enum(['pass', 'fail', 'inconclusive']),
      observed: optional(number),
      reason: optional(text),
    }),
  ),
  checks: list(z.object({ name: text, passes: count, fails: count })),
  misleading: list(text),
  timeline,
  worstWindow: optional(
    z.object({ startMicros: number, endMicros: number, p99Micros: positive, profiled: z.boolean() }),
  ),
  stress: optional(stress),
  capacity: optional(capacity),
  spike: optional(spike),
  soak: optional(soak),
  abortedBy: optional(text),
  lost: optional(z.object({ reason: text, output: optional(text) })),
  importedFrom: optional(text),
});
