import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, ThroughlineError } from '../../engine/model/errors';
import { LOAD_TEST_SUFFIX } from '../../engine/model/loadTestFile';
import type { OpenRun } from '../currentRun';

/** Documents with the commands and problems of load tests. */
export const LOAD_TEST_SELECTOR: vscode.DocumentSelector = { pattern: `**/*${LOAD_TEST_SUFFIX}` };

const MAX_FOUND = 1000;

export function isLoadTestFile(uri: vscode.Uri): boolean {
  return isOnDisk(uri) && uri.path.endsWith(LOAD_TEST_SUFFIX);
}

/** What the engine can read and start an app from. */
export function isOnDisk({ scheme }: vscode.Uri): boolean {
  return scheme === 'file' || scheme === 'vscode-remote';
}

/**
 * The file that a command is meant for: what it was called with, else the one in the active editor, else asks which.
 * Throws `CancelledError` where the pick is dismissed, `NO_LOAD_TEST` where there is none.
 */
export async function whichLoadTest(argument: unknown, title: string): Promise<vscode.Uri> {
  const given = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  if (given && isLoadTestFile(given)) return given;
  const found = await vscode.workspace.findFiles(
    `**/*${LOAD_TEST_SUFFIX}`,
    '**/{node_modules,.throughline}/**',
    MAX_FOUND,
  );
  const files = found.filter(isLoadTestFile).sort((a, b) => a.path.localeCompare(b.path));
  if (files.length === 0) {
    throw new ThroughlineError('NO_LOAD_TEST', vscode.l10n.t('This workspace has no load test.'));
  }
  const [only] = files;
  if (files.length === 1 && only) return only;
  const picked = await vscode.window.showQuickPick(
    files.map((uri) => ({
      label: path.posix.basename(uri.path, LOAD_TEST_SUFFIX),
      description: vscode.workspace.asRelativePath(uri),
      uri,
    })),
    { title, matchOnDescription: true },
  );
  if (!picked) throw new CancelledError();
  return picked.uri;
}

/** The file as results name it: relative to its workspace folder with forward slashes, else its whole path. */
export function shownFile(uri: vscode.Uri): string {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (!folder) return uri.fsPath;
  return path.relative(folder.uri.fsPath, uri.fsPath).split(path.sep).join('/');
}

/** The workspace folder that a load test belongs to. Throws `NO_LOAD_TEST` for one that lies in none on a disk. */
export function folderOfLoadTest(uri: vscode.Uri): vscode.WorkspaceFolder {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  if (folder && isOnDisk(folder.uri)) return folder;
  throw new ThroughlineError(
    'NO_LOAD_TEST',
    vscode.l10n.t(
      '{0} lies in no folder of this workspace that is on a disk.',
      path.posix.basename(uri.path),
    ),
  );
}

/**
 * The workspace folder that a command is meant for: that of what it was called with or of the active editor, else
 * asks. Throws `CancelledError` where the pick is dismissed, `NO_LOAD_TEST` where none is on a disk.
 */
export async function whichFolder(argument?: unknown): Promise<vscode.WorkspaceFolder> {
  const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  const near = uri && vscode.workspace.getWorkspaceFolder(uri);
  if (near && isOnDisk(near.uri)) return near;
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => isOnDisk(folder.uri));
  const [only] = folders;
  if (!only) throw new ThroughlineError('NO_LOAD_TEST', vscode.l10n.t('No folder on a disk is open.'));
  if (folders.length === 1) return only;
  const picked = await vscode.window.showWorkspaceFolderPick();
  if (!picked || !isOnDisk(picked.uri)) throw new CancelledError();
  return picked;
}

/** Where the file of a stored result is; undefined of a result without one. */
export function fileOfResult({ run, storeFolder }: OpenRun): vscode.Uri | undefined {
  const file = run.loadTest?.file;
  // The name comes from a file: it opens load tests and nothing else.
  if (file === undefined || !file.endsWith(LOAD_TEST_SUFFIX)) return undefined;
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(storeFolder))?.uri.fsPath ?? storeFolder;
  return vscode.Uri.file(path.resolve(folder, file));
}
