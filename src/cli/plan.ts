import fs from 'node:fs/promises';
import path from 'node:path';
import type { MeasurePlan } from '../engine/measure';
import { ThroughlineError } from '../engine/model/errors';
import { limitSettings } from '../engine/model/limitSettings';
import type { LoadLimits } from '../engine/model/loadSession';
import { parseRoute } from '../engine/model/route';
import { planSettings, type PlanSettings } from '../engine/model/settings';
import { DEFAULT_CAPTURE, type TargetCandidate } from '../engine/model/target';
import { findAppFolders, findTargets } from '../engine/target/find';
import { resolveNode, withNode, type UserNode } from '../engine/target/nodePath';
import type { MeasureArguments } from './arguments/measure';
import { readSettingsFile } from './settingsFile';

export interface TerminalPlan {
  readonly plan: MeasurePlan;
  readonly runsToKeep: number;
  /** Of load tests; without hosts. */
  readonly limits: Omit<LoadLimits, 'allowedHosts'>;
  /** What was chosen for the user, in sentences. */
  readonly notes: readonly string[];
}

/** Arguments over the folder's own settings over the defaults. */
export async function planFromArguments(options: MeasureArguments): Promise<TerminalPlan> {
  const folder = await realFolder(options.folder);
  const settings = await settingsOf(folder);
  const routes = options.paths.map((text) => {
    const route = parseRoute(text);
    if (route) return route;
    throw new ThroughlineError(
      'BAD_USAGE',
      `--path takes a route such as /items or "POST /items", not "${text}".`,
    );
  });
  const { appFolder, target, notes } = options.url
    ? { appFolder: folder, target: { kind: 'url' as const, url: options.url }, notes: [] }
    : await chooseLaunch(folder, settings, options.target);
  return {
    plan: {
      appFolder,
      workspaceFolders: [await projectRoot(appFolder)],
      target,
      scenario: {
        ...settings.scenario,
        ...(options.duration !== undefined && { durationSeconds: options.duration }),
        ...(options.warmup !== undefined && { warmupSeconds: options.warmup }),
        ...(options.connections !== undefined && { connections: options.connections }),
        ...(options.timeout !== undefined && { timeoutSeconds: options.timeout }),
        ...(routes.length > 0 && { routes }),
      },
      capture: {
        ...DEFAULT_CAPTURE,
        ...settings.capture,
        ...(!options.profile && { cpu: false }),
        ...(!options.inlining && { inlining: 'off' as const }),
        ...(options.backend && { backend: options.backend }),
        ...(options.heap && { heap: true }),
      },
    },
    runsToKeep: settings.runsToKeep,
    limits: settings.limits,
    notes,
  };
}

/** V8 gives real paths, so files are told relative to the real folder. */
async function realFolder(folder: string): Promise<string> {
  const real = await fs.realpath(folder).catch(() => undefined);
  if (real === undefined || !(await fs.stat(real)).isDirectory()) {
    throw new ThroughlineError('BAD_USAGE', `There is no folder ${path.resolve(folder)}.`);
  }
  return real;
}

interface FolderSettings extends PlanSettings {
  readonly node: UserNode | undefined;
  readonly limits: Omit<LoadLimits, 'allowedHosts'>;
}

async function settingsOf(folder: string): Promise<FolderSettings> {
  const file = await readSettingsFile(path.join(folder, '.vscode', 'settings.json'));
  const settings = planSettings((key) => file[`throughline.${key}`]);
  const { limits, problems } = limitSettings((key) => file[`throughline.load.limits.${key}`]);
  const all = [...settings.problems, ...problems];
  if (all.length > 0) throw new ThroughlineError('BAD_SETTING', all.join(' '));
  return { ...settings, limits, node: await resolveNode(file['throughline.node.path'], folder) };
}

interface Launch {
  readonly appFolder: string;
  readonly target: MeasurePlan['target'];
  readonly notes: readonly string[];
}

async function chooseLaunch(
  folder: string,
  settings: FolderSettings,
  wanted: string | undefined,
): Promise<Launch> {
  const { folder: inside } = settings.target;
  const appFolder = inside === undefined ? folder : await realFolder(path.resolve(folder, inside));
  const candidates = await findTargets(appFolder, settings.target);
  if (candidates.length === 0) return chooseApp(folder, settings, wanted);
  const chosen = wanted === undefined ? candidates[0] : candidates.find(({ id }) => id === wanted);
  if (!chosen) {
    throw new ThroughlineError(
      'BAD_USAGE',
      `There is no target "${wanted}" in ${appFolder}; there are: ${candidates.map(describe).join(', ')}.`,
    );
  }
  const others = candidates.filter((candidate) => candidate !== chosen);
  return {
    appFolder,
    target: {
      kind: 'launch',
      spec: withNode(chosen, settings.node),
      readyTimeoutMs: settings.readyTimeoutMs,
    },
    notes:
      wanted === undefined && others.length > 0
        ? [`Starting ${describe(chosen)}; with --target also: ${others.map(describe).join(', ')}.`]
        : [],
  };
}

/** The root of a monorepo may hold one app; of several the user must name one. */
async function chooseApp(
  folder: string,
  settings: FolderSettings,
  wanted: string | undefined,
): Promise<Launch> {
  const apps = (await findAppFolders(folder)).filter((app) => app !== folder);
  const [only] = apps;
  if (apps.length === 1 && only !== undefined) {
    const launch = await chooseLaunch(only, { ...settings, target: { env: settings.target.env } }, wanted);
    return { ...launch, notes: [`The app is in ${path.relative(folder, only)}.`, ...launch.notes] };
  }
  const named = apps.map((app) => `  throughline measure ${path.join(folder, path.relative(folder, app))}`);
  throw new ThroughlineError(
    'NO_TARGET',
    apps.length > 1 ? `${folder} holds several apps.` : `Nothing in ${folder} says how to start the app.`,
    apps.length > 1 ? `Name one of them:\n${named.join('\n')}` : '',
  );
}

function describe({ id, label }: TargetCandidate): string {
  return `${id} (${label})`;
}

/** The repository or monorepo around an app, whose code is the user's own as well; else the app itself. */
async function projectRoot(appFolder: string): Promise<string> {
  for (let folder = appFolder; ; folder = path.dirname(folder)) {
    for (const mark of ['.git', 'pnpm-workspace.yaml']) {
      const found = await fs.stat(path.join(folder, mark)).catch(() => undefined);
      if (found) return folder;
    }
    if (path.dirname(folder) === folder) return appFolder;
  }
}
