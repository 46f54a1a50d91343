import * as vscode from 'vscode';
import { formatMicros } from '../engine/model/units';
import type { LiveRun } from './liveRun';
import { windowText } from './liveText';

/** One item, shown only while a run is in progress; a click stops the run. */
export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'throughline.run',
    vscode.StatusBarAlignment.Left,
    0,
  );
  private readonly subscription: vscode.Disposable;
  private stage = '';

  constructor(live: LiveRun) {
    this.item.name = 'Throughline';
    this.item.command = 'throughline.stop';
    this.item.tooltip = vscode.l10n.t('Throughline: click to stop the run');
    this.subscription = live.onDidReport((event) => {
      if (event.type === 'begin') {
        this.set(event.label);
        this.item.show();
      } else if (event.type === 'end') {
        this.item.hide();
      } else if (event.progress.type === 'stage') {
        this.stage = event.progress.message;
        this.set(this.stage);
      } else if (event.progress.type === 'load') {
        const { requestsPerSecond, p99Micros } = event.progress.load;
        this.set(`${this.stage} · ${Math.round(requestsPerSecond)} req/s · p99 ${formatMicros(p99Micros)}`);
      } else if (event.progress.type === 'loadWindow') {
        this.set(`${this.stage} · ${windowText(event.progress.window, vscode.l10n.t)}`);
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }

  private set(text: string): void {
    this.item.text = `$(sync~spin) ${text}`;
  }
}
