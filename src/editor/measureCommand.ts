import path from 'node:path';
import * as vscode from 'vscode';
import { measure, type MeasurePlan } from '../engine/measure';
import { CancelledError, ThroughlineError } from '../engine/model/errors';
import type { LineCost } from '../engine/model/profile';
import type { Run } from '../engine/model/run';
import type { Progress } from '../engine/model/target';
import { costBasis, costFigures, formatMicros, formatShare } from '../engine/model/units';
import { chooseTarget, readPlanSettings } from './chooseTarget';
import type { CurrentRun } from './currentRun';
import { showFailure } from './failure';
import type { LiveRun } from './liveRun';
import type { RunLibrary } from './runLibrary';
import { readRunsToKeep } from './settings';

export interface MeasureServices {
  readonly dist: string;
  readonly state: vscode.Memento;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly live: LiveRun;
  readonly log: vscode.LogOutputChannel;
  /** The app's own output. */
  readonly appOutput: vscode.OutputChannel;
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

  /** Starts the workspace's app and measures it. Undefined when it failed or was cancelled. */
  async measureApp(): Promise<MeasuredRun | undefined> {
    return this.guarded(async () => {
      const { appFolder, spec, settings } = await chooseTarget(this.services.state, false);
      return {
        appFolder,
        label: spec.label,
        plan: {
          appFolder,
          target: { kind: 'launch', spec, readyTimeoutMs: settings.readyTimeoutMs },
          scenario: settings.scenario,
          capture: settings.capture,
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
      const url = await vscode.window.showInputBox({
        title: vscode.l10n.t('Load Test a Running App'),
        prompt: vscode.l10n.t(
          'Address on this machine. It is loaded but not profiled: only an app that Throughline starts can be.',
        ),
        value: 'http://127.0.0.1:3000/',
        ignoreFocusOut: true,
        validateInput: (text) =>
          URL.canParse(text) && /^https?:/.test(text)
            ? undefined
            : vscode.l10n.t('An http or https address is needed.'),
      });
      if (url === undefined) throw new CancelledError();
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
      void vscode.window.showWarningMessage(
        vscode.l10n.t('Throughline starts no app in an untrusted workspace. Trust it first, then run again.'),
      );
      return undefined;
    }
    if (this.cancel) {
      const stop = vscode.l10n.t('Stop It');
      const choice = await vscode.window.showWarningMessage(
        vscode.l10n.t('Throughline: a run is in progress.'),
        stop,
      );
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
    live.begin(label);
    void vscode.commands.executeCommand('setContext', 'throughline.running', true);
    log.info(`measuring ${label} in ${appFolder}`);
    appOutput.clear();
    let outcome: 'done' | 'failed' | 'cancelled' = 'failed';
    let loadEnded = performance.now();
    try {
      const run = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: 'Throughline', cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => cancel.abort());
          return measure(plan, {
            dist,
            store: library.store(appFolder),
            signal: cancel.signal,
            onProgress: (event) => {
              if (event.type === 'stage' && event.stage === 'analyse') loadEnded = performance.now();
              live.report(event);
              this.report(event, progress);
            },
          });
        },
      );
      outcome = 'done';
      current.set({ run, storeFolder: appFolder, runFolder: library.store(appFolder).runFolder(run.id) });
      const hottest = hottestLine(run);
      // A file that was deleted meanwhile takes nothing from the run.
      if (hottest)
        await showLine(hottest.file, hottest.line).catch((error: unknown) => log.warn(String(error)));
      const annotatedMs = performance.now() - loadEnded;
      log.info(`lines annotated ${annotatedMs.toFixed(0)} ms after the load ended`);
      await library.store(appFolder).prune(readRunsToKeep(vscode.Uri.file(appFolder)));
      library.changed();
      void announce(run, hottest);
      return { id: run.id, annotatedMs };
    } catch (error) {
      if (error instanceof CancelledError) outcome = 'cancelled';
      throw error;
    } finally {
      live.end(outcome);
      void vscode.commands.executeCommand('setContext', 'throughline.running', false);
    }
  }

  private report(event: Progress, progress: vscode.Progress<{ message?: string }>): void {
    const { log, appOutput } = this.services;
    if (event.type === 'stage') {
      log.info(event.message);
      progress.report({ message: event.message });
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
}

async function announce(run: Run, hottest: LineCost | undefined): Promise<void> {
  const load = `${run.load.throughput.mean.toFixed(0)} req/s, p99 ${formatMicros(run.load.latency.p99Micros)}`;
  if (run.profile.state !== 'ok') {
    void vscode.window.showInformationMessage(`Throughline: ${load}. ${run.profile.reason}`);
    return;
  }
  const openFlamegraph = vscode.l10n.t('Open Flamegraph');
  const showHottest = vscode.l10n.t('Show Hottest Line');
  const where = hottest
    ? ` ${vscode.l10n.t('Hottest line: {0}', `${path.basename(hottest.file)}:${hottest.line}`)} (${formatShare(costFigures(hottest, costBasis(run)).selfShare)}).`
    : '';
  const choice = await vscode.window.showInformationMessage(
    `Throughline: ${load}.${where}`,
    openFlamegraph,
    ...(hottest ? [showHottest] : []),
  );
  if (choice === openFlamegraph) await vscode.commands.executeCommand('throughline.openFlamegraph');
  if (choice === showHottest && hottest) await showLine(hottest.file, hottest.line);
}

/** The app's own line with the most self time. */
function hottestLine(run: Run): LineCost | undefined {
  if (run.profile.state !== 'ok') return undefined;
  const { lines, frames } = run.profile.profile;
  return lines.find(({ frame }) => frames[frame]?.kind === 'app');
}

async function showLine(file: string, line: number): Promise<void> {
  const at = new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: at, preview: true });
}
