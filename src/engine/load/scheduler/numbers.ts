import type { DataSet } from '../../model/loadTest';
import type { Slice } from './arrivals';

/**
 * Numbers of iterations and of virtual users: over all generator processes no two the same, and without gaps while
 * their number stays as it is. Where it changes they go on from the next `GENERATION`.
 */
export class Numbers {
  private iterations = 0;
  private users = 0;
  private readonly freeUsers: number[] = [];
  private slice: Slice = { index: 0, count: 1 };
  private generation = 0;

  setSlice(slice: Slice, generation: number): void {
    if (generation !== this.generation) {
      this.iterations = this.users = 0;
      this.freeUsers.length = 0;
    }
    this.slice = slice;
    this.generation = generation;
  }

  /** From 0. */
  nextIteration(): number {
    return this.spread(this.iterations++);
  }

  /** From 1. */
  takeUser(): number {
    return this.freeUsers.pop() ?? this.spread(this.users++) + 1;
  }

  freeUser(user: number): void {
    if (user > this.generation * GENERATION) this.freeUsers.push(user);
  }

  private spread(own: number): number {
    return this.generation * GENERATION + own * this.slice.count + this.slice.index;
  }
}

const GENERATION = 1e9;

/** Which row of a set the next iteration takes. */
export class RowPicker {
  private taken = 0;

  constructor(private readonly set: DataSet) {}

  next({ index, count }: Slice): readonly string[] {
    const { rows, pick } = this.set;
    const row = pick === 'random' ? Math.floor(Math.random() * rows.length) : this.taken++ * count + index;
    return rows[row % rows.length]!;
  }

  columnIndex(column: string): number {
    return this.set.columns.indexOf(column);
  }
}

/** Chooses among weighted items so that after any number of choices each has had its share, to one. */
export class WeightedTurns<T extends { readonly weight: number }> {
  private readonly credits: number[];
  private readonly total: number;

  constructor(private readonly items: readonly T[]) {
    this.credits = items.map(() => 0);
    this.total = items.reduce((sum, { weight }) => sum + weight, 0);
  }

  next(): T {
    let best = 0;
    for (let at = 0; at < this.items.length; at++) {
      this.credits[at]! += this.items[at]!.weight;
      if (this.credits[at]! > this.credits[best]!) best = at;
    }
    this.credits[best]! -= this.total;
    return this.items[best]!;
  }
}
