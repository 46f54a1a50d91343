import * as vscode from 'vscode';
import { annotationSettings, type AnnotationSettings } from './annotations/annotationSettings';

/** How costs are shown; values that cannot be used give way to their defaults, as nothing can fail by them. */
export function readAnnotationSettings(): AnnotationSettings {
  const configuration = vscode.workspace.getConfiguration('throughline.annotations');
  return annotationSettings((key) => configuration.get(key));
}

/** Whether a change of the configuration touches what `readAnnotationSettings` reads. */
export function changesAnnotations(event: vscode.ConfigurationChangeEvent): boolean {
  return event.affectsConfiguration('throughline.annotations');
}

/** How many runs a folder keeps. */
export function readRunsToKeep(scope: vscode.Uri): number {
  const keep = vscode.workspace.getConfiguration('throughline', scope).get<unknown>('runs.keep');
  return typeof keep === 'number' && Number.isInteger(keep) && keep >= 1 ? keep : 50;
}
