/** Wire types of protobuf. */
const VARINT = 0;
const BYTES = 2;

/** Wire types of the fields of pprof's `Profile` by number; field 13 may be packed or not. */
const FIELDS: readonly (readonly number[] | undefined)[] = [
  undefined,
  [BYTES],
  [BYTES],
  [BYTES],
  [BYTES],
  [BYTES],
  [BYTES],
  [VARINT],
  [VARINT],
  [VARINT],
  [VARINT],
  [BYTES],
  [VARINT],
  [VARINT, BYTES],
  [VARINT],
  [VARINT],
];

/**
 * Whether the bytes have the shape of a pprof profile: fields one after another, each of a number and a wire type that
 * `Profile` has, as far as `head` goes.
 */
export function looksLikePprof(head: Uint8Array, size: number): boolean {
  let at = 0;
  let fields = 0;
  let messages = 0;
  while (at < head.length) {
    const tag = head[at++]!;
    const number = tag >>> 3;
    const wire = tag & 7;
    if (tag >= 0x80 || !FIELDS[number]?.includes(wire)) return false;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      // The head ends within a number.
      if (at >= head.length) return messages > 0 && head.length < size;
      const byte = head[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      if (shift >= 63) return false;
    }
    fields++;
    if (wire !== BYTES) continue;
    if (at + value > size) return false;
    messages++;
    at += value;
  }
  return fields > 1 && messages > 0;
}
