import * as vscode from 'vscode';
import { resultMarkdown } from './comparison';
import type { CurrentRun, OpenRun } from './currentRun';
import { showFailure } from './failure';
import { inform } from './messages';
import type { RunLibrary, RunRef, StoredRun } from './runLibrary';
import { asBadRun, asStoredRun, pickRun, runName } from './storedRuns';

/** Commands on stored runs. Each takes a run (an element of the Runs view); without one it asks. */
export class RunCommands implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[];
  /** Of the openings that were asked for, the last counts. */
  private openings = 0;

  constructor(
    private readonly library: RunLibrary,
    private readonly current: CurrentRun,
    private readonly log: vscode.LogOutputChannel,
    /** A run was opened by the user. */
    private readonly onOpened: (open: OpenRun) => void,
  ) {
    const command = (id: string, handler: (argument: unknown) => Promise<unknown>) =>
      vscode.commands.registerCommand(id, (argument?: unknown) =>
        handler(argument).catch((error: unknown) => void showFailure(error, log)),
      );
    this.disposables = [
      command('throughline.openRun', async (argument) => {
        const run = await this.asked(argument, vscode.l10n.t('Open which run?'));
        return run && this.open(refOf(run));
      }),
      command('throughline.renameRun', async (argument) => {
        const run = await this.asked(argument, vscode.l10n.t('Rename which run?'));
        if (run) await this.rename(run);
      }),
      command('throughline.deleteRun', async (argument) => {
        const bad = asBadRun(argument);
        if (bad) return this.delete(bad, bad.id);
        const run = await this.asked(argument, vscode.l10n.t('Delete which run?'));
        if (run) await this.delete(refOf(run), runName(run.summary));
      }),
      vscode.commands.registerCommand('throughline.refreshRuns', () => this.library.changed()),
      command('throughline.copyResult', () => this.copyResult()),
    ];
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async asked(argument: unknown, title: string): Promise<StoredRun | undefined> {
    return asStoredRun(argument) ?? pickRun(this.library, title);
  }

  /** Resolves with the run's id; undefined where another was asked for meanwhile. */
  private async open({ storeFolder, id }: RunRef): Promise<string | undefined> {
    const opening = ++this.openings;
    const run = await this.library.open(storeFolder, id);
    if (opening !== this.openings) return undefined;
    this.current.set(run);
    this.onOpened(run);
    return id;
  }

  private async rename(stored: StoredRun): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Rename Run'),
      value: stored.summary.name ?? '',
      prompt: vscode.l10n.t('Empty takes the name away.'),
      validateInput: (text) => (text.length > 100 ? vscode.l10n.t('At most 100 characters.') : undefined),
    });
    if (name === undefined) return;
    const renamed = await this.library.store(stored.storeFolder).rename(stored.summary.id, name.trim());
    const open = this.current.value;
    if (open?.run.id === renamed.id && open.storeFolder === stored.storeFolder) {
      const { name: _old, ...run } = open.run;
      this.current.set({ ...open, run: renamed.name === undefined ? run : { ...run, name: renamed.name } });
    }
    this.library.changed();
  }

  private async delete({ storeFolder, id }: RunRef, name: string): Promise<void> {
    const deleted = await this.library.store(storeFolder).delete(id);
    const open = this.current.value;
    const wasOpen = open?.run.id === id && open.storeFolder === storeFolder;
    if (wasOpen) this.current.set(undefined);
    this.library.changed();
    const undo = vscode.l10n.t('Undo');
    // The command has done its work; the offer may stand for as long as it likes.
    void inform(vscode.l10n.t('Deleted the run {0}.', name), undo)
      .then(async (choice) => {
        if (choice !== undo) return;
        await deleted.undo();
        this.library.changed();
        if (wasOpen) await this.open({ storeFolder, id });
      })
      .catch((error: unknown) => showFailure(error, this.log));
  }

  private async copyResult(): Promise<void> {
    const open = this.current.value;
    if (!open) return;
    await vscode.env.clipboard.writeText(resultMarkdown(open.run));
    vscode.window.setStatusBarMessage(vscode.l10n.t('Throughline: copied the result as Markdown'), 3000);
  }
}

function refOf({ storeFolder, summary }: StoredRun): RunRef {
  return { storeFolder, id: summary.id };
}
