import * as vscode from 'vscode';
import { setContext } from '../contextKeys';
import type { CurrentRun, OpenRun } from '../currentRun';
import { showFailure } from '../failure';
import { LoadPanels } from '../panels/loadPanels';
import type { RunLibrary } from '../runLibrary';
import type { RunShell } from '../runShell';
import type { EngineTools } from '../tools';
import { ConfirmedHosts } from './confirmedHosts';
import { LoadDiagnostics } from './diagnostics';
import { LoadLenses } from './lenses';
import { exportLoadTest } from './exportLoadTest';
import { exportReport } from './exportReport';
import { fileOfResult, whichFolder } from './loadFiles';
import { manageHosts } from './manageHosts';
import { NewLoadTests } from './newLoadTest';
import { asDeclaredRoute, RouteLenses } from './routeLenses';
import { RouteAnswers } from './routeRequest';
import { LoadRuns } from './runLoadTests';
import { Secrets } from './secrets';

export interface LoadTestServices {
  readonly extensionUri: vscode.Uri;
  /** Folder of the bundles. */
  readonly dist: string;
  readonly tools: EngineTools;
  readonly state: vscode.Memento;
  readonly secretStorage: vscode.SecretStorage;
  readonly shell: RunShell;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly log: vscode.LogOutputChannel;
}

/** Everything that the editor has for load tests: the files, running them, and their results. */
export class LoadTests implements vscode.Disposable {
  /** Part of the extension's wiring: others add what new tests are made from. */
  readonly newTests: NewLoadTests;
  private readonly panels: LoadPanels;
  private readonly disposables: vscode.Disposable[];

  constructor(services: LoadTestServices) {
    const { extensionUri, dist, tools, state, secretStorage, shell, library, current, log } = services;
    const hosts = new ConfirmedHosts(state);
    const secrets = new Secrets(secretStorage);
    this.newTests = new NewLoadTests(current);
    this.panels = new LoadPanels({
      ...{ extensionUri, library, current, log },
      actions: {
        runAgain: async (open): Promise<void> => void (await runAgain(open, runs)),
        openFile,
        exportReport: async (open, format): Promise<void> => void (await exportReport(open, format, tools)),
        exportTest: async (open): Promise<void> => {
          await vscode.commands.executeCommand('throughline.exportLoadTest', fileOfResult(open));
        },
      },
    });
    const runs = new LoadRuns({ shell, state, current, hosts, secrets, panels: this.panels, tools });
    const answers = new RouteAnswers(state);
    const routeLenses = new RouteLenses({ dist, library, current, answers });
    const runRoute = async (argument: unknown, options: unknown) => {
      const route = asDeclaredRoute(argument);
      if (!route) return;
      const anew = (options as { anew?: unknown } | undefined)?.anew === true;
      await runs.runRoute(route.label, () => answers.requestOf(route, anew));
      routeLenses.refresh();
    };
    const command = (id: string, handler: (...args: unknown[]) => Promise<unknown>) =>
      vscode.commands.registerCommand(id, (...args: unknown[]) =>
        handler(...args).catch((error: unknown) => void showFailure(error, log)),
      );
    this.disposables = [
      this.panels,
      new LoadDiagnostics(tools, log),
      new LoadLenses(library),
      routeLenses,
      current.onDidChange((open) => setContext('hasLoadTest', open?.run.loadTest !== undefined)),
      command('throughline.runLoadTest', (file) => runs.run(file)),
      command('throughline.runLoadTestAs', (file, kind) => runs.runAs(file, kind)),
      command('throughline.runRoute', runRoute),
      command('throughline.findBreakingPoint', () => runs.findBreakingPoint()),
      command('throughline.newLoadTest', (folder) => this.newTests.create(folder)),
      command('throughline.exportLoadTest', (file, tool) => exportLoadTest(file, tool, tools, log)),
      command('throughline.exportLoadReport', (format) => exportReport(current.value, format, tools)),
      command('throughline.manageHosts', () => manageHosts(hosts)),
      command('throughline.setSecret', async () => secrets.askAndSet((await whichFolder()).uri)),
      command('throughline.deleteSecret', async () => secrets.askAndDelete((await whichFolder()).uri)),
      command('throughline.openLoadResult', async () => current.value && this.openResult(current.value)),
    ];
  }

  /** Shows the result of a load test; of another run nothing. */
  openResult(open: OpenRun): void {
    if (open.run.loadTest) this.panels.openResult(open);
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }
}

/** As the kind that it was run as, with the file as it is now. */
async function runAgain(open: OpenRun, runs: LoadRuns): Promise<unknown> {
  const file = fileOfResult(open);
  return file ? runs.runAs(file, open.run.loadTest?.kind) : runs.findBreakingPoint();
}

async function openFile(open: OpenRun): Promise<void> {
  const file = fileOfResult(open);
  if (file) await vscode.window.showTextDocument(file);
}
