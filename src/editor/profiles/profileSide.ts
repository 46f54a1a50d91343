import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { ThroughlineError } from '../../engine/model/errors';
import { runTitle } from '../../engine/model/runTitle';
import { costBasis } from '../../engine/model/units';
import type { OpenRequest } from '../../engine/profile/session';
import { ProfileSession } from '../../engine/profile/session';
import type { CostSource } from '../annotations/costSource';
import type { OpenRun } from '../currentRun';
import { workspaceFolders } from '../workspaceFolders';
import { localFile } from './localCopy';

/** One side of a difference: a file, or the merged capture of a run. */
export interface ProfileSide {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970; the older side is the one before. */
  readonly time: number;
  readonly origin: OpenRequest['origin'];
  /** Preferred when sources are sought. */
  readonly folders: readonly string[];
  /** Of a run: its functions and lines. */
  readonly costs?: NonNullable<CostSource['before']>;
  readonly dispose: () => void;
}

export async function sideOfFile(uri: vscode.Uri): Promise<ProfileSide> {
  const local = await localFile(uri);
  return {
    id: uri.toString(),
    name: path.posix.basename(uri.path),
    time: await stat(local.file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
    origin: { kind: 'file', file: local.file },
    folders: workspaceFolders(),
    dispose: () => void local.dispose(),
  };
}

/** @throws {ThroughlineError} where the run has no profile. */
export function sideOfRun({ run, runFolder, storeFolder }: OpenRun): ProfileSide {
  if (run.profile.state !== 'ok') {
    throw new ThroughlineError(
      'BAD_USAGE',
      vscode.l10n.t('The run {0} has no profile to compare.', runTitle(run)),
    );
  }
  const basis = costBasis(run);
  const time = Date.parse(run.createdAt);
  return {
    id: run.id,
    name: run.name ?? `${runTitle(run)}, ${new Date(time).toLocaleString(vscode.env.language)}`,
    time,
    origin: { kind: 'run', treeFile: path.join(runFolder, 'calltree.json'), ...basis },
    folders: [run.target.folder ?? storeFolder, ...workspaceFolders()],
    costs: { profile: run.profile.profile, basis },
    dispose: () => undefined,
  };
}

/** Functions and lines of a side; a file is opened for it and closed again. */
export async function costsOfSide(
  side: ProfileSide,
  dist: string,
  sourceFolder: string | undefined,
): Promise<NonNullable<CostSource['before']>> {
  if (side.costs) return side.costs;
  const session = await ProfileSession.open(dist, {
    origin: side.origin,
    folders: side.folders,
    ...(sourceFolder !== undefined && { sourceFolder }),
  });
  try {
    return await session.costs();
  } finally {
    session.dispose();
  }
}
