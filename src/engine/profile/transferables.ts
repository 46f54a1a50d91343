/** Buffers of the typed arrays in a value of plain objects, each once, for a transfer list. */
export function transferables(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  collect(value, buffers);
  return [...buffers];
}

function collect(value: unknown, into: Set<ArrayBuffer>): void {
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) into.add(value.buffer);
  } else if (!Array.isArray(value)) {
    // Replies are a few objects deep, never cyclic; arrays hold no columns.
    for (const inner of Object.values(value)) collect(inner, into);
  }
}
