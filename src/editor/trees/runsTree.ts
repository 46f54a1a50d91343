import * as vscode from 'vscode';
import type { CurrentRun } from '../currentRun';
import { showFailure } from '../failure';
import { ProfileDrop } from '../profiles/openProfile';
import type { RunLibrary } from '../runLibrary';
import { RunsProvider, type RunNode } from './runsProvider';

/** The view `throughline.runs`. */
export class RunsTree implements vscode.Disposable {
  private readonly view: vscode.TreeView<RunNode>;
  private readonly subscriptions: vscode.Disposable[];

  constructor(library: RunLibrary, current: CurrentRun, log: vscode.LogOutputChannel) {
    const provider = new RunsProvider(library, current);
    this.view = vscode.window.createTreeView('throughline.runs', {
      treeDataProvider: provider,
      dragAndDropController: new ProfileDrop((error) => void showFailure(error, log)),
    });
    this.subscriptions = [
      provider,
      this.view,
      library.onDidChange(() => provider.refresh()),
      current.onDidChange(() => provider.refresh()),
      // Relative times and runs from the terminal: shown as they are when one looks.
      this.view.onDidChangeVisibility(({ visible }) => visible && provider.refresh()),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
