import path from 'node:path';
import * as vscode from 'vscode';
import { setContext } from './contextKeys';
import { showFailure } from './failure';
import { confirm, inform } from './messages';
import type { RunLibrary } from './runLibrary';
import { asStoredRun, pickRun } from './storedRuns';

/**
 * `throughline.setBaseline` and `throughline.clearBaseline`; both take a stored run, else ask. Keeps the context key
 * `throughline.hasBaseline`, which is also true for a baseline whose run is gone.
 */
export class BaselineCommands implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[];
  private asked = 0;

  constructor(
    private readonly library: RunLibrary,
    log: vscode.LogOutputChannel,
  ) {
    const command = (id: string, handler: (argument: unknown) => Promise<void>) =>
      vscode.commands.registerCommand(id, (argument?: unknown) =>
        handler(argument).catch((error: unknown) => showFailure(error, log)),
      );
    this.disposables = [
      command('throughline.setBaseline', (argument) => this.set(argument)),
      command('throughline.clearBaseline', (argument) => this.clear(argument, log)),
      library.onDidChange(() => void this.updateContext()),
    ];
    void this.updateContext();
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async set(argument: unknown): Promise<void> {
    const stored =
      asStoredRun(argument) ?? (await pickRun(this.library, vscode.l10n.t('Which run is the baseline?')));
    if (!stored) return;
    await this.library.store(stored.storeFolder).setBaseline(stored.summary.id);
    this.library.changed();
  }

  /** Of one store alone. What can be set again is cleared with an undo, what cannot after a question. */
  private async clear(argument: unknown, log: vscode.LogOutputChannel): Promise<void> {
    const folder = asStoredRun(argument)?.storeFolder ?? (await this.pickFolder());
    if (folder === undefined) return;
    const store = this.library.store(folder);
    const baseline = await store.baseline().catch(() => undefined);
    const runId = baseline && (await this.canOpen(folder, baseline.runId)) ? baseline.runId : undefined;
    if (runId === undefined) {
      const sure = await confirm(
        vscode.l10n.t('Clear the baseline of {0}?', path.basename(folder)),
        vscode.l10n.t('Its run is not saved here, so it cannot be set again.'),
        vscode.l10n.t('Clear Baseline'),
      );
      if (!sure) return;
    }
    await store.clearBaseline();
    this.library.changed();
    if (runId === undefined) return;
    const undo = vscode.l10n.t('Undo');
    // The command has done its work; the offer may stand for as long as it likes.
    void inform(vscode.l10n.t('Cleared the baseline of {0}.', path.basename(folder)), undo)
      .then(async (choice) => {
        if (choice !== undo) return;
        await store.setBaseline(runId);
        this.library.changed();
      })
      .catch((error: unknown) => showFailure(error, log));
  }

  private async canOpen(folder: string, id: string): Promise<boolean> {
    return this.library.open(folder, id).then(
      () => true,
      () => false,
    );
  }

  private async pickFolder(): Promise<string | undefined> {
    const folders = await this.library.foldersWithBaseline();
    if (folders.length === 0) void inform(vscode.l10n.t('Throughline: no baseline is set.'));
    if (folders.length <= 1) return folders[0];
    const picked = await vscode.window.showQuickPick(
      folders.map((folder) => ({
        label: path.basename(folder),
        description: vscode.workspace.asRelativePath(folder, true),
        folder,
      })),
      { title: vscode.l10n.t('Clear the baseline of which app?') },
    );
    return picked?.folder;
  }

  private async updateContext(): Promise<void> {
    const asked = ++this.asked;
    const folders = await this.library.foldersWithBaseline();
    if (asked === this.asked) setContext('hasBaseline', folders.length > 0);
  }
}
