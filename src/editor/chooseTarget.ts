import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, ThroughlineError } from '../engine/model/errors';
import type { PlanSettings } from '../engine/model/settings';
import type { LaunchSpec, TargetCandidate } from '../engine/model/target';
import { inform } from './messages';
import { readPlanSettings, readUserNode } from './settings';
import type { EngineTools } from './tools';

export interface TargetServices {
  /** Of the workspace; remembers the answers. */
  readonly state: vscode.Memento;
  readonly tools: EngineTools;
}

export interface ChosenTarget {
  /** Absolute folder of the app. */
  readonly appFolder: string;
  readonly spec: LaunchSpec;
  readonly settings: PlanSettings;
}

const FOLDER_KEY = 'throughline.appFolder';
const targetKey = (folder: string) => `throughline.target:${folder}`;

/**
 * Which app of the workspace to run and how to start it. Asks where there are several and remembers the
 * answer in the workspace's state; `ask` asks again, also where there is but one. Throws `CancelledError`
 * when a pick is dismissed.
 */
export async function chooseTarget({ state, tools }: TargetServices, ask: boolean): Promise<ChosenTarget> {
  const appFolder = await chooseFolder({ state, tools }, ask);
  const settings = readPlanSettings(vscode.Uri.file(appFolder));
  const candidates = await tools.use(({ findTargets }) => findTargets(appFolder, settings.target));
  const picked = await pickCandidate(candidates, appFolder, state, ask);
  const node = await readUserNode(vscode.Uri.file(appFolder), tools);
  const spec = await tools.use(({ withNode }) => withNode(picked, node));
  return { appFolder, spec, settings };
}

async function chooseFolder({ state, tools }: TargetServices, ask: boolean): Promise<string> {
  const roots = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme !== 'untitled');
  if (roots.length === 0) throw new ThroughlineError('NO_TARGET', vscode.l10n.t('No folder is open.'));
  const apps = await Promise.all(
    roots.map(async ({ uri }) => {
      const { folder, command } = readPlanSettings(uri).target;
      if (folder !== undefined) return [path.resolve(uri.fsPath, folder)];
      const found = await tools.use(({ findAppFolders }) => findAppFolders(uri.fsPath));
      return found.length === 0 && command !== undefined ? [uri.fsPath] : found;
    }),
  );
  // Where none says how it starts, the folder's own failure does.
  const found = apps.flat();
  const folders = [...new Set(found.length > 0 ? found : roots.map(({ uri }) => uri.fsPath))];
  const [only] = folders;
  if (folders.length === 1 && only !== undefined) return only;
  const remembered = state.get<string>(FOLDER_KEY);
  if (!ask && remembered !== undefined && folders.includes(remembered)) return remembered;
  const picked = await vscode.window.showQuickPick(
    folders.map((folder) => ({
      label: path.basename(folder),
      description: vscode.workspace.asRelativePath(folder, roots.length > 1),
      folder,
    })),
    {
      title: vscode.l10n.t('Which app?'),
      placeHolder: rememberedText(),
      ignoreFocusOut: true,
    },
  );
  if (!picked) throw new CancelledError();
  await state.update(FOLDER_KEY, picked.folder);
  return picked.folder;
}

async function pickCandidate(
  candidates: readonly TargetCandidate[],
  folder: string,
  state: vscode.Memento,
  ask: boolean,
): Promise<TargetCandidate> {
  const [first] = candidates;
  if (!first) {
    throw new ThroughlineError(
      'NO_TARGET',
      vscode.l10n.t('Nothing in {0} says how to start the app.', folder),
    );
  }
  if (!ask) {
    // The user's own setting needs no question.
    if (candidates.length === 1 || first.from === 'setting') return first;
    const remembered = candidates.find(({ id }) => id === state.get<string>(targetKey(folder)));
    if (remembered) return remembered;
  }
  const picked = await vscode.window.showQuickPick(
    candidates.map((candidate) => ({ label: candidate.label, description: candidate.detail, candidate })),
    {
      title: vscode.l10n.t('How does the app start?'),
      placeHolder: rememberedText(),
      ignoreFocusOut: true,
    },
  );
  if (!picked) throw new CancelledError();
  await state.update(targetKey(folder), picked.candidate.id);
  if (first.from === 'setting' && picked.candidate !== first) void tellSettingWins();
  return picked.candidate;
}

function rememberedText(): string {
  return vscode.l10n.t('Remembered; "Choose How the App Starts…" asks again');
}

async function tellSettingWins(): Promise<void> {
  const open = vscode.l10n.t('Open Settings');
  const choice = await inform(
    vscode.l10n.t(
      'Throughline: the setting "throughline.target.command" says how the app starts, and wins over this choice until it is emptied.',
    ),
    open,
  );
  if (choice === open)
    await vscode.commands.executeCommand('workbench.action.openSettings', 'throughline.target.command');
}
