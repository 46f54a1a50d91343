import * as vscode from 'vscode';
import type { FunctionCost } from '../../engine/model/profile';
import type { StoredRun } from '../runLibrary';
import type { AnnotationSettings } from './annotationSettings';
import { isHot, lensText } from './costText';
import { functionName } from './hoverText';
import type { CostIndex } from './costIndex';
import type { TrackedDocument } from './trackedDocuments';
import { currentLine, endByIndentation, isUntouched } from './trackedText';

const MAX_LENSES = 200;

/** What a document's lenses are made of. */
export interface LensSource {
  readonly index: CostIndex;
  readonly tracked: TrackedDocument;
  readonly settings: AnnotationSettings;
  /** What the shown run is compared with; absent where there is nothing. */
  readonly counterpart?: StoredRun;
}

/** A lens above each hot function, and one at the top of a document that is not as it was measured. */
export class CostLensProvider implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.emitter.event;

  /** @param sourceOf undefined where the document is to have no lenses. */
  constructor(private readonly sourceOf: (document: vscode.TextDocument) => LensSource | undefined) {}

  refresh(): void {
    this.emitter.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const source = this.sourceOf(document);
    return source ? costLenses(source, document.lineCount) : [];
  }

  dispose(): void {
    this.emitter.dispose();
  }
}

function costLenses(source: LensSource, lineCount: number): vscode.CodeLens[] {
  const { index, tracked, settings } = source;
  const { state } = tracked;
  if (state.kind === 'stale') {
    return [
      lens(0, vscode.l10n.t('Throughline: stale – measured on another version of this file')),
      lens(0, vscode.l10n.t('Measure Again'), 'throughline.measure'),
    ];
  }
  const lenses: vscode.CodeLens[] = [];
  if (state.kind === 'edited') {
    lenses.push(
      lens(
        0,
        vscode.l10n.t('Throughline: stale in part – edited since the run, figures stand at unchanged lines'),
      ),
      lens(0, vscode.l10n.t('Measure Again'), 'throughline.measure'),
    );
  }
  const hot = tracked.costs.functions
    .filter((cost) => isHot(index.figures(cost), settings.minShare))
    .sort((a, b) => b.totalMicros - a.totalMicros)
    .slice(0, MAX_LENSES);
  const perLine = new Map<number, number>();
  for (const cost of hot)
    perLine.set(declaredAt(cost, index), (perLine.get(declaredAt(cost, index)) ?? 0) + 1);
  for (const cost of hot) {
    const declared = declaredAt(cost, index);
    const line = currentLine(state, declared);
    if (line === undefined || line < 0 || line >= lineCount) continue;
    const alone = perLine.get(declared) === 1;
    lenses.push(...functionLenses(cost, line, alone, source));
  }
  return lenses;
}

function functionLenses(
  cost: FunctionCost,
  line: number,
  alone: boolean,
  source: LensSource,
): vscode.CodeLens[] {
  const { index, tracked, counterpart } = source;
  const frame = index.frame(cost.frame);
  const first = declaredAt(cost, index);
  const last = Math.max(first, lastLine(frame?.endLine, first, tracked));
  const parts = [lensText(index.figures(cost), cost, vscode.l10n.t)];
  if (!alone) parts.unshift(functionName(frame, vscode.l10n.t));
  if (!isUntouched(tracked.state, first, last)) parts.push(vscode.l10n.t('stale: edited since the run'));
  return [
    lens(line, parts.join(' · '), 'throughline.revealHotSpot', { frame: cost.frame }),
    lens(line, vscode.l10n.t('Flamegraph'), 'throughline.openFlamegraph', { frame: cost.frame }),
    ...(counterpart ? [lens(line, compareTitle(counterpart), 'throughline.compareRun', counterpart)] : []),
  ];
}

function compareTitle({ summary }: StoredRun): string {
  return summary.isBaseline ? vscode.l10n.t('Compare with Baseline') : vscode.l10n.t('Compare');
}

/** 0-based, in the measured text. */
function lastLine(endLine: number | undefined, first: number, tracked: TrackedDocument): number {
  if (endLine !== undefined) return endLine - 1;
  const lines = tracked.text.measuredLines;
  return lines ? endByIndentation(lines, first) : first;
}

/** 0-based, in the measured text. */
function declaredAt(cost: FunctionCost, index: CostIndex): number {
  return (index.frame(cost.frame)?.source?.line ?? 0) - 1;
}

function lens(line: number, title: string, command = '', argument?: unknown): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), {
    title,
    command,
    ...(argument !== undefined && { arguments: [argument] }),
  });
}
