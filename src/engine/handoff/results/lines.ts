import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CancelledError, errorMessage, ThroughlineError } from '../../model/errors';

/** A line that is longer is of no result. */
const MAX_LINE = 1024 * 1024;

/** The bytes of a file, unpacked where it ends in `.gz`. */
export function openResult(file: string): Readable {
  const raw = createReadStream(file);
  if (!file.endsWith('.gz')) return raw;
  const unpacked = createGunzip();
  raw.on('error', (error) => unpacked.destroy(error));
  return raw.pipe(unpacked);
}

/** One after the other, in bounded memory. Throws BAD_LOAD_RESULT. */
export async function* linesOf(file: string, signal: AbortSignal): AsyncGenerator<string> {
  const input = openResult(file);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (signal.aborted) throw new CancelledError();
      if (line.length > MAX_LINE)
        throw new ThroughlineError(
          'BAD_LOAD_RESULT',
          `${file} has a line of more than ${MAX_LINE} characters.`,
        );
      yield line;
    }
  } catch (error) {
    if (error instanceof CancelledError || error instanceof ThroughlineError) throw error;
    throw new ThroughlineError('BAD_LOAD_RESULT', `${file} cannot be read.`, errorMessage(error));
  } finally {
    input.destroy();
  }
}
