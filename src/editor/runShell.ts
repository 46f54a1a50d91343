import * as vscode from 'vscode';
import type { MeasureOptions } from '../engine/measure';
import { CancelledError, errorMessage } from '../engine/model/errors';
import type { Run } from '../engine/model/run';
import type { Progress } from '../engine/model/target';
import { Attention } from './attention';
import { setContext } from './contextKeys';
import type { CurrentRun } from './currentRun';
import { showFailure } from './failure';
import type { LiveRun, RunOutcome } from './liveRun';
import { progressText } from './liveText';
import { warn } from './messages';
import { plain } from './plainText';
import type { RunLibrary } from './runLibrary';
import { readRunsToKeep } from './settings';

export interface ShellServices {
  readonly dist: string;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly live: LiveRun;
  readonly log: vscode.LogOutputChannel;
  /** The app's own output. */
  readonly appOutput: vscode.OutputChannel;
}

export interface ShellRun {
  /** Absolute; the run is kept in its store. */
  readonly appFolder: string;
  /** What the user reads while it runs. */
  readonly label: string;
  /** Calls the engine's verb. */
  readonly execute: (control: RunControl) => Promise<Run>;
  /** The first stop ends the load and keeps what was measured, the second throws it away; else the first one does. */
  readonly keepsPartial?: boolean;
  /** A panel shows the run while it lasts, with a way to stop it: a notification would only cover it. */
  readonly hasPanel?: boolean;
  /** The run is saved and shown; the app may still be ending. */
  readonly onSaved?: (run: Run, attention: Attention) => Promise<void>;
  /** Tells the user what was found; nothing waits for it. */
  readonly announce: (run: Run) => Promise<void>;
}

export interface RunControl extends MeasureOptions {
  /** Aborted by the first stop of a run that keeps what it has. */
  readonly stopEarly: AbortSignal;
}

/** What runs of every kind have around them: trust, one at a time, progress, stop, the store, and failures told. */
export class RunShell implements vscode.Disposable {
  private inProgress: Stops | undefined;
  private finished: Promise<unknown> = Promise.resolve();

  constructor(private readonly services: ShellServices) {}

  /** Prepares a run, which may ask the user, and executes it. Undefined where it failed or was cancelled. */
  async start(prepare: () => Promise<ShellRun>): Promise<Run | undefined> {
    if (!(await mayRun())) return undefined;
    if (this.inProgress) {
      const stop = vscode.l10n.t('Stop It');
      const choice = await warn(vscode.l10n.t('Throughline: a run is in progress.'), stop);
      if (choice === stop) this.stop();
      return undefined;
    }
    const stops = new Stops();
    this.inProgress = stops;
    const work = prepare().then((run) => this.execute(run, stops));
    this.finished = work.catch(() => undefined);
    try {
      return await work;
    } catch (error) {
      void showFailure(error, this.services.log);
      return undefined;
    } finally {
      this.inProgress = undefined;
    }
  }

  stop(): void {
    this.inProgress?.stop();
  }

  /** Ends a run in progress and waits until nothing of it is left running. */
  async shutdown(): Promise<void> {
    this.inProgress?.cancel.abort();
    await this.finished;
  }

  dispose(): void {
    this.inProgress?.cancel.abort();
  }

  private async execute(shellRun: ShellRun, stops: Stops): Promise<Run> {
    const { dist, library, current, live, log, appOutput } = this.services;
    const { appFolder, label } = shellRun;
    const store = library.store(appFolder);
    const attention = new Attention();
    live.begin(label);
    setContext('running', true);
    log.info(`running ${label} in ${appFolder}`);
    appOutput.clear();
    let outcome: RunOutcome = { state: 'done' };
    let shown: Promise<void> | undefined;
    try {
      stops.keepsPartial = shellRun.keepsPartial === true;
      const run = await this.withProgress(shellRun, stops, (progress) =>
        shellRun.execute({
          dist,
          store,
          signal: stops.cancel.signal,
          stopEarly: stops.early.signal,
          onProgress: this.reporter(progress),
          // The result is there while the app is still ending.
          onRun: (saved) => {
            current.set({ run: saved, storeFolder: appFolder, runFolder: store.runFolder(saved.id) });
            shown = shellRun.onSaved?.(saved, attention);
          },
        }),
      );
      await shown;
      await this.prune(appFolder);
      library.changed();
      shellRun.announce(run).catch((error: unknown) => showFailure(error, log));
      return run;
    } catch (error) {
      outcome =
        error instanceof CancelledError
          ? { state: 'cancelled' }
          : { state: 'failed', reason: errorMessage(error) };
      throw error;
    } finally {
      attention.dispose();
      live.end(outcome);
      setContext('running', false);
    }
  }

  private async withProgress(
    { hasPanel }: ShellRun,
    stops: Stops,
    execute: (progress: RunProgress) => Promise<Run>,
  ): Promise<Run> {
    if (hasPanel === true) return execute({ report: () => undefined });
    const location = vscode.ProgressLocation.Notification;
    return vscode.window.withProgress(
      { location, title: 'Throughline', cancellable: true },
      (progress, token) => {
        token.onCancellationRequested(() => stops.stop());
        return execute(progress);
      },
    );
  }

  /** The run is saved by now: old ones that cannot be deleted take nothing from it. */
  private async prune(appFolder: string): Promise<void> {
    const { library, log } = this.services;
    try {
      await library.store(appFolder).prune(readRunsToKeep(vscode.Uri.file(appFolder)));
    } catch (error) {
      log.warn(`old runs were not deleted: ${errorMessage(error)}`);
    }
  }

  private reporter(progress: RunProgress): (event: Progress) => void {
    const { live } = this.services;
    let stage = '';
    let hasWindows = false;
    return (event) => {
      if (event.type === 'loadWindow') hasWindows = true;
      // With windows, which know more, the reports of the load say nothing new.
      if (event.type === 'load' && hasWindows) return;
      if (event.type === 'stage') stage = event.message;
      live.report(event);
      this.log(event);
      const message = progressText(event, stage, vscode.l10n.t);
      if (message !== undefined) progress.report({ message: plain(message) });
    };
  }

  private log(event: Progress): void {
    const { log, appOutput } = this.services;
    if (event.type === 'stage') log.info(event.message);
    else if (event.type === 'output') appOutput.append(event.text);
    else if (event.type === 'warning') log.warn(event.message);
  }
}

type RunProgress = vscode.Progress<{ message?: string }>;

class Stops {
  readonly cancel = new AbortController();
  readonly early = new AbortController();
  keepsPartial = false;

  stop(): void {
    if (this.keepsPartial && !this.early.signal.aborted) this.early.abort();
    else this.cancel.abort();
  }
}

async function mayRun(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Trust');
  const choice = await warn(
    vscode.l10n.t(
      'Throughline starts no app and sends no load in an untrusted workspace. Trust it first, then run again.',
    ),
    manage,
  );
  if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}
