export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/** Thrown for bytes that are no protobuf; the importer says of which file. */
export class BadProtobuf extends Error {}

/** Reads the fields of protobuf messages in place. */
export class ProtobufReader {
  /** Of the field that `next` came to. */
  field = 0;
  wire = 0;
  /** Bounds of the field's bytes, where `wire` is `BYTES`. */
  from = 0;
  to = 0;
  /** The field's number, its halves; see `unsigned` and `signed`. */
  low = 0;
  high = 0;
  private at: number;

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    private end = bytes.length,
  ) {
    this.at = start;
  }

  /** Begins a message that lies within the bytes. */
  enter(start: number, end: number): this {
    this.at = start;
    this.end = end;
    return this;
  }

  /** Goes on to the next field; false at the message's end. */
  next(): boolean {
    if (this.at >= this.end) return false;
    this.varint();
    this.field = ((this.high << 29) | (this.low >>> 3)) >>> 0;
    this.wire = this.low & 7;
    if (this.wire === VARINT) this.varint();
    else if (this.wire === BYTES) {
      this.varint();
      const size = this.unsigned;
      if (size > this.end - this.at) throw new BadProtobuf('A field is longer than what holds it.');
      this.from = this.at;
      this.to = this.at += size;
    } else if (this.wire === FIXED64) this.skip(8);
    else if (this.wire === FIXED32) this.skip(4);
    else throw new BadProtobuf(`Byte ${this.at} has an unknown wire type.`);
    return true;
  }

  /** Reads numbers that are packed one after another; false at the message's end. */
  nextPacked(): boolean {
    if (this.at >= this.end) return false;
    this.varint();
    return true;
  }

  get position(): number {
    return this.at;
  }

  get unsigned(): number {
    return this.high * TWO_32 + this.low;
  }

  get signed(): number {
    return (this.high | 0) * TWO_32 + this.low;
  }

  /** A number of 64 bits as a key: doubles hold those of up to 53. */
  get key(): number | string {
    return this.high < 1 << 21 ? this.unsigned : `${this.high}:${this.low}`;
  }

  private skip(size: number): void {
    this.at += size;
    if (this.at > this.end) throw new BadProtobuf('It ends within a field.');
  }

  private varint(): void {
    const { bytes, end } = this;
    let { at } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw new BadProtobuf('It ends within a number.');
      const byte = bytes[at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.at = at;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw new BadProtobuf(`Byte ${this.at} begins a number of more than 10 bytes.`);
  }
}

const TWO_32 = 2 ** 32;
