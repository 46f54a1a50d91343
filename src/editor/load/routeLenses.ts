import path from 'node:path';
import * as vscode from 'vscode';
import { MENTIONS_FRAMEWORK, type FoundRoute } from '../../engine/authoring/routes/foundRoutes';
import type { RunSummary } from '../../engine/model/run';
import type * as Tools from '../../engine/routeTools';
import type { CurrentRun } from '../currentRun';
import type { RunLibrary, StoredRun } from '../runLibrary';
import { p99Text } from '../storedRuns';
import { relativeTime } from '../trees/relativeTime';
import { LazyBundle } from '../lazyBundle';
import { isOnDisk } from './loadFiles';
import { NearFiles, slashed } from './nearFiles';
import type { DeclaredRoute, RouteAnswers } from './routeRequest';

const SELECTOR: vscode.DocumentSelector = ['javascript', 'typescript'].flatMap((language) => [
  { language, scheme: 'file' },
  { language, scheme: 'vscode-remote' },
]);
/** Nobody writes more by hand, and lenses are made while somebody types. */
const MOST_CHARACTERS = 200_000;
const SETTING = 'throughline.routeLens.enabled';

export interface RouteLensServices {
  /** Folder of the bundles. */
  readonly dist: string;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly answers: RouteAnswers;
}

/** Above each route handler: load it alone, and what came of that last. */
export class RouteLenses implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly tools: LazyBundle<typeof Tools>;
  private readonly near: NearFiles;
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly services: RouteLensServices) {
    this.tools = new LazyBundle(services.dist, 'routeTools.cjs');
    this.near = new NearFiles((source) => this.tools.use(({ discoverRoutes }) => discoverRoutes(source)));
    this.disposables = [
      this.changed,
      services.library.onDidChange(() => this.changed.fire()),
      services.current.onDidChange(() => this.changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING)) this.changed.fire();
      }),
      vscode.languages.registerCodeLensProvider(SELECTOR, this),
    ];
  }

  async provideCodeLenses(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeLens[]> {
    const { uri } = document;
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    if (!folder || !isOnDisk(uri) || uri.path.includes('/node_modules/')) return [];
    if (vscode.workspace.getConfiguration(undefined, uri).get<unknown>(SETTING) === false) return [];
    const source = document.getText();
    if (source.length > MOST_CHARACTERS || !MENTIONS_FRAMEWORK.test(source)) return [];
    const found = await this.tools.use(({ discoverRoutes }) => discoverRoutes(source));
    if (found.routes.length === 0 || token.isCancellationRequested) return [];
    const file = uri.fsPath;
    const asks = found.routes.some(({ within, framework }) => within ?? framework === 'nest');
    const above = asks ? await this.near.around(file, folder.uri.fsPath) : [];
    const around = [...above, { file: slashed(file), found }];
    const declared = await this.tools.use((tools) =>
      found.routes.map((route) =>
        this.declaredRoute(route, tools.wholePath(route, slashed(file), around), tools),
      ),
    );
    const last = await this.lastRuns(folder);
    if (token.isCancellationRequested) return [];
    return found.routes.flatMap(({ line }, index) => this.lensesOf(declared[index]!, line - 1, last));
  }

  /** Figures or what is remembered of a route have changed. */
  refresh(): void {
    this.changed.fire();
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private declaredRoute(route: FoundRoute, whole: string | undefined, tools: typeof Tools): DeclaredRoute {
    const declared = whole ?? route.path;
    const routes = this.services.current.value?.run.load.routes ?? [];
    const paths = routes.filter(({ method }) => method === route.method).map((each) => each.path);
    const seen = whole === undefined ? undefined : tools.seenPath(declared, paths);
    return {
      label: `${route.method} ${whole ?? `…${route.path}`}`,
      method: route.method,
      path: declared,
      isWhole: whole !== undefined,
      hasParameters: tools.hasParameters(declared),
      proposed: tools.proposedPath(declared),
      ...(seen !== undefined && { seen }),
    };
  }

  private lensesOf(
    route: DeclaredRoute,
    line: number,
    last: ReadonlyMap<string, StoredRun>,
  ): vscode.CodeLens[] {
    const range = new vscode.Range(line, 0, line, 0);
    const lens = (title: string, command: string, ...parameters: unknown[]) =>
      new vscode.CodeLens(range, { title, command, arguments: parameters });
    const before = last.get(route.label);
    return [
      lens(vscode.l10n.t('$(play) Load Test {0}', route.label), 'throughline.runRoute', route),
      ...(before ? [lens(figures(before.summary), 'throughline.openRun', before)] : []),
      ...(this.services.answers.remembered(route.label)
        ? [lens(vscode.l10n.t('Change Request…'), 'throughline.runRoute', route, { anew: true })]
        : []),
    ];
  }

  /** The newest run of each route of a folder's apps, by its label. */
  private async lastRuns(folder: vscode.WorkspaceFolder): Promise<ReadonlyMap<string, StoredRun>> {
    const newest = new Map<string, StoredRun>();
    for (const stored of await this.services.library.list()) {
      const { loadTest } = stored.summary;
      if (!loadTest || loadTest.file !== undefined || loadTest.kind !== 'load') continue;
      const relative = path.relative(folder.uri.fsPath, stored.storeFolder);
      if (relative.startsWith('..') || path.isAbsolute(relative) || newest.has(loadTest.name)) continue;
      newest.set(loadTest.name, stored);
    }
    return newest;
  }
}

/** `512 req/s · p99 14 ms (2 minutes ago)`. */
function figures(summary: RunSummary): string {
  const time = relativeTime(Date.parse(summary.createdAt), Date.now(), vscode.env.language);
  const rate = vscode.l10n.t('{0} req/s', summary.throughput.toFixed(0));
  return `${rate} · p99 ${p99Text(summary)} (${time})`;
}

/** What a lens passes on; looked at before use, as anybody may run a command. */
export function asDeclaredRoute(argument: unknown): DeclaredRoute | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const {
    label,
    method,
    path: at,
    proposed,
    seen,
    isWhole,
    hasParameters,
  } = argument as Partial<DeclaredRoute>;
  const isText = [label, method, at, proposed].every((each) => typeof each === 'string');
  const isFlag = typeof isWhole === 'boolean' && typeof hasParameters === 'boolean';
  if (!isText || !isFlag || (seen !== undefined && typeof seen !== 'string')) return undefined;
  return argument as DeclaredRoute;
}
