import * as vscode from 'vscode';
import { ThroughlineError } from '../engine/model/errors';
import type { RunSummary } from '../engine/model/run';
import { compareRuns } from '../engine/runs/compare';
import { comparisonMarkdown } from './comparison';
import type { CurrentRun, OpenRun } from './currentRun';
import { showFailure } from './failure';
import { inform } from './messages';
import type { RunLibrary, StoredRun } from './runLibrary';
import { asStoredRun, pickRun } from './storedRuns';

const SCHEME = 'throughline';

/**
 * The shown run against another, as a Markdown preview. Registers `throughline.compareRun` (takes a stored run,
 * else asks) and `throughline.compareBaseline`. A preview that the window brings back after a reload is empty:
 * comparisons are not kept.
 */
export class ComparisonView implements vscode.Disposable {
  private readonly documents = new Map<string, string>();
  private readonly disposables: vscode.Disposable[];

  constructor(
    private readonly library: RunLibrary,
    private readonly current: CurrentRun,
    log: vscode.LogOutputChannel,
  ) {
    const command = (id: string, handler: (argument: unknown) => Promise<void>) =>
      vscode.commands.registerCommand(id, (argument?: unknown) =>
        handler(argument).catch((error: unknown) => showFailure(error, log)),
      );
    this.disposables = [
      command('throughline.compareRun', (argument) => this.compareRun(argument)),
      command('throughline.compareBaseline', () => this.compareBaseline()),
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: (uri) => this.documents.get(uri.path) ?? '',
      }),
    ];
  }

  /**
   * What the shown run is best compared with: the baseline of its app, else the newest run of the same app with a
   * profile before it. Undefined where there is neither.
   */
  async counterpart(): Promise<StoredRun | undefined> {
    const open = this.current.value;
    if (!open) return undefined;
    const runs = (await this.library.list()).filter(
      ({ storeFolder, summary }) => storeFolder === open.storeFolder && summary.id !== open.run.id,
    );
    return (
      runs.find(({ summary }) => summary.isBaseline) ??
      runs.find(({ summary }) => isEarlierOfSameTarget(summary, open))
    );
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async compareRun(argument: unknown): Promise<void> {
    const open = this.current.value;
    if (!open) return;
    const title = vscode.l10n.t('Compare with which run?');
    const other = asStoredRun(argument) ?? (await pickRun(this.library, title, open.run.id));
    if (!other) return;
    const against = await this.library.open(other.storeFolder, other.summary.id);
    const baseline = await this.library
      .store(other.storeFolder)
      .baseline()
      .catch(() => undefined);
    const isBefore = baseline?.runId === against.run.id || against.run.id < open.run.id;
    await (isBefore ? this.show(against, open) : this.show(open, against));
  }

  private async compareBaseline(): Promise<void> {
    const open = this.current.value;
    if (!open) return;
    const baseline = await this.library.store(open.storeFolder).baseline();
    if (!baseline) {
      void inform(vscode.l10n.t('Throughline: no baseline is set for the app of the shown run.'));
      return;
    }
    if (baseline.runId === open.run.id) {
      void inform(
        vscode.l10n.t('Throughline: the shown run is the baseline itself. Measure again, or open another.'),
      );
      return;
    }
    const before = await this.library.open(open.storeFolder, baseline.runId).catch((error: unknown) => {
      if (error instanceof ThroughlineError && error.code === 'RUN_NOT_FOUND') return undefined;
      throw error;
    });
    if (!before) {
      void inform(
        vscode.l10n.t(
          'Throughline: the run of the baseline is not saved here (it was deleted, or measured on another machine), so nothing can be compared with it. Set another run as the baseline.',
        ),
      );
      return;
    }
    await this.show(before, open);
  }

  private async show({ run: before }: OpenRun, { run: after }: OpenRun): Promise<void> {
    const title = vscode.l10n.t('Comparison {0}', `${before.id} - ${after.id}`);
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.md` });
    this.documents.set(uri.path, comparisonMarkdown(compareRuns(before, after), before, after));
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  }
}

function isEarlierOfSameTarget(summary: RunSummary, { run }: OpenRun): boolean {
  return summary.id < run.id && summary.hasProfile && summary.label === run.target.label;
}
