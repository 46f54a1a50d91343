import path from 'node:path';
import * as vscode from 'vscode';
import { measure, type MeasurePlan } from '../engine/measure';
import { CancelledError, ThroughlineError, errorMessage } from '../engine/model/errors';
import { appLines, type LineCost } from '../engine/model/profile';
import type { Run } from '../engine/model/run';
import type { CaptureOptions, Progress } from '../engine/model/target';
import { costBasis, costFigures, formatMicros, formatShare } from '../engine/model/units';
import type { OpenOptions, Place } from './annotations/openPlace';
import { askUrl } from './askUrl';
import { Attention } from './attention';
import { chooseTarget } from './chooseTarget';
import { setContext } from './contextKeys';
import type { CurrentRun } from './currentRun';
import { showFailure } from './failure';
import type { LiveRun, RunOutcome } from './liveRun';
import { inform, warn } from './messages';
import { plain } from './plainText';
import type { RunLibrary } from './runLibrary';
import { readPlanSettings, readRunsToKeep } from './settings';
import { workspaceFolders } from './workspaceFolders';

export interface MeasureServices {
  readonly dist: string;
  readonly state: vscode.Memento;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly live: LiveRun;
  readonly log: vscode.LogOutputChannel;
  /** The app's own output. */
  readonly appOutput: vscode.OutputChannel;
  /** Opens a measured place where it is now. */
  readonly openPlace: (place: Place, options?: OpenOptions) => Promise<unknown>;
}

/** What the command gives to whoever called it. */
export interface MeasuredRun {
  readonly id: string;
  /** From the end of the load to the hottest line shown with its cost, in milliseconds. */
  readonly annotatedMs: number;
}

/** Runs the conductor behind the palette's commands. At most one run at a time. */
export class MeasureCommand implements vscode.Disposable {
  private cancel: AbortController | undefined;
  private finished: Promise<unknown> = Promise.resolve();

  constructor(private readonly services: MeasureServices) {}

  /** Starts the workspace's app and measures it; `capture` goes before the settings. Undefined when it failed or was cancelled. */
  async measureApp(capture: Partial<CaptureOptions> = {}): Promise<MeasuredRun | undefined> {
    return this.guarded(async () => {
      const { appFolder, spec, settings } = await chooseTarget(this.services.state, false);
      return {
        appFolder,
        label: spec.label,
        plan: {
          appFolder,
          workspaceFolders: workspaceFolders(),
          target: { kind: 'launch', spec, readyTimeoutMs: settings.readyTimeoutMs },
          scenario: settings.scenario,
          capture: { ...settings.capture, ...capture },
        },
      };
    });
  }

  /** Loads an app that runs already: results without a profile. */
  async measureUrl(): Promise<MeasuredRun | undefined> {
    return this.guarded(async () => {
      const folder = vscode.workspace.workspaceFolders?.[0];
      if (!folder)
        throw new ThroughlineError('NO_TARGET', vscode.l10n.t('No folder is open to keep the run in.'));
      const url = await askUrl(this.services.state);
      const settings = readPlanSettings(folder.uri);
      return {
        appFolder: folder.uri.fsPath,
        label: url,
        plan: {
          appFolder: folder.uri.fsPath,
          target: { kind: 'url', url },
          // Routes of the setting belong to the workspace's app; an address names its own.
          scenario: { ...settings.scenario, routes: [] },
          capture: settings.capture,
        },
      };
    });
  }

  stop(): void {
    this.cancel?.abort();
  }

  /** Ends a run in progress and waits until nothing of it is left running. */
  async shutdown(): Promise<void> {
    this.stop();
    await this.finished;
  }

  dispose(): void {
    this.stop();
  }

  private async guarded(
    prepare: () => Promise<{ plan: MeasurePlan; appFolder: string; label: string }>,
  ): Promise<MeasuredRun | undefined> {
    const { log } = this.services;
    if (!vscode.workspace.isTrusted) {
      const manage = vscode.l10n.t('Manage Trust');
      const choice = await warn(
        vscode.l10n.t('Throughline starts no app in an untrusted workspace. Trust it first, then run again.'),
        manage,
      );
      if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
      return undefined;
    }
    if (this.cancel) {
      const stop = vscode.l10n.t('Stop It');
      const choice = await warn(vscode.l10n.t('Throughline: a run is in progress.'), stop);
      if (choice === stop) this.stop();
      return undefined;
    }
    this.cancel = new AbortController();
    const work = prepare().then(({ plan, appFolder, label }) => this.run(plan, appFolder, label));
    this.finished = work.catch(() => undefined);
    try {
      return await work;
    } catch (error) {
      void showFailure(error, log);
      return undefined;
    } finally {
      this.cancel = undefined;
    }
  }

  private async run(plan: MeasurePlan, appFolder: string, label: string): Promise<MeasuredRun> {
    const { dist, library, current, live, log, appOutput } = this.services;
    const cancel = this.cancel ?? new AbortController();
    const store = library.store(appFolder);
    const attention = new Attention();
    live.begin(label);
    setContext('running', true);
    log.info(`measuring ${label} in ${appFolder}`);
    appOutput.clear();
    let outcome: RunOutcome = { state: 'done' };
    let shown: Promise<number> | undefined;
    try {
      const run = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: 'Throughline', cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => cancel.abort());
          return measure(plan, {
            dist,
            store,
            signal: cancel.signal,
            onProgress: (event) => {
              live.report(event);
              this.report(event, progress);
            },
            // The lines are there while the app is still ending.
            onRun: (saved) => {
              current.set({ run: saved, storeFolder: appFolder, runFolder: store.runFolder(saved.id) });
              shown = this.showHottest(saved, attention);
            },
          });
        },
      );
      const annotatedMs = (await shown) ?? 0;
      log.info(`lines annotated ${annotatedMs.toFixed(0)} ms after the load ended`);
      await this.prune(appFolder);
      library.changed();
      this.announce(run, hottestLine(run)).catch((error: unknown) => showFailure(error, log));
      return { id: run.id, annotatedMs };
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

  /** The run is saved by now: old ones that cannot be deleted take nothing from it. */
  private async prune(appFolder: string): Promise<void> {
    const { library, log } = this.services;
    try {
      await library.store(appFolder).prune(readRunsToKeep(vscode.Uri.file(appFolder)));
    } catch (error) {
      log.warn(`old runs were not deleted: ${errorMessage(error)}`);
    }
  }

  /** A file that was deleted meanwhile takes nothing from the run either. */
  /** Resolves with the milliseconds since the load's end. */
  private async showHottest(run: Run, attention: Attention): Promise<number> {
    const hottest = hottestLine(run);
    // Whoever reads or writes something else by now is not taken from it: the notification offers the line.
    if (hottest && !attention.hasMoved) await this.showLine(hottest, { preserveFocus: true });
    return (Number(process.hrtime.bigint() / 1000n) - run.load.endMicros) / 1000;
  }

  private async showLine({ file, line }: LineCost, options?: OpenOptions): Promise<void> {
    await this.services
      .openPlace({ file, line }, options)
      .then(undefined, (error: unknown) => this.services.log.warn(String(error)));
  }

  private report(event: Progress, progress: vscode.Progress<{ message?: string }>): void {
    const { log, appOutput } = this.services;
    if (event.type === 'stage') {
      log.info(event.message);
      progress.report({ message: plain(event.message) });
    } else if (event.type === 'output') {
      appOutput.append(event.text);
    } else if (event.type === 'warning') {
      log.warn(event.message);
    } else if (event.type === 'load') {
      const { phase, elapsedSeconds, requestsPerSecond, p99Micros } = event.load;
      const name = phase === 'warmup' ? vscode.l10n.t('Warming up') : vscode.l10n.t('Measuring');
      progress.report({
        message: `${name} ${elapsedSeconds.toFixed(0)} s · ${requestsPerSecond.toFixed(0)} req/s · p99 ${formatMicros(p99Micros)}`,
      });
    }
  }

  private async announce(run: Run, hottest: LineCost | undefined): Promise<void> {
    const load = `${run.load.throughput.mean.toFixed(0)} req/s, p99 ${formatMicros(run.load.latency.p99Micros)}`;
    if (run.profile.state !== 'ok') {
      await inform(`Throughline: ${load}. ${run.profile.reason}`);
      return;
    }
    const openFlamegraph = vscode.l10n.t('Open Flamegraph');
    const showHottest = vscode.l10n.t('Show Hottest Line');
    const where = hottest
      ? ` ${vscode.l10n.t('Hottest line: {0}', `${path.basename(hottest.file)}:${hottest.line}`)} (${formatShare(costFigures(hottest, costBasis(run)).selfShare)}).`
      : '';
    const choice = await inform(
      `Throughline: ${load}.${where}`,
      openFlamegraph,
      ...(hottest ? [showHottest] : []),
    );
    if (choice === openFlamegraph) await vscode.commands.executeCommand('throughline.openFlamegraph');
    if (choice === showHottest && hottest) {
      // Another run may be shown by now, which knows nothing of edits since this one.
      const untracked = this.services.current.value?.run.id !== run.id;
      await this.services.openPlace({ file: hottest.file, line: hottest.line }, { untracked });
    }
  }
}

/** The app's own line with the most self time. */
function hottestLine(run: Run): LineCost | undefined {
  return run.profile.state === 'ok' ? appLines(run.profile.profile)[0] : undefined;
}
