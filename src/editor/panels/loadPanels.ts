import * as vscode from 'vscode';
import { errorMessage } from '../../engine/model/errors';
import type { TestKind } from '../../engine/model/loadTest';
import type { Progress } from '../../engine/model/target';
import { parseSavedRef } from '../../protocol/loadMessages';
import type { CurrentRun, OpenRun } from '../currentRun';
import type { RunLibrary } from '../runLibrary';
import { LoadLive } from './loadLive';
import { LoadPanel, type LoadContent } from './loadPanel';

/** What the panel's buttons do with a result; a button without its action is not shown. */
export interface LoadPanelActions {
  readonly exportReport?: (run: OpenRun, format: 'html' | 'markdown') => Promise<void>;
  readonly runAgain?: (run: OpenRun) => Promise<void>;
  /** Opens the `*.load.json` of the run. */
  readonly openFile?: (run: OpenRun) => Promise<void>;
  /** Exports the `*.load.json` of the run to another tool, or runs it there. */
  readonly exportTest?: (run: OpenRun) => Promise<void>;
}

export interface LoadPanelServices {
  readonly extensionUri: vscode.Uri;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly actions: LoadPanelActions;
  readonly log: vscode.LogOutputChannel;
}

export interface LiveOptions {
  readonly title: string;
  readonly kind?: TestKind;
  /** Of the `*.load.json`, as it is to be shown. */
  readonly file?: string;
  /** Of the whole load where the file says so; absent in searches, which end when they have decided. */
  readonly expectedSeconds?: number;
  readonly onStop: () => void;
}

/** A running test that the panel shows. After `finish` or `fail` it says nothing any more. */
export interface LivePanel {
  onProgress(progress: Progress): void;
  /** Shows the stored run in place of the live charts. */
  finish(run: OpenRun): void;
  /** @param message a sentence; `nextStep` tells what to do about it. */
  fail(message: string, nextStep?: string): void;
}

/** The panel of load tests: live while one runs, then its result. One panel, kept over reloads for stored runs. */
export class LoadPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  static readonly viewType = 'throughline.loadTest';

  private readonly disposables: vscode.Disposable[];
  private panel: LoadPanel | undefined;

  constructor(private readonly services: LoadPanelServices) {
    this.disposables = [vscode.window.registerWebviewPanelSerializer(LoadPanels.viewType, this)];
  }

  /** Shows a test that begins, without taking the focus. */
  openLive(options: LiveOptions): LivePanel {
    const live = new LoadLive(options);
    this.show({ state: 'live', live });
    // Another test or result may be shown by the time that this one reports.
    const isShown = () => this.panel?.content.state === 'live' && this.panel.content.live === live;
    return {
      onProgress: (progress) => {
        if (live.add(progress) && isShown()) this.panel?.update();
      },
      finish: (run) => {
        if (isShown()) this.panel?.show({ state: 'result', open: run });
      },
      fail: (message, nextStep = '') => {
        if (isShown()) this.panel?.show({ state: 'failed', title: options.title, message, nextStep });
      },
    };
  }

  /** Whether the user sees the result of the run. */
  shows(id: string): boolean {
    const { panel } = this;
    return panel?.content.state === 'result' && panel.isVisible && panel.content.open.run.id === id;
  }

  /** Shows the result of a stored run. */
  openResult(open: OpenRun): void {
    this.show({ state: 'result', open });
  }

  /** A live test does not outlive the window that runs it: only results come back. */
  async deserializeWebviewPanel(webviewPanel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const content = await this.restored(state);
    this.panel?.dispose();
    this.adopt(webviewPanel, content);
  }

  dispose(): void {
    this.panel?.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async restored(state: unknown): Promise<LoadContent> {
    const ref = parseSavedRef(state);
    if (!ref) return { state: 'empty', message: vscode.l10n.t('The load test ended with its window.') };
    try {
      return { state: 'result', open: await this.services.library.open(ref.storeFolder, ref.id) };
    } catch (error) {
      this.services.log.warn(errorMessage(error));
      return {
        state: 'empty',
        message: vscode.l10n.t('The result cannot be shown: {0}', errorMessage(error)),
      };
    }
  }

  private show(content: LoadContent): void {
    if (this.panel) {
      this.panel.show(content);
      this.panel.reveal();
      return;
    }
    const place = { viewColumn: vscode.ViewColumn.Active, preserveFocus: true };
    this.adopt(vscode.window.createWebviewPanel(LoadPanels.viewType, '', place), content);
  }

  private adopt(webviewPanel: vscode.WebviewPanel, content: LoadContent): void {
    const panel = new LoadPanel(webviewPanel, this.services, content, () => {
      if (this.panel === panel) this.panel = undefined;
    });
    this.panel = panel;
  }
}
