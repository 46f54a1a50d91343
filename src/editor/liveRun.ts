import * as vscode from 'vscode';
import type { Progress } from '../engine/model/target';

export type LiveEvent =
  | { readonly type: 'begin'; readonly label: string }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'end'; readonly outcome: RunOutcome };

export type RunOutcome =
  | { readonly state: 'done' }
  | { readonly state: 'cancelled' }
  /** `reason` is a sentence. */
  | { readonly state: 'failed'; readonly reason: string };

/** What the run in progress reports, for the status bar and the metrics view. At most one run is in progress. */
export class LiveRun implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<LiveEvent>();
  readonly onDidReport = this.emitter.event;
  private active = false;

  get isActive(): boolean {
    return this.active;
  }

  begin(label: string): void {
    this.active = true;
    this.emitter.fire({ type: 'begin', label });
  }

  report(progress: Progress): void {
    this.emitter.fire({ type: 'progress', progress });
  }

  end(outcome: RunOutcome): void {
    this.active = false;
    this.emitter.fire({ type: 'end', outcome });
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
