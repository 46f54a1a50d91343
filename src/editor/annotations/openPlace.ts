import path from 'node:path';
import * as vscode from 'vscode';
import type { TrackedDocuments } from './trackedDocuments';
import { currentLine } from './trackedText';

/** Where to go, as measured. `line` and `column` are 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** Arguments of commands come from links and other extensions: look before use. */
export function asPlace(argument: unknown): Place | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { file, line, column } = argument as Record<string, unknown>;
  if (typeof file !== 'string' || !isLocalFile(file)) return undefined;
  if (typeof line !== 'number' || !Number.isInteger(line) || line < 1) return undefined;
  const valid = typeof column === 'number' && Number.isInteger(column) && column >= 1;
  return { file, line, ...(valid && { column }) };
}

export interface OpenOptions {
  /** The editor is shown, the keyboard stays where it is. */
  readonly preserveFocus?: boolean;
  /** By default the active group. */
  readonly viewColumn?: (document: vscode.TextDocument) => vscode.ViewColumn;
  /** The place is of something else than the shown run, whose edits say nothing about it. */
  readonly untracked?: boolean;
}

/** Opens a measured place: the line where it is now, if the document was edited since. */
export async function openPlace(
  place: Place,
  documents: TrackedDocuments,
  { preserveFocus = false, viewColumn, untracked = false }: OpenOptions = {},
): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(place.file));
  const tracked = untracked ? undefined : documents.getNow(document);
  const measured = place.line - 1;
  const line = Math.min(
    (tracked ? currentLine(tracked.state, measured) : measured) ?? measured,
    document.lineCount - 1,
  );
  const column = Math.min((place.column ?? 1) - 1, document.lineAt(line).text.length);
  const at = new vscode.Position(line, column);
  const editor = await vscode.window.showTextDocument(document, {
    selection: new vscode.Range(at, at),
    preserveFocus,
    ...(viewColumn && { viewColumn: viewColumn(document) }),
  });
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return editor;
}

/** A path of another machine (`\\host\share`) in a run file must not make Windows greet that machine. */
function isLocalFile(file: string): boolean {
  return path.isAbsolute(file) && !/^[\\/]{2}/.test(file) && !file.includes('\0');
}
