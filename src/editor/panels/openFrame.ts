import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { errorMessage } from '../../engine/model/errors';
import { FRAME_KINDS } from '../../engine/model/stackProfile';
import { asPlace, type OpenOptions, type Place } from '../annotations/openPlace';
import type { OpenedSession } from './openedSession';

/** Opens a measured place where it is now. */
export type OpenPlace = (place: Place, options?: OpenOptions) => Promise<vscode.TextEditor>;

/** Opens the file of a frame. Resolves with why it could not. */
export async function openFrame(
  opened: OpenedSession,
  frame: number,
  openPlace: OpenPlace,
  options: OpenOptions,
): Promise<string | undefined> {
  const { names, kinds } = opened.frames;
  if (names[frame] === undefined) return vscode.l10n.t('The profile has no such function.');
  const place = asPlace(opened.places.placeOf(frame, opened.knownProfile));
  if (!place) return noSource(names[frame] || '(anonymous)', FRAME_KINDS[kinds[frame] ?? 0]);
  const isFile = await stat(place.file).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (!isFile) return vscode.l10n.t('{0} is not on this machine.', place.file);
  try {
    await openPlace(place, options);
    return undefined;
  } catch (error) {
    return vscode.l10n.t('{0} cannot be opened: {1}', path.basename(place.file), errorMessage(error));
  }
}

/** Where the file is shown already, else any group with text but the panel's `own`, else a new one beside. */
export function columnBeside(
  document: vscode.TextDocument,
  own: vscode.ViewColumn | undefined,
): vscode.ViewColumn {
  const others = vscode.window.visibleTextEditors.filter(
    ({ viewColumn }) => viewColumn !== undefined && viewColumn !== own,
  );
  const showing = others.find((editor) => editor.document === document);
  return (showing ?? others[0])?.viewColumn ?? vscode.ViewColumn.Beside;
}

function noSource(name: string, kind: (typeof FRAME_KINDS)[number] | undefined): string {
  if (kind === 'node') return vscode.l10n.t('{0} is part of Node.js: there is no file to open.', name);
  if (kind === 'v8') return vscode.l10n.t('{0} is part of the V8 engine: there is no file to open.', name);
  return vscode.l10n.t('{0} has no source file that can be opened here.', name);
}
