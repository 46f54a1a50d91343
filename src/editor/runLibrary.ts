import path from 'node:path';
import * as vscode from 'vscode';
import type { RunSummary } from '../engine/model/run';
import { isRunId } from '../engine/runs/ids';
import { RunStore } from '../engine/runs/store';
import type { OpenRun } from './currentRun';
import { errorMessage } from '../engine/model/errors';

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

/** A store whose runs cannot be listed at all. */
export interface BadStore {
  readonly storeFolder: string;
  /** A sentence. */
  readonly reason: string;
}

export interface RunRef {
  readonly storeFolder: string;
  readonly id: string;
}

export interface LibraryListing {
  /** Newest first. */
  readonly runs: readonly StoredRun[];
  readonly problems: readonly (BadRun | BadStore)[];
}

const STORED = '**/.throughline/{runs/*/run.json,baselines/*.json}';
/** Of runs and baselines that are looked for at the start; the stores of that many are known then. */
const MAX_FOUND = 5000;

/** The runs of all folders of the workspace and of the apps within, newest first. */
export class RunLibrary implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly onDidChange = this.emitter.event;
  /** The stores of apps within the workspace's folders have been looked for. Never rejects. */
  readonly discovered: Promise<void>;
  private readonly stores = new Map<string, RunStore>();
  private readonly disposables: vscode.Disposable[] = [];
  private readonly closing = new vscode.CancellationTokenSource();
  private found: readonly RunRef[] = [];

  constructor() {
    this.addWorkspaceFolders();
    // Runs of the terminal and of other windows appear as well.
    const saved = vscode.workspace.createFileSystemWatcher(STORED);
    const noticed = ({ fsPath }: vscode.Uri) => this.noticed(fsPath);
    this.disposables.push(
      saved,
      saved.onDidCreate(noticed),
      saved.onDidChange(noticed),
      saved.onDidDelete(noticed),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.addWorkspaceFolders();
        this.emitter.fire();
        void this.discover();
      }),
    );
    this.discovered = this.discover();
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

  /** Also what looks like a run and cannot be read. A store that fails hides none of the others. */
  async scan(): Promise<LibraryListing> {
    const listings = await Promise.all(
      [...this.stores].map(async ([storeFolder, store]): Promise<LibraryListing> => {
        try {
          const { runs, problems } = await store.scan();
          return {
            runs: runs.map((summary) => ({ storeFolder, summary })),
            problems: problems.map((problem) => ({ storeFolder, ...problem })).sort(newestFirst),
          };
        } catch (error) {
          const reason = errorMessage(error);
          return { runs: [], problems: [{ storeFolder, reason }] };
        }
      }),
    );
    return {
      runs: listings.flatMap(({ runs }) => runs).sort((a, b) => newestFirst(a.summary, b.summary)),
      problems: listings.flatMap(({ problems }) => problems),
    };
  }

  /** Of those found at the start, by their ids alone: nothing is read. */
  newest(): RunRef | undefined {
    return this.found[0];
  }

  /** Folders whose store has a baseline, also one that cannot be read or whose run is gone. */
  async foldersWithBaseline(): Promise<readonly string[]> {
    const folders = await Promise.all(
      [...this.stores].map(async ([folder, store]) => {
        const has = await store.baseline().then(
          (baseline) => baseline !== undefined,
          () => true,
        );
        return has ? [folder] : [];
      }),
    );
    return folders.flat();
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
    this.closing.cancel();
    for (const each of [...this.disposables, this.closing, this.emitter]) each.dispose();
  }

  /** Runs lie in the folder of their app, which may be anywhere within the workspace. */
  private async discover(): Promise<void> {
    const { token } = this.closing;
    // A search that fails or is cut short leaves the stores of the workspace's own folders.
    const files = await vscode.workspace
      .findFiles(STORED, '**/node_modules/**', MAX_FOUND, token)
      .then(undefined, () => []);
    if (token.isCancellationRequested) return;
    const runs: RunRef[] = [];
    for (const { fsPath } of files) {
      const storeFolder = storeFolderOf(fsPath);
      if (storeFolder === undefined) continue;
      this.store(storeFolder);
      const id = path.basename(path.dirname(fsPath));
      if (isRunId(id)) runs.push({ storeFolder, id });
    }
    this.found = runs.sort(newestFirst);
    this.emitter.fire();
  }

  private noticed(file: string): void {
    const storeFolder = storeFolderOf(file);
    if (storeFolder === undefined) return;
    this.store(storeFolder);
    this.emitter.fire();
  }

  private addWorkspaceFolders(): void {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme === 'file' || folder.uri.scheme === 'vscode-remote')
        this.store(folder.uri.fsPath);
    }
  }
}

/** The folder above the last `.throughline` of a path. */
function storeFolderOf(file: string): string | undefined {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (path.basename(folder) === '.throughline') return path.dirname(folder);
  }
  return undefined;
}

/** Ids begin with the time. */
function newestFirst(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
