import type { StackLines } from '../../model/stackProfile';
import { Float64List, Int32List } from './numberList';

/** Sums of own values by node, line and column. */
export class LineSums {
  private readonly node = new Int32List();
  private readonly line = new Int32List();
  private readonly column = new Int32List();
  private readonly samples = new Float64List();
  private readonly values: readonly Float64List[];
  /** Entry + 1, open addressing. */
  private slots = new Int32Array(1 << 8);
  private hasColumns = false;

  constructor(columns: number) {
    this.values = Array.from({ length: columns }, () => new Float64List());
  }

  add(node: number, line: number, column: number, value: number, samples: number, of: number): void {
    const entry = this.entry(node, line, column);
    this.values[of]!.values[entry]! += value;
    this.samples.values[entry]! += samples;
    if (column > 0) this.hasColumns = true;
  }

  /**
   * Lines with a value in column `of`.
   * @param rank new indexes of nodes, ascending; -1 for those that are left out.
   */
  build(rank: Int32Array, of: number, hasSamples: boolean): StackLines | undefined {
    const { values } = this.values[of]!;
    const single = this.values.length === 1;
    const order = this.inOrder().filter(
      (entry) =>
        rank[this.node.values[entry]!]! >= 0 &&
        (values[entry]! > 0 || (single && this.samples.values[entry]! > 0)),
    );
    if (order.length === 0) return undefined;
    return {
      node: Int32Array.from(order, (entry) => rank[this.node.values[entry]!]!),
      line: Int32Array.from(order, (entry) => this.line.values[entry]!),
      ...(this.hasColumns && { column: Int32Array.from(order, (entry) => this.column.values[entry]!) }),
      value: Float64Array.from(order, (entry) => values[entry]!),
      samples: Float64Array.from(order, (entry) => (hasSamples ? this.samples.values[entry]! : 0)),
    };
  }

  /** Entries by node, line and column. */
  private inOrder(): Int32Array {
    const order = new Int32Array(this.node.size);
    for (let entry = 0; entry < order.length; entry++) order[entry] = entry;
    const [node, line, column] = [this.node.values, this.line.values, this.column.values];
    return order.sort((a, b) => node[a]! - node[b]! || line[a]! - line[b]! || column[a]! - column[b]!);
  }

  private entry(node: number, line: number, column: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(node, line, column) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const entry = this.slots[slot]! - 1;
      if (entry < 0) break;
      if (
        this.node.values[entry] === node &&
        this.line.values[entry] === line &&
        this.column.values[entry] === column
      ) {
        return entry;
      }
    }
    const entry = this.node.size;
    this.node.push(node);
    this.line.push(line);
    this.column.push(column);
    this.samples.push(0);
    for (const list of this.values) list.push(0);
    this.slots[slot] = entry + 1;
    if (this.node.size * 2 > this.slots.length) this.widen();
    return entry;
  }

  private widen(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let entry = 0; entry < this.node.size; entry++) {
      let slot = hash(this.node.values[entry]!, this.line.values[entry]!, this.column.values[entry]!) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry + 1;
    }
  }
}

function hash(node: number, line: number, column: number): number {
  const mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(line, 0x85ebca6b) ^ Math.imul(column, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
