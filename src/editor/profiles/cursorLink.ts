import * as vscode from 'vscode';
import type { CostSource } from '../annotations/costSource';
import { fileKey } from '../annotations/costIndex';
import type { ShownCosts } from '../annotations/shownCosts';
import { inform } from '../messages';
import type { ProfilePanel } from '../panels/profilePanel';

/** Long enough that moving through a file asks for nothing at each line. */
const SETTLE_MS = 150;

export interface CursorServices {
  /** The one that was looked at last at the end. */
  readonly panels: ReadonlySet<ProfilePanel>;
  readonly costs: ShownCosts;
  /** Shows a frame of the current run. */
  readonly revealInRun: (frame: number) => void;
}

/**
 * Marks the function that the cursor is in, in every flamegraph that is seen. Registers `throughline.revealFunction`,
 * which brings it into view.
 */
export class CursorLink implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly services: CursorServices) {
    this.subscriptions = [
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.settle(textEditor)),
      vscode.window.onDidChangeActiveTextEditor((editor) => editor && this.settle(editor)),
      vscode.commands.registerCommand('throughline.revealFunction', () => this.reveal()),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Marks it anew, e.g. in a panel that was just filled. */
  mark(editor = vscode.window.activeTextEditor): void {
    if (editor?.document.uri.scheme !== 'file') return;
    for (const panel of this.services.panels) {
      if (panel.panel.visible) panel.markCursor(editor.document.uri.fsPath, lineOf(editor));
    }
  }

  private settle(editor: vscode.TextEditor): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.mark(editor), SETTLE_MS);
  }

  private async reveal(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return;
    const file = editor.document.uri.fsPath;
    const line = lineOf(editor);
    for (const panel of [...this.services.panels].reverse()) {
      const frame = panel.widestFrameAt(file, line);
      if (frame === undefined) continue;
      panel.panel.reveal(undefined, false);
      panel.reveal(frame);
      return;
    }
    // The annotated profile may have no panel now.
    const source = this.services.costs.value;
    const frame = source && frameAt(source, file, line);
    if (source && frame !== undefined) {
      if (source.reveal) source.reveal(frame);
      else this.services.revealInRun(frame);
      return;
    }
    void inform(
      vscode.l10n.t('Throughline: no profile that is open has samples of the function at the cursor.'),
    );
  }
}

function lineOf(editor: vscode.TextEditor): number {
  return editor.selection.active.line + 1;
}

/** The innermost function around a line (1-based), the most expensive of those that are declared there. */
function frameAt({ profile }: CostSource, file: string, line: number): number | undefined {
  const key = fileKey(file, process.platform);
  let best: { readonly frame: number; readonly declared: number; readonly total: number } | undefined;
  for (const { frame, totalMicros } of profile.functions) {
    const { source, endLine } = profile.frames[frame] ?? {};
    if (!source || fileKey(source.file, process.platform) !== key) continue;
    if (source.line > line || (endLine !== undefined && endLine < line)) continue;
    const closer =
      !best || source.line > best.declared || (source.line === best.declared && totalMicros > best.total);
    if (closer) best = { frame, declared: source.line, total: totalMicros };
  }
  return best?.frame;
}
