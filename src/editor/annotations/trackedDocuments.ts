import fs from 'node:fs/promises';
import * as vscode from 'vscode';
import type { FileCosts, CostIndex } from './costIndex';
import { TrackedText, type TextState } from './trackedText';

/** A document of the shown run. `state` is of the text at the last update, at most `SETTLE_MS` behind the keys. */
export interface TrackedDocument {
  readonly costs: FileCosts;
  readonly state: TextState;
  readonly text: TrackedText;
}

interface Entry extends TrackedDocument {
  state: TextState;
  /** Version of the document that `state` is of. */
  version: number;
  timer: NodeJS.Timeout | undefined;
}

/** Long enough that typing does not match texts on each key, short enough that nobody waits. */
const SETTLE_MS = 150;
/** A larger file on disk is not read to compare it. */
const MAX_DISK_BYTES = 16 * 1024 * 1024;
/** Measured texts that outlive their documents, so that a file that is closed, edited and opened again is followed. */
const KEPT_TEXTS = 50;

/** Follows the open documents of the shown run. Works on demand: a document that nobody asks for costs nothing. */
export class TrackedDocuments implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<vscode.TextDocument>();
  /** The state of a document changed. */
  readonly onDidChange = this.emitter.event;
  private index: CostIndex | undefined;
  private readonly entries = new Map<vscode.TextDocument, Entry>();
  /** Documents whose path leads over a link to a file of the run; undefined while or where it does not. */
  private readonly realPaths = new Map<string, string | undefined>();
  private readonly keptTexts = new Map<string, readonly string[]>();
  private readonly subscriptions: vscode.Disposable[];

  constructor() {
    this.subscriptions = [
      vscode.workspace.onDidChangeTextDocument((event) => this.settle(event.document)),
      vscode.workspace.onDidSaveTextDocument((document) => this.settle(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)),
    ];
  }

  /** Begins anew with another run. */
  reset(index: CostIndex | undefined): void {
    for (const entry of this.entries.values()) clearTimeout(entry.timer);
    this.entries.clear();
    this.realPaths.clear();
    this.keptTexts.clear();
    this.index = index;
  }

  /** Undefined where the run says nothing about the document. */
  get(document: vscode.TextDocument): TrackedDocument | undefined {
    return this.entries.get(document) ?? this.track(document);
  }

  /** As `get`, with the state of the text as it is now. */
  getNow(document: vscode.TextDocument): TrackedDocument | undefined {
    const entry = this.entries.get(document);
    if (entry && entry.version !== document.version) this.update(document, entry);
    return this.get(document);
  }

  dispose(): void {
    this.reset(undefined);
    for (const subscription of this.subscriptions) subscription.dispose();
    this.emitter.dispose();
  }

  private track(document: vscode.TextDocument): Entry | undefined {
    if (!this.index || document.uri.scheme !== 'file' || document.isClosed) return undefined;
    const costs = this.costsOf(document);
    if (!costs) return undefined;
    const text = new TrackedText(costs.source.sha256);
    const kept = this.keptTexts.get(costs.source.file);
    if (kept) text.learnLines(kept);
    const entry: Entry = {
      costs,
      text,
      state: text.update(document.getText()),
      version: document.version,
      timer: undefined,
    };
    this.entries.set(document, entry);
    this.keep(entry);
    if (entry.state.kind === 'stale') void this.compareWithDisk(document, entry);
    return entry;
  }

  private costsOf(document: vscode.TextDocument): FileCosts | undefined {
    const path = document.uri.fsPath;
    const direct = this.index?.file(path);
    if (direct) return direct;
    if (this.realPaths.has(path)) {
      const real = this.realPaths.get(path);
      return real === undefined ? undefined : this.index?.file(real);
    }
    // Node reports real paths; the editor may have opened the file over a link (pnpm, /tmp on macOS).
    this.realPaths.set(path, undefined);
    const { index } = this;
    fs.realpath(path).then(
      (real) => {
        if (index !== this.index || real === path || !index?.file(real)) return;
        this.realPaths.set(path, real);
        this.emitter.fire(document);
      },
      () => undefined,
    );
    return undefined;
  }

  /** An unsaved document, or one in an encoding of its own, may still be of the file that was measured. */
  private async compareWithDisk(document: vscode.TextDocument, entry: Entry): Promise<void> {
    try {
      const file = document.uri.fsPath;
      if ((await fs.stat(file)).size > MAX_DISK_BYTES) return;
      const learnt = entry.text.learn(await fs.readFile(file));
      if (!learnt || this.entries.get(document) !== entry) return;
    } catch {
      return; // Deleted, or not readable: the document stays stale.
    }
    this.update(document, entry);
  }

  private settle(document: vscode.TextDocument): void {
    const entry = this.entries.get(document);
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      if (this.entries.get(document) === entry) this.update(document, entry);
    }, SETTLE_MS);
  }

  private update(document: vscode.TextDocument, entry: Entry): void {
    clearTimeout(entry.timer);
    entry.state = entry.text.update(document.getText());
    entry.version = document.version;
    this.keep(entry);
    this.emitter.fire(document);
  }

  private keep(entry: Entry): void {
    const lines = entry.text.measuredLines;
    if (!lines || this.keptTexts.has(entry.costs.source.file)) return;
    this.keptTexts.set(entry.costs.source.file, lines);
    const oldest = this.keptTexts.keys().next();
    if (this.keptTexts.size > KEPT_TEXTS && !oldest.done) this.keptTexts.delete(oldest.value);
  }

  private forget(document: vscode.TextDocument): void {
    clearTimeout(this.entries.get(document)?.timer);
    this.entries.delete(document);
  }
}
