import type { FlameBoxes } from '../../engine/model/flame';
import type { TablePage } from '../../engine/model/view';
import type { Amount } from './figures';
import { pathTo } from './navigate';

/** What is selected: of a box all that is told of it, so that it lasts when the page that held it is gone. */
export interface Selection {
  readonly frame: number;
  /** The box's identity in its view; -1 where a function is selected and no box. */
  readonly node: number;
  readonly depth: number;
  readonly amount: Amount;
  /** Frames from the root's child to the box; empty without a box. */
  readonly path: readonly number[];
  /** The thread's own box of a time-ordered view, or the root: no function. */
  readonly isFunction: boolean;
  /** Where its box begins; absent without a box. */
  readonly start?: number;
  /** Its box stands for many short calls; see `FlameBoxes.sampled`. */
  readonly isSampled?: true;
}

export function selectionOf(boxes: FlameBoxes, box: number): Selection {
  const frame = boxes.frame[box]!;
  return {
    frame,
    node: boxes.node[box]!,
    depth: boxes.depth[box]!,
    amount: amountOf(boxes, box),
    path: pathTo(boxes, box),
    isFunction: frame >= 0,
    start: boxes.start[box]!,
    ...(boxes.sampled?.[box] === 1 && { isSampled: true }),
  };
}

/** Figures of a function, of which no box is selected. */
export function selectionOfRow({ frame, ...amount }: Amount & { readonly frame: number }): Selection {
  return { frame, node: -1, depth: 0, amount, path: [], isFunction: true };
}

/** As far as `table` knows its figures. */
export function selectionOfFunction(frame: number, table: TablePage | undefined): Selection {
  const row = table?.frame.indexOf(frame) ?? -1;
  const amount =
    row < 0 || !table
      ? { self: 0, total: 0, selfSamples: 0, totalSamples: 0 }
      : {
          self: table.self[row]!,
          total: table.total[row]!,
          selfSamples: table.selfSamples[row]!,
          totalSamples: table.totalSamples[row]!,
          ...(table.selfBefore && { selfBefore: table.selfBefore[row]! }),
          ...(table.totalBefore && { totalBefore: table.totalBefore[row]! }),
        };
  return selectionOfRow({ frame, ...amount });
}

export function amountOf(boxes: FlameBoxes, box: number): Amount {
  const { selfBefore, totalBefore } = boxes;
  return {
    self: boxes.self[box]!,
    total: boxes.total[box]!,
    selfSamples: boxes.selfSamples[box]!,
    totalSamples: boxes.totalSamples[box]!,
    ...(selfBefore && { selfBefore: selfBefore[box]! }),
    ...(totalBefore && { totalBefore: totalBefore[box]! }),
  };
}
