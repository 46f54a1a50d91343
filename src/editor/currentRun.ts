import * as vscode from 'vscode';
import type { Run } from '../engine/model/run';

/** A run that the editor shows, and where it is stored. */
export interface OpenRun {
  readonly run: Run;
  /** Absolute path of the workspace folder (or app folder) whose `.throughline` holds the run. */
  readonly storeFolder: string;
  /** Absolute path of the run's own folder: `calltree.json` and the raw captures lie there. */
  readonly runFolder: string;
}

/** The one run that lenses, heat, trees and panels show. Views listen; only commands open another. */
export class CurrentRun implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<OpenRun | undefined>();
  readonly onDidChange = this.emitter.event;
  private open: OpenRun | undefined;
  private changes = 0;

  get value(): OpenRun | undefined {
    return this.open;
  }

  /** Another number after each change: who waited can tell whether something else happened meanwhile. */
  get generation(): number {
    return this.changes;
  }

  set(run: OpenRun | undefined): void {
    this.open = run;
    this.changes++;
    this.emitter.fire(run);
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
