import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, ThroughlineError } from '../engine/model/errors';
import { planSettings, type PlanSettings } from '../engine/model/settings';
import type { LaunchSpec, TargetCandidate } from '../engine/model/target';
import { findAppFolders, findTargets } from '../engine/target/find';

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
 * answer in the workspace's state; `ask` asks again. Throws `CancelledError` when a pick is dismissed.
 */
export async function chooseTarget(state: vscode.Memento, ask: boolean): Promise<ChosenTarget> {
  const appFolder = await chooseFolder(state, ask);
  const settings = readPlanSettings(vscode.Uri.file(appFolder));
  const candidates = await findTargets(appFolder, settings.target);
  const spec = await pickCandidate(candidates, appFolder, state, ask);
  return { appFolder, spec: withNodePath(spec, vscode.Uri.file(appFolder)), settings };
}

/** Settings for the app in a folder; values that cannot be used throw `BAD_USAGE` with a sentence for each. */
export function readPlanSettings(scope: vscode.Uri): PlanSettings {
  const configuration = vscode.workspace.getConfiguration('throughline', scope);
  const settings = planSettings((key) => configuration.get(key));
  if (settings.problems.length > 0) throw new ThroughlineError('BAD_USAGE', settings.problems.join(' '));
  return settings;
}

async function chooseFolder(state: vscode.Memento, ask: boolean): Promise<string> {
  const roots = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme !== 'untitled');
  if (roots.length === 0) throw new ThroughlineError('NO_TARGET', vscode.l10n.t('No folder is open.'));
  const found = await Promise.all(
    roots.map(async (root) => {
      const setting = readPlanSettings(root.uri).target;
      if (setting.folder !== undefined) return [path.resolve(root.uri.fsPath, setting.folder)];
      const apps = await findAppFolders(root.uri.fsPath);
      return apps.length > 0 ? apps : [root.uri.fsPath];
    }),
  );
  const folders = [...new Set(found.flat())];
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
      placeHolder: vscode.l10n.t('Remembered for this workspace'),
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
  // The user's own setting needs no question.
  if (candidates.length === 1 || (first.from === 'setting' && !ask)) return first;
  const remembered = candidates.find(({ id }) => id === state.get<string>(targetKey(folder)));
  if (remembered && !ask) return remembered;
  const picked = await vscode.window.showQuickPick(
    candidates.map((candidate) => ({ label: candidate.label, description: candidate.detail, candidate })),
    {
      title: vscode.l10n.t('How does the app start?'),
      placeHolder: vscode.l10n.t('Remembered for this folder; "Choose How to Start the App" asks again'),
      ignoreFocusOut: true,
    },
  );
  if (!picked) throw new CancelledError();
  await state.update(targetKey(folder), picked.candidate.id);
  return picked.candidate;
}

/** With `throughline.node.path` set, that Node comes first on the app's PATH, so `npm` runs it as well. */
function withNodePath(spec: LaunchSpec, scope: vscode.Uri): LaunchSpec {
  const node = vscode.workspace.getConfiguration('throughline', scope).get<string>('node.path');
  if (!node) return spec;
  const PATH = `${path.dirname(node)}${path.delimiter}${spec.env.PATH ?? process.env.PATH ?? ''}`;
  return { ...spec, env: { ...spec.env, PATH }, program: spec.program === 'node' ? node : spec.program };
}
