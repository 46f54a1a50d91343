import type { FlameColumns } from '../../engine/model/flame';
import type { Cost } from '../../engine/model/profile';

/** Costs of each function over all its boxes; entry `i` is frame `i`. */
export interface FunctionTotals {
  readonly selfMicros: Float64Array;
  /** Counted once per stack, however often the function recurs in it. */
  readonly totalMicros: Float64Array;
  readonly selfSamples: Int32Array;
  readonly totalSamples: Int32Array;
}

export function sumFunctions(columns: FlameColumns, frameCount: number): FunctionTotals {
  const selfMicros = new Float64Array(frameCount);
  const totalMicros = new Float64Array(frameCount);
  const selfSamples = new Int32Array(frameCount);
  const totalSamples = new Int32Array(frameCount);
  // Boxes before this index lie within one that was counted for the frame.
  const countedTo = new Int32Array(frameCount);
  for (let box = 0; box < columns.frame.length; box++) {
    const frame = columns.frame[box]!;
    if (frame < 0) continue;
    selfMicros[frame]! += columns.selfMicros[box]!;
    selfSamples[frame]! += columns.selfSamples[box]!;
    if (box < countedTo[frame]!) continue;
    countedTo[frame] = columns.subtreeEnd[box]!;
    totalMicros[frame]! += columns.totalMicros[box]!;
    totalSamples[frame]! += columns.totalSamples[box]!;
  }
  return { selfMicros, totalMicros, selfSamples, totalSamples };
}

export function costOfFunction(totals: FunctionTotals, frame: number): Cost {
  return {
    selfMicros: totals.selfMicros[frame]!,
    totalMicros: totals.totalMicros[frame]!,
    selfSamples: totals.selfSamples[frame]!,
    totalSamples: totals.totalSamples[frame]!,
  };
}

export function costOfBox(columns: FlameColumns, box: number): Cost {
  return {
    selfMicros: columns.selfMicros[box]!,
    totalMicros: columns.totalMicros[box]!,
    selfSamples: columns.selfSamples[box]!,
    totalSamples: columns.totalSamples[box]!,
  };
}

export type TableColumn = 'name' | 'place' | 'self' | 'total' | 'samples';

export interface TableOrder {
  readonly by: TableColumn;
  readonly descending: boolean;
}

/** Frames that cost anything and pass `keep`, in order; ties by total, then by frame. */
export function tableRows(
  totals: FunctionTotals,
  order: TableOrder,
  keep: (frame: number) => boolean,
  textOf: (frame: number, column: 'name' | 'place') => string,
): Int32Array {
  const found: number[] = [];
  for (let frame = 0; frame < totals.totalMicros.length; frame++) {
    if (totals.totalMicros[frame]! > 0 && keep(frame)) found.push(frame);
  }
  const sign = order.descending ? -1 : 1;
  const byValue = (values: Float64Array | Int32Array) => (a: number, b: number) => values[a]! - values[b]!;
  const compare = (): ((a: number, b: number) => number) => {
    switch (order.by) {
      case 'self':
        return byValue(totals.selfMicros);
      case 'total':
        return byValue(totals.totalMicros);
      case 'samples':
        return byValue(totals.totalSamples);
      case 'name':
      case 'place': {
        const column = order.by;
        const texts = new Map(found.map((frame) => [frame, textOf(frame, column).toLowerCase()]));
        return (a, b) => (texts.get(a)! < texts.get(b)! ? -1 : texts.get(a)! > texts.get(b)! ? 1 : 0);
      }
    }
  };
  const ordered = compare();
  return Int32Array.from(found).sort(
    (a, b) => sign * ordered(a, b) || totals.totalMicros[b]! - totals.totalMicros[a]! || a - b,
  );
}

/** The frame of the given kinds with the most time of its own; -1 where none has any. */
export function hottestFrame(totals: FunctionTotals, isWanted: (frame: number) => boolean): number {
  let hottest = -1;
  for (let frame = 0; frame < totals.selfMicros.length; frame++) {
    if (!isWanted(frame) || totals.selfMicros[frame]! <= 0) continue;
    if (hottest < 0 || totals.selfMicros[frame]! > totals.selfMicros[hottest]!) hottest = frame;
  }
  return hottest;
}
