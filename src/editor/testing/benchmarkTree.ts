import * as path from 'node:path';
import * as vscode from 'vscode';
import { BENCHMARK_FILES, discoverBenchmarks } from '../../engine/bench/discover';
import type { FilePlace } from '../../engine/bench/runBenchmarks';
import { errorMessage } from '../../engine/model/errors';

/** Test items: one a file, and below it one a benchmark. Files are read when an item is first opened or run. */
export class BenchmarkTree implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private readonly changed = new vscode.EventEmitter<vscode.TestItem>();
  /** A file's benchmarks were found anew, or (with no `parent` in the tree) the file is gone. */
  readonly onDidChange = this.changed.event;
  private watching = false;
  private readonly timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly controller: vscode.TestController) {
    controller.resolveHandler = (item) => (item ? this.readFile(item) : this.findFiles());
    controller.refreshHandler = () => this.findFiles();
    this.disposables.push(
      this.changed,
      vscode.workspace.onDidOpenTextDocument((document) => this.documentSeen(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.documentChanged(document)),
    );
    // What is open already has its run buttons at once.
    for (const document of vscode.workspace.textDocuments) this.documentSeen(document);
  }

  dispose(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** Of files: all that the workspace holds. */
  async findFiles(): Promise<void> {
    this.watch();
    const uris = await vscode.workspace.findFiles(BENCHMARK_FILES, '**/node_modules/**');
    const found = new Set(uris.map(String));
    for (const [id] of this.controller.items) if (!found.has(id)) this.forget(vscode.Uri.parse(id));
    for (const uri of uris) this.fileItem(uri);
  }

  /** The item of a file, read if it was not. */
  async resolved(file: vscode.TestItem): Promise<void> {
    if (file.canResolveChildren && file.children.size === 0) await this.readFile(file);
  }

  fileItem(uri: vscode.Uri): vscode.TestItem {
    const existing = this.controller.items.get(uri.toString());
    if (existing) return existing;
    const item = this.controller.createTestItem(uri.toString(), vscode.workspace.asRelativePath(uri), uri);
    item.canResolveChildren = true;
    this.controller.items.add(item);
    return item;
  }

  /** The benchmark of this name; among several, the nearest to the place. One whose name is computed is added. */
  benchmark(file: vscode.TestItem, name: string, place: FilePlace | undefined): vscode.TestItem {
    const named = [...file.children].map(([, item]) => item).filter((item) => item.label === name);
    const distance = (item: vscode.TestItem) =>
      place && item.range ? Math.abs(item.range.start.line - (place.line - 1)) : 0;
    const [nearest] = named.sort((a, b) => distance(a) - distance(b));
    if (nearest) return nearest;
    const item = this.controller.createTestItem(`${file.id}#${name}`, name, file.uri);
    if (place)
      item.range = new vscode.Range(place.line - 1, place.column - 1, place.line - 1, place.column - 1);
    file.children.add(item);
    return item;
  }

  private async readFile(file: vscode.TestItem): Promise<void> {
    const { uri } = file;
    if (!uri) return;
    try {
      this.update(file, await textOf(uri));
      file.error = undefined;
    } catch (error) {
      file.error = vscode.l10n.t('Cannot be read: {0}', errorMessage(error));
    }
  }

  private update(file: vscode.TestItem, text: string): void {
    const counts = new Map<string, number>();
    const items = discoverBenchmarks(text).map((found) => {
      const count = (counts.get(found.name) ?? 0) + 1;
      counts.set(found.name, count);
      const id = `${file.id}#${found.name}${count > 1 ? `#${count}` : ''}`;
      const item = file.children.get(id) ?? this.controller.createTestItem(id, found.name, file.uri);
      item.range = new vscode.Range(found.line - 1, found.column - 1, found.endLine - 1, found.endColumn - 1);
      item.sortText = String(found.line).padStart(8, '0');
      return item;
    });
    file.children.replace(items);
    this.changed.fire(file);
  }

  private documentSeen(document: vscode.TextDocument): void {
    if (isBenchmarkFile(document.uri)) this.update(this.fileItem(document.uri), document.getText());
  }

  private documentChanged(document: vscode.TextDocument): void {
    if (!isBenchmarkFile(document.uri)) return;
    this.later(document.uri, () => this.documentSeen(document));
  }

  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    const watcher = vscode.workspace.createFileSystemWatcher(BENCHMARK_FILES);
    const changed = (uri: vscode.Uri) => {
      if (uri.path.includes('/node_modules/')) return;
      const known = this.controller.items.get(uri.toString());
      const item = this.fileItem(uri);
      if (known && known.children.size > 0) this.later(uri, () => void this.readFile(item));
    };
    this.disposables.push(
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      watcher.onDidDelete((uri) => this.forget(uri)),
    );
  }

  private forget(uri: vscode.Uri): void {
    const item = this.controller.items.get(uri.toString());
    if (!item) return;
    this.controller.items.delete(item.id);
    item.children.replace([]);
    this.changed.fire(item);
  }

  /** Once the typing pauses. */
  private later(uri: vscode.Uri, work: () => void): void {
    const key = uri.toString();
    clearTimeout(this.timers.get(key));
    const timer = setTimeout(() => {
      this.timers.delete(key);
      work();
    }, 300);
    this.timers.set(key, timer);
  }
}

/** As an editor shows it, where one does, else as it is on the disk. */
export async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return open.getText();
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

function isBenchmarkFile(uri: vscode.Uri): boolean {
  if (uri.scheme !== 'file' && uri.scheme !== 'vscode-remote') return false;
  return (
    /\.bench\.(ts|js|mts|mjs)$/.test(path.posix.basename(uri.path)) &&
    !uri.path.includes('/node_modules/') &&
    vscode.workspace.getWorkspaceFolder(uri) !== undefined
  );
}
