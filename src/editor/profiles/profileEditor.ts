import path from 'node:path';
import * as vscode from 'vscode';
import { workspaceFolders } from '../workspaceFolders';
import type { ProfileContent } from '../panels/profileContent';
import { ProfilePanel, type ProfileServices } from '../panels/profilePanel';
import type { ProfileAnnotator } from './annotateProfile';
import { localFile, type LocalFile } from './localCopy';

interface ProfileDocument extends vscode.CustomDocument {
  readonly local: LocalFile;
}

/** Shows profile files of any format, read-only: "Open With" and `throughline.openProfile` lead here. */
export class ProfileEditor
  implements vscode.Disposable, vscode.CustomReadonlyEditorProvider<ProfileDocument>
{
  static readonly viewType = 'throughline.profile';

  private readonly subscription: vscode.Disposable;
  private readonly panels = new Map<string, ProfilePanel>();
  /** Frames to bring into view once their file is open again. */
  private readonly pendingReveals = new Map<string, number>();

  constructor(
    private readonly services: ProfileServices,
    private readonly annotator: ProfileAnnotator,
  ) {
    this.subscription = vscode.window.registerCustomEditorProvider(ProfileEditor.viewType, this);
  }

  /** Opens a file of whatever name. Rejects where it cannot be read at all. */
  static async open(uri: vscode.Uri): Promise<void> {
    const options: vscode.TextDocumentShowOptions = { preview: false };
    await vscode.commands.executeCommand('vscode.openWith', uri, ProfileEditor.viewType, options);
  }

  async openCustomDocument(uri: vscode.Uri): Promise<ProfileDocument> {
    const local = await localFile(uri);
    return { uri, local, dispose: () => void local.dispose() };
  }

  resolveCustomEditor({ uri, local }: ProfileDocument, webviewPanel: vscode.WebviewPanel): void {
    const key = uri.toString();
    const content = contentOfFile(uri, local);
    const panel = new ProfilePanel(
      webviewPanel,
      this.services,
      { state: 'profile', content },
      {
        onOpened: (opened) =>
          void this.annotator.annotate(opened, {
            reveal: (frame) => this.reveal(uri, frame),
            chooseSourceFolder: () => panel.chooseSourceFolder(),
          }),
        onDispose: () => {
          if (this.panels.get(key) === panel) this.panels.delete(key);
        },
      },
    );
    this.panels.set(key, panel);
    const frame = this.pendingReveals.get(key);
    this.pendingReveals.delete(key);
    if (frame !== undefined) panel.reveal(frame);
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private reveal(uri: vscode.Uri, frame: number | undefined): void {
    const panel = this.panels.get(uri.toString());
    if (panel) {
      panel.panel.reveal(undefined, false);
      if (frame !== undefined) panel.reveal(frame);
      return;
    }
    if (frame !== undefined) this.pendingReveals.set(uri.toString(), frame);
    void ProfileEditor.open(uri);
  }
}

function contentOfFile(uri: vscode.Uri, { file, isCopy }: LocalFile): ProfileContent {
  const folders = workspaceFolders();
  const name = path.posix.basename(uri.path);
  const [folder] = folders;
  return {
    id: uri.toString(),
    title: name,
    subtitle: isCopy
      ? vscode.l10n.t('A copy of {0}', uri.toString(true))
      : vscode.workspace.asRelativePath(uri, true),
    request: { origin: { kind: 'file', file }, folders },
    ...(folder !== undefined && { folder }),
    exportBase: isCopy ? uriBesideWorkspace(name) : uri.with({ path: withoutExtension(uri.path) }),
  };
}

function uriBesideWorkspace(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const base = withoutExtension(name);
  return folder ? vscode.Uri.joinPath(folder.uri, base) : vscode.Uri.file(path.join(path.sep, base));
}

/** `/a/b.cpuprofile.gz` is `/a/b`. */
function withoutExtension(file: string): string {
  return file.replace(
    /(?:\.(?:gz|json|txt|pb|pprof|cpuprofile|heapprofile|speedscope|trace|perf|collapsed|folded))+$/i,
    '',
  );
}
