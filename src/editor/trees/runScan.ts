import * as vscode from 'vscode';
import type { RunLibrary, StoredRun } from '../runLibrary';

/** A folder that looks like a run and cannot be read. */
export interface BadRun {
  readonly storeFolder: string;
  readonly id: string;
  /** A sentence. */
  readonly reason: string;
}

/** All runs of the workspace, newest first, and those that cannot be read. */
export async function scanRuns(
  library: RunLibrary,
): Promise<{ readonly runs: readonly StoredRun[]; readonly problems: readonly BadRun[] }> {
  // App folders below the workspace's have stores of their own; the library knows those that hold runs.
  const folders = new Set((await library.list()).map(({ storeFolder }) => storeFolder));
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    if (uri.scheme === 'file') folders.add(uri.fsPath);
  }
  const listings = await Promise.all(
    [...folders].map(async (storeFolder) => {
      const { runs, problems } = await library.store(storeFolder).scan();
      return {
        runs: runs.map((summary) => ({ storeFolder, summary })),
        problems: problems.map(({ id, reason }) => ({ storeFolder, id, reason })),
      };
    }),
  );
  return {
    runs: listings.flatMap(({ runs }) => runs).sort((a, b) => newer(a.summary, b.summary)),
    problems: listings.flatMap(({ problems }) => problems).sort(newer),
  };
}

/** Ids begin with the time. */
function newer(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
