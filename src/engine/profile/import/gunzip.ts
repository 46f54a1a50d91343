import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CancelledError, errorMessage, throwIfCancelled, ThroughlineError } from '../../model/errors';
import { openByteSource, type ByteSource, type ImportOptions } from './source';

export interface OpenSourceOptions extends ImportOptions {
  readonly signal?: AbortSignal | undefined;
  /** Most bytes that a file may unpack to. */
  readonly maxBytes?: number;
}

/** More than any profile that can be shown. */
const MAX_UNPACKED_BYTES = 4 * 2 ** 30;
/** Profiles unpack to 5 to 60 times their size; made-up ones to some thousand. */
const MAX_RATIO = 500;
/** Small files may be of one repeated stack. */
const RATIO_FREE_BYTES = 64 * 2 ** 20;

/**
 * Opens a profile for importers; one that is packed with gzip is unpacked to a temporary file, which `close` removes.
 * @throws {ThroughlineError} BAD_PROFILE where it cannot be read or unpacked; {CancelledError} by the signal.
 */
export async function openProfileSource(
  file: string,
  options: OpenSourceOptions = {},
): Promise<ByteSource & { close(): void }> {
  const source = openByteSource(file);
  const magic = new Uint8Array(2);
  if (source.read(magic, 0) < 2 || magic[0] !== 0x1f || magic[1] !== 0x8b) return source;
  source.close();
  const temporary = openTemporary();
  try {
    const size = await unpack(file, temporary.descriptor, source.size, options);
    return {
      ...{ name: file, size, close: temporary.close },
      read: (into, position) => fs.readSync(temporary.descriptor, into, 0, into.length, position),
    };
  } catch (error) {
    temporary.close();
    throw error;
  }
}

/** A file without a name: it is gone as soon as it is closed, also where the process is killed. */
function openTemporary(): { readonly descriptor: number; readonly close: () => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-unpacked-'));
  const remove = () => {
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const descriptor = fs.openSync(path.join(folder, 'profile'), 'wx+', 0o600);
  try {
    remove();
    return { descriptor, close: () => fs.closeSync(descriptor) };
  } catch {
    // Systems that do not let go of open files.
    return {
      descriptor,
      close() {
        fs.closeSync(descriptor);
        remove();
      },
    };
  }
}

/** Returns the number of bytes that it wrote to `into`. */
async function unpack(from: string, into: number, size: number, options: OpenSourceOptions): Promise<number> {
  const { signal, onProgress, maxBytes = MAX_UNPACKED_BYTES } = options;
  if (signal) throwIfCancelled(signal);
  const packed = fs.createReadStream(from);
  const target = writerTo(into);
  let bytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onProgress?.(Math.min(packed.bytesRead, size), size);
      if (bytes > maxBytes) done(bomb(from, `more than ${inGigabytes(maxBytes)}`));
      else if (bytes > Math.max(RATIO_FREE_BYTES, packed.bytesRead * MAX_RATIO)) {
        done(bomb(from, `more than ${MAX_RATIO} times its size`));
      } else done(null, chunk);
    },
  });
  try {
    await pipeline(packed, createGunzip(), guard, target, { ...(signal && { signal }) });
    return bytes;
  } catch (error) {
    if (signal?.aborted) throw new CancelledError();
    if (error instanceof ThroughlineError) throw error;
    throw new ThroughlineError(
      'BAD_PROFILE',
      `The profile ${from} ${whatFailed(error)}.`,
      errorMessage(error),
    );
  }
}

/** A stream of Node's own would close the file where the data is bad, and its number could by then be another's. */
function writerTo(descriptor: number): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length;) at += fs.writeSync(descriptor, chunk, at);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function bomb(file: string, to: string): ThroughlineError {
  return new ThroughlineError('BAD_PROFILE', `The profile ${file} unpacks to ${to}: it is not opened.`);
}

function inGigabytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GB` : `${bytes.toLocaleString('en')} bytes`;
}

function whatFailed(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === 'Z_BUF_ERROR') return 'is cut off: its gzip data ends early';
  if (typeof code === 'string' && code.startsWith('Z_')) return 'is damaged: its gzip data has errors';
  if (code === 'ENOSPC') return 'cannot be unpacked: the disk has no room for it';
  return 'cannot be unpacked';
}
