import { ThroughlineError } from '../../model/errors';
import type { ByteSource, ImportOptions } from './source';

const CHUNK_BYTES = 1 << 20;
/** A stack of 100,000 functions has some megabytes. */
const MAX_LINE_BYTES = 32 << 20;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Reads a text by its lines, each a string of its own without its end, so that memory does not grow with the file.
 * @param visit is also given the line's number, from 1.
 * @throws {ThroughlineError} BAD_PROFILE for a line that no profile has.
 */
export function readLines(
  source: ByteSource,
  options: ImportOptions,
  visit: (line: string, number: number) => void,
): void {
  let buffer = Buffer.alloc(CHUNK_BYTES);
  /** Bytes in the buffer, of a line that has no end yet. */
  let kept = 0;
  let position = 0;
  let number = 0;
  for (;;) {
    if (buffer.length - kept < CHUNK_BYTES / 2) {
      if (kept > MAX_LINE_BYTES) {
        throw new ThroughlineError(
          'BAD_PROFILE',
          `The profile ${source.name} has a line of more than ${MAX_LINE_BYTES >> 20} MB, line ${number + 1}.`,
        );
      }
      const wider = Buffer.alloc(buffer.length * 2);
      buffer.copy(wider, 0, 0, kept);
      buffer = wider;
    }
    const read = source.read(buffer.subarray(kept), position);
    if (read === 0) break;
    const searchFrom = kept;
    position += read;
    const length = kept + read;
    let from = position === read ? skipByteOrderMark(buffer, length) : 0;
    let end = buffer.indexOf(NEWLINE, Math.max(from, searchFrom));
    while (end >= 0 && end < length) {
      visit(text(buffer, from, end), ++number);
      from = end + 1;
      end = buffer.indexOf(NEWLINE, from);
    }
    buffer.copyWithin(0, from, length);
    kept = length - from;
    options.onProgress?.(position, source.size);
  }
  if (kept > 0) visit(text(buffer, 0, kept), ++number);
}

function text(buffer: Buffer, from: number, end: number): string {
  return buffer.toString('utf8', from, end > from && buffer[end - 1] === RETURN ? end - 1 : end);
}

function skipByteOrderMark(buffer: Buffer, length: number): number {
  return length >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
}
