import * as vscode from 'vscode';
import type { LineCost } from '../../engine/model/profile';
import type { AnnotationSettings } from './annotationSettings';
import { changeText, heatStep, heatText, isHot, type HeatStep } from './costText';
import { functionName, HOVER_COMMANDS, hoverMarkdown } from './hoverText';
import type { CostIndex } from './costIndex';
import type { TrackedDocument } from './trackedDocuments';
import { currentLine } from './trackedText';

/** More marks than this in one file would drown each other. */
const MAX_MARKS = 400;

type MarkKind = HeatStep | 'stale';

/** A hot line as it is painted; what tests and screen readers can read. */
export interface HeatMark {
  readonly kind: MarkKind;
  /** 0-based, in the document as it is. */
  readonly line: number;
  readonly text: string;
  readonly cost: LineCost;
}

/** The hot lines of a document, by line. Lines that were edited or deleted have no mark. */
export function heatMarks(
  tracked: TrackedDocument,
  index: CostIndex,
  settings: AnnotationSettings,
  lineCount: number,
): HeatMark[] {
  const stale = tracked.state.kind === 'stale';
  const marks: HeatMark[] = [];
  const hottest = tracked.costs.lines
    .filter((cost) => isHot(index.figures(cost), settings.minShare))
    .sort((a, b) => b.selfMicros - a.selfMicros || b.totalMicros - a.totalMicros)
    .slice(0, MAX_MARKS);
  for (const cost of hottest) {
    const line = currentLine(tracked.state, cost.line - 1);
    if (line === undefined || line < 0 || line >= lineCount) continue;
    const figures = index.figures(cost);
    const change = index.change(cost);
    const text = [
      ...(change ? [changeText(change, figures, vscode.l10n.t)] : []),
      heatText(figures, cost, settings.unit, vscode.l10n.t),
    ].join(' · ');
    marks.push({
      kind: stale ? 'stale' : heatStep(figures.selfShare, settings.minShare),
      line,
      text: stale ? vscode.l10n.t('stale: {0}', text) : text,
      cost,
    });
  }
  return marks.sort((a, b) => a.line - b.line);
}

/**
 * Paints marks: a background and a ruler mark for the line, and the figures behind its end, where nothing that is
 * written moves. Only the figures answer to the mouse, so that a hot line keeps the hover of its language.
 */
export class HeatDecorations implements vscode.Disposable {
  private readonly backgrounds = new Map<MarkKind, vscode.TextEditorDecorationType>();
  private readonly figures = new Map<boolean, vscode.TextEditorDecorationType>();

  constructor() {
    for (const step of [1, 2, 3, 4] as const) this.backgrounds.set(step, backgroundType(step));
    for (const stale of [false, true]) this.figures.set(stale, figuresType(stale));
  }

  paint(
    editor: vscode.TextEditor,
    tracked: TrackedDocument,
    index: CostIndex,
    settings: AnnotationSettings,
  ): void {
    const { document } = editor;
    const marks = heatMarks(tracked, index, settings, document.lineCount);
    for (const [kind, type] of this.backgrounds) {
      const ofKind = marks.filter((mark) => mark.kind === kind);
      editor.setDecorations(
        type,
        ofKind.map((mark) => new vscode.Range(mark.line, 0, mark.line, 0)),
      );
    }
    for (const [stale, type] of this.figures) {
      const ofKind = marks.filter((mark) => (mark.kind === 'stale') === stale);
      const options = ofKind.map((mark): vscode.DecorationOptions => {
        const { end } = document.lineAt(mark.line).range;
        return {
          range: new vscode.Range(end, end),
          hoverMessage: hover(mark, index, tracked),
          renderOptions: { after: { contentText: mark.text } },
        };
      });
      editor.setDecorations(type, options);
    }
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of this.all()) editor.setDecorations(type, []);
  }

  dispose(): void {
    for (const type of this.all()) type.dispose();
  }

  private all(): vscode.TextEditorDecorationType[] {
    return [...this.backgrounds.values(), ...this.figures.values()];
  }
}

function backgroundType(step: 1 | 2 | 3 | 4): vscode.TextEditorDecorationType {
  const heat = new vscode.ThemeColor(`throughline.heat${step}`);
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor(`throughline.heatBackground${step}`),
    // A bar at the left edge tells the step where backgrounds are too faint, as in high contrast.
    borderWidth: '0 0 0 3px',
    borderStyle: 'solid',
    borderColor: heat,
    overviewRulerColor: heat,
    overviewRulerLane: vscode.OverviewRulerLane.Right,
  });
}

function figuresType(stale: boolean): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    // Grows with what is typed at the line's end, so that the figures stay behind it.
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
    after: {
      margin: '0 0 0 3ch',
      color: new vscode.ThemeColor(stale ? 'throughline.staleForeground' : 'throughline.heatForeground'),
      fontStyle: stale ? 'italic' : 'normal',
    },
  });
}

function hover(mark: HeatMark, index: CostIndex, tracked: TrackedDocument): vscode.MarkdownString {
  const caution =
    tracked.state.kind === 'stale'
      ? vscode.l10n.t('Stale: measured on another version of this file.')
      : tracked.state.kind === 'edited'
        ? vscode.l10n.t('The file was edited after the run; this line is as it was measured.')
        : undefined;
  const name = functionName(index.frame(mark.cost.frame), vscode.l10n.t);
  const markdown = new vscode.MarkdownString(
    hoverMarkdown(
      index,
      {
        title: vscode.l10n.t('Line {0} in {1}', mark.cost.line, name),
        cost: mark.cost,
        frame: mark.cost.frame,
        isLine: true,
        ...(caution !== undefined && { caution }),
      },
      vscode.l10n.t,
    ),
  );
  markdown.isTrusted = { enabledCommands: [...HOVER_COMMANDS] };
  return markdown;
}
