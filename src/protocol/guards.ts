/** Checks of single values, for the messages between the extension and its webviews. */

export type Fields = Readonly<Record<string, unknown>>;

/** A message that does not have the shape its `type` promises. Both ends log it and drop the message. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null) throw new BadMessage(`${what} is not an object`);
  return value as Fields;
}

export function text(fields: Fields, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw new BadMessage(`${key} is not text`);
  return value;
}

export function flag(fields: Fields, key: string): boolean {
  const value = fields[key];
  if (typeof value !== 'boolean') throw new BadMessage(`${key} is not true or false`);
  return value;
}

/** A finite number. */
export function number(fields: Fields, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadMessage(`${key} is not a number`);
  return value;
}

/** A whole number of at least 0. */
export function count(fields: Fields, key: string): number {
  const value = number(fields, key);
  if (!Number.isInteger(value) || value < 0) throw new BadMessage(`${key} is not a count`);
  return value;
}

export function oneOf<T extends string>(fields: Fields, key: string, allowed: readonly T[]): T {
  const value = fields[key];
  if (!allowed.includes(value as T)) throw new BadMessage(`${key} is none of ${allowed.join(', ')}`);
  return value as T;
}

export function optional<T>(
  fields: Fields,
  key: string,
  read: (fields: Fields, key: string) => T,
): T | undefined {
  return fields[key] === undefined ? undefined : read(fields, key);
}

export function texts(fields: Fields, key: string): readonly string[] {
  const value = fields[key];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
    throw new BadMessage(`${key} is not a list of texts`);
  }
  return value;
}

export function list<T>(fields: Fields, key: string, read: (entry: Fields) => T): readonly T[] {
  const value = fields[key];
  if (!Array.isArray(value)) throw new BadMessage(`${key} is not a list`);
  return value.map((entry) => read(fieldsOf(entry, `an entry of ${key}`)));
}

interface TypedArrays {
  readonly Int32Array: Int32Array;
  readonly Uint8Array: Uint8Array;
  readonly Float32Array: Float32Array;
  readonly Float64Array: Float64Array;
}

/**
 * A typed array, of `length` where given. Told by name: a value from another realm (a worker, a message port) is no
 * instance of this realm's class.
 */
export function typedArray<N extends keyof TypedArrays>(
  fields: Fields,
  key: string,
  name: N,
  length?: number,
): TypedArrays[N] {
  const value = fields[key];
  if (!ArrayBuffer.isView(value) || Object.prototype.toString.call(value) !== `[object ${name}]`) {
    throw new BadMessage(`${key} is no ${name}`);
  }
  const array = value as unknown as TypedArrays[N];
  if (length !== undefined && array.length !== length) {
    throw new BadMessage(`${key} holds ${array.length} values, not ${length}`);
  }
  return array;
}

/** Every value of `array` lies in `from` (inclusive) to `to` (exclusive). */
export function within(array: Int32Array | Uint8Array, key: string, from: number, to: number): void {
  for (const value of array) {
    if (value < from || value >= to) throw new BadMessage(`${key} holds ${value}`);
  }
}
