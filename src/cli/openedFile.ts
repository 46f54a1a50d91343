import fs from 'node:fs';
import path from 'node:path';
import { ThroughlineError } from '../engine/model/errors';
import { openProfile, type Opened } from '../engine/profile/open/openProfile';
import type { SessionCosts } from '../engine/profile/sessionMessages';

/** A profile's file, opened, with its sums. */
export interface OpenedFile {
  /** As the user named it. */
  readonly file: string;
  readonly opened: Opened;
  readonly costs: SessionCosts;
  /** Real path of the folder that files are told relative to. */
  readonly folder: string;
}

export interface FileToOpen {
  readonly file: string;
  readonly folder: string;
  readonly sourceFolder?: string;
  readonly profile?: number;
}

/** @throws {ThroughlineError} BAD_PROFILE, and BAD_USAGE where there is no such file or folder. */
export async function openFileOf({ file, folder, sourceFolder, profile }: FileToOpen): Promise<OpenedFile> {
  if (!fs.existsSync(file))
    throw new ThroughlineError('BAD_USAGE', `There is no file ${path.resolve(file)}.`);
  const real = realFolder(folder);
  const opened = await openProfile({
    origin: { kind: 'file', file: path.resolve(file) },
    folders: [real],
    ...(sourceFolder !== undefined && { sourceFolder: realFolder(sourceFolder) }),
    ...(profile !== undefined && { profile }),
  });
  return { file, opened, costs: opened.costs(), folder: real };
}

/** @throws {ThroughlineError} BAD_USAGE where there is no such folder. */
export function realFolder(folder: string): string {
  try {
    const real = fs.realpathSync(folder);
    if (fs.statSync(real).isDirectory()) return real;
  } catch {
    // Told below.
  }
  throw new ThroughlineError('BAD_USAGE', `There is no folder ${path.resolve(folder)}.`);
}
