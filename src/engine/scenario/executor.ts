import type { Node } from 'jsonc-parser';
import { EXECUTORS, executorSeconds, type Executor, type Stage, type TestKind } from '../model/loadTest';
import { EXECUTOR_DEFAULTS, type ExecutorName } from '../model/loadTestFile';
import type { Fields, Reader } from './reader';
import type { TestLimits } from './limits';

/** As k6: an executor lasts at least this long. */
const MIN_SECONDS = 1;

/** What each executor takes beside `executor`. */
export const EXECUTOR_FIELDS: Readonly<Record<ExecutorName, readonly string[]>> = {
  'constant-vus': ['vus', 'duration', 'gracefulStop'],
  'ramping-vus': ['startVUs', 'stages', 'gracefulRampDown', 'gracefulStop'],
  'constant-arrival-rate': ['rate', 'timeUnit', 'duration', 'preAllocatedVUs', 'maxVUs', 'gracefulStop'],
  'ramping-arrival-rate': ['startRate', 'timeUnit', 'stages', 'preAllocatedVUs', 'maxVUs', 'gracefulStop'],
  'per-vu-iterations': ['vus', 'iterations', 'maxDuration', 'gracefulStop'],
};

/** Virtual users that a search may use where the file names no bound. */
const SEARCH_VUS = 1000;

/** What runs where the file has no scenario; undefined where that kind of test needs one. */
export function defaultExecutor(kind: TestKind, limits: TestLimits): Executor | undefined {
  const { gracefulStop } = EXECUTOR_DEFAULTS;
  switch (kind) {
    case 'smoke':
      return { executor: 'constant-vus', vus: 1, duration: 10, gracefulStop };
    case 'stress':
    case 'capacity': {
      // They choose their levels themselves; the virtual users are their bound.
      const vus = Math.min(SEARCH_VUS, limits.maxVUs);
      return { executor: 'constant-vus', vus, duration: 60, gracefulStop };
    }
    default:
      return undefined;
  }
}

/** The most virtual users at a time. */
export function mostVUs(executor: Executor): number {
  switch (executor.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return executor.vus;
    case 'ramping-vus':
      return Math.max(executor.startVUs, ...executor.stages.map(({ target }) => target));
    default:
      return executor.maxVUs;
  }
}

/** The level that the executor begins with: virtual users, or iterations each time unit. */
export function firstLevel(executor: Executor): number {
  switch (executor.executor) {
    case 'constant-vus':
    case 'per-vu-iterations':
      return executor.vus;
    case 'ramping-vus':
      return executor.startVUs;
    case 'constant-arrival-rate':
      return executor.rate;
    case 'ramping-arrival-rate':
      return executor.startRate;
  }
}

/** Undefined where something is wrong, of which the reader then knows. */
export function readExecutor(reader: Reader, node: Node, limits: TestLimits): Executor | undefined {
  const all = reader.properties(node);
  if (!all) return undefined;
  const named = all.get('executor')?.value;
  if (!named) {
    return reader.error(
      { offset: node.offset, length: 1 },
      `"executor" is missing: write one of ${EXECUTORS.map((name) => `"${name}"`).join(', ')}.`,
    );
  }
  const name = reader.choice(named, EXECUTORS);
  if (name === undefined) return undefined;
  const known = ['executor', ...EXECUTOR_FIELDS[name]];
  for (const [field, { key }] of all) {
    const owners = EXECUTORS.filter((other) => EXECUTOR_FIELDS[other].includes(field));
    if (!known.includes(field) && owners.length > 0)
      reader.error(key, `"${name}" has no "${field}", which belongs to ${owners.join(' and ')}.`);
  }
  const ofOthers = EXECUTORS.flatMap((other) => EXECUTOR_FIELDS[other]);
  const fields = reader.fields(node, known, ofOthers);
  if (!fields) return undefined;
  const executor = readFields(fields, name, limits);
  if (!executor || reader.failed) return executor;
  const seconds = executorSeconds(executor);
  if (seconds < MIN_SECONDS)
    return reader.error(fields.keyOf('stages'), `The stages must last at least ${MIN_SECONDS} s together.`);
  if (seconds > limits.maxDurationSeconds)
    return reader.error(
      fields.keyOf('stages' in executor ? 'stages' : 'maxDuration' in executor ? 'maxDuration' : 'duration'),
      `The test would last ${seconds} s; the most is ${limits.maxDurationSeconds} s.`,
    );
  return executor;
}

function readFields(fields: Fields, name: ExecutorName, limits: TestLimits): Executor | undefined {
  const vuRange = { min: 1, max: limits.maxVUs, whole: true };
  const gracefulStop = fields.duration('gracefulStop') ?? EXECUTOR_DEFAULTS.gracefulStop;
  switch (name) {
    case 'constant-vus': {
      const vus = fields.number('vus', vuRange) ?? EXECUTOR_DEFAULTS.vus;
      const duration = required(fields, 'duration');
      return duration === undefined ? undefined : { executor: name, vus, duration, gracefulStop };
    }
    case 'per-vu-iterations': {
      const vus = fields.number('vus', vuRange) ?? EXECUTOR_DEFAULTS.vus;
      const iterations = fields.number('iterations', { min: 1, whole: true }) ?? EXECUTOR_DEFAULTS.iterations;
      const maxDuration = fields.duration('maxDuration', MIN_SECONDS) ?? EXECUTOR_DEFAULTS.maxDuration;
      return { executor: name, vus, iterations, maxDuration, gracefulStop };
    }
    case 'ramping-vus': {
      const startVUs = fields.number('startVUs', { ...vuRange, min: 0 }) ?? EXECUTOR_DEFAULTS.startVUs;
      const stages = readStages(fields, limits.maxVUs);
      const gracefulRampDown = fields.duration('gracefulRampDown') ?? EXECUTOR_DEFAULTS.gracefulRampDown;
      if (!stages || isIdle(fields, startVUs, stages, 'startVUs')) return undefined;
      return { executor: name, startVUs, stages, gracefulRampDown, gracefulStop };
    }
    case 'constant-arrival-rate': {
      const arrivals = readArrivals(fields, limits);
      const rateNode = fields.require('rate', '"rate": 50');
      const rate = rateNode && fields.reader.number(rateNode, { min: 1, whole: true });
      const duration = required(fields, 'duration');
      if (!arrivals || rate === undefined || duration === undefined) return undefined;
      if (isTooFast(fields, 'rate', rate, arrivals.timeUnit, limits)) return undefined;
      return { executor: name, rate, ...arrivals, duration, gracefulStop };
    }
    case 'ramping-arrival-rate': {
      const arrivals = readArrivals(fields, limits);
      const startRate = fields.number('startRate', { min: 0, whole: true }) ?? EXECUTOR_DEFAULTS.startRate;
      const stages = readStages(fields, Infinity);
      if (!arrivals || !stages || isIdle(fields, startRate, stages, 'startRate')) return undefined;
      const most = Math.max(startRate, ...stages.map(({ target }) => target));
      const at = most === startRate ? 'startRate' : 'stages';
      if (isTooFast(fields, at, most, arrivals.timeUnit, limits)) return undefined;
      return { executor: name, startRate, ...arrivals, stages, gracefulStop };
    }
  }
}

function required(fields: Fields, name: string): number | undefined {
  const node = fields.require(name, `"${name}": "30s"`);
  return node && fields.reader.duration(node, MIN_SECONDS);
}

interface Arrivals {
  readonly timeUnit: number;
  readonly preAllocatedVUs: number;
  readonly maxVUs: number;
}

function readArrivals(fields: Fields, limits: TestLimits): Arrivals | undefined {
  const { reader } = fields;
  const range = { min: 0, max: limits.maxVUs, whole: true };
  const node = fields.require('preAllocatedVUs', '"preAllocatedVUs": 50');
  const preAllocatedVUs = node && reader.number(node, range);
  const timeUnit = fields.duration('timeUnit') ?? EXECUTOR_DEFAULTS.timeUnit;
  if (timeUnit === 0) return reader.error(fields.get('timeUnit')!, '"timeUnit" must be more than 0.');
  const maxVUs = fields.number('maxVUs', range) ?? preAllocatedVUs;
  if (preAllocatedVUs === undefined || maxVUs === undefined) return undefined;
  if (maxVUs < preAllocatedVUs)
    return reader.error(
      fields.get('maxVUs')!,
      `"maxVUs" must not be less than "preAllocatedVUs", ${preAllocatedVUs}.`,
    );
  if (maxVUs === 0)
    return reader.error(fields.get('maxVUs') ?? node!, 'Without a virtual user no iteration can start.');
  return { timeUnit, preAllocatedVUs, maxVUs };
}

function readStages(fields: Fields, maxTarget: number): readonly Stage[] | undefined {
  const { reader } = fields;
  const node = fields.require('stages', '"stages": [{ "duration": "30s", "target": 10 }]');
  const items = node && reader.items(node);
  if (!items) return undefined;
  if (items.length === 0) return reader.error(node, '"stages" needs at least one stage.');
  const stages = items.map((item): Stage | undefined => {
    const stage = reader.fields(item, ['duration', 'target']);
    if (!stage) return undefined;
    const durationNode = stage.require('duration', '"duration": "30s"');
    const duration = durationNode && reader.duration(durationNode);
    const targetNode = stage.require('target', '"target": 10');
    const target = targetNode && reader.number(targetNode, { min: 0, max: maxTarget, whole: true });
    return duration === undefined || target === undefined ? undefined : { duration, target };
  });
  return stages.every((stage) => stage !== undefined) ? stages : undefined;
}

function isIdle(fields: Fields, start: number, stages: readonly Stage[], startName: string): boolean {
  if (start > 0 || stages.some(({ target }) => target > 0)) return false;
  fields.reader.error(
    fields.keyOf('stages'),
    `Nothing would be sent: "${startName}" or the target of a stage must be more than 0.`,
  );
  return true;
}

function isTooFast(
  fields: Fields,
  at: string,
  rate: number,
  timeUnit: number,
  { maxRate }: TestLimits,
): boolean {
  if (rate / timeUnit <= maxRate) return false;
  fields.reader.error(
    fields.keyOf(at),
    `${rate / timeUnit} iterations a second are too many; the most is ${maxRate}.`,
  );
  return true;
}
