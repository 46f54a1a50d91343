import { TEST_KINDS } from '../engine/model/loadTest';
import type { Trial } from '../engine/model/loadTestResult';
import type { Fields } from './guards';
import {
  BadMessage,
  count,
  fieldsOf,
  flag,
  list,
  number,
  oneOf,
  optional,
  text,
  texts,
  typedArray,
} from './guards';
import {
  LOAD_ACTIONS,
  LOAD_COLUMNS,
  type FromLoad,
  type LiveFigures,
  type LivePoints,
  type LiveTest,
  type LoadColumn,
  type LoadColumns,
  type ToLoad,
} from './load';
import { parseResult, parseTrial } from './loadResultMessages';
import { STAGES } from './metrics';

/** Throws `BadMessage`. */
export function parseToLoad(data: unknown): ToLoad {
  const fields = fieldsOf(data, 'the message');
  switch (fields['type']) {
    case 'live':
      return {
        type: 'live',
        test: parseLive(fieldsOf(fields['test'], 'test')),
        points: parsePoints(fieldsOf(fields['points'], 'points')),
      };
    case 'result':
      return { type: 'result', result: parseResult(fieldsOf(fields['result'], 'result'), parseColumns) };
    case 'failed':
      return {
        type: 'failed',
        title: text(fields, 'title'),
        message: text(fields, 'message'),
        nextStep: text(fields, 'nextStep'),
      };
    case 'empty':
      return { type: 'empty', message: text(fields, 'message') };
    default:
      throw new BadMessage(`no message to the load test panel is called ${String(fields['type'])}`);
  }
}

/** Throws `BadMessage`. */
export function parseFromLoad(data: unknown): FromLoad {
  const fields = fieldsOf(data, 'the message');
  switch (fields['type']) {
    case 'ready':
    case 'stop':
    case 'showFlamegraph':
      return { type: fields['type'] };
    case 'action':
      return { type: 'action', action: oneOf(fields, 'action', LOAD_ACTIONS) };
    default:
      throw new BadMessage(`no message from the load test panel is called ${String(fields['type'])}`);
  }
}

/** What `setState` kept of a result; undefined of anything else. */
export function parseSavedRef(
  state: unknown,
): { readonly storeFolder: string; readonly id: string } | undefined {
  try {
    const ref = fieldsOf(fieldsOf(state, 'the state')['ref'], 'ref');
    return { storeFolder: text(ref, 'storeFolder'), id: text(ref, 'id') };
  } catch (error) {
    if (error instanceof BadMessage) return undefined;
    throw error;
  }
}

function parseLive(fields: Fields): LiveTest {
  const totals = fieldsOf(fields['totals'], 'totals');
  const kind = optional(fields, 'kind', (from, key) => oneOf(from, key, TEST_KINDS));
  const file = optional(fields, 'file', text);
  const loadSeconds = optional(fields, 'loadSeconds', number);
  const expectedSeconds = optional(fields, 'expectedSeconds', number);
  const figures = optional(fields, 'figures', (from, key) => parseFigures(fieldsOf(from[key], key)));
  const requests = optional(totals, 'requests', count);
  return {
    id: count(fields, 'id'),
    title: text(fields, 'title'),
    ...(kind !== undefined && { kind }),
    ...(file !== undefined && { file }),
    stage: oneOf(fields, 'stage', STAGES),
    message: text(fields, 'message'),
    elapsedSeconds: number(fields, 'elapsedSeconds'),
    ...(loadSeconds !== undefined && { loadSeconds }),
    ...(expectedSeconds !== undefined && { expectedSeconds }),
    ...(figures && { figures }),
    totals: {
      ...(requests !== undefined && { requests }),
      failed: count(totals, 'failed'),
      unstarted: count(totals, 'unstarted'),
      late: count(totals, 'late'),
    },
    trials: list<Trial>(fields, 'trials', parseTrial),
    warnings: texts(fields, 'warnings'),
    stopping: flag(fields, 'stopping'),
  };
}

function parseFigures(fields: Fields): LiveFigures {
  const intendedRate = optional(fields, 'intendedRate', number);
  const p99 = optional(fields, 'p99', (from, key) => fieldsOf(from[key], key));
  const vus = optional(fields, 'vus', number);
  const lagP99Micros = optional(fields, 'lagP99Micros', number);
  return {
    rate: number(fields, 'rate'),
    ...(intendedRate !== undefined && { intendedRate }),
    ...(p99 && { p99: { micros: number(p99, 'micros'), measured: flag(p99, 'measured') } }),
    ...(vus !== undefined && { vus }),
    ...(lagP99Micros !== undefined && { lagP99Micros }),
  };
}

function parsePoints(fields: Fields): LivePoints {
  return {
    revision: count(fields, 'revision'),
    from: count(fields, 'from'),
    columns: parseColumns(fieldsOf(fields['columns'], 'columns')),
    joined: count(fields, 'joined'),
  };
}

function parseColumns(fields: Fields): LoadColumns {
  const { length } = typedArray(fields, 'seconds', 'Float64Array');
  return Object.fromEntries(
    LOAD_COLUMNS.map((column) => [column, typedArray(fields, column, 'Float64Array', length)]),
  ) as Record<LoadColumn, Float64Array>;
}
