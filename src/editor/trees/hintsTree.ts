import * as vscode from 'vscode';
import type { Hint } from '../../engine/model/hint';
import type { CurrentRun } from '../currentRun';
import { HintsProvider, type HintNode } from './hintsProvider';

/** The view `throughline.hints`. Registers `throughline.openHint`. */
export class HintsTree implements vscode.Disposable {
  private readonly provider = new HintsProvider();
  private readonly view: vscode.TreeView<HintNode>;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly current: CurrentRun) {
    this.view = vscode.window.createTreeView('throughline.hints', { treeDataProvider: this.provider });
    this.subscriptions = [
      this.provider,
      this.view,
      current.onDidChange(() => this.showRun()),
      vscode.commands.registerCommand('throughline.openHint', (argument?: unknown) => openHint(argument)),
    ];
    this.showRun();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private showRun(): void {
    const run = this.current.value?.run;
    this.provider.show(run);
    const count = run?.hints.length ?? 0;
    this.view.badge =
      count > 0
        ? { value: count, tooltip: count === 1 ? vscode.l10n.t('1 hint') : vscode.l10n.t('{0} hints', count) }
        : undefined;
  }
}

/** @param argument a node of the view. */
async function openHint(argument: unknown): Promise<void> {
  if (typeof argument !== 'object' || argument === null || !('hint' in argument)) return;
  const { place } = (argument as { hint: Partial<Hint> }).hint;
  if (place) await vscode.commands.executeCommand('throughline.openHotSpot', place);
}
