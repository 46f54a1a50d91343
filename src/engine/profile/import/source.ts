import fs from 'node:fs';
import { ThroughlineError } from '../../model/errors';
import type { StackProfile } from '../../model/stackProfile';

/** Bytes of a profile, read in any order and without holding them all. */
export interface ByteSource {
  /** What the user calls it: its path. */
  readonly name: string;
  readonly size: number;
  /** Fills as much of `into` as there is from `position`; returns the number of bytes, 0 at the end. */
  read(into: Uint8Array, position: number): number;
}

export interface ImportOptions {
  /** Called now and then with the bytes read so far. */
  readonly onProgress?: (bytesDone: number, bytesOf: number) => void;
}

/** What a file holds: one profile or several, e.g. pprof's sample types. Never empty. */
export interface Imported {
  readonly profiles: readonly StackProfile[];
  /** Index of the one to show first. */
  readonly active: number;
}

/**
 * Reads one format.
 * @throws {ThroughlineError} BAD_PROFILE with a sentence that says what is wrong with `source.name`.
 */
export type Importer = (source: ByteSource, options: ImportOptions) => Imported;

/** A file as a source; close it when done. Throws BAD_PROFILE where it cannot be read. */
export function openByteSource(file: string): ByteSource & { close(): void } {
  let descriptor: number;
  let size: number;
  try {
    descriptor = fs.openSync(file, 'r');
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile()) throw new Error('it is not a file');
    size = stat.size;
  } catch (error) {
    throw new ThroughlineError('BAD_PROFILE', `The profile ${file} cannot be read.`, String(error));
  }
  return {
    name: file,
    size,
    read: (into, position) => fs.readSync(descriptor, into, 0, into.length, position),
    close: () => fs.closeSync(descriptor),
  };
}

/** Bytes in memory as a source. */
export function bytesAsSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read(into, position) {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      return part.length;
    },
  };
}
