import path from 'node:path';
import * as vscode from 'vscode';
import type { ExportFormat } from '../../engine/model/view';
import { inform } from '../messages';

export type SavedFormat = ExportFormat | 'png';

const EXTENSIONS: Readonly<Record<SavedFormat, string>> = {
  speedscope: '.speedscope.json',
  collapsed: '.collapsed',
  markdown: '.md',
  svg: '.svg',
  png: '.png',
};

/**
 * Asks where to save, beside `base` by default, writes what `make` gives, and offers to open it. Resolves with what
 * was saved where; undefined where the user chose nothing.
 */
export async function saveExport(
  base: vscode.Uri,
  format: SavedFormat,
  make: () => Promise<Uint8Array>,
): Promise<string | undefined> {
  const extension = EXTENSIONS[format];
  const last = extension.slice(extension.lastIndexOf('.') + 1);
  const target = await vscode.window.showSaveDialog({
    defaultUri: base.with({ path: `${base.path}${extension}` }),
    filters: { [filterName(format)]: [last] },
    title: vscode.l10n.t('Export Profile'),
  });
  if (!target) return undefined;
  await vscode.workspace.fs.writeFile(target, await make());
  const name = path.posix.basename(target.path);
  void offerToOpen(target, name, format);
  return vscode.l10n.t('Saved {0}.', name);
}

async function offerToOpen(target: vscode.Uri, name: string, format: SavedFormat): Promise<void> {
  if (format === 'markdown') {
    await vscode.commands.executeCommand('markdown.showPreview', target);
    return;
  }
  const open = vscode.l10n.t('Open');
  const choice = await inform(vscode.l10n.t('Throughline: saved {0}.', name), open);
  if (choice === open) await vscode.commands.executeCommand('vscode.open', target);
}

function filterName(format: SavedFormat): string {
  switch (format) {
    case 'speedscope':
      return 'speedscope';
    case 'collapsed':
      return vscode.l10n.t('Collapsed Stacks');
    case 'markdown':
      return 'Markdown';
    case 'svg':
      return 'SVG';
    case 'png':
      return 'PNG';
  }
}
