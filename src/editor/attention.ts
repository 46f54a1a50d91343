import * as vscode from 'vscode';

/** Watches from its making on whether the user has turned to something else or is writing. */
export class Attention implements vscode.Disposable {
  private readonly tab = activeTab();
  private typed = false;
  private readonly subscription = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0 && document === vscode.window.activeTextEditor?.document) this.typed = true;
  });

  /** Another tab is looked at, or the document in view was changed. */
  get hasMoved(): boolean {
    return this.typed || activeTab() !== this.tab;
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

/** Tabs are made anew by each change, so they are told apart by what they show and where. */
function activeTab(): string {
  const { activeTab: tab, viewColumn } = vscode.window.tabGroups.activeTabGroup;
  if (!tab) return '';
  const input = tab.input instanceof vscode.TabInputText ? tab.input.uri.toString() : tab.label;
  return `${viewColumn} ${input}`;
}
