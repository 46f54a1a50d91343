import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { ThroughlineError } from '../../engine/model/errors';
import { formatBytes } from '../../engine/model/units';

/** A file that the engine can read by its path; dispose it when it is not read any more. */
export interface LocalFile extends vscode.Disposable {
  readonly file: string;
  /** It stands in for one that is on no disk. */
  readonly isCopy: boolean;
}

/** Such files pass through this process' memory whole. */
const MAX_COPIED_BYTES = 256 * 1_000_000;

/** The file itself where it is on a disk, else a copy of it. @throws {ThroughlineError} BAD_PROFILE */
export async function localFile(uri: vscode.Uri): Promise<LocalFile> {
  if (uri.scheme === 'file' || uri.scheme === 'vscode-remote') {
    return { file: uri.fsPath, isCopy: false, dispose: () => undefined };
  }
  const { size } = await vscode.workspace.fs.stat(uri);
  requireCopiable(uri.path, size);
  return temporaryFile(path.posix.basename(uri.path), await vscode.workspace.fs.readFile(uri));
}

/** Of a file that was dropped from another program and has no address here. */
export async function copyOfDropped(file: vscode.DataTransferFile): Promise<LocalFile> {
  const bytes = await file.data();
  requireCopiable(file.name, bytes.length);
  return temporaryFile(path.basename(file.name), bytes);
}

function requireCopiable(name: string, size: number): void {
  if (size <= MAX_COPIED_BYTES) return;
  throw new ThroughlineError(
    'BAD_PROFILE',
    vscode.l10n.t(
      '{0} is on no disk of this machine and has {1}; up to {2} are copied here. Save it on the disk to open it.',
      name,
      formatBytes(size),
      formatBytes(MAX_COPIED_BYTES),
    ),
  );
}

async function temporaryFile(name: string, bytes: Uint8Array): Promise<LocalFile> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'throughline-'));
  const file = path.join(folder, name.replaceAll(/[^\w.-]+/g, '_') || 'profile');
  await fs.writeFile(file, bytes);
  return {
    file,
    isCopy: true,
    dispose: () => void fs.rm(folder, { recursive: true, force: true }).catch(() => undefined),
  };
}
