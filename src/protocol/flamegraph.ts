// Messages between the flamegraph panel (editor/panels/flamegraph.ts) and its webview (webviews/flamegraph).
// The webview sends `ready` first; the panel answers with what it shows.
import type { FlameColumns } from '../engine/model/flame';
import type { FrameKind } from '../engine/model/profile';
import type { CostBasis } from '../engine/model/units';
import type { Fields } from './guards';
import {
  BadMessage,
  count,
  fieldsOf,
  flag,
  number,
  optional,
  text,
  texts,
  typedArray,
  within,
} from './guards';

/** A kind travels as its index here. The order is the legend's. */
export const FRAME_KINDS: readonly FrameKind[] = ['app', 'dependency', 'node', 'v8'];

/** `Profile.frames` as columns: entry `i` of each array is frame `i`. */
export interface FlameFrames {
  readonly names: readonly string[];
  /** Index in `FRAME_KINDS`. */
  readonly kinds: Uint8Array;
  /** Distinct files as the user reads them (relative to the folder where inside it). */
  readonly files: readonly string[];
  /** Index in `files`; -1 where a frame has none. */
  readonly fileOf: Int32Array;
  /** 1-based line of the declaration; 0 where there is none. */
  readonly lines: Int32Array;
  /** 1-based line that costs most within the function, and so opens; 0 where none was seen. */
  readonly hotLines: Int32Array;
  readonly packages: readonly string[];
  /** Index in `packages`; -1 for code of no package. */
  readonly packageOf: Int32Array;
  /** 1: the frame has a source that the editor can open. */
  readonly openable: Uint8Array;
}

export type ToFlamegraph =
  | { readonly type: 'loading'; readonly title: string }
  | {
      readonly type: 'profile';
      /** Told back in `openSource`, so that a click on a profile that was replaced opens nothing wrong. */
      readonly profileId: string;
      readonly title: string;
      readonly subtitle: string;
      readonly basis: CostBasis;
      readonly frames: FlameFrames;
      readonly columns: FlameColumns;
      /** Frame to select and bring into view. */
      readonly reveal?: number;
    }
  | { readonly type: 'reveal'; readonly profileId: string; readonly frame: number }
  | { readonly type: 'empty'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string; readonly nextStep: string }
  /** Reply to `openSource`; `error` where nothing was opened. */
  | { readonly type: 'opened'; readonly request: number; readonly error?: string };

export type FromFlamegraph =
  | { readonly type: 'ready' }
  | {
      readonly type: 'openSource';
      readonly request: number;
      readonly profileId: string;
      readonly frame: number;
      /** Whether the editor takes the keyboard. */
      readonly focus: boolean;
    }
  | { readonly type: 'measure' }
  | { readonly type: 'retry' };

/** Throws `BadMessage`. */
export function parseToFlamegraph(data: unknown): ToFlamegraph {
  const fields = fieldsOf(data, 'the message');
  switch (fields['type']) {
    case 'loading':
      return { type: 'loading', title: text(fields, 'title') };
    case 'profile':
      return parseProfile(fields);
    case 'reveal':
      return { type: 'reveal', profileId: text(fields, 'profileId'), frame: count(fields, 'frame') };
    case 'empty':
      return { type: 'empty', message: text(fields, 'message') };
    case 'failed':
      return { type: 'failed', message: text(fields, 'message'), nextStep: text(fields, 'nextStep') };
    case 'opened': {
      const error = optional(fields, 'error', text);
      return { type: 'opened', request: count(fields, 'request'), ...(error !== undefined && { error }) };
    }
    default:
      throw new BadMessage(`no message to the flamegraph is called ${String(fields['type'])}`);
  }
}

/** Throws `BadMessage`. */
export function parseFromFlamegraph(data: unknown): FromFlamegraph {
  const fields = fieldsOf(data, 'the message');
  switch (fields['type']) {
    case 'ready':
    case 'measure':
    case 'retry':
      return { type: fields['type'] };
    case 'openSource':
      return {
        type: 'openSource',
        request: count(fields, 'request'),
        profileId: text(fields, 'profileId'),
        frame: count(fields, 'frame'),
        focus: flag(fields, 'focus'),
      };
    default:
      throw new BadMessage(`no message from the flamegraph is called ${String(fields['type'])}`);
  }
}

function parseProfile(fields: Fields): ToFlamegraph {
  const frames = parseFrames(fieldsOf(fields['frames'], 'frames'));
  const basis = fieldsOf(fields['basis'], 'basis');
  const reveal = optional(fields, 'reveal', count);
  return {
    type: 'profile',
    profileId: text(fields, 'profileId'),
    title: text(fields, 'title'),
    subtitle: text(fields, 'subtitle'),
    basis: {
      activeMicros: number(basis, 'activeMicros'),
      cpuScale: number(basis, 'cpuScale'),
      requests: number(basis, 'requests'),
    },
    frames,
    columns: parseColumns(fieldsOf(fields['columns'], 'columns'), frames.names.length),
    ...(reveal !== undefined && { reveal }),
  };
}

function parseFrames(fields: Fields): FlameFrames {
  const names = texts(fields, 'names');
  const frames: FlameFrames = {
    names,
    kinds: typedArray(fields, 'kinds', 'Uint8Array', names.length),
    files: texts(fields, 'files'),
    fileOf: typedArray(fields, 'fileOf', 'Int32Array', names.length),
    lines: typedArray(fields, 'lines', 'Int32Array', names.length),
    hotLines: typedArray(fields, 'hotLines', 'Int32Array', names.length),
    packages: texts(fields, 'packages'),
    packageOf: typedArray(fields, 'packageOf', 'Int32Array', names.length),
    openable: typedArray(fields, 'openable', 'Uint8Array', names.length),
  };
  within(frames.kinds, 'kinds', 0, FRAME_KINDS.length);
  within(frames.fileOf, 'fileOf', -1, frames.files.length);
  within(frames.packageOf, 'packageOf', -1, frames.packages.length);
  return frames;
}

function parseColumns(fields: Fields, frameCount: number): FlameColumns {
  const startMicros = typedArray(fields, 'startMicros', 'Float64Array');
  const boxes = startMicros.length;
  const columns: FlameColumns = {
    startMicros,
    totalMicros: typedArray(fields, 'totalMicros', 'Float64Array', boxes),
    selfMicros: typedArray(fields, 'selfMicros', 'Float64Array', boxes),
    totalSamples: typedArray(fields, 'totalSamples', 'Int32Array', boxes),
    selfSamples: typedArray(fields, 'selfSamples', 'Int32Array', boxes),
    depth: typedArray(fields, 'depth', 'Int32Array', boxes),
    frame: typedArray(fields, 'frame', 'Int32Array', boxes),
    parent: typedArray(fields, 'parent', 'Int32Array', boxes),
    subtreeEnd: typedArray(fields, 'subtreeEnd', 'Int32Array', boxes),
    node: typedArray(fields, 'node', 'Int32Array', boxes),
    rowStart: typedArray(fields, 'rowStart', 'Int32Array'),
    rowBoxes: typedArray(fields, 'rowBoxes', 'Int32Array', boxes),
  };
  if (boxes === 0) throw new BadMessage('the flamegraph has no root');
  within(columns.frame, 'frame', -1, frameCount);
  within(columns.parent, 'parent', -1, boxes);
  within(columns.subtreeEnd, 'subtreeEnd', 1, boxes + 1);
  within(columns.rowBoxes, 'rowBoxes', 0, boxes);
  within(columns.rowStart, 'rowStart', 0, boxes + 1);
  within(columns.depth, 'depth', 0, columns.rowStart.length - 1);
  for (let box = 0; box < boxes; box++) {
    // Readers walk up by `parent` and skip ahead by `subtreeEnd`: each must end.
    if (columns.parent[box]! >= box || columns.subtreeEnd[box]! <= box) {
      throw new BadMessage(`box ${box} is out of order`);
    }
  }
  return columns;
}
