import * as vscode from 'vscode';
import { ThroughlineError } from '../engine/model/errors';
import { planSettings, type PlanSettings } from '../engine/model/settings';
import { annotationSettings, type AnnotationSettings } from './annotations/annotationSettings';
import type { UserNode } from '../engine/target/nodePath';
import type { EngineTools } from './tools';

/** Settings for the app in a folder; values that cannot be used throw `BAD_SETTING` with a sentence for each. */
export function readPlanSettings(scope: vscode.Uri): PlanSettings {
  const configuration = vscode.workspace.getConfiguration('throughline', scope);
  const settings = planSettings((key) => configuration.get(key));
  if (settings.problems.length > 0) throw new ThroughlineError('BAD_SETTING', settings.problems.join(' '));
  return settings;
}

/** The Node of the setting `throughline.node.path` for what lies in a folder or file. Throws `BAD_SETTING`. */
export async function readUserNode(scope: vscode.Uri, tools: EngineTools): Promise<UserNode | undefined> {
  const setting = vscode.workspace.getConfiguration('throughline', scope).get<unknown>('node.path');
  const root = vscode.workspace.getWorkspaceFolder(scope) ?? vscode.workspace.workspaceFolders?.[0];
  return tools.use(({ resolveNode }) => resolveNode(setting, root?.uri.fsPath ?? scope.fsPath));
}

/** How costs are shown; values that cannot be used give way to their defaults, as nothing can fail by them. */
export function readAnnotationSettings(): AnnotationSettings {
  const configuration = vscode.workspace.getConfiguration('throughline.annotations');
  return annotationSettings((key) => configuration.get(key));
}

/** Whether a change of the configuration touches what `readAnnotationSettings` reads. */
export function changesAnnotations(event: vscode.ConfigurationChangeEvent): boolean {
  return event.affectsConfiguration('throughline.annotations');
}

export interface ProfileSettings {
  /** Whether a profile that is opened writes its costs at the lines of the sources. */
  readonly annotate: boolean;
}

export function readProfileSettings(): ProfileSettings {
  const configuration = vscode.workspace.getConfiguration('throughline.profiles');
  return { annotate: configuration.get<unknown>('annotate') !== false };
}

/** How many runs a folder keeps. */
export function readRunsToKeep(scope: vscode.Uri): number {
  const keep = vscode.workspace.getConfiguration('throughline', scope).get<unknown>('runs.keep');
  return typeof keep === 'number' && Number.isInteger(keep) && keep >= 1 ? keep : 50;
}
