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

  async list(): Promise<StoredRun[]> {
    const lists = await Promise.all(
      [...this.stores].map(async ([storeFolder, store]) =>
        (await store.list()).map((summary) => ({ storeFolder, summary })),
      ),
    );
    return lists.flat().sort((a, b) => (a.summary.id < b.summary.id ? 1 : -1));
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
