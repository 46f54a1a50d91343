import path from 'node:path';
import * as vscode from 'vscode';
import type { MeasurePlan } from '../engine/measure';
import { ThroughlineError } from '../engine/model/errors';
import { appLines, type LineCost } from '../engine/model/profile';
import type { Run } from '../engine/model/run';
import { formatPercentile, percentile } from '../engine/model/percentiles';
import type { CaptureOptions } from '../engine/model/target';
import { costBasis, costFigures, formatShare } from '../engine/model/units';
import type { OpenOptions, Place } from './annotations/openPlace';
import { askUrl } from './askUrl';
import type { Attention } from './attention';
import { chooseTarget } from './chooseTarget';
import type { CurrentRun } from './currentRun';
import { inform } from './messages';
import type { RunShell } from './runShell';
import { readPlanSettings } from './settings';
import type { EngineTools } from './tools';
import { workspaceFolders } from './workspaceFolders';

export interface MeasureServices {
  readonly shell: RunShell;
  readonly state: vscode.Memento;
  readonly tools: EngineTools;
  readonly current: CurrentRun;
  readonly log: vscode.LogOutputChannel;
  /** Opens a measured place where it is now. */
  readonly openPlace: (place: Place, options?: OpenOptions) => Promise<unknown>;
}

/** What the command gives to whoever called it. */
export interface MeasuredRun {
  readonly id: string;
  /** From the end of the load to the hottest line shown with its cost, in milliseconds. */
  readonly annotatedMs: number;
}

/** Runs the conductor of the main path behind the palette's commands. */
export class MeasureCommand {
  constructor(private readonly services: MeasureServices) {}

  /** Starts the workspace's app and measures it; `capture` goes before the settings. Undefined when it failed or was cancelled. */
  async measureApp(capture: Partial<CaptureOptions> = {}): Promise<MeasuredRun | undefined> {
    return this.run(async () => {
      const { appFolder, spec, settings } = await chooseTarget(this.services, false);
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
    return this.run(async () => {
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

  private async run(
    prepare: () => Promise<{ plan: MeasurePlan; appFolder: string; label: string }>,
  ): Promise<MeasuredRun | undefined> {
    let annotatedMs = 0;
    const run = await this.services.shell.start(async () => {
      const { plan, appFolder, label } = await prepare();
      return {
        appFolder,
        label,
        execute: (control) => this.services.tools.use(({ measure }) => measure(plan, control)),
        onSaved: async (saved, attention) => {
          annotatedMs = await this.showHottest(saved, attention);
          this.services.log.info(`lines annotated ${annotatedMs.toFixed(0)} ms after the load ended`);
        },
        announce: (saved) => this.announce(saved, hottestLine(saved)),
      };
    });
    return run && { id: run.id, annotatedMs };
  }

  /** Resolves with the milliseconds since the load's end. */
  private async showHottest(run: Run, attention: Attention): Promise<number> {
    const hottest = hottestLine(run);
    // Whoever reads or writes something else by now is not taken from it: the notification offers the line.
    if (hottest && !attention.hasMoved) await this.showLine(hottest, { preserveFocus: true });
    return (Number(process.hrtime.bigint() / 1000n) - run.load.endMicros) / 1000;
  }

  /** A file that was deleted meanwhile takes nothing from the run. */
  private async showLine({ file, line }: LineCost, options?: OpenOptions): Promise<void> {
    await this.services
      .openPlace({ file, line }, options)
      .then(undefined, (error: unknown) => this.services.log.warn(String(error)));
  }

  private async announce(run: Run, hottest: LineCost | undefined): Promise<void> {
    const { throughput, latency } = run.load;
    const p99 = formatPercentile(percentile(latency, 0.99));
    const load = `${throughput.mean.toFixed(0)} req/s, p99 ${p99}`;
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
