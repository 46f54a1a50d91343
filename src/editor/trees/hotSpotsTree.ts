import path from 'node:path';
import * as vscode from 'vscode';
import { formatMs, formatShare } from '../../engine/model/units';
import { costText, fewSamples, heatStep, samplesText } from '../annotations/costText';
import { functionName, HOVER_COMMANDS, hoverMarkdown, isAnonymous } from '../annotations/hoverText';
import { RunIndex } from '../annotations/runIndex';
import type { CurrentRun } from '../currentRun';
import { bounded, type More } from './bounded';
import { groupHotSpots, type HotSpot, type HotSpotGroup, type HotSpotsBy } from './hotSpotGroups';

export type HotSpotNode = HotSpot | HotSpotGroup | More<HotSpot | HotSpotGroup>;

/** Share from which an icon is coloured. */
const MIN_HEAT = 0.01;
const BY_KEY = 'throughline.hotSpotsBy';

/**
 * The view `throughline.hotSpots`. Registers `throughline.hotSpots.byFunction` and `.byLine`, a choice that is
 * remembered in `state`, and `throughline.revealHotSpot`, to which lenses lead.
 */
export class HotSpotsTree implements vscode.TreeDataProvider<HotSpotNode>, vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.emitter.event;
  readonly view: vscode.TreeView<HotSpotNode>;
  private index: RunIndex | undefined;
  private roots: readonly HotSpotNode[] = [];
  private readonly parents = new Map<HotSpotNode, HotSpotNode>();
  private by: HotSpotsBy;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly current: CurrentRun,
    private readonly state: vscode.Memento,
  ) {
    this.by = state.get(BY_KEY) === 'line' ? 'line' : 'function';
    this.view = vscode.window.createTreeView('throughline.hotSpots', {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.subscriptions = [
      this.emitter,
      this.view,
      current.onDidChange(() => this.showRun()),
      vscode.commands.registerCommand('throughline.hotSpots.byFunction', () => this.show('function')),
      vscode.commands.registerCommand('throughline.hotSpots.byLine', () => this.show('line')),
      vscode.commands.registerCommand('throughline.revealHotSpot', (argument?: unknown) =>
        this.reveal((argument as { frame?: unknown } | undefined)?.frame),
      ),
    ];
    void vscode.commands.executeCommand('setContext', BY_KEY, this.by);
    this.showRun();
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
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Selects a function in the view; a function without time of its own is not in it, so the view is only shown. */
  private async reveal(frame: unknown): Promise<void> {
    if (this.by !== 'function') this.show('function');
    const node = this.find((found) => found.type === 'spot' && found.frame === frame);
    if (node) await this.view.reveal(node, { select: true, focus: true });
    else await vscode.commands.executeCommand('throughline.hotSpots.focus');
  }

  private find(matches: (node: HotSpotNode) => boolean, parent?: HotSpotNode): HotSpotNode | undefined {
    for (const node of this.getChildren(parent)) {
      const found = matches(node) ? node : node.type === 'spot' ? undefined : this.find(matches, node);
      if (found) return found;
    }
    return undefined;
  }

  private show(by: HotSpotsBy): void {
    this.by = by;
    void this.state.update(BY_KEY, by);
    void vscode.commands.executeCommand('setContext', BY_KEY, by);
    this.showRun();
  }

  private showRun(): void {
    const run = this.current.value?.run;
    if (run !== this.index?.run) this.index = run && new RunIndex(run);
    this.parents.clear();
    this.roots = this.index ? bounded(groupHotSpots(this.index, this.by), 'root') : [];
    const description = run && (run.name ?? run.target.label);
    this.view.description = description ?? '';
    this.view.message = this.cautionText() ?? '';
    this.emitter.fire();
  }

  /** What the figures leave out, where it is much. */
  private cautionText(): string | undefined {
    const profile = this.index?.run.profile;
    if (profile?.state !== 'ok' || this.roots.length === 0) return undefined;
    const { activeMicros, uncertainMicros } = profile.profile.totals;
    const share = activeMicros > 0 ? uncertainMicros / activeMicros : 0;
    if (share < 0.02) return undefined;
    return vscode.l10n.t(
      '{0} of the CPU time is of inlined code whose place is uncertain; it is not shown on lines.',
      formatShare(share),
    );
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
      ? formatShare(figures.selfShare)
      : `${formatShare(figures.selfShare)} · ${vscode.l10n.t('{0}/req', formatMs(figures.selfMsPerRequest))}`;
  }
}

function selfFigures(index: RunIndex, node: HotSpot): string {
  const { t } = vscode.l10n;
  const figures = index.figures(node.cost);
  const parts = [costText(figures, node.cost, 'self', 'percent', t)];
  if (figures.selfMsPerRequest !== undefined) {
    parts.push(costText(figures, node.cost, 'self', 'msPerRequest', t));
  }
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
  return node.kind === 'node' ? 'Node.js' : vscode.l10n.t('V8 and native code');
}

function groupIcon(node: HotSpotGroup): string {
  if (node.packageName !== undefined) return 'package';
  return { dependency: 'library', node: 'server', v8: 'chip' }[node.kind];
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
    case 'v8':
      return vscode.l10n.t(
        'Garbage collection, built-in functions and native code, outside any JavaScript source',
      );
  }
}
