import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../engine/model/run';
import { RunStore } from '../engine/runs/store';
import type { OpenRun } from './currentRun';

export interface StoredRun {
  /** Folder whose `.throughline` holds the run. */
  readonly storeFolder: string;
  readonly summary: RunSummary;
}

/** A folder that looks like a run and cannot be read. */
export interface BadRun {
  readonly storeFolder: string;
  readonly id: string;
  /** A sentence. */
  readonly reason: string;
}

/** The runs of all folders of the workspace, newest first. */
export class RunLibrary implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly onDidChange = this.emitter.event;
  private readonly stores = new Map<string, RunStore>();
  private readonly watchers: vscode.Disposable[] = [];

  constructor() {
    this.addWorkspaceFolders();
    // Runs of the terminal and of other windows appear as well.
    const saved = vscode.workspace.createFileSystemWatcher(
      '**/.throughline/runs/*/run.json',
      false,
      true,
      false,
    );
    this.watchers.push(
      saved,
      saved.onDidCreate(({ fsPath }) => this.noticed(fsPath)),
      saved.onDidDelete(({ fsPath }) => this.noticed(fsPath)),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.addWorkspaceFolders();
        this.emitter.fire();
      }),
    );
  }

  /** The store of a folder; an app folder inside the workspace has one of its own. */
  store(folder: string): RunStore {
    let store = this.stores.get(folder);
    if (!store) {
      store = new RunStore(folder);
      this.stores.set(folder, store);
    }
    return store;
  }

  async list(): Promise<readonly StoredRun[]> {
    return (await this.scan()).runs;
  }

  /** Also what looks like a run and cannot be read. */
  async scan(): Promise<{ readonly runs: readonly StoredRun[]; readonly problems: readonly BadRun[] }> {
    const listings = await Promise.all(
      [...this.stores].map(async ([storeFolder, store]) => {
        const { runs, problems } = await store.scan();
        return {
          runs: runs.map((summary) => ({ storeFolder, summary })),
          problems: problems.map((problem) => ({ storeFolder, ...problem })),
        };
      }),
    );
    return {
      runs: listings.flatMap(({ runs }) => runs).sort((a, b) => newestFirst(a.summary, b.summary)),
      problems: listings.flatMap(({ problems }) => problems).sort(newestFirst),
    };
  }

  async open(storeFolder: string, id: string): Promise<OpenRun> {
    const store = this.store(storeFolder);
    return { run: await store.load(id), storeFolder, runFolder: store.runFolder(id) };
  }

  /** Views list again: a run was added, renamed, deleted, or made the baseline. */
  changed(): void {
    this.emitter.fire();
  }

  dispose(): void {
    for (const watcher of this.watchers) watcher.dispose();
    this.emitter.dispose();
  }

  private noticed(runFile: string): void {
    this.store(path.resolve(runFile, '../../../..'));
    this.emitter.fire();
  }

  private addWorkspaceFolders(): void {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme === 'file' || folder.uri.scheme === 'vscode-remote')
        this.store(folder.uri.fsPath);
    }
  }
}

/** Ids begin with the time. */
function newestFirst(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
