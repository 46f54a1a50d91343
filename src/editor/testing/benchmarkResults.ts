import * as vscode from 'vscode';
import { formatMeasurement } from '../../engine/bench/format';
import type { Measurement } from '../../engine/bench/runBenchmarks';
import { textOf, type BenchmarkTree } from './benchmarkTree';

interface Shown {
  readonly measurement: Measurement;
  readonly warning: string | undefined;
  /** The file as it was measured. */
  readonly text: string;
}

/** The last figure of each benchmark, at the end of its line in every editor that shows the file. */
export class BenchmarkResults implements vscode.Disposable {
  private readonly byFile = new Map<string, Map<string, Shown>>();
  private readonly decoration = vscode.window.createTextEditorDecorationType({
    after: { margin: '0 0 0 3ch', color: new vscode.ThemeColor('editorCodeLens.foreground') },
    // The figure belongs to the line's end, whatever is typed there.
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly disposables: vscode.Disposable[];

  constructor(
    private readonly controller: vscode.TestController,
    tree: BenchmarkTree,
  ) {
    this.disposables = [
      this.decoration,
      tree.onDidChange((file) => void this.fileChanged(file)),
      vscode.window.onDidChangeVisibleTextEditors((editors) =>
        editors.forEach((editor) => this.paint(editor)),
      ),
    ];
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** `text` is the file's content when it was measured: another content makes the figure an old one. */
  set(benchmark: vscode.TestItem, measurement: Measurement, warning: string | undefined, text: string): void {
    const { uri } = benchmark;
    if (!uri) return;
    const key = uri.toString();
    const results = this.byFile.get(key) ?? new Map<string, Shown>();
    const shown = { measurement, warning, text };
    results.set(benchmark.id, shown);
    this.byFile.set(key, results);
    benchmark.description = textOfFigure(shown, false);
    this.paintFile(key);
  }

  private async fileChanged(file: vscode.TestItem): Promise<void> {
    if (!this.controller.items.get(file.id)) this.byFile.delete(file.id);
    this.paintFile(file.id);
    const results = this.byFile.get(file.id);
    if (!results || !file.uri) return;
    const text = await textOf(file.uri).catch(() => undefined);
    for (const [id, shown] of results) {
      const item = file.children.get(id);
      if (item) item.description = textOfFigure(shown, shown.text !== text);
    }
  }

  private paintFile(key: string): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document.uri.toString() === key) this.paint(editor);
    }
  }

  private paint(editor: vscode.TextEditor): void {
    const { document } = editor;
    const file = this.controller.items.get(document.uri.toString());
    const results = this.byFile.get(document.uri.toString());
    if (!results) {
      if (file) editor.setDecorations(this.decoration, []);
      return;
    }
    const text = document.getText();
    const options: vscode.DecorationOptions[] = [];
    for (const [id, shown] of results) {
      const range = file?.children.get(id)?.range;
      if (!range || range.start.line >= document.lineCount) continue;
      options.push(decorationOf(shown, shown.text !== text, document.lineAt(range.start.line).range.end));
    }
    editor.setDecorations(this.decoration, options);
  }
}

function decorationOf(shown: Shown, outdated: boolean, end: vscode.Position): vscode.DecorationOptions {
  return {
    range: new vscode.Range(end, end),
    renderOptions: {
      after: {
        contentText: textOfFigure(shown, outdated),
        fontStyle: outdated || shown.warning !== undefined ? 'italic' : 'normal',
      },
    },
  };
}

function textOfFigure({ measurement, warning }: Shown, outdated: boolean): string {
  const marks = [
    ...(outdated ? [vscode.l10n.t('before the last edit')] : []),
    ...(warning === undefined ? [] : [vscode.l10n.t('uncertain')]),
  ];
  const figure = formatMeasurement(measurement);
  return marks.length > 0 ? `${figure} (${marks.join(', ')})` : figure;
}
