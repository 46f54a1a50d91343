import * as vscode from 'vscode';
import type { LoadTestOptions, LoadTestPlan } from '../../engine/loadTestPlan';
import { CancelledError, errorMessage, nextStep, ThroughlineError } from '../../engine/model/errors';
import { executorSeconds, TEST_KINDS, type LoadTest, type TestKind } from '../../engine/model/loadTest';
import type { Run } from '../../engine/model/run';
import { valuesNeeded } from '../../engine/model/secrets';
import { encodeInPath } from '../../engine/model/template';
import { chooseTarget } from '../chooseTarget';
import type { CurrentRun } from '../currentRun';
import { inform, warn } from '../messages';
import type { LivePanel, LoadPanels } from '../panels/loadPanels';
import type { RunShell, ShellRun } from '../runShell';
import { readPlanSettings } from '../settings';
import type { EngineTools } from '../tools';
import { workspaceFolders } from '../workspaceFolders';
import { askObjective, askOverrides } from './askOverrides';
import { hostOf, type ConfirmedHosts } from './confirmedHosts';
import { kindText } from './kinds';
import { readLimits } from './limits';
import { folderOfLoadTest, shownFile, whichLoadTest } from './loadFiles';
import { loadSize } from './loadSize';
import { checkedTest, readLoadTest, textOf } from './readLoadTest';
import type { RouteRequest } from './routeRequest';
import type { Secrets } from './secrets';
import { environmentValues } from './templateValues';

export interface LoadRunServices {
  readonly shell: RunShell;
  readonly state: vscode.Memento;
  readonly current: CurrentRun;
  readonly hosts: ConfirmedHosts;
  readonly secrets: Secrets;
  readonly panels: LoadPanels;
  readonly tools: EngineTools;
}

/** A test that is read and checked, and where it is from. */
interface PreparedTest {
  readonly test: LoadTest;
  readonly folder: vscode.WorkspaceFolder;
  /** Of a test that has one. */
  readonly uri?: vscode.Uri;
}

/** Runs load tests behind the palette's commands and the lenses. Each resolves with the run; undefined where it failed or was cancelled. */
export class LoadRuns {
  constructor(private readonly services: LoadRunServices) {}

  /** `throughline.runLoadTest`: as the kind that the file says. */
  run(argument: unknown): Promise<Run | undefined> {
    return this.services.shell.start(async () => {
      const uri = await whichLoadTest(argument, vscode.l10n.t('Run Which Load Test?'));
      await save(uri);
      return this.prepared(await this.readTest(await textOf(uri), uri));
    });
  }

  /** `throughline.runLoadTestAs`: as another kind, asked for with what that kind needs. */
  runAs(argument: unknown, wanted?: unknown): Promise<Run | undefined> {
    return this.services.shell.start(async () => {
      const uri = await whichLoadTest(argument, vscode.l10n.t('Run Which Load Test?'));
      await save(uri);
      const text = await textOf(uri);
      // As it is first: a problem of the file comes before questions.
      const { test } = await this.readTest(text, uri);
      const kind = TEST_KINDS.find((each) => each === wanted) ?? (await askKind(test.kind));
      const { maxVUs } = readLimits(uri, []);
      const { tools } = this.services;
      const said = await tools.use(({ written }) => written(text));
      const overrides = await askOverrides(kind, { kind: test.kind, ...said }, maxVUs, this.services);
      const changed = await tools.use(({ overridden }) => overridden(text, overrides));
      return this.prepared(await this.readTest(changed, uri));
    });
  }

  /** `throughline.findBreakingPoint`: a stress test of the workspace's app without a file. */
  findBreakingPoint(): Promise<Run | undefined> {
    return this.services.shell.start(async () => {
      const { state } = this.services;
      const { appFolder, settings, spec } = await chooseTarget(this.services, false);
      const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(appFolder));
      if (!folder)
        throw new ThroughlineError('NO_TARGET', vscode.l10n.t('{0} is in no open folder.', appFolder));
      const objective = await askObjective('stress', {}, state);
      const { routes, headers = {}, apdexTargetMs, timeoutSeconds } = settings.scenario;
      const text = JSON.stringify({
        name: vscode.l10n.t('Breaking point of {0}', spec.label),
        kind: 'stress',
        requests: (routes.length > 0 ? routes : this.routesSeen(appFolder)).map(({ method, path: at }) => ({
          method,
          path: encodeInPath(at),
        })),
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, literal(value)])),
        objective,
        timeout: `${timeoutSeconds}s`,
        apdexTarget: `${apdexTargetMs}ms`,
      });
      const { test } = await readLoadTest(
        text,
        vscode.Uri.joinPath(folder.uri, 'breaking-point.load.json'),
        this.services.tools,
      );
      if (!test)
        throw new ThroughlineError(
          'BAD_SETTING',
          vscode.l10n.t('The routes of the settings cannot be sent load.'),
        );
      return this.prepared({ test, folder });
    });
  }

  /**
   * `throughline.runRoute`: one route of the workspace's app alone, for some seconds, without a file.
   *
   * @param name of the test: what the route's last figures are found by.
   * @param requestOf is asked once it is known that something may be run.
   */
  runRoute(name: string, requestOf: () => Promise<RouteRequest>): Promise<Run | undefined> {
    return this.services.shell.start(async () => {
      const { appFolder, settings } = await chooseTarget(this.services, false);
      const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(appFolder));
      if (!folder)
        throw new ThroughlineError('NO_TARGET', vscode.l10n.t('{0} is in no open folder.', appFolder));
      const { method, path: at, body } = await requestOf();
      const { headers = {}, connections, apdexTargetMs, timeoutSeconds } = settings.scenario;
      const text = JSON.stringify({
        name,
        requests: [
          {
            ...{ name, method, path: encodeInPath(at) },
            ...(body !== undefined && { json: JSON.parse(literal(body)) as unknown }),
          },
        ],
        headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, literal(value)])),
        scenario: {
          executor: 'constant-vus',
          vus: Math.min(connections, readLimits(folder.uri, []).maxVUs),
          duration: '8s',
        },
        warmup: '2s',
        timeout: `${timeoutSeconds}s`,
        apdexTarget: `${apdexTargetMs}ms`,
      });
      const uri = vscode.Uri.joinPath(folder.uri, 'route.load.json');
      return this.prepared({ test: await checkedTest(text, uri, this.services.tools), folder });
    });
  }

  private async readTest(
    text: string,
    uri: vscode.Uri,
  ): Promise<PreparedTest & { readonly uri: vscode.Uri }> {
    const folder = folderOfLoadTest(uri);
    return { test: await checkedTest(text, uri, this.services.tools), folder, uri };
  }

  /** Those of the run that is shown, where it is of this app; else the app's root. */
  private routesSeen(appFolder: string): readonly { readonly method: string; readonly path: string }[] {
    const open = this.services.current.value;
    const routes = open?.storeFolder === appFolder ? open.run.load.routes : [];
    return routes.length > 0 ? routes : [{ method: 'GET', path: '/' }];
  }

  /** Asks for everything that the run needs, so that nothing is asked while it runs. Sends nothing. */
  private async prepared({ test, folder, uri }: PreparedTest): Promise<ShellRun> {
    const { hosts, secrets, panels } = this.services;
    const names = valuesNeeded(test);
    const env = environmentValues(names.env, process.env);
    if (test.target !== undefined) {
      await hosts.confirm(test.target, loadSize(test, readLimits(folder.uri, []), vscode.l10n.t));
    }
    const values = { env, secrets: await secrets.valuesOf(names.secrets, folder.uri) };
    const limits = readLimits(folder.uri, hosts.names());
    const target = await this.targetOf(test, folder);
    const kind = kindText(test.kind).name;
    const host = test.target === undefined ? '' : ` → ${hostOf(test.target)}`;
    const file = uri && shownFile(uri);
    const plan: LoadTestPlan = { ...target, test, ...(file !== undefined && { file }) };
    return {
      appFolder: target.appFolder,
      label: `${test.name} (${kind})${host}`,
      keepsPartial: true,
      hasPanel: true,
      execute: (control) => {
        const live = panels.openLive({
          title: test.name,
          kind: test.kind,
          ...(file !== undefined && { file }),
          ...expectedSeconds(test),
          onStop: () => this.services.shell.stop(),
        });
        return this.execute(plan, { ...control, values, limits }, live);
      },
      // What the user sees needs no notification over it.
      announce: (run) => (panels.shows(run.id) ? Promise.resolve() : announce(run, uri)),
    };
  }

  private async execute(plan: LoadTestPlan, options: LoadTestOptions, live: LivePanel): Promise<Run> {
    try {
      return await this.services.tools.use(({ runLoadTest }) =>
        runLoadTest(plan, {
          ...options,
          onProgress: (event) => {
            options.onProgress(event);
            live.onProgress(event);
          },
          onRun: (saved) => {
            options.onRun?.(saved);
            const { store } = options;
            live.finish({ run: saved, storeFolder: store.folder, runFolder: store.runFolder(saved.id) });
          },
        }),
      );
    } catch (error) {
      const cancelled = error instanceof CancelledError;
      const next = error instanceof ThroughlineError ? nextStep(error.code) : undefined;
      live.fail(
        cancelled ? vscode.l10n.t('The test was stopped. Nothing was kept.') : errorMessage(error),
        next,
      );
      throw error;
    }
  }

  private async targetOf(
    test: LoadTest,
    folder: vscode.WorkspaceFolder,
  ): Promise<Omit<LoadTestPlan, 'test' | 'file'>> {
    if (test.target !== undefined) {
      return {
        appFolder: folder.uri.fsPath,
        target: { kind: 'url', url: test.target },
        capture: readPlanSettings(folder.uri).capture,
      };
    }
    const { appFolder, spec, settings } = await chooseTarget(this.services, false);
    return {
      appFolder,
      workspaceFolders: workspaceFolders(),
      target: { kind: 'launch', spec, readyTimeoutMs: settings.readyTimeoutMs },
      capture: settings.capture,
    };
  }
}

/** What is run is what is seen, and what the result names. */
async function save(uri: vscode.Uri): Promise<void> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open?.isDirty && !(await open.save())) throw new CancelledError();
}

async function askKind(present: TestKind): Promise<TestKind> {
  const picked = await vscode.window.showQuickPick(
    TEST_KINDS.map((kind) => {
      const { name, detail } = kindText(kind);
      return {
        label: name,
        description: kind === present ? vscode.l10n.t('as the file says') : '',
        detail,
        value: kind,
      };
    }),
    { title: vscode.l10n.t('Run as Which Kind of Test?') },
  );
  if (!picked) throw new CancelledError();
  return picked.value;
}

/** Searches end when they have decided. */
function expectedSeconds({ kind, executor, warmupSeconds }: LoadTest): { readonly expectedSeconds?: number } {
  if (kind === 'smoke' || kind === 'stress' || kind === 'capacity') return {};
  return { expectedSeconds: executorSeconds(executor) + warmupSeconds };
}

/** A header of the settings is no template. */
function literal(text: string): string {
  return text.replace(/\$+(?=\{)/g, (dollars) => dollars + dollars);
}

async function announce(run: Run, uri: vscode.Uri | undefined): Promise<void> {
  const { loadTest, profile } = run;
  if (!loadTest) return;
  const open = vscode.l10n.t('Open Result');
  const flamegraph = vscode.l10n.t('Open Flamegraph');
  const share = vscode.l10n.t('Export…');
  const tell = loadTest.verdict.state === 'pass' ? inform : warn;
  const choice = await tell(
    `Throughline: ${loadTest.verdict.sentence}`,
    open,
    ...(profile.state === 'ok' ? [flamegraph] : []),
    ...(uri ? [share] : []),
  );
  if (choice === open) await vscode.commands.executeCommand('throughline.openLoadResult');
  if (choice === flamegraph) await vscode.commands.executeCommand('throughline.openFlamegraph');
  if (choice === share) await vscode.commands.executeCommand('throughline.exportLoadTest', uri);
}
