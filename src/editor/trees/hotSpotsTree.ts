import * as vscode from 'vscode';
import type { ShownCosts } from '../annotations/shownCosts';
import { showFailure } from '../failure';
import { ProfileDrop } from '../profiles/openProfile';
import type { HotSpotsBy } from './hotSpotGroups';
import { HotSpotsProvider, type HotSpotNode } from './hotSpotsProvider';

const BY_KEY = 'throughline.hotSpotsBy';

/**
 * The view `throughline.hotSpots`. Registers `throughline.hotSpots.byFunction` and `.byLine`, a choice that is
 * remembered in `state`, and `throughline.revealHotSpot`, to which lenses lead.
 */
export class HotSpotsTree implements vscode.Disposable {
  private readonly provider = new HotSpotsProvider();
  private readonly view: vscode.TreeView<HotSpotNode>;
  private by: HotSpotsBy;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly costs: ShownCosts,
    private readonly state: vscode.Memento,
    log: vscode.LogOutputChannel,
  ) {
    this.by = state.get(BY_KEY) === 'line' ? 'line' : 'function';
    this.view = vscode.window.createTreeView('throughline.hotSpots', {
      treeDataProvider: this.provider,
      showCollapseAll: true,
      dragAndDropController: new ProfileDrop((error) => void showFailure(error, log)),
    });
    this.subscriptions = [
      this.provider,
      this.view,
      costs.onDidChange(() => this.showCosts()),
      vscode.commands.registerCommand('throughline.hotSpots.byFunction', () => this.showBy('function')),
      vscode.commands.registerCommand('throughline.hotSpots.byLine', () => this.showBy('line')),
      vscode.commands.registerCommand('throughline.revealHotSpot', (argument?: unknown) =>
        this.reveal((argument as { frame?: unknown } | undefined)?.frame),
      ),
    ];
    void vscode.commands.executeCommand('setContext', BY_KEY, this.by);
    this.showCosts();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private showBy(by: HotSpotsBy): void {
    this.by = by;
    void this.state.update(BY_KEY, by);
    void vscode.commands.executeCommand('setContext', BY_KEY, by);
    this.showCosts();
  }

  private showCosts(): void {
    const { value } = this.costs;
    this.provider.show(value, this.by);
    this.view.description = value?.title ?? '';
    this.view.message = this.provider.caution() ?? '';
  }

  /** Selects a function in the view; one without time of its own is not in it, so the view is only shown. */
  private async reveal(frame: unknown): Promise<void> {
    if (this.by !== 'function') this.showBy('function');
    const node = typeof frame === 'number' ? this.provider.find(frame) : undefined;
    if (node) await this.view.reveal(node, { select: true, focus: true });
    else await vscode.commands.executeCommand('throughline.hotSpots.focus');
  }
}
