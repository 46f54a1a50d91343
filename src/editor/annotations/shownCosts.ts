import * as vscode from 'vscode';
import type { CurrentRun } from '../currentRun';
import { costsOfRun, type CostSource } from './costSource';

/** Whose costs the editor shows at the lines: of the current run, until a profile is opened, and the other way round. */
export class ShownCosts implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<CostSource | undefined>();
  readonly onDidChange = this.emitter.event;
  private source: CostSource | undefined;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly current: CurrentRun) {
    this.source = this.ofRun();
    this.subscription = current.onDidChange(() => this.set(this.ofRun()));
  }

  get value(): CostSource | undefined {
    return this.source;
  }

  /** Of a profile that was opened. */
  show(source: CostSource): void {
    this.set(source);
  }

  /** Closes the run as well. */
  clear(): void {
    if (this.current.value) this.current.set(undefined);
    else this.set(undefined);
  }

  dispose(): void {
    this.subscription.dispose();
    this.emitter.dispose();
  }

  private ofRun(): CostSource | undefined {
    const open = this.current.value;
    return open && costsOfRun(open.run, open.storeFolder);
  }

  private set(source: CostSource | undefined): void {
    this.source = source;
    this.emitter.fire(source);
  }
}
