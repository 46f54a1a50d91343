import type { ByteSource } from './source';

/** Call by which the page that 0x writes draws its flamegraph; the trees are its argument. */
const CALL = 'visualizer({';
const CHUNK_BYTES = 1 << 20;

/** Offset of the JSON object with the trees in a page of 0x; undefined where there is none. */
export function findTreesInPage(source: ByteSource): number | undefined {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  // Chunks overlap, so that a call astride two of them is found.
  for (let base = 0; base < source.size; base += CHUNK_BYTES - 64) {
    const length = source.read(chunk, base);
    if (length === 0) return undefined;
    const part = chunk.subarray(0, length);
    for (let at = part.indexOf(CALL); at >= 0; at = part.indexOf(CALL, at + 1)) {
      const behind = part.toString('latin1', at + CALL.length, at + CALL.length + 16);
      if (/^\s*"(?:un)?merged"/u.test(behind)) return base + at + CALL.length - 1;
    }
  }
  return undefined;
}
