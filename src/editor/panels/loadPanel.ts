import * as vscode from 'vscode';
import { errorMessage } from '../../engine/model/errors';
import type { FromLoad, LoadAction, ToLoad } from '../../protocol/load';
import { parseFromLoad } from '../../protocol/loadMessages';
import type { OpenRun } from '../currentRun';
import { showFailure } from '../failure';
import type { LoadLive } from './loadLive';
import type { LoadPanelServices } from './loadPanels';
import { shownResult } from './loadResult';
import { webviewHtml, webviewRoot } from './webviewHtml';

/** Four states a second are as many as can be read. */
const MIN_INTERVAL_MS = 250;

export type LoadContent =
  | { readonly state: 'live'; readonly live: LoadLive }
  | { readonly state: 'result'; readonly open: OpenRun }
  | { readonly state: 'failed'; readonly title: string; readonly message: string; readonly nextStep: string }
  | { readonly state: 'empty'; readonly message: string };

/** One webview and what it shows. A hidden webview is gone, costs nothing, and is filled when it is seen again. */
export class LoadPanel implements vscode.Disposable {
  private isReady = false;
  /** The webview has the live test's points up to the last `changes`. */
  private hasPoints = false;
  private timer: NodeJS.Timeout | undefined;
  private lastSent = 0;
  private shown: LoadContent;
  private readonly listeners: vscode.Disposable[];

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly services: LoadPanelServices,
    content: LoadContent,
    onDispose: () => void,
  ) {
    this.shown = content;
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(services.extensionUri)] };
    this.listeners = [
      panel.webview.onDidReceiveMessage((data: unknown) => {
        this.receive(data).catch((error: unknown) => showFailure(error, services.log));
      }),
      panel.onDidChangeViewState(() => {
        if (panel.visible) return;
        // It says `ready` again when it is shown.
        this.isReady = false;
        clearTimeout(this.timer);
        this.timer = undefined;
      }),
      panel.onDidDispose(() => {
        clearTimeout(this.timer);
        for (const listener of this.listeners) listener.dispose();
        this.isReady = false;
        onDispose();
      }),
    ];
    panel.title = titleOf(content);
    panel.webview.html = webviewHtml(panel.webview, services.extensionUri, 'load', panel.title);
  }

  get content(): LoadContent {
    return this.shown;
  }

  get isVisible(): boolean {
    return this.panel.visible;
  }

  show(content: LoadContent): void {
    this.shown = content;
    this.hasPoints = false;
    this.panel.title = titleOf(content);
    this.send();
  }

  /** The live test has something new to draw. */
  update(): void {
    if (!this.isReady || this.timer) return;
    const wait = Math.max(0, this.lastSent + MIN_INTERVAL_MS - Date.now());
    this.timer = setTimeout(() => this.send(), wait);
  }

  reveal(): void {
    this.panel.reveal(undefined, true);
  }

  dispose(): void {
    this.panel.dispose();
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.isReady) return;
    this.lastSent = Date.now();
    const message = this.message();
    this.panel.webview.postMessage(message).then(undefined, (error: unknown) => {
      this.services.log.error(errorMessage(error));
    });
  }

  private message(): ToLoad {
    const { shown } = this;
    switch (shown.state) {
      case 'live': {
        const points = shown.live.points(!this.hasPoints);
        this.hasPoints = true;
        return { type: 'live', test: shown.live.test(), points };
      }
      case 'result': {
        const result = shownResult(shown.open, this.actionsOf(shown.open));
        return result
          ? { type: 'result', result }
          : { type: 'empty', message: vscode.l10n.t('This run was not a load test.') };
      }
      case 'failed': {
        const { title, message, nextStep } = shown;
        return { type: 'failed', title, message, nextStep };
      }
      case 'empty':
        return { type: 'empty', message: shown.message };
    }
  }

  private async receive(data: unknown): Promise<void> {
    let message: FromLoad;
    try {
      message = parseFromLoad(data);
    } catch (error) {
      this.services.log.error(errorMessage(error));
      return;
    }
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        this.hasPoints = false;
        return this.send();
      case 'stop':
        return this.stop();
      case 'showFlamegraph':
        if (this.shown.state !== 'result') return;
        this.makeCurrent(this.shown.open);
        await vscode.commands.executeCommand('throughline.openFlamegraph');
        return;
      case 'action':
        if (this.shown.state === 'result') await this.act(message.action, this.shown.open);
    }
  }

  private stop(): void {
    if (this.shown.state !== 'live' || this.shown.live.stopping) return;
    this.shown.live.stopping = true;
    this.send();
    this.shown.live.options.onStop();
  }

  private actionsOf({ run }: OpenRun): LoadAction[] {
    const { exportReport, exportTest, runAgain, openFile } = this.services.actions;
    const hasFile = run.loadTest?.file !== undefined;
    return [
      ...(exportReport ? (['exportHtml', 'exportMarkdown'] as const) : []),
      // What another tool measured was not run here.
      ...(runAgain && run.loadTest?.importedFrom === undefined ? (['runAgain'] as const) : []),
      ...(openFile && hasFile ? (['openFile'] as const) : []),
      ...(exportTest && hasFile ? (['exportTest'] as const) : []),
      'compare',
    ];
  }

  private async act(action: LoadAction, open: OpenRun): Promise<void> {
    const { exportReport, exportTest, runAgain, openFile } = this.services.actions;
    switch (action) {
      case 'exportHtml':
        return exportReport?.(open, 'html');
      case 'exportMarkdown':
        return exportReport?.(open, 'markdown');
      case 'exportTest':
        return exportTest?.(open);
      case 'runAgain':
        return runAgain?.(open);
      case 'openFile':
        return openFile?.(open);
      case 'compare':
        this.makeCurrent(open);
        await vscode.commands.executeCommand('throughline.compareRun');
    }
  }

  /** Commands on runs take the current one. */
  private makeCurrent(open: OpenRun): void {
    const { current } = this.services;
    const { value } = current;
    if (value?.run.id !== open.run.id || value.storeFolder !== open.storeFolder) current.set(open);
  }
}

function titleOf(content: LoadContent): string {
  switch (content.state) {
    case 'live':
      return vscode.l10n.t('Load Test: {0}', content.live.options.title);
    case 'result':
      return vscode.l10n.t('Load Test: {0}', content.open.run.name ?? content.open.run.loadTest?.name ?? '');
    case 'failed':
      return vscode.l10n.t('Load Test: {0}', content.title);
    case 'empty':
      return vscode.l10n.t('Load Test');
  }
}
