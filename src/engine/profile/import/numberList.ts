/**
 * Numbers of unknown count, kept in blocks so that growing copies nothing: 32-bit integers as long as all are such,
 * then doubles.
 */
export class NumberList {
  private readonly full: Block[] = [];
  private block: Block;
  private used = 0;
  private length = 0;
  private wide = false;

  constructor(private readonly blockSize = 1 << 20) {
    this.block = new Int32Array(Math.min(blockSize, FIRST_BLOCK));
  }

  get size(): number {
    return this.length;
  }

  push(value: number): void {
    if (this.used === this.block.length) this.grow();
    if (!this.wide && (value | 0) !== value) this.widen();
    this.block[this.used++] = value;
    this.length++;
  }

  /** Visits all values in order and lets go of them block by block. */
  drain(visit: (value: number, index: number) => void): void {
    const blocks = [...this.full, this.block.subarray(0, this.used)];
    this.full.length = 0;
    this.block = new Int32Array(0);
    this.used = this.length = 0;
    let index = 0;
    for (let at = 0; at < blocks.length; at++) {
      const block = blocks[at]!;
      for (let i = 0; i < block.length; i++) visit(block[i]!, index++);
      blocks[at] = EMPTY;
    }
  }

  private grow(): void {
    if (this.block.length < this.blockSize) {
      // Short lists stay one block.
      const wider = this.make(Math.min(this.blockSize, Math.max(FIRST_BLOCK, this.block.length * 4)));
      wider.set(this.block);
      this.block = wider;
      return;
    }
    this.full.push(this.block);
    this.block = this.make(this.blockSize);
    this.used = 0;
  }

  private make(size: number): Block {
    return this.wide ? new Float64Array(size) : new Int32Array(size);
  }

  /** From here on values need not be 32-bit integers; blocks that are full stay as they are. */
  private widen(): void {
    this.wide = true;
    this.block = Float64Array.from(this.block);
  }
}

type Block = Int32Array | Float64Array;

const FIRST_BLOCK = 1024;
const EMPTY = new Int32Array(0);

/** 32-bit integers of unknown count that are read while they are gathered. */
export class Int32List {
  values: Int32Array;
  size = 0;

  constructor(capacity = FIRST_BLOCK) {
    this.values = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.size === this.values.length) {
      const wider = new Int32Array(this.size * 2);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.size++] = value;
  }

  /** A copy of its own size. */
  take(): Int32Array {
    return this.values.slice(0, this.size);
  }
}

/** As `Int32List`, of doubles. */
export class Float64List {
  values: Float64Array;
  size = 0;

  constructor(capacity = FIRST_BLOCK) {
    this.values = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.size === this.values.length) {
      const wider = new Float64Array(this.size * 2);
      wider.set(this.values);
      this.values = wider;
    }
    this.values[this.size++] = value;
  }

  /** A copy of its own size. */
  take(): Float64Array {
    return this.values.slice(0, this.size);
  }
}
