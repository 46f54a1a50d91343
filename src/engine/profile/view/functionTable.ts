import type { FrameTable } from '../../model/stackProfile';
import type { TablePage, TableRequest } from '../../model/view';
import type { FlameLayout } from './layout';
import type { ViewTree } from './viewTree';

/** Values of all functions of a view, by frame. */
export interface FunctionTotals {
  readonly self: Float64Array;
  /** Counted once a stack however often the function is in it. */
  readonly total: Float64Array;
  readonly selfSamples: Int32Array;
  readonly totalSamples: Int32Array;
  readonly selfBefore?: Float64Array;
  readonly totalBefore?: Float64Array;
  /** Frames that the view shows, ascending. */
  readonly frames: Int32Array;
}

/** @param inverted values lie with the outermost callers; the functions that ran are the root's children. */
export function functionTotals(
  tree: ViewTree,
  layout: FlameLayout,
  frameCount: number,
  inverted: boolean,
): FunctionTotals {
  const self = new Float64Array(frameCount);
  const total = new Float64Array(frameCount);
  const selfSamples = new Int32Array(frameCount);
  const totalSamples = new Int32Array(frameCount);
  const difference = tree.selfBefore && {
    selfBefore: new Float64Array(frameCount),
    totalBefore: new Float64Array(frameCount),
  };
  const shown = new Uint8Array(frameCount);
  /** Where the subtree of a frame's outermost call ends: a call before that is recursive. */
  const endOfOuter = new Int32Array(frameCount);
  for (let box = 1; box < layout.node.length; box++) {
    const node = layout.node[box]!;
    const frame = tree.frame[node]!;
    if (!inverted) {
      self[frame]! += tree.self[node]!;
      selfSamples[frame]! += tree.samples[node]!;
      if (difference) difference.selfBefore[frame]! += tree.selfBefore[node]!;
    } else if (layout.depth[box] === 1) {
      self[frame]! += layout.total[box]!;
      selfSamples[frame]! += layout.totalSamples[box]!;
      if (difference) difference.selfBefore[frame]! += layout.totalBefore![box]!;
    }
    if (box < endOfOuter[frame]!) continue;
    endOfOuter[frame] = layout.subtreeEnd[box]!;
    total[frame]! += layout.total[box]!;
    totalSamples[frame]! += layout.totalSamples[box]!;
    if (difference) difference.totalBefore[frame]! += layout.totalBefore![box]!;
    if (total[frame]! > 0 || totalSamples[frame]! > 0 || (difference && difference.totalBefore[frame]! > 0)) {
      shown[frame] = 1;
    }
  }
  const frames = Int32Array.from(shown.keys()).filter((frame) => shown[frame] === 1);
  return { self, total, selfSamples, totalSamples, ...difference, frames };
}

/** The frames that match, in the order asked for; ties by frame. @param matched absent for all. */
export function sortFunctions(
  totals: FunctionTotals,
  table: FrameTable,
  { sortBy, descending }: Pick<TableRequest, 'sortBy' | 'descending'>,
  matched: Uint8Array | undefined,
): Int32Array {
  const frames = matched ? totals.frames.filter((frame) => matched[frame] === 1) : totals.frames.slice();
  const sign = descending ? -1 : 1;
  if (sortBy === 'name' || sortBy === 'file') {
    const texts = sortBy === 'name' ? table.names.map((name) => name.toLowerCase()) : fileTexts(table);
    return frames.sort((a, b) => sign * compareTexts(texts[a]!, texts[b]!) || a - b);
  }
  const value = sortValue(totals, sortBy);
  return frames.sort((a, b) => sign * (value(a) - value(b)) || a - b);
}

export function tablePage(
  totals: FunctionTotals,
  sorted: Int32Array,
  offset: number,
  limit: number,
): TablePage {
  const frame = sorted.slice(offset, offset + limit);
  const doubles = (values: Float64Array) => Float64Array.from(frame, (row) => values[row]!);
  const integers = (values: Int32Array) => frame.map((row) => values[row]!);
  return {
    count: sorted.length,
    offset,
    frame,
    self: doubles(totals.self),
    total: doubles(totals.total),
    selfSamples: integers(totals.selfSamples),
    totalSamples: integers(totals.totalSamples),
    ...(totals.selfBefore && { selfBefore: doubles(totals.selfBefore) }),
    ...(totals.totalBefore && { totalBefore: doubles(totals.totalBefore) }),
  };
}

function sortValue(
  { self, total, totalSamples, selfBefore }: FunctionTotals,
  sortBy: 'self' | 'total' | 'samples' | 'change',
): (frame: number) => number {
  switch (sortBy) {
    case 'self':
      return (frame) => self[frame]!;
    case 'total':
      return (frame) => total[frame]!;
    case 'samples':
      return (frame) => totalSamples[frame]!;
    case 'change':
      return (frame) => self[frame]! - (selfBefore?.[frame] ?? self[frame]!);
  }
}

/** The file, and within it the line. */
function fileTexts({ names, urls, urlOf, lines, places }: FrameTable): string[] {
  return names.map((_, frame) => {
    const placed = places?.files[places.fileOf[frame]!];
    const file = placed ?? urls[urlOf[frame]!] ?? '';
    const line = placed === undefined ? lines[frame]! : places!.lines[frame]!;
    return `${file.toLowerCase()}\0${String(line).padStart(9, '0')}`;
  });
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
