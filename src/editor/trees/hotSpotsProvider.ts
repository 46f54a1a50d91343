import path from 'node:path';
import * as vscode from 'vscode';
import { KIND_NAMES } from '../../engine/model/profile';
import { formatShare } from '../../engine/model/units';
import { amountText, costText, fewSamples, heatStep, samplesText } from '../annotations/costText';
import { functionName, HOVER_COMMANDS, hoverMarkdown, isAnonymous } from '../annotations/hoverText';
import { indexOf, type CostIndex } from '../annotations/costIndex';
import type { CostSource } from '../annotations/costSource';
import { bounded, type More } from './bounded';
import { groupHotSpots, type HotSpot, type HotSpotGroup, type HotSpotsBy } from './hotSpotGroups';

export type HotSpotNode = HotSpot | HotSpotGroup | More<HotSpot | HotSpotGroup>;

/** Share from which an icon is coloured. */
const MIN_HEAT = 0.01;

/** The rows of the view: what they say, and what they lead to. Knows no view. */
export class HotSpotsProvider implements vscode.TreeDataProvider<HotSpotNode>, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.emitter.event;
  private index: CostIndex | undefined;
  private roots: readonly HotSpotNode[] = [];
  private readonly parents = new Map<HotSpotNode, HotSpotNode>();
  private by: HotSpotsBy = 'function';

  show(source: CostSource | undefined, by: HotSpotsBy): void {
    if (source?.profile !== this.index?.source.profile) this.index = source && indexOf(source);
    this.by = by;
    this.parents.clear();
    this.roots = this.index ? bounded(groupHotSpots(this.index, by), 'root') : [];
    this.emitter.fire();
  }

  /** The row of a function, wherever it is folded; undefined where it has no time of its own. */
  find(frame: number, parent?: HotSpotNode): HotSpotNode | undefined {
    for (const node of this.getChildren(parent)) {
      const found = node.type === 'spot' ? (node.frame === frame ? node : undefined) : this.find(frame, node);
      if (found) return found;
    }
    return undefined;
  }

  /** What the figures leave out, where it is much. */
  caution(): string | undefined {
    const profile = this.index?.source.profile;
    if (!profile || this.roots.length === 0) return undefined;
    const { activeMicros, uncertainMicros } = profile.totals;
    const share = activeMicros > 0 ? uncertainMicros / activeMicros : 0;
    if (share < 0.02) return undefined;
    return vscode.l10n.t(
      '{0} of the CPU time is of inlined code whose place is uncertain; it is not shown on lines.',
      formatShare(share),
    );
  }

  getChildren(node?: HotSpotNode): HotSpotNode[] {
    if (!node) return [...this.roots];
    const children =
      node.type === 'group'
        ? bounded(node.children, node.id)
        : node.type === 'more'
          ? bounded(node.rest, node.id)
          : [];
    for (const child of children) this.parents.set(child, node);
    return children;
  }

  getParent(node: HotSpotNode): HotSpotNode | undefined {
    return this.parents.get(node);
  }

  getTreeItem(node: HotSpotNode): vscode.TreeItem {
    if (node.type === 'more') {
      const item = new vscode.TreeItem(
        vscode.l10n.t('{0} more…', node.rest.length),
        vscode.TreeItemCollapsibleState.Collapsed,
      );
      item.id = `${this.by}:${node.id}`;
      return item;
    }
    return node.type === 'group' ? this.groupItem(node) : this.spotItem(node);
  }

  resolveTreeItem(item: vscode.TreeItem, node: HotSpotNode): vscode.TreeItem {
    if (node.type !== 'spot' || !this.index) return item;
    const name = functionName(this.index.frame(node.frame), vscode.l10n.t);
    const title = node.by === 'line' ? `${placeText(node)} · ${name}` : name;
    const tooltip = new vscode.MarkdownString(
      hoverMarkdown(
        this.index,
        { title, cost: node.cost, frame: node.frame, isLine: node.by === 'line' },
        vscode.l10n.t,
      ),
    );
    tooltip.isTrusted = { enabledCommands: [...HOVER_COMMANDS] };
    item.tooltip = tooltip;
    return item;
  }

  dispose(): void {
    this.emitter.dispose();
  }

  private groupItem(node: HotSpotGroup): vscode.TreeItem {
    const item = new vscode.TreeItem(groupLabel(node), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `${this.by}:${node.id}`;
    item.description = this.groupFigures(node);
    item.iconPath = new vscode.ThemeIcon(groupIcon(node));
    item.tooltip = groupTooltip(node);
    item.accessibilityInformation = {
      label: vscode.l10n.t('{0}, self {1}, folded', groupLabel(node), item.description),
    };
    return item;
  }

  private spotItem(node: HotSpot): vscode.TreeItem {
    const { index } = this;
    const name = functionName(index?.frame(node.frame), vscode.l10n.t);
    // Anonymous functions are told apart by their place alone, so it must not be cut off.
    const anonymous = node.by === 'function' && isAnonymous(index?.frame(node.frame));
    const label =
      node.by === 'line' ? placeText(node) : anonymous ? [name, placeText(node)].join(' ').trim() : name;
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
    item.id = `${node.by}:${node.frame}:${node.file ?? ''}:${node.line ?? 0}`;
    const figures = index ? selfFigures(index, node) : '';
    const where = node.by === 'line' ? name : anonymous ? '' : placeText(node);
    item.description = [figures, where].filter((text) => text !== '').join(' · ');
    const share = index?.figures(node.cost).selfShare ?? 0;
    const step = heatStep(share, MIN_HEAT);
    item.iconPath = new vscode.ThemeIcon(
      step >= 3 ? 'flame' : node.by === 'line' ? 'circle-small-filled' : 'symbol-function',
      new vscode.ThemeColor(step > 0 ? `throughline.heat${step}` : 'descriptionForeground'),
    );
    const hasPlace = node.file !== undefined && node.line !== undefined;
    item.contextValue = ['frame', ...(hasPlace ? ['place'] : [])].join(' ');
    if (hasPlace) {
      const { file, line, column } = node;
      item.command = {
        command: 'throughline.openHotSpot',
        title: vscode.l10n.t('Go to Source'),
        arguments: [{ file, line, ...(column !== undefined && { column }) }],
      };
    }
    item.accessibilityInformation = {
      label: [label, vscode.l10n.t('self {0}', figures), where].filter((text) => text !== '').join(', '),
    };
    return item;
  }

  private groupFigures(node: HotSpotGroup): string {
    if (!this.index) return '';
    const { selfMicros, selfSamples } = node;
    const cost = { selfMicros, selfSamples, totalMicros: selfMicros, totalSamples: selfSamples };
    const figures = this.index.figures(cost);
    return figures.selfMsPerRequest === undefined
      ? `${formatShare(figures.selfShare)} · ${amountText(figures.selfMs, figures.basis)}`
      : `${formatShare(figures.selfShare)} · ${vscode.l10n.t('{0}/req', amountText(figures.selfMsPerRequest, figures.basis))}`;
  }
}

function selfFigures(index: CostIndex, node: HotSpot): string {
  const { t } = vscode.l10n;
  const figures = index.figures(node.cost);
  const parts = [costText(figures, node.cost, 'self', 'percent', t)];
  parts.push(
    figures.selfMsPerRequest === undefined
      ? amountText(figures.selfMs, figures.basis)
      : costText(figures, node.cost, 'self', 'msPerRequest', t),
  );
  const few = fewSamples(node.cost);
  if (few !== undefined) parts.push(samplesText(few, t));
  return parts.join(' · ');
}

function placeText(node: HotSpot): string {
  return node.file === undefined ? '' : `${path.basename(node.file)}:${node.line ?? 0}`;
}

function groupLabel(node: HotSpotGroup): string {
  if (node.packageName !== undefined) return node.packageName;
  if (node.kind === 'dependency') return vscode.l10n.t('Dependencies');
  return node.kind === 'v8' ? vscode.l10n.t('V8 and native code') : KIND_NAMES[node.kind];
}

function groupIcon(node: HotSpotGroup): string {
  if (node.packageName !== undefined) return 'package';
  return node.kind === 'dependency' ? 'library' : node.kind === 'node' ? 'server' : 'chip';
}

function groupTooltip(node: HotSpotGroup): string {
  if (node.packageName !== undefined) {
    return vscode.l10n.t('Self time of the functions of {0}', node.packageName);
  }
  switch (node.kind) {
    case 'dependency':
      return vscode.l10n.t('Self time of installed packages');
    case 'node':
      return vscode.l10n.t("Self time of Node's own JavaScript");
    case 'native':
      return vscode.l10n.t('Self time of native libraries and programs');
    case 'kernel':
      return vscode.l10n.t('Self time of the operating system');
    case 'regexp':
      return vscode.l10n.t('Self time of regular expressions');
    case 'init':
      return vscode.l10n.t('Self time of loading modules');
    case 'v8':
      return vscode.l10n.t(
        'Garbage collection, built-in functions and native code, outside any JavaScript source',
      );
  }
}
