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
import { HandoffRuns } from './editor/handoff/handoffRuns';
import { documentSources } from './editor/load/documentSources';
import { LoadTests } from './editor/load/loadTests';
import { MeasureCommand } from './editor/measureCommand';
import type { OpenPlace } from './editor/panels/openFrame';
import { Profiles } from './editor/profiles/profiles';
import { MetricsView } from './editor/panels/metricsView';
import { RunCommands } from './editor/runCommands';
import { RunLibrary } from './editor/runLibrary';
import { RunShell } from './editor/runShell';
import { StatusBar } from './editor/statusBar';
import { registerBenchmarks } from './editor/testing/benchmarks';
import { EngineTools } from './editor/tools';
import { HintsTree } from './editor/trees/hintsTree';
import { HotSpotsTree } from './editor/trees/hotSpotsTree';
import { RunsTree } from './editor/trees/runsTree';
import { Analysis } from './engine/profile/analysis';

let shell: RunShell | undefined;

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
  const tools = new EngineTools(dist);
  const lastRun = new LastRun(library, current, state, log);
  const comparison = new ComparisonView(library, current, log);
  const costs = new ShownCosts(current);
  const annotations = new Annotations({
    costs,
    counterpart: () => comparison.counterpart(),
    onDidChangeRuns: library.onDidChange,
  });
  const openPlace: OpenPlace = (place, options) => annotations.openPlace(place, options);
  const running = new RunShell({ dist, library, current, live, log, appOutput });
  const loadTests = new LoadTests({
    ...{ extensionUri, dist, tools, state, library, current, log },
    secretStorage: context.secrets,
    shell: running,
  });
  loadTests.newTests.add(...documentSources(dist));
  const handoff = new HandoffRuns({
    ...{ tools, state, library, current, log },
    secretStorage: context.secrets,
    shell: running,
    openResult: (open) => loadTests.openResult(open),
  });
  const runs = new RunCommands(library, current, log, (open) => loadTests.openResult(open));
  const measure = new MeasureCommand({ shell: running, state, tools, current, log, openPlace });
  const counterpart = () => comparison.counterpart();
  const profiles = new Profiles({
    ...{ extensionUri, dist, state, tools, analysis, library, current, costs, openPlace, counterpart, log },
    capturesFolder: path.join((context.storageUri ?? context.globalStorageUri).fsPath, 'attached'),
  });
  shell = running;

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
      running,
      loadTests,
      handoff.register(),
      runs,
      lastRun,
      comparison,
      costs,
      annotations,
      profiles,
    ],
    new BaselineCommands(library, log),
    new StatusBar(live),
    new MetricsView(extensionUri, current, live, log),
    registerBenchmarks(context, { dist, tools, log }),
    new HotSpotsTree(costs, state, log),
    new HintsTree(current),
    new RunsTree(library, current, log),
    current.onDidChange((open) => setContext('hasRun', open !== undefined)),
    costs.onDidChange((source) => setContext('hasProfile', source !== undefined)),
    command('throughline.measure', () => measure.measureApp()),
    command('throughline.capture0x', () => measure.measureApp({ backend: '0x' })),
    command('throughline.measureUrl', () => measure.measureUrl()),
    command('throughline.stop', () => running.stop()),
    command('throughline.chooseTarget', () =>
      chooseTarget({ state, tools }, true).catch((error) => showFailure(error, log)),
    ),
    command('throughline.showOutput', () => appOutput.show(true)),
    command('throughline.openBenchmarkProfile', (...args) =>
      openBenchmarkProfile({ analysis, panel: profiles.flamegraph, log }, args),
    ),
  );
  void lastRun.restore();
}

/** VS Code waits for it, some seconds at most; the supervisor ends the app in any case. */
export async function deactivate(): Promise<void> {
  await shell?.shutdown();
}
