import * as vscode from 'vscode';

/** Absolute paths of the workspace's folders that are on a disk. */
export function workspaceFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file' || uri.scheme === 'vscode-remote')
    .map(({ uri }) => uri.fsPath);
}
