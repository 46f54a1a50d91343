import { LOAD_COLUMNS, type LivePoints, type LoadColumn, type LoadColumns } from '../../protocol/load';

export type Cell = number | null;

/** The points of the charts; what is not known is null, as the charts want it. Grows in place. */
export class PointStore {
  private revision = -1;
  private readonly values = Object.fromEntries(
    LOAD_COLUMNS.map((column) => [column, [] as Cell[]]),
  ) as Record<LoadColumn, Cell[]>;
  joined = 1;

  static of(columns: LoadColumns): PointStore {
    const store = new PointStore();
    store.take({ revision: 0, from: 0, columns, joined: 1 });
    return store;
  }

  get length(): number {
    return this.values.seconds.length;
  }

  /** False where points are missing before these: then nothing is taken. */
  take({ revision, from, columns, joined }: LivePoints): boolean {
    if (from > 0 && (revision !== this.revision || from > this.length)) return false;
    this.revision = revision;
    this.joined = joined;
    for (const column of LOAD_COLUMNS) {
      const values = this.values[column];
      values.length = from;
      for (const value of columns[column]) values.push(Number.isFinite(value) ? value : null);
    }
    return true;
  }

  get seconds(): readonly number[] {
    // Every point has its time.
    return this.values.seconds as readonly number[];
  }

  column(name: LoadColumn): readonly Cell[] {
    return this.values[name];
  }

  has(name: LoadColumn): boolean {
    return this.values[name].some((value) => value !== null);
  }
}

/** Smallest, largest and mean of the known values; undefined where none is known. */
export function extent(
  values: readonly Cell[],
): { readonly low: number; readonly high: number; readonly mean: number } | undefined {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === null) continue;
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
    count++;
  }
  return count === 0 ? undefined : { low, high, mean: sum / count };
}

/** Neighbouring points joined, so that at most `most` groups remain: their bounds, the end exclusive. */
export function groups(length: number, most: number): readonly (readonly [number, number])[] {
  const size = Math.max(1, Math.ceil(length / most));
  const found: [number, number][] = [];
  for (let from = 0; from < length; from += size) found.push([from, Math.min(from + size, length)]);
  return found;
}
