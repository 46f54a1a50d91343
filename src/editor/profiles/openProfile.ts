import * as vscode from 'vscode';
import { copyOfDropped } from './localCopy';
import { ProfileEditor } from './profileEditor';

/** More at once are rather a slip than a wish. */
const MAX_OPENED = 10;

/** `throughline.openProfile`: takes a file, or the explorer's selection, else asks. */
export async function openProfile(argument: unknown, selection: unknown): Promise<void> {
  const files = chosenFiles(argument, selection) ?? (await askForFiles());
  for (const file of files.slice(0, MAX_OPENED)) await ProfileEditor.open(file);
}

/** What a command was called on; undefined where it was called on nothing. The explorer gives its selection second. */
export function chosenFiles(argument: unknown, selection: unknown): vscode.Uri[] | undefined {
  if (Array.isArray(selection)) {
    const files = selection.filter((each) => each instanceof vscode.Uri);
    if (files.length > 0) return files;
  }
  return argument instanceof vscode.Uri ? [argument] : undefined;
}

export async function askForFiles(title = vscode.l10n.t('Open Profile'), many = true): Promise<vscode.Uri[]> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: many,
    openLabel: vscode.l10n.t('Open'),
    title,
    // The content says what a file is: others than these open as well.
    filters: {
      [vscode.l10n.t('Profiles')]: [
        ...['cpuprofile', 'heapprofile', 'pb', 'pprof', 'prof', 'json', 'collapsed', 'folded', 'perf', 'txt'],
        ...['log', 'gz'],
      ],
      [vscode.l10n.t('All Files')]: ['*'],
    },
  });
  return picked ?? [];
}

/** Profile files that are dropped onto a tree are opened; nothing is dragged out of it. */
export class ProfileDrop<T> implements vscode.TreeDragAndDropController<T> {
  readonly dropMimeTypes = ['text/uri-list', 'files'];
  readonly dragMimeTypes: string[] = [];

  /** @param onError told what cannot be opened. */
  constructor(private readonly onError: (error: unknown) => void) {}

  async handleDrop(_target: T | undefined, dropped: vscode.DataTransfer): Promise<void> {
    try {
      const files = await droppedFiles(dropped);
      for (const file of files.slice(0, MAX_OPENED)) await ProfileEditor.open(file);
    } catch (error) {
      this.onError(error);
    }
  }
}

async function droppedFiles(dropped: vscode.DataTransfer): Promise<vscode.Uri[]> {
  const list = await dropped.get('text/uri-list')?.asString();
  const uris = (list ?? '')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => vscode.Uri.parse(line, true));
  if (uris.length > 0) return uris;
  const files: vscode.Uri[] = [];
  for (const [, item] of dropped) {
    const file = item.asFile();
    if (!file) continue;
    // The copy stays for as long as the system keeps temporary files: the editor may open it again.
    files.push(file.uri ?? vscode.Uri.file((await copyOfDropped(file)).file));
  }
  return files;
}
