import * as vscode from 'vscode';
import type { RunSummary } from '../../engine/model/run';
import { escapeMarkdown } from '../annotations/hoverText';
import type { CurrentRun } from '../currentRun';
import { kindText, verdictMark } from '../load/kinds';
import type { BadRun, BadStore, RunLibrary, StoredRun } from '../runLibrary';
import { p99Text, runName } from '../storedRuns';
import { bounded, type More } from './bounded';
import { relativeTime } from './relativeTime';

/** A run of the view is a `StoredRun`, the argument of the commands on runs. */
export type RunNode = Row | More<Row>;

type Row = StoredRun | BadRun | BadStore;

/** The rows of the view. Knows no view. */
export class RunsProvider implements vscode.TreeDataProvider<RunNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly library: RunLibrary,
    private readonly current: CurrentRun,
  ) {}

  refresh(): void {
    this.changed.fire();
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    if (node && isMore(node)) return bounded(node.rest, node.id);
    if (node) return [];
    const { runs, problems } = await this.library.scan();
    return bounded<Row>([...runs, ...problems], 'runs');
  }

  getTreeItem(node: RunNode): vscode.TreeItem {
    if (isMore(node)) {
      const item = new vscode.TreeItem(
        vscode.l10n.t('{0} more…', node.rest.length),
        vscode.TreeItemCollapsibleState.Collapsed,
      );
      item.id = node.id;
      return item;
    }
    if ('summary' in node) return this.runItem(node);
    return 'id' in node ? badRunItem(node) : badStoreItem(node);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private runItem(node: StoredRun): vscode.TreeItem {
    const { summary, storeFolder } = node;
    const open = this.current.value;
    const shown = open?.run.id === summary.id && open.storeFolder === storeFolder;
    const name = runName(summary);
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
    item.id = `${storeFolder}:${summary.id}`;
    const marks = [
      ...(shown ? [vscode.l10n.t('shown')] : []),
      ...(summary.isBaseline ? [vscode.l10n.t('baseline')] : []),
    ];
    const time = relativeTime(Date.parse(summary.createdAt), Date.now(), vscode.env.language);
    const { loadTest } = summary;
    const verdict = loadTest ? [`${kindText(loadTest.kind).name} ${verdictMark(loadTest.state).word}`] : [];
    item.description = [...marks, ...verdict, time, ...figures(summary)].join(' · ');
    item.iconPath = runIcon(summary, shown);
    item.contextValue = [
      'run',
      ...(loadTest ? ['loadTest'] : []),
      ...(summary.isBaseline ? ['baseline'] : []),
      ...(shown ? ['shown'] : open ? ['other'] : []),
    ].join(' ');
    item.tooltip = runTooltip(node);
    item.command = {
      command: 'throughline.openRun',
      title: vscode.l10n.t('Open Run'),
      arguments: [node],
    };
    item.accessibilityInformation = { label: `${name}, ${item.description}` };
    return item;
  }
}

function isMore(node: RunNode): node is More<Row> {
  return 'rest' in node;
}

function badRunItem(node: BadRun): vscode.TreeItem {
  const item = problemItem(node.id, node.reason);
  item.id = `${node.storeFolder}:${node.id}`;
  item.contextValue = 'bad';
  return item;
}

/** Has no commands: there is no run to do anything with. */
function badStoreItem(node: BadStore): vscode.TreeItem {
  const item = problemItem(vscode.workspace.asRelativePath(node.storeFolder, true), node.reason);
  item.id = `${node.storeFolder}:`;
  item.contextValue = 'store';
  return item;
}

function problemItem(label: string, reason: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  item.description = reason;
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.tooltip = reason;
  item.accessibilityInformation = { label: vscode.l10n.t('{0} cannot be read: {1}', label, reason) };
  return item;
}

function figures(summary: RunSummary): string[] {
  return [vscode.l10n.t('{0} req/s', formatRate(summary.throughput)), `p99 ${p99Text(summary)}`];
}

function runIcon({ isBaseline, hasProfile, loadTest }: RunSummary, shown: boolean): vscode.ThemeIcon {
  const colour = shown ? new vscode.ThemeColor('charts.blue') : undefined;
  if (isBaseline) return new vscode.ThemeIcon('pinned', colour);
  if (loadTest) return verdictMark(loadTest.state).icon;
  if (shown) return new vscode.ThemeIcon('circle-filled', colour);
  return new vscode.ThemeIcon(hasProfile ? 'circle-outline' : 'dashboard');
}

function runTooltip({ summary, storeFolder }: StoredRun): vscode.MarkdownString {
  const lines = [
    `**${escapeMarkdown(runName(summary))}**`,
    ...(summary.loadTest ? [escapeMarkdown(summary.loadTest.sentence)] : []),
    escapeMarkdown(`${new Date(summary.createdAt).toLocaleString(vscode.env.language)} · ${summary.label}`),
    escapeMarkdown(
      [
        vscode.l10n.t('{0} requests', summary.requests),
        ...figures(summary),
        ...(summary.hasProfile ? [] : [vscode.l10n.t('no profile')]),
      ].join(' · '),
    ),
    escapeMarkdown(vscode.workspace.asRelativePath(storeFolder, true)),
  ];
  return new vscode.MarkdownString(lines.join('\n\n'));
}

function formatRate(perSecond: number): string {
  return perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toPrecision(3);
}
