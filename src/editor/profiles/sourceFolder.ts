import * as vscode from 'vscode';
import type { SourceFolderMemory } from '../panels/profilePanel';

const KEY = 'throughline.sourceFolder';

/** Remembers for the workspace in which folder the user said that sources of profiles are. */
export function sourceFolderMemory(state: vscode.Memento): SourceFolderMemory {
  return {
    get: () => {
      const folder = state.get<unknown>(KEY);
      return typeof folder === 'string' ? folder : undefined;
    },
    ask: async () => {
      const [picked] =
        (await vscode.window.showOpenDialog({
          canSelectFiles: false,
          canSelectFolders: true,
          openLabel: vscode.l10n.t('Seek Sources Here'),
          title: vscode.l10n.t('Folder of the Sources'),
        })) ?? [];
      if (picked) await state.update(KEY, picked.fsPath);
      return picked?.fsPath;
    },
  };
}
