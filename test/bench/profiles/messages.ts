// How the bench's stand-in for the editor hands messages to the page: JSON in which typed arrays are numbered, and
// their bytes behind it, as VS Code itself passes them to a webview.

/** A message as bytes: its length, the length of its JSON, the JSON, and the bytes of its arrays at multiples of 8. */
export function packMessage(message: unknown): Buffer {
  const arrays: Buffer[] = [];
  const json = Buffer.from(
    JSON.stringify(message, (_, value: unknown) => {
      if (!ArrayBuffer.isView(value)) return value;
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      return { $array: value.constructor.name, at: arrays.push(bytes) - 1, bytes: bytes.length };
    }),
  );
  const head = Buffer.alloc(8);
  const parts = [head, json, padding(8 + json.length)];
  for (const bytes of arrays) parts.push(bytes, padding(bytes.length));
  head.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    0,
  );
  head.writeUInt32LE(json.length, 4);
  return Buffer.concat(parts);
}

function padding(length: number): Buffer {
  return Buffer.alloc((8 - (length % 8)) % 8);
}

/** The page's side, and what VS Code gives to every webview. */
export const PAGE_SCRIPT = `
  const types = { Int32Array, Uint32Array, Uint8Array, Float32Array, Float64Array };
  let state;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => void fetch('/post', { method: 'POST', body: JSON.stringify(message) }),
    getState: () => state,
    setState: (kept) => (state = kept),
  });
  const unpack = (buffer) => {
    const jsonBytes = new Uint32Array(buffer, 4, 1)[0];
    const aligned = (size) => Math.ceil(size / 8) * 8;
    let next = aligned(8 + jsonBytes);
    const revive = (_, value) => {
      if (typeof value?.$array !== 'string') return value;
      // Arrays are revived in the order in which they were written.
      const bytes = buffer.slice(next, next + value.bytes);
      next += aligned(value.bytes);
      return new types[value.$array](bytes);
    };
    return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, jsonBytes)), revive);
  };
  void (async () => {
    const reader = (await fetch('/messages')).body.getReader();
    let held = new Uint8Array(1 << 20);
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (size + value.length > held.length) {
        const wider = new Uint8Array(Math.max(size + value.length, held.length * 2));
        wider.set(held.subarray(0, size));
        held = wider;
      }
      held.set(value, size);
      size += value.length;
      for (;;) {
        const length = size < 8 ? Infinity : new DataView(held.buffer).getUint32(0, true);
        if (size < length) break;
        const data = unpack(held.buffer.slice(0, length));
        held.copyWithin(0, length, size);
        size -= length;
        window.dispatchEvent(new MessageEvent('message', { data }));
      }
    }
  })();
`;
