import path from 'node:path';
import * as vscode from 'vscode';
import { Annotations } from './editor/annotations/annotations';
import { ShownCosts } from './editor/annotations/shownCosts';
import { openBenchmarkProfile } from './editor/benchmarkProfile';
import { BaselineCommands } from './editor/baselineCommands';
import { chooseTarget } from './editor/chooseTarget';
import { ComparisonView } from './editor/comparisonView';
import { resetContext, setContext } from './editor/contextKeys';
import { CurrentRun } from './editor/currentRun';
import { showFailure } from './editor/failure';
import { LastRun } from './editor/lastRun';
import { LiveRun } from './editor/liveRun';
import { MeasureCommand } from './editor/measureCommand';
import { FlamegraphPanel, type OpenPlace } from './editor/panels/flamegraph';
import { MetricsView } from './editor/panels/metricsView';
import { RunCommands } from './editor/runCommands';
import { RunLibrary } from './editor/runLibrary';
import { StatusBar } from './editor/statusBar';
import { registerBenchmarks } from './editor/testing/benchmarks';
import { HintsTree } from './editor/trees/hintsTree';
import { HotSpotsTree } from './editor/trees/hotSpotsTree';
import { RunsTree } from './editor/trees/runsTree';
import { Analysis } from './engine/profile/analysis';

let measureCommand: MeasureCommand | undefined;

/** Constructs and registers; nothing else. */
export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, workspaceState: state } = context;
  resetContext();
  const dist = path.join(context.extensionPath, 'dist');
  const log = vscode.window.createOutputChannel('Throughline', { log: true });
  const appOutput = vscode.window.createOutputChannel('Throughline: App');
  const current = new CurrentRun();
  const live = new LiveRun();
  const library = new RunLibrary();
  const analysis = new Analysis(dist);
  const runs = new RunCommands(library, current, log);
  const lastRun = new LastRun(library, current, state, log);
  const comparison = new ComparisonView(library, current, log);
  const costs = new ShownCosts(current);
  const annotations = new Annotations({
    costs,
    counterpart: () => comparison.counterpart(),
    onDidChangeRuns: library.onDidChange,
  });
  const openPlace: OpenPlace = (place, options) => annotations.openPlace(place, options);
  const measure = new MeasureCommand({ dist, state, library, current, live, log, appOutput, openPlace });
  const layout = (treeFile: string) => analysis.layout({ treeFile });
  const panel = new FlamegraphPanel(extensionUri, current, layout, openPlace, log);
  measureCommand = measure;

  const command = (id: string, handler: (...args: unknown[]) => unknown) =>
    vscode.commands.registerCommand(id, handler);
  context.subscriptions.push(
    ...[
      log,
      appOutput,
      current,
      live,
      library,
      analysis,
      measure,
      runs,
      lastRun,
      comparison,
      costs,
      annotations,
      panel,
    ],
    new BaselineCommands(library, log),
    new StatusBar(live),
    new MetricsView(extensionUri, current, live, log),
    registerBenchmarks(context, { dist, log }),
    new HotSpotsTree(costs, state),
    new HintsTree(current),
    new RunsTree(library, current),
    current.onDidChange((open) => setContext('hasRun', open !== undefined)),
    costs.onDidChange((source) => setContext('hasProfile', source !== undefined)),
    command('throughline.measure', () => measure.measureApp()),
    command('throughline.measureUrl', () => measure.measureUrl()),
    command('throughline.stop', () => measure.stop()),
    command('throughline.chooseTarget', () =>
      chooseTarget(state, true).catch((error) => showFailure(error, log)),
    ),
    command('throughline.showOutput', () => appOutput.show(true)),
    command('throughline.openFlamegraph', (options) => panel.show(flamegraphOptions(options))),
    command('throughline.openBenchmarkProfile', (...args) =>
      openBenchmarkProfile({ analysis, panel, log }, args),
    ),
  );
  void lastRun.restore();
}

/** VS Code waits for it, some seconds at most; the supervisor ends the app in any case. */
export async function deactivate(): Promise<void> {
  await measureCommand?.shutdown();
}

/** Lenses and hovers pass the frame to reveal; anyone may call the command, so look before use. */
function flamegraphOptions(argument: unknown): { revealFrame?: number } {
  const frame =
    typeof argument === 'number' ? argument : (argument as { frame?: unknown } | undefined)?.frame;
  return typeof frame === 'number' && Number.isInteger(frame) && frame >= 0 ? { revealFrame: frame } : {};
}
