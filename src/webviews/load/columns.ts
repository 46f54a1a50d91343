import { LOAD_COLUMNS, type LivePoints, type LoadColumn, type LoadColumns } from '../../protocol/load';

export { extent, groups } from '../../engine/model/timelineParts';

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
