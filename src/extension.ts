import path from 'node:path';
import * as vscode from 'vscode';
import { chooseTarget } from './editor/chooseTarget';
import { CurrentRun } from './editor/currentRun';
import { showFailure } from './editor/failure';
import { LiveRun } from './editor/liveRun';
import { MeasureCommand } from './editor/measureCommand';
import { RunCommands } from './editor/runCommands';
import { RunLibrary } from './editor/runLibrary';
import { StatusBar } from './editor/statusBar';

let measureCommand: MeasureCommand | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const dist = path.join(context.extensionPath, 'dist');
  const log = vscode.window.createOutputChannel('Throughline', { log: true });
  const appOutput = vscode.window.createOutputChannel('Throughline: App');
  const current = new CurrentRun();
  const live = new LiveRun();
  const library = new RunLibrary();
  const state = context.workspaceState;
  const measure = new MeasureCommand({ dist, state, library, current, live, log, appOutput });
  const runs = new RunCommands(library, current, state, log);
  measureCommand = measure;

  const command = (id: string, handler: (...args: unknown[]) => unknown) =>
    vscode.commands.registerCommand(id, handler);
  context.subscriptions.push(
    log,
    appOutput,
    current,
    live,
    library,
    measure,
    runs,
    new StatusBar(live),
    current.onDidChange((open) => {
      void vscode.commands.executeCommand('setContext', 'throughline.hasRun', open !== undefined);
      void vscode.commands.executeCommand('setContext', 'throughline.hasProfile', open?.run.profile.state === 'ok');
    }),
    command('throughline.measure', () => measure.measureApp()),
    command('throughline.measureUrl', () => measure.measureUrl()),
    command('throughline.stop', () => measure.stop()),
    command('throughline.chooseTarget', () => chooseTarget(state, true).catch((error) => showFailure(error, log))),
    command('throughline.showOutput', () => log.show(true)),
  );
  void runs.restore();
}

/** VS Code waits for it, some seconds at most; the supervisor ends the app in any case. */
export async function deactivate(): Promise<void> {
  await measureCommand?.shutdown();
}
