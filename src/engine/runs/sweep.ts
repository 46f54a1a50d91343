import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { OWNER, ownerState } from './owner';

/** Names that `list` never takes for runs: `.tmp-<id>.<owner>` and `.trash-<id>.<owner>`. */
const UNFINISHED = /^\.(?:tmp|trash)-\d{8}T\d{6}Z-[0-9a-f]{6}\.([0-9a-f]{8}-\d+)$/;

/** No run takes a day; what a machine that cannot be asked left behind is abandoned after it. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

export const draftName = (id: string): string => `.tmp-${id}.${OWNER}`;
export const trashName = (id: string): string => `.trash-${id}.${OWNER}`;

/**
 * Removes drafts and deleted runs whose process has ended: at once where that can be known, after a day where the
 * process was of another machine (or of an earlier boot of this one). Never one of a process that lives.
 */
export async function sweepAbandoned(runs: string, nowMs: number = Date.now()): Promise<void> {
  for (const entry of await fs.readdir(runs, { withFileTypes: true })) {
    const owner = UNFINISHED.exec(entry.name)?.[1];
    if (owner === undefined || !entry.isDirectory()) continue;
    const folder = path.join(runs, entry.name);
    if (!(await isAbandoned(folder, owner, nowMs))) continue;
    // Another window may be sweeping the same one.
    await fs.rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function isAbandoned(folder: string, owner: string, nowMs: number): Promise<boolean> {
  const state = ownerState(owner);
  if (state !== 'unknown') return state === 'dead';
  const stats = await fs.lstat(folder).catch(() => undefined);
  return stats !== undefined && nowMs - stats.mtimeMs > ABANDONED_AFTER_MS;
}
