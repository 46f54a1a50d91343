import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { FromProfile, ToProfile } from '../../../src/protocol/profile';

/** Stands in for a webview's page: keeps what it is told, and says what a test has it say. */
export class FakePanel<To extends { readonly type: string } = ToProfile, From = FromProfile>
  implements vscode.WebviewPanel
{
  readonly posted: To[] = [];
  readonly viewType = 'throughline.test';
  readonly viewColumn = vscode.ViewColumn.One;
  readonly options = {};
  title = '';
  visible = true;
  active = true;
  private readonly messages = new vscode.EventEmitter<unknown>();
  private readonly viewState = new vscode.EventEmitter<vscode.WebviewPanelOnDidChangeViewStateEvent>();
  private readonly disposed = new vscode.EventEmitter<void>();
  readonly onDidChangeViewState = this.viewState.event;
  readonly onDidDispose = this.disposed.event;

  readonly webview: vscode.Webview = {
    options: {},
    html: '',
    cspSource: 'test:',
    onDidReceiveMessage: this.messages.event,
    asWebviewUri: (uri) => uri,
    postMessage: (message: To) => Promise.resolve(this.posted.push(structuredClone(message)) > 0),
  };

  say(message: From): void {
    this.messages.fire(message);
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.viewState.fire({ webviewPanel: this });
  }

  reveal(): void {
    this.setVisible(true);
  }

  dispose(): void {
    this.disposed.fire();
  }

  /** The first message of the type that fits, once it is posted. */
  async until<T extends To['type']>(
    type: T,
    fits: (message: Extract<To, { type: T }>) => boolean = () => true,
  ): Promise<Extract<To, { type: T }>> {
    const end = Date.now() + 60_000;
    for (;;) {
      const found = this.posted.find(
        (message): message is Extract<To, { type: T }> =>
          message.type === type && fits(message as Extract<To, { type: T }>),
      );
      if (found) return found;
      const last = this.posted.at(-1);
      if (Date.now() > end)
        assert.fail(`no ${type} within 60 s; last was ${JSON.stringify(last)?.slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
