import * as vscode from 'vscode';
import { formatMicros } from '../engine/model/units';
import type { RunSummary } from '../engine/model/run';
import { compareRuns } from '../engine/runs/compare';
import { comparisonMarkdown, resultMarkdown } from './comparison';
import type { CurrentRun } from './currentRun';
import { showFailure } from './failure';
import type { RunLibrary, StoredRun } from './runLibrary';

const LAST_RUN = 'throughline.lastRun';

/** Commands on stored runs. Each takes a run (an element of the Runs view); without one it asks. */
export class RunCommands implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[] = [];
  private readonly documents = new Map<string, string>();

  constructor(
    private readonly library: RunLibrary,
    private readonly current: CurrentRun,
    private readonly state: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const command = (id: string, handler: (stored: StoredRun) => Promise<unknown>, title: string) =>
      this.disposables.push(
        vscode.commands.registerCommand(id, async (argument?: unknown) => {
          try {
            const stored = asStoredRun(argument) ?? (await this.pick(title));
            return stored && (await handler(stored));
          } catch (error) {
            void showFailure(error, this.log);
            return undefined;
          }
        }),
      );
    command('throughline.openRun', (run) => this.open(run), vscode.l10n.t('Open which run?'));
    command('throughline.renameRun', (run) => this.rename(run), vscode.l10n.t('Rename which run?'));
    command('throughline.deleteRun', (run) => this.delete(run), vscode.l10n.t('Delete which run?'));
    command(
      'throughline.setBaseline',
      (run) => this.setBaseline(run),
      vscode.l10n.t('Which run is the baseline?'),
    );
    command('throughline.compareRun', (run) => this.compare(run), vscode.l10n.t('Compare with which run?'));
    this.disposables.push(
      vscode.commands.registerCommand('throughline.clearBaseline', () => this.clearBaseline()),
      vscode.commands.registerCommand('throughline.refreshRuns', () => this.library.changed()),
      vscode.commands.registerCommand('throughline.copyResult', () => this.copyResult()),
      vscode.workspace.registerTextDocumentContentProvider('throughline', {
        provideTextDocumentContent: (uri) => this.documents.get(uri.path) ?? '',
      }),
      this.current.onDidChange((open) => {
        void this.state.update(LAST_RUN, open && { storeFolder: open.storeFolder, id: open.run.id });
      }),
    );
  }

  /** Shows the run that was open last in this workspace, else the newest. Says nothing where there is none. */
  async restore(): Promise<void> {
    try {
      const runs = await this.library.list();
      const last = this.state.get<{ storeFolder?: string; id?: string }>(LAST_RUN);
      const stored =
        runs.find((run) => run.storeFolder === last?.storeFolder && run.summary.id === last.id) ?? runs[0];
      // A run may have ended meanwhile: the newer one stays.
      if (stored && !this.current.value) await this.open(stored);
    } catch (error) {
      this.log.error(error instanceof Error ? error : String(error));
    }
  }

  /** The newest run of the same app before the shown one. */
  async earlierThanCurrent(): Promise<StoredRun | undefined> {
    const open = this.current.value;
    if (!open) return undefined;
    return (await this.library.list()).find(
      (run) => run.storeFolder === open.storeFolder && run.summary.id < open.run.id,
    );
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async open(stored: StoredRun): Promise<string> {
    this.current.set(await this.library.open(stored.storeFolder, stored.summary.id));
    return stored.summary.id;
  }

  private async rename(stored: StoredRun): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: vscode.l10n.t('Rename Run'),
      value: stored.summary.name ?? '',
      prompt: vscode.l10n.t('Empty takes the name away.'),
      validateInput: (text) => (text.length > 100 ? vscode.l10n.t('At most 100 characters.') : undefined),
    });
    if (name === undefined) return;
    const run = await this.library.store(stored.storeFolder).rename(stored.summary.id, name.trim());
    const open = this.current.value;
    if (open?.run.id === run.id) this.current.set({ ...open, run });
    this.library.changed();
  }

  private async delete(stored: StoredRun): Promise<void> {
    const deleted = await this.library.store(stored.storeFolder).delete(stored.summary.id);
    const wasOpen = this.current.value?.run.id === stored.summary.id;
    if (wasOpen) this.current.set(undefined);
    this.library.changed();
    const undo = vscode.l10n.t('Undo');
    const choice = await vscode.window.showInformationMessage(
      vscode.l10n.t('Deleted the run {0}.', stored.summary.name ?? stored.summary.label),
      undo,
    );
    if (choice !== undo) return;
    await deleted.undo();
    this.library.changed();
    if (wasOpen) await this.open(stored);
  }

  private async setBaseline(stored: StoredRun): Promise<void> {
    await this.library.store(stored.storeFolder).setBaseline(stored.summary.id);
    this.library.changed();
  }

  private async clearBaseline(): Promise<void> {
    try {
      const folders = new Set((await this.library.list()).map(({ storeFolder }) => storeFolder));
      await Promise.all([...folders].map((folder) => this.library.store(folder).clearBaseline()));
      this.library.changed();
    } catch (error) {
      void showFailure(error, this.log);
    }
  }

  /** The open run against the other one, as a Markdown preview. */
  private async compare(other: StoredRun): Promise<void> {
    const open = this.current.value;
    if (!open) return;
    const before = await this.library.open(other.storeFolder, other.summary.id);
    const [older, newer] = before.run.id < open.run.id ? [before.run, open.run] : [open.run, before.run];
    await this.showMarkdown(
      vscode.l10n.t('Comparison {0}', `${older.id} - ${newer.id}`),
      comparisonMarkdown(compareRuns(older, newer), older, newer),
    );
  }

  private async copyResult(): Promise<void> {
    const open = this.current.value;
    if (!open) return;
    await vscode.env.clipboard.writeText(resultMarkdown(open.run));
    vscode.window.setStatusBarMessage(vscode.l10n.t('Throughline: copied the result as Markdown'), 3000);
  }

  private async showMarkdown(title: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: 'throughline', path: `/${title}.md` });
    this.documents.set(uri.path, text);
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }

  private async pick(title: string): Promise<StoredRun | undefined> {
    const open = this.current.value;
    const runs = (await this.library.list()).filter(
      ({ summary }) => summary.id !== open?.run.id || !title.startsWith('Compare'),
    );
    if (runs.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Throughline: there is no other run yet.'));
      return undefined;
    }
    const picked = await vscode.window.showQuickPick(
      runs.map((stored) => ({ ...describe(stored.summary), stored })),
      { title, matchOnDescription: true },
    );
    return picked?.stored;
  }
}

function describe(summary: RunSummary): vscode.QuickPickItem {
  return {
    label: summary.name ?? summary.label,
    description: new Date(summary.createdAt).toLocaleString(),
    detail: `${summary.throughput.toFixed(0)} req/s · p99 ${formatMicros(summary.p99Micros)}`,
  };
}

/** Arguments come from trees, lenses and other extensions: look before use. */
function asStoredRun(argument: unknown): StoredRun | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { storeFolder, summary } = argument as Partial<StoredRun>;
  return typeof storeFolder === 'string' && typeof summary?.id === 'string'
    ? { storeFolder, summary }
    : undefined;
}
