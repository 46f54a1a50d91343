import * as vscode from 'vscode';
import { errorMessage } from '../../engine/model/errors';
import type { Problem } from '../../engine/model/problem';
import type { EngineTools } from '../tools';
import { isLoadTestFile } from './loadFiles';
import { readLoadTest } from './readLoadTest';

/** After the last change: nobody reads problems of a word that is half typed. */
const DEBOUNCE_MS = 300;

/** The problems of load tests that are open, at their places. */
export class LoadDiagnostics implements vscode.Disposable {
  private readonly collection = vscode.languages.createDiagnosticCollection('throughline');
  private readonly pending = new Map<string, NodeJS.Timeout>();
  private readonly disposables: vscode.Disposable[];

  constructor(
    private readonly tools: EngineTools,
    private readonly log: Pick<vscode.LogOutputChannel, 'warn'>,
  ) {
    const { workspace } = vscode;
    // What a test names may have changed meanwhile: its data.
    const data = workspace.createFileSystemWatcher('**/*.{csv,json}');
    this.disposables = [
      this.collection,
      data,
      workspace.onDidOpenTextDocument((document) => this.schedule(document, 0)),
      workspace.onDidChangeTextDocument(({ document }) => this.schedule(document)),
      workspace.onDidSaveTextDocument((document) => this.schedule(document, 0)),
      workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration('throughline.load.limits') && this.scheduleAll(),
      ),
      workspace.onDidCloseTextDocument((document) => this.forget(document)),
      ...[data.onDidCreate, data.onDidChange, data.onDidDelete].map((event) =>
        event((uri) => !isLoadTestFile(uri) && !uri.path.includes('/.throughline/') && this.scheduleAll()),
      ),
    ];
    this.scheduleAll();
  }

  dispose(): void {
    for (const timer of this.pending.values()) clearTimeout(timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private scheduleAll(): void {
    for (const document of vscode.workspace.textDocuments) this.schedule(document);
  }

  private schedule(document: vscode.TextDocument, delayMs = DEBOUNCE_MS): void {
    if (!isLoadTestFile(document.uri)) return;
    const key = document.uri.toString();
    clearTimeout(this.pending.get(key));
    const timer = setTimeout(() => {
      this.pending.delete(key);
      void this.check(document);
    }, delayMs);
    this.pending.set(key, timer);
  }

  private forget({ uri }: vscode.TextDocument): void {
    clearTimeout(this.pending.get(uri.toString()));
    this.pending.delete(uri.toString());
    this.collection.delete(uri);
  }

  private async check(document: vscode.TextDocument): Promise<void> {
    const { version, uri } = document;
    try {
      const { problems } = await readLoadTest(document.getText(), uri, this.tools);
      // A later text has a check of its own, a closed document none.
      if (!document.isClosed && document.version === version)
        this.collection.set(uri, problems.map(diagnostic));
    } catch (error) {
      this.log.warn(`${uri.fsPath} could not be checked: ${errorMessage(error)}`);
    }
  }
}

function diagnostic({ severity, message, line, column, endLine, endColumn }: Problem): vscode.Diagnostic {
  const range = new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1);
  const { Error, Warning } = vscode.DiagnosticSeverity;
  const found = new vscode.Diagnostic(range, message, severity === 'error' ? Error : Warning);
  found.source = 'throughline';
  return found;
}
