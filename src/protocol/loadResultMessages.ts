import type { LatencySummary, RouteResult } from '../engine/model/load';
import { TEST_KINDS } from '../engine/model/loadTest';
import type {
  CapacityResult,
  Drift,
  LeakSuspect,
  SoakResult,
  SpikeResult,
  StressResult,
  Trial,
  Verdict,
} from '../engine/model/loadTestResult';
import type { ScheduleResult } from '../engine/model/loadWindow';
import type { Objective } from '../engine/model/objective';
import type { Location } from '../engine/model/profile';
import { THRESHOLD_METRICS, type ThresholdResult } from '../engine/model/thresholds';
import type { Fields } from './guards';
import { BadMessage, count, fieldsOf, flag, list, number, oneOf, optional, text, texts } from './guards';
import { LOAD_ACTIONS, type LoadColumns, type LoadFigures, type ShownResult } from './load';

const STATES = ['pass', 'fail', 'inconclusive'] as const;

/** Throws `BadMessage`, as all of these. */
export function parseResult(fields: Fields, parseColumns: (fields: Fields) => LoadColumns): ShownResult {
  const ref = fieldsOf(fields['ref'], 'ref');
  const profile = fieldsOf(fields['profile'], 'profile');
  return {
    ref: { storeFolder: text(ref, 'storeFolder'), id: text(ref, 'id') },
    title: text(fields, 'title'),
    createdAt: text(fields, 'createdAt'),
    test: parseTest(fieldsOf(fields['test'], 'test')),
    timeline: parseColumns(fieldsOf(fields['timeline'], 'timeline')),
    load: parseLoad(fieldsOf(fields['load'], 'load')),
    profile:
      oneOf(profile, 'state', ['ok', 'none'] as const) === 'ok'
        ? { state: 'ok' }
        : { state: 'none', reason: text(profile, 'reason') },
    actions: texts(fields, 'actions').map((action) => oneOf({ action }, 'action', LOAD_ACTIONS)),
  };
}

export function parseTrial(fields: Fields): Trial {
  return {
    model: oneOf(fields, 'model', ['open', 'closed'] as const),
    level: number(fields, 'level'),
    decision: oneOf(fields, 'decision', ['pass', 'fail', 'undecided'] as const),
    windows: count(fields, 'windows'),
    discarded: count(fields, 'discarded'),
    badWindows: count(fields, 'badWindows'),
    throughput: number(fields, 'throughput'),
    latencyMicros: number(fields, 'latencyMicros'),
    errorRate: number(fields, 'errorRate'),
    startMicros: number(fields, 'startMicros'),
    endMicros: number(fields, 'endMicros'),
  };
}

function parseTest(fields: Fields): ShownResult['test'] {
  return {
    name: text(fields, 'name'),
    kind: oneOf(fields, 'kind', TEST_KINDS),
    ...given('file', optional(fields, 'file', text)),
    verdict: parseVerdict(fieldsOf(fields['verdict'], 'verdict')),
    thresholds: list(fields, 'thresholds', parseThreshold),
    checks: list(fields, 'checks', (check) => ({
      name: text(check, 'name'),
      passes: count(check, 'passes'),
      fails: count(check, 'fails'),
    })),
    misleading: texts(fields, 'misleading'),
    ...given(
      'worstWindow',
      part(fields, 'worstWindow', (window) => ({
        startMicros: number(window, 'startMicros'),
        endMicros: number(window, 'endMicros'),
        p99Micros: number(window, 'p99Micros'),
        profiled: flag(window, 'profiled'),
      })),
    ),
    ...given('stress', part(fields, 'stress', parseStress)),
    ...given('capacity', part(fields, 'capacity', parseCapacity)),
    ...given('spike', part(fields, 'spike', parseSpike)),
    ...given('soak', part(fields, 'soak', parseSoak)),
    ...given('abortedBy', optional(fields, 'abortedBy', text)),
    ...given('importedFrom', optional(fields, 'importedFrom', text)),
  };
}

function parseVerdict(fields: Fields): Verdict {
  return {
    state: oneOf(fields, 'state', STATES),
    sentence: text(fields, 'sentence'),
    evidence: texts(fields, 'evidence'),
  };
}

function parseThreshold(fields: Fields): ThresholdResult {
  return {
    metric: oneOf(fields, 'metric', THRESHOLD_METRICS),
    expression: text(fields, 'expression'),
    state: oneOf(fields, 'state', STATES),
    ...given('observed', optional(fields, 'observed', number)),
    ...given('reason', optional(fields, 'reason', text)),
  };
}

function parseObjective(fields: Fields): Objective {
  return {
    quantile: number(fields, 'quantile'),
    latencyMicros: number(fields, 'latencyMicros'),
    errorRate: number(fields, 'errorRate'),
    ...given('expectedRate', optional(fields, 'expectedRate', number)),
  };
}

function parseStress(fields: Fields): StressResult {
  return {
    objective: parseObjective(fieldsOf(fields['objective'], 'objective')),
    ...given(
      'breakingPoint',
      part(fields, 'breakingPoint', (point) => ({
        rate: number(point, 'rate'),
        ...given('rejectedAt', optional(point, 'rejectedAt', number)),
        latencyMicros: number(point, 'latencyMicros'),
        concurrency: number(point, 'concurrency'),
      })),
    ),
    ...given(
      'ceiling',
      part(fields, 'ceiling', (ceiling) => ({
        throughput: number(ceiling, 'throughput'),
        vus: number(ceiling, 'vus'),
      })),
    ),
    ...given('requestsPerIteration', optional(fields, 'requestsPerIteration', number)),
    trials: list(fields, 'trials', parseTrial),
    discardedWindows: count(fields, 'discardedWindows'),
    seconds: number(fields, 'seconds'),
  };
}

function parseCapacity(fields: Fields): CapacityResult {
  return {
    objective: parseObjective(fieldsOf(fields['objective'], 'objective')),
    expectedRate: number(fields, 'expectedRate'),
    holds: optional(fields, 'holds', flag),
    ...given('headroom', optional(fields, 'headroom', number)),
    ...given('mostHeldRate', optional(fields, 'mostHeldRate', number)),
    ...given('requestsPerIteration', optional(fields, 'requestsPerIteration', number)),
    trials: list(fields, 'trials', parseTrial),
  };
}

function parseSpike(fields: Fields): SpikeResult {
  return {
    baselineRate: number(fields, 'baselineRate'),
    spikeRate: number(fields, 'spikeRate'),
    baselineLatencyMicros: number(fields, 'baselineLatencyMicros'),
    spikeLatencyMicros: number(fields, 'spikeLatencyMicros'),
    spikeErrorRate: number(fields, 'spikeErrorRate'),
    ...given('recoverySeconds', optional(fields, 'recoverySeconds', number)),
  };
}

function parseSoak(fields: Fields): SoakResult {
  return {
    ...given('latency', part(fields, 'latency', parseDrift)),
    ...given('memory', part(fields, 'memory', parseDrift)),
    leaks: list(fields, 'leaks', parseLeak),
  };
}

function parseDrift(fields: Fields): Drift {
  return {
    slopePerHour: number(fields, 'slopePerHour'),
    low: number(fields, 'low'),
    high: number(fields, 'high'),
    start: number(fields, 'start'),
    points: count(fields, 'points'),
    pValue: number(fields, 'pValue'),
    drifts: flag(fields, 'drifts'),
  };
}

function parseLeak(fields: Fields): LeakSuspect {
  return {
    functionName: text(fields, 'functionName'),
    ...given('place', part(fields, 'place', parseLocation)),
    bytes: number(fields, 'bytes'),
    share: number(fields, 'share'),
  };
}

function parseLocation(fields: Fields): Location {
  return {
    file: text(fields, 'file'),
    line: number(fields, 'line'),
    column: number(fields, 'column'),
  };
}

function parseLoad(fields: Fields): LoadFigures {
  const apdex = fieldsOf(fields['apdex'], 'apdex');
  const generator = fieldsOf(fields['generator'], 'generator');
  return {
    engine: text(fields, 'engine'),
    model: oneOf(fields, 'model', ['open', 'closed'] as const),
    origin: text(fields, 'origin'),
    connections: count(fields, 'connections'),
    seconds: number(fields, 'seconds'),
    requests: count(fields, 'requests'),
    bytes: number(fields, 'bytes'),
    throughput: number(fields, 'throughput'),
    latency: parseLatency(fieldsOf(fields['latency'], 'latency')),
    histogram: text(fields, 'histogram'),
    errors: list(fields, 'errors', (entry) => ({ kind: text(entry, 'kind'), count: count(entry, 'count') })),
    apdex: { targetMs: number(apdex, 'targetMs'), score: number(apdex, 'score') },
    generator: {
      cpuShare: number(generator, 'cpuShare'),
      eventLoopUtilization: number(generator, 'eventLoopUtilization'),
      eventLoopDelayP99Ms: number(generator, 'eventLoopDelayP99Ms'),
      saturated: flag(generator, 'saturated'),
    },
    ...given('schedule', part(fields, 'schedule', parseSchedule)),
    ...given('redirectsRefused', optional(fields, 'redirectsRefused', count)),
    routes: list(fields, 'routes', parseRoute),
  };
}

function parseLatency(fields: Fields): LatencySummary {
  const measuredTo = optional(fields, 'measuredTo', number);
  if (measuredTo !== undefined && (measuredTo < 0 || measuredTo > 1)) {
    throw new BadMessage(`measuredTo is ${measuredTo}`);
  }
  return {
    count: count(fields, 'count'),
    ...given('measuredTo', measuredTo),
    ...given(
      'limitedBy',
      optional(fields, 'limitedBy', (from, key) => oneOf(from, key, ['generator'] as const)),
    ),
    meanMicros: number(fields, 'meanMicros'),
    p50Micros: number(fields, 'p50Micros'),
    p90Micros: number(fields, 'p90Micros'),
    p95Micros: number(fields, 'p95Micros'),
    p99Micros: number(fields, 'p99Micros'),
    p999Micros: number(fields, 'p999Micros'),
    maxMicros: number(fields, 'maxMicros'),
  };
}

function parseSchedule(fields: Fields): ScheduleResult {
  return {
    intended: count(fields, 'intended'),
    started: count(fields, 'started'),
    unstarted: count(fields, 'unstarted'),
    late: count(fields, 'late'),
    interrupted: count(fields, 'interrupted'),
    lagP50Micros: number(fields, 'lagP50Micros'),
    lagP99Micros: number(fields, 'lagP99Micros'),
    lagMaxMicros: number(fields, 'lagMaxMicros'),
  };
}

function parseRoute(fields: Fields): RouteResult {
  return {
    method: text(fields, 'method'),
    path: text(fields, 'path'),
    ...given('name', optional(fields, 'name', text)),
    ...given('failed', optional(fields, 'failed', count)),
    requests: count(fields, 'requests'),
    latency: parseLatency(fieldsOf(fields['latency'], 'latency')),
  };
}

function part<T>(fields: Fields, key: string, parse: (fields: Fields) => T): T | undefined {
  return optional(fields, key, (from, name) => parse(fieldsOf(from[name], name)));
}

/** `{ [key]: value }`, or nothing where there is no value: absent and `undefined` are not the same here. */
function given<K extends string, T>(key: K, value: T | undefined): Readonly<Partial<Record<K, T>>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, T>>;
}
