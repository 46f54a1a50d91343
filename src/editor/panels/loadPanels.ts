import type * as vscode from 'vscode';
import type { TestKind } from '../../engine/model/loadTest';
import type { Progress } from '../../engine/model/target';
import type { OpenRun } from '../currentRun';

/** What the panel's buttons do with a result; a button without its action is not shown. */
export interface LoadPanelActions {
  readonly exportReport?: (run: OpenRun, format: 'html' | 'markdown') => Promise<void>;
  readonly runAgain?: (run: OpenRun) => Promise<void>;
  /** Opens the `*.load.json` of the run. */
  readonly openFile?: (run: OpenRun) => Promise<void>;
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
export interface LoadPanelsApi extends vscode.Disposable {
  /** Shows a test that begins, without taking the focus. */
  openLive(options: LiveOptions): LivePanel;
  /** Shows the result of a stored run. */
  openResult(run: OpenRun): void;
}
