import type { FlameColumns } from '../../engine/model/flame';

/** The part of the graph's width that is shown, in micros from the root's left edge. */
export interface Viewport {
  readonly startMicros: number;
  readonly endMicros: number;
}

/** Far below one sample: no box is narrower, and further in the edges would lose their digits. */
const MIN_SPAN_MICROS = 10;

export function fullViewport(columns: FlameColumns): Viewport {
  return { startMicros: 0, endMicros: Math.max(columns.totalMicros[0] ?? 0, MIN_SPAN_MICROS) };
}

export function viewportOf(columns: FlameColumns, box: number): Viewport {
  const startMicros = columns.startMicros[box]!;
  return clampViewport({ startMicros, endMicros: startMicros + columns.totalMicros[box]! }, columns);
}

/** Shows `1 / factor` of the present span; what is at `atMicros` stays where it is. */
export function zoomAt(view: Viewport, factor: number, atMicros: number, columns: FlameColumns): Viewport {
  return clampViewport(
    {
      startMicros: atMicros - (atMicros - view.startMicros) / factor,
      endMicros: atMicros + (view.endMicros - atMicros) / factor,
    },
    columns,
  );
}

export function panBy(view: Viewport, micros: number, columns: FlameColumns): Viewport {
  return clampViewport(
    { startMicros: view.startMicros + micros, endMicros: view.endMicros + micros },
    columns,
  );
}

export function isFull(view: Viewport, columns: FlameColumns): boolean {
  const full = fullViewport(columns);
  const slack = full.endMicros * 1e-9;
  return view.startMicros <= slack && view.endMicros >= full.endMicros - slack;
}

/** Keeps the span within its limits, then moves it inside the graph. */
export function clampViewport(view: Viewport, columns: FlameColumns): Viewport {
  const full = fullViewport(columns);
  const span = Math.min(Math.max(view.endMicros - view.startMicros, MIN_SPAN_MICROS), full.endMicros);
  const startMicros = Math.min(Math.max(view.startMicros, 0), full.endMicros - span);
  return { startMicros, endMicros: startMicros + span };
}

/**
 * A viewport in which the box can be read and its surroundings seen: the present one where the box takes at least an
 * eighth of it, else that of the widest ancestor in which it does.
 */
export function viewportToRead(columns: FlameColumns, box: number, view: Viewport): Viewport {
  const start = columns.startMicros[box]!;
  const width = columns.totalMicros[box]!;
  const inView = start >= view.startMicros && start + width <= view.endMicros;
  if (inView && width >= (view.endMicros - view.startMicros) / 8) return view;
  let around = box;
  for (
    let above = box;
    above >= 0 && columns.totalMicros[above]! <= width * 8;
    above = columns.parent[above]!
  ) {
    around = above;
  }
  return viewportOf(columns, around);
}

/** The deepest box that spans the whole viewport: what a zoom is "in". */
export function boxAround(columns: FlameColumns, view: Viewport): number {
  const slack = (view.endMicros - view.startMicros) * 1e-6;
  let around = 0;
  for (let row = 1; row < columns.rowStart.length - 1; row++) {
    const at = firstEndingAfter(columns, row, view.startMicros + slack);
    const box = at < columns.rowStart[row + 1]! ? columns.rowBoxes[at]! : -1;
    if (box < 0 || columns.startMicros[box]! > view.startMicros + slack) return around;
    if (columns.startMicros[box]! + columns.totalMicros[box]! < view.endMicros - slack) return around;
    around = box;
  }
  return around;
}

/** Position in `rowBoxes` of the row's first box that ends behind `micros`; the row's end where none does. */
export function firstEndingAfter(
  columns: FlameColumns,
  row: number,
  micros: number,
  from = columns.rowStart[row]!,
): number {
  const { rowBoxes, startMicros, totalMicros } = columns;
  let low = from;
  let high = columns.rowStart[row + 1]!;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const box = rowBoxes[middle]!;
    if (startMicros[box]! + totalMicros[box]! > micros) high = middle;
    else low = middle + 1;
  }
  return low;
}
