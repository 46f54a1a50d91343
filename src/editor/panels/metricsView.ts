import * as vscode from 'vscode';
import type { MetricsState } from '../../protocol/metrics';
import { parseFromMetrics } from '../../protocol/metrics';
import type { CurrentRun } from '../currentRun';
import type { LiveEvent, LiveRun } from '../liveRun';
import { LiveSeries } from './liveSeries';
import { finishedState } from './runFigures';
import { webviewHtml, webviewRoot } from './webviewHtml';

/** Four states a second are as many as can be read. */
const MIN_INTERVAL_MS = 250;

/** The sidebar's Metrics view: live while a run is in progress, else the current run's results. */
export class MetricsView implements vscode.Disposable, vscode.WebviewViewProvider {
  static readonly viewId = 'throughline.metrics';

  private readonly disposables: vscode.Disposable[] = [];
  private view: vscode.WebviewView | undefined;
  private live: LiveSeries | undefined;
  private notice: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastSent = 0;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly currentRun: CurrentRun,
    liveRun: LiveRun,
    private readonly log?: vscode.LogOutputChannel,
  ) {
    this.disposables.push(
      liveRun.onDidReport((event) => this.receiveLive(event)),
      currentRun.onDidChange(() => {
        this.notice = undefined;
        this.schedule();
      }),
      vscode.window.registerWebviewViewProvider(MetricsView.viewId, this),
    );
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(this.extensionUri)] };
    const listeners = [
      view.webview.onDidReceiveMessage((data: unknown) => {
        this.receive(data).catch((error: unknown) => this.log?.error(String(error)));
      }),
      view.onDidChangeVisibility(() => this.schedule()),
      view.onDidDispose(() => {
        for (const listener of listeners) listener.dispose();
        if (this.view === view) this.view = undefined;
      }),
    ];
    view.webview.html = webviewHtml(view.webview, this.extensionUri, 'metrics', 'Metrics');
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private receiveLive(event: LiveEvent): void {
    switch (event.type) {
      case 'begin':
        this.live = new LiveSeries(event.label);
        this.notice = undefined;
        break;
      case 'progress':
        this.live?.add(event.progress);
        // The app's output draws nothing.
        if (event.progress.type === 'output') return;
        break;
      case 'end':
        this.live = undefined;
        if (event.outcome.state === 'failed')
          this.notice = vscode.l10n.t('The last run failed: {0}', event.outcome.reason);
        if (event.outcome.state === 'cancelled') this.notice = vscode.l10n.t('The last run was cancelled.');
        break;
    }
    this.schedule();
  }

  private async receive(data: unknown): Promise<void> {
    const message = parseFromMetrics(data);
    switch (message.type) {
      case 'ready':
        this.send();
        return;
      case 'measure':
        await vscode.commands.executeCommand('throughline.measure');
        return;
      case 'showFlamegraph':
        await vscode.commands.executeCommand('throughline.openFlamegraph');
        return;
    }
  }

  private schedule(): void {
    if (!this.view?.visible || this.timer) return;
    const wait = Math.max(0, this.lastSent + MIN_INTERVAL_MS - Date.now());
    this.timer = setTimeout(() => this.send(), wait);
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.view?.visible) return;
    this.lastSent = Date.now();
    void this.view.webview.postMessage({ type: 'state', state: this.state() });
  }

  private state(): MetricsState {
    if (this.live) return this.live.state();
    const run = this.currentRun.value?.run;
    if (run) return finishedState(run, this.notice);
    return { phase: 'idle', ...(this.notice !== undefined && { notice: this.notice }) };
  }
}
