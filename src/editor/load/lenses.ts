import * as vscode from 'vscode';
import type { RunSummary } from '../../engine/model/run';
import type { RunLibrary, StoredRun } from '../runLibrary';
import { p99Text } from '../storedRuns';
import { relativeTime } from '../trees/relativeTime';
import { verdictMark } from './kinds';
import { isLoadTestFile, LOAD_TEST_SELECTOR, shownFile } from './loadFiles';

/** What can be done with a load test, and what came of it last, above its first line. */
export class LoadLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly library: RunLibrary) {
    this.disposables = [
      this.changed,
      library.onDidChange(() => this.changed.fire()),
      vscode.languages.registerCodeLensProvider(LOAD_TEST_SELECTOR, this),
    ];
  }

  async provideCodeLenses({ uri }: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!isLoadTestFile(uri)) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const lens = (title: string, command: string, argument: unknown) =>
      new vscode.CodeLens(top, { title, command, arguments: [argument] });
    const last = await this.lastOf(uri);
    return [
      lens(vscode.l10n.t('$(play) Run Load Test'), 'throughline.runLoadTest', uri),
      lens(vscode.l10n.t('Run As…'), 'throughline.runLoadTestAs', uri),
      lens(vscode.l10n.t('Export…'), 'throughline.exportLoadTest', uri),
      ...(last ? [lens(resultText(last.summary), 'throughline.openRun', last)] : []),
    ];
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** The newest run of the file, which is kept in its folder or in an app's below it. */
  private async lastOf(uri: vscode.Uri): Promise<StoredRun | undefined> {
    const file = shownFile(uri);
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.toString();
    return (await this.library.list()).find(
      ({ storeFolder, summary }) =>
        summary.loadTest?.file === file &&
        vscode.workspace.getWorkspaceFolder(vscode.Uri.file(storeFolder))?.uri.toString() === folder,
    );
  }
}

function resultText(summary: RunSummary): string {
  const mark = summary.loadTest ? verdictMark(summary.loadTest.state) : undefined;
  const time = relativeTime(Date.parse(summary.createdAt), Date.now(), vscode.env.language);
  return [
    ...(mark ? [`${mark.sign} ${mark.word}`] : []),
    vscode.l10n.t('{0} req/s', summary.throughput.toFixed(0)),
    `p99 ${p99Text(summary)}`,
    time,
  ].join(' · ');
}
