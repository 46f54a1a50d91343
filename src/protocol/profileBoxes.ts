import type { FlameBoxes } from '../engine/model/flame';
import { FRAME_TIERS } from '../engine/model/stackProfile';
import type { Page, Transform, ViewSpec } from '../engine/model/view';
import type { Fields } from './guards';
import { BadMessage, count, fieldsOf, list, number, optional, text, typedArray, within } from './guards';

/** Threads of a time-ordered view lie above one another. */
const MAX_ROWS = 4_000_000;
/** Threads have frames below 0; see `FlameBoxes.frame`. */
const MAX_THREADS = 100_000;

/** Throws `BadMessage`, as all here. That `frame` lies within the profile's frames is for the caller to check. */
export function parsePage(fields: Fields): Page {
  return {
    boxes: parseBoxes(fieldsOf(fields['boxes'], 'boxes')),
    boxCount: count(fields, 'boxCount'),
    min: number(fields, 'min'),
    from: number(fields, 'from'),
    to: number(fields, 'to'),
  };
}

export function parseBoxes(fields: Fields): FlameBoxes {
  const start = typedArray(fields, 'start', 'Float64Array');
  const size = start.length;
  const optionally = <N extends 'Uint8Array' | 'Float64Array'>(key: string, name: N) =>
    fields[key] === undefined ? undefined : typedArray(fields, key, name, size);
  const tier = optionally('tier', 'Uint8Array');
  const sampled = optionally('sampled', 'Uint8Array');
  const totalBefore = optionally('totalBefore', 'Float64Array');
  const selfBefore = optionally('selfBefore', 'Float64Array');
  const boxes: FlameBoxes = {
    start,
    total: typedArray(fields, 'total', 'Float64Array', size),
    self: typedArray(fields, 'self', 'Float64Array', size),
    totalSamples: typedArray(fields, 'totalSamples', 'Int32Array', size),
    selfSamples: typedArray(fields, 'selfSamples', 'Int32Array', size),
    depth: typedArray(fields, 'depth', 'Int32Array', size),
    frame: typedArray(fields, 'frame', 'Int32Array', size),
    parent: typedArray(fields, 'parent', 'Int32Array', size),
    subtreeEnd: typedArray(fields, 'subtreeEnd', 'Int32Array', size),
    node: typedArray(fields, 'node', 'Float64Array', size),
    rowStart: typedArray(fields, 'rowStart', 'Int32Array'),
    rowBoxes: typedArray(fields, 'rowBoxes', 'Int32Array', size),
    ...(tier && { tier }),
    ...(sampled && { sampled }),
    ...(totalBefore && { totalBefore }),
    ...(selfBefore && { selfBefore }),
  };
  checkBoxes(boxes);
  return boxes;
}

/** A NaN in a position would end no binary search where it should. */
export function requireFinite(values: Float64Array, key: string): void {
  for (const value of values) if (!Number.isFinite(value)) throw new BadMessage(`${key} holds ${value}`);
}

export function parseSpec(fields: Fields): ViewSpec {
  const range = fields['range'];
  const threads = fields['threads'];
  return {
    transforms: list(fields, 'transforms', parseTransform),
    ...(range !== undefined && { range: parseRange(fieldsOf(range, 'range')) }),
    ...(threads !== undefined && { threads: counts(fields, 'threads') }),
  };
}

function checkBoxes(boxes: FlameBoxes): void {
  const size = boxes.start.length;
  if (size === 0) throw new BadMessage('the flamegraph has no root');
  const rows = boxes.rowStart.length - 1;
  if (rows < 1 || rows > MAX_ROWS) throw new BadMessage(`the flamegraph has ${rows} rows`);
  requireFinite(boxes.start, 'start');
  requireFinite(boxes.total, 'total');
  within(boxes.frame, 'frame', -MAX_THREADS, 2 ** 31);
  within(boxes.parent, 'parent', -1, size);
  within(boxes.subtreeEnd, 'subtreeEnd', 1, size + 1);
  within(boxes.rowBoxes, 'rowBoxes', 0, size);
  within(boxes.rowStart, 'rowStart', 0, size + 1);
  within(boxes.depth, 'depth', 0, rows);
  if (boxes.tier) within(boxes.tier, 'tier', 0, FRAME_TIERS.length);
  for (let row = 0; row < rows; row++) {
    if (boxes.rowStart[row]! > boxes.rowStart[row + 1]!) throw new BadMessage(`row ${row} is out of order`);
  }
  for (let box = 0; box < size; box++) {
    // Readers walk up by `parent` and skip ahead by `subtreeEnd`: each must end.
    if (boxes.parent[box]! >= box || boxes.subtreeEnd[box]! <= box) {
      throw new BadMessage(`box ${box} is out of order`);
    }
  }
}

function parseTransform(fields: Fields): Transform {
  switch (fields['type']) {
    case 'focusFunction':
    case 'mergeFunction':
    case 'dropFunction':
      return { type: fields['type'], frame: count(fields, 'frame') };
    case 'focusSubtree':
      return { type: 'focusSubtree', path: counts(fields, 'path') };
    case 'collapsePackage':
      return { type: 'collapsePackage', packageName: text(fields, 'packageName') };
    case 'collapseRecursion': {
      const frame = optional(fields, 'frame', count);
      return { type: 'collapseRecursion', ...(frame !== undefined && { frame }) };
    }
    case 'invert':
    case 'appOnly':
    case 'foldFrameworks':
      return { type: fields['type'] };
    default:
      throw new BadMessage(`no transform is called ${String(fields['type'])}`);
  }
}

function parseRange(fields: Fields): { startMicros: number; endMicros: number } {
  const range = { startMicros: number(fields, 'startMicros'), endMicros: number(fields, 'endMicros') };
  if (range.endMicros < range.startMicros) throw new BadMessage('the range ends before it begins');
  return range;
}

function counts(fields: Fields, key: string): readonly number[] {
  const value = fields[key];
  if (!Array.isArray(value) || !value.every((entry) => Number.isInteger(entry) && entry >= 0)) {
    throw new BadMessage(`${key} is not a list of counts`);
  }
  return value as number[];
}
