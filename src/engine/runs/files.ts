import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { ThroughlineError, errorMessage } from '../model/errors';

/** Larger files are refused unread: a JSON text of this size already takes about a gigabyte of memory. */
export const MAX_RUN_BYTES = 256 * 1024 * 1024;

export interface TextFile {
  readonly text: string;
  readonly stats: Stats;
}

/**
 * Reads a regular file of at most `maxBytes`. Neither follows a symbolic link in the last place nor waits on a
 * pipe. Throws BAD_RUN for what is no such file, and Node's own error (ENOENT, EACCES) where it cannot be opened.
 */
export async function readTextFile(file: string, maxBytes: number): Promise<TextFile> {
  const handle = await fs
    .open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    .catch((error: unknown) => {
      if (errorCode(error) === 'ELOOP') throw refuseLink(file);
      throw error;
    });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new ThroughlineError('BAD_RUN', `${file} is not a regular file.`);
    if (stats.size > maxBytes) {
      throw new ThroughlineError(
        'BAD_RUN',
        `${file} has ${stats.size} bytes; more than ${maxBytes} are not read.`,
      );
    }
    return { text: await handle.readFile('utf8'), stats };
  } finally {
    await handle.close();
  }
}

/**
 * Replaces `file` in one step: a reader, or a process that is killed, finds the old content or the new, never a part.
 * The folder must be one that `insideStore` has checked.
 */
export async function writeFileAtomic(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    // `wx` neither follows a link nor overwrites.
    const handle = await fs.open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(text, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameWithRetry(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(path.dirname(file));
}

/** Makes names in a folder survive a power cut. Where folders cannot be flushed (Windows) there is nothing to do. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: fs.FileHandle | undefined;
  try {
    handle = await fs.open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    if (!UNSUPPORTED.has(errorCode(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}

const UNSUPPORTED = new Set(['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'EBADF', 'ENOTSUP']);

/** Flushes the regular files directly in `folder`. */
export async function syncFilesIn(folder: string): Promise<void> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const handle = await fs.open(path.join(folder, entry.name), 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** Virus scanners and indexers on Windows hold files for moments after they were written. */
export async function renameWithRetry(from: string, to: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fs.rename(from, to);
    } catch (error) {
      const transient =
        process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(errorCode(error) ?? '');
      if (!transient || attempt >= 8) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * 2 ** attempt));
    }
  }
}

/**
 * The real path of `parts` below `root`, which must itself be a real path. Parts that do not exist yet are fine.
 * Throws BAD_RUN where any part is a symbolic link: the store follows none, so none can lead it outside.
 */
export async function insideStore(root: string, ...parts: readonly string[]): Promise<string> {
  let current = root;
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..' || /[\\/\0]/.test(part)) {
      throw new ThroughlineError('BAD_RUN', `${JSON.stringify(part)} is not a name in the store.`);
    }
    current = path.join(current, part);
    const stats = await fs.lstat(current).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (stats?.isSymbolicLink()) throw refuseLink(current);
  }
  return current;
}

function refuseLink(file: string): ThroughlineError {
  return new ThroughlineError('BAD_RUN', `${file} is a symbolic link; the store of runs follows none.`);
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Node's file-system errors become STORE_FAILED with what was being done; our own errors pass. */
export function storeFailed(doing: string, error: unknown): ThroughlineError {
  if (error instanceof ThroughlineError) return error;
  const why = errorMessage(error);
  return new ThroughlineError('STORE_FAILED', `Could not ${doing}: ${why}`, '', { cause: error });
}
