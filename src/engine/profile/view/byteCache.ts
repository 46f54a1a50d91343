/** Keeps what was used last, up to a number of bytes; the newest entry stays whatever its size. */
export class ByteCache<T> {
  private readonly entries = new Map<string, { readonly value: T; readonly bytes: number }>();
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.held;
  }

  /** The value of `key`, made where it is not held. */
  get(key: string, make: () => T, bytesOf: (value: T) => number): T {
    const known = this.entries.get(key);
    if (known) {
      // A Map iterates in the order of insertion: what was used last goes to its end.
      this.entries.delete(key);
      this.entries.set(key, known);
      return known.value;
    }
    const value = make();
    const bytes = bytesOf(value);
    this.entries.set(key, { value, bytes });
    this.held += bytes;
    for (const [oldest, entry] of this.entries) {
      if (this.held <= this.maxBytes || this.entries.size === 1) break;
      this.entries.delete(oldest);
      this.held -= entry.bytes;
    }
    return value;
  }
}

/** Bytes of the typed arrays that are direct properties of a value. */
export function columnBytes(value: object): number {
  let bytes = 0;
  for (const column of Object.values(value)) if (ArrayBuffer.isView(column)) bytes += column.byteLength;
  return bytes;
}
