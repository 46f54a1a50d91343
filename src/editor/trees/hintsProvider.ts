import path from 'node:path';
import * as vscode from 'vscode';
import type { Evidence, Hint, HintSeverity } from '../../engine/model/hint';
import type { Run } from '../../engine/model/run';
import { formatBytes, formatMs, formatShare } from '../../engine/model/units';
import { escapeMarkdown } from '../annotations/hoverText';

export type HintNode =
  | { readonly type: 'hint'; readonly hint: Hint }
  | { readonly type: 'evidence'; readonly parent: HintNode; readonly evidence: Evidence }
  | { readonly type: 'text'; readonly parent: HintNode; readonly text: string; readonly icon: string }
  | { readonly type: 'warning'; readonly message: string };

/** The rows of the view. Knows no view. */
export class HintsProvider implements vscode.TreeDataProvider<HintNode>, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.emitter.event;
  private roots: readonly HintNode[] = [];

  show(run: Run | undefined): void {
    const hints = [...(run?.hints ?? [])].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
    this.roots = [
      ...hints.map((hint): HintNode => ({ type: 'hint', hint })),
      // What may mislead belongs beside what is concluded.
      ...(run?.warnings ?? []).map((message): HintNode => ({ type: 'warning', message })),
    ];
    this.emitter.fire();
  }

  getChildren(node?: HintNode): HintNode[] {
    if (!node) return [...this.roots];
    if (node.type !== 'hint') return [];
    const { hint } = node;
    return [
      { type: 'text', parent: node, text: hint.message, icon: 'note' },
      ...hint.evidence.map((evidence): HintNode => ({ type: 'evidence', parent: node, evidence })),
      { type: 'text', parent: node, text: vscode.l10n.t('Next: {0}', hint.nextStep), icon: 'arrow-right' },
    ];
  }

  getParent(node: HintNode): HintNode | undefined {
    return node.type === 'evidence' || node.type === 'text' ? node.parent : undefined;
  }

  getTreeItem(node: HintNode): vscode.TreeItem {
    switch (node.type) {
      case 'hint':
        return hintItem(node.hint);
      case 'evidence':
        return evidenceItem(node.evidence);
      case 'text':
        return textItem(node.text, node.icon);
      case 'warning':
        return textItem(node.message, 'info');
    }
  }

  dispose(): void {
    this.emitter.dispose();
  }
}

const RANK: Record<HintSeverity, number> = { problem: 0, warning: 1, info: 2 };

function hintItem(hint: Hint): vscode.TreeItem {
  const item = new vscode.TreeItem(hint.title, vscode.TreeItemCollapsibleState.Collapsed);
  item.iconPath = severityIcon(hint.severity);
  const place = hint.place && `${path.basename(hint.place.file)}:${hint.place.line}`;
  const gain =
    hint.expectedGain === undefined
      ? undefined
      : vscode.l10n.t('saves up to {0}', formatShare(hint.expectedGain));
  item.description = [place, gain].filter((text) => text !== undefined).join(' · ');
  item.tooltip = new vscode.MarkdownString(
    [
      `**${escapeMarkdown(hint.title)}**`,
      escapeMarkdown(hint.message),
      `${vscode.l10n.t('Next:')} ${escapeMarkdown(hint.nextStep)}`,
      `*${escapeMarkdown(hint.rule)}*`,
    ].join('\n\n'),
  );
  item.contextValue = hint.place ? 'hint place' : 'hint';
  if (hint.place) {
    item.command = {
      command: 'throughline.openHint',
      title: vscode.l10n.t('Go to Place'),
      arguments: [{ type: 'hint', hint }],
    };
  }
  item.accessibilityInformation = {
    label: `${severityText(hint.severity)}: ${hint.title}. ${item.description}`,
  };
  return item;
}

function evidenceItem(evidence: Evidence): vscode.TreeItem {
  const item = new vscode.TreeItem(
    `${evidence.metric}: ${evidenceText(evidence.value, evidence.unit)}`,
    vscode.TreeItemCollapsibleState.None,
  );
  item.description = vscode.l10n.t('threshold {0}', evidenceText(evidence.threshold, evidence.unit));
  item.iconPath = new vscode.ThemeIcon('graph');
  item.tooltip = `${evidence.metric}: ${evidenceText(evidence.value, evidence.unit)} (${item.description})`;
  return item;
}

/** Sentences are longer than the view is wide: the tooltip has them whole. */
function textItem(text: string, icon: string): vscode.TreeItem {
  const item = new vscode.TreeItem(text, vscode.TreeItemCollapsibleState.None);
  item.iconPath = new vscode.ThemeIcon(icon);
  item.tooltip = text;
  item.accessibilityInformation = { label: text };
  return item;
}

function evidenceText(value: number, unit: Evidence['unit']): string {
  switch (unit) {
    case 'ms':
      return formatMs(value);
    case 'share':
      return formatShare(value);
    case 'bytes':
      return formatBytes(value);
    case 'count':
    case 'samples':
      return String(Math.round(value * 100) / 100);
  }
}

function severityIcon(severity: HintSeverity): vscode.ThemeIcon {
  switch (severity) {
    case 'problem':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
    case 'warning':
      return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
    case 'info':
      return new vscode.ThemeIcon('lightbulb');
  }
}

function severityText(severity: HintSeverity): string {
  return {
    problem: vscode.l10n.t('Problem'),
    warning: vscode.l10n.t('Warning'),
    info: vscode.l10n.t('Information'),
  }[severity];
}
