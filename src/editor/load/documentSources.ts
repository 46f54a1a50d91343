import path from 'node:path';
import * as vscode from 'vscode';
import type { DocumentKind, Offered } from '../../engine/authoring/document';
import { CancelledError } from '../../engine/model/errors';
import { DocumentReader } from './documentReader';
import type { LoadTestSource, NewLoadTest } from './newLoadTest';

/** What `throughline.newLoadTest` makes tests from beside runs: documents of each kind. */
export function documentSources(dist: string): readonly LoadTestSource[] {
  const source = (
    kind: DocumentKind,
    label: string,
    detail: string,
    extensions: readonly string[],
  ): LoadTestSource => ({
    label,
    detail,
    create: async (folder) => {
      const file = await pickFile(folder, label, extensions);
      return fromDocument(dist, kind, file);
    },
  });
  return [
    source(
      'openapi',
      vscode.l10n.t('OpenAPI Document…'),
      vscode.l10n.t(
        'A request for each operation, with its examples. Versions 2.0, 3.0 and 3.1, JSON or YAML.',
      ),
      ['yaml', 'yml', 'json'],
    ),
    source(
      'har',
      vscode.l10n.t('HAR Recording…'),
      vscode.l10n.t(
        'What a browser recorded, as a flow with its pauses; tokens and ids are captured from replies.',
      ),
      ['har'],
    ),
    source(
      'http',
      vscode.l10n.t('.http File…'),
      vscode.l10n.t('The requests of REST Client or of JetBrains’ HTTP Client.'),
      ['http', 'rest'],
    ),
  ];
}

/** Asks which of the document's requests are to be sent. Throws `CancelledError` where that is dismissed. */
export async function fromDocument(dist: string, kind: DocumentKind, file: string): Promise<NewLoadTest> {
  const reader = new DocumentReader(dist);
  try {
    const { name, offered, notes } = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Reading {0}', path.basename(file)),
        cancellable: true,
      },
      (_progress, token) => {
        token.onCancellationRequested(() => reader.dispose());
        return reader.open(kind, file);
      },
    );
    const chosen = await pickRequests(offered);
    const composed = await reader.compose(chosen);
    return { name, text: composed.text, notes: [...notes, ...composed.notes] };
  } finally {
    reader.dispose();
  }
}

/** Indexes of those that are checked; what may change data is not, unless the user checks it. */
export async function pickRequests(offered: readonly Offered[]): Promise<readonly number[]> {
  const items = offered.map(({ label, isPicked, reason }, index) => ({
    label,
    picked: isPicked,
    ...(reason !== undefined && { description: reason }),
    index,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which Requests Does the Load Test Send?'),
    canPickMany: true,
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  if (!picked || picked.length === 0) throw new CancelledError();
  return picked.map(({ index }) => index);
}

async function pickFile(
  folder: vscode.WorkspaceFolder,
  title: string,
  extensions: readonly string[],
): Promise<string> {
  const [picked] =
    (await vscode.window.showOpenDialog({
      title,
      defaultUri: folder.uri,
      filters: { [title.replace('…', '')]: [...extensions] },
    })) ?? [];
  if (!picked) throw new CancelledError();
  return picked.fsPath;
}
