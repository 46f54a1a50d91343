import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { nextStep, ThroughlineError, errorMessage } from '../../engine/model/errors';
import type { FlameColumns } from '../../engine/model/flame';
import type { Frame, Profile } from '../../engine/model/profile';
import type { CostBasis } from '../../engine/model/units';
import { costBasis } from '../../engine/model/units';
import type { FromFlamegraph, ToFlamegraph } from '../../protocol/flamegraph';
import { parseFromFlamegraph } from '../../protocol/flamegraph';
import { asPlace, type OpenOptions, type Place } from '../annotations/openPlace';
import type { CurrentRun, OpenRun } from '../currentRun';
import { flameFrames, placeOfFrame } from './flameFrames';
import { webviewHtml, webviewRoot } from './webviewHtml';

/** Lays the call tree of a file out, off this thread. Rejects with a ThroughlineError. */
export type FlameLayout = (treeFile: string, frames: readonly Frame[]) => Promise<FlameColumns>;

/** Opens a measured place where it is now. */
export type OpenPlace = (place: Place, options?: OpenOptions) => Promise<vscode.TextEditor>;

/** What a flamegraph is drawn from. */
export interface FlameSource {
  /** Unique to this profile: a run's id, or made up for a benchmark. */
  readonly id: string;
  readonly title: string;
  /** e.g. when and how it was measured. */
  readonly subtitle: string;
  /** Absolute path of `calltree.json`. */
  readonly treeFile: string;
  readonly profile: Profile;
  readonly basis: CostBasis;
  /** Absolute; files inside are shown relative to it. */
  readonly folder?: string;
}

type Shown =
  | { readonly state: 'empty'; readonly message: string }
  | { readonly state: 'source'; readonly source: FlameSource };

/** The flamegraph of the current run, or of a benchmark. One panel, made at the first `show`, kept over reloads. */
export class FlamegraphPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  static readonly viewType = 'throughline.flamegraph';

  private readonly disposables: vscode.Disposable[] = [];
  private panel: vscode.WebviewPanel | undefined;
  private shown: Shown;
  private isReady = false;
  /** The run that is followed, which may not be what is shown. */
  private followed: string | undefined;
  /** Frame to bring into view with the next profile. */
  private pendingReveal: number | undefined;
  /** The last layout, so that a panel that was hidden is filled again at once. */
  private laidOut: { readonly source: FlameSource; readonly columns: FlameColumns } | undefined;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly currentRun: CurrentRun,
    private readonly layout: FlameLayout,
    private readonly openPlace: OpenPlace,
    private readonly log?: vscode.LogOutputChannel,
  ) {
    this.shown = ofRun(currentRun.value);
    this.followed = currentRun.value?.runFolder;
    this.disposables.push(
      currentRun.onDidChange((run) => this.followRun(run)),
      vscode.window.registerWebviewPanelSerializer(FlamegraphPanel.viewType, this),
    );
  }

  /** Shows the current run; with `revealFrame` (index in `Profile.frames`) selects that function's widest box. */
  show(options: { readonly revealFrame?: number } = {}): void {
    const wanted = ofRun(this.currentRun.value);
    this.open(wanted, options.revealFrame);
  }

  /** Shows the profile of something else than the current run, until another run is opened. */
  showTree(source: FlameSource): void {
    this.open({ state: 'source', source }, undefined);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.panel?.dispose();
    this.adopt(panel);
    return Promise.resolve();
  }

  dispose(): void {
    this.panel?.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  private open(wanted: Shown, revealFrame: number | undefined): void {
    const isSame = sameSource(this.shown, wanted);
    this.shown = wanted;
    this.pendingReveal = revealFrame;
    if (!this.panel) {
      this.adopt(
        vscode.window.createWebviewPanel(FlamegraphPanel.viewType, titleOf(wanted), vscode.ViewColumn.Active),
      );
      return;
    }
    this.panel.title = titleOf(wanted);
    this.panel.reveal(undefined, false);
    if (isSame && this.isReady && wanted.state === 'source' && this.laidOut?.source.id === wanted.source.id) {
      this.revealPending(wanted.source.id);
    } else {
      void this.fill();
    }
  }

  private followRun(run: OpenRun | undefined): void {
    const wanted = ofRun(run);
    // A rename sets the same run again, and takes nothing away that is shown in its place.
    const isSame = sameSource(this.shown, wanted);
    if (run && run.runFolder === this.followed && !isSame) return;
    this.followed = run?.runFolder;
    this.shown = wanted;
    if (this.panel) this.panel.title = titleOf(wanted);
    if (isSame) return;
    this.laidOut = undefined;
    void this.fill();
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    this.isReady = false;
    panel.title = titleOf(this.shown);
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(this.extensionUri)] };
    const listeners = [
      panel.webview.onDidReceiveMessage((data: unknown) => {
        this.receive(data).catch((error: unknown) => this.log?.error(asText(error)));
      }),
      panel.onDidChangeViewState(() => {
        // A hidden webview is thrown away; it says `ready` again when it is shown.
        if (!panel.visible) this.isReady = false;
      }),
      panel.onDidDispose(() => {
        for (const listener of listeners) listener.dispose();
        if (this.panel !== panel) return;
        this.panel = undefined;
        this.isReady = false;
        this.laidOut = undefined;
      }),
    ];
    panel.webview.html = webviewHtml(panel.webview, this.extensionUri, 'flamegraph', 'Flamegraph');
  }

  private async receive(data: unknown): Promise<void> {
    const message: FromFlamegraph = parseFromFlamegraph(data);
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        return this.fill();
      case 'retry':
        this.laidOut = undefined;
        return this.fill();
      case 'measure':
        await vscode.commands.executeCommand('throughline.measure');
        return;
      case 'openSource':
        return this.openSource(message);
    }
  }

  /** Sends what is to be shown. Waits for the webview's `ready`; a later call makes an unfinished one moot. */
  private async fill(): Promise<void> {
    if (!this.isReady) return;
    const shown = this.shown;
    if (shown.state === 'empty') return this.post({ type: 'empty', message: shown.message });
    const { source } = shown;
    try {
      if (this.laidOut?.source.id !== source.id) {
        this.post({ type: 'loading', title: source.title });
        const columns = await this.layout(source.treeFile, source.profile.frames);
        if (!sameSource(this.shown, shown) || !this.panel) return;
        this.laidOut = { source, columns };
      }
      // Hidden meanwhile: it asks again when it is shown, and what is to be revealed waits for that.
      if (!this.isReady) return;
      this.post({
        type: 'profile',
        profileId: source.id,
        title: source.title,
        subtitle: source.subtitle,
        basis: source.basis,
        frames: flameFrames(source.profile, source.folder),
        columns: this.laidOut.columns,
        ...(this.pendingReveal !== undefined && { reveal: this.pendingReveal }),
      });
      this.pendingReveal = undefined;
    } catch (error) {
      if (!sameSource(this.shown, shown)) return;
      this.log?.error(asText(error));
      const code = error instanceof ThroughlineError ? error.code : 'INTERNAL';
      this.post({ type: 'failed', message: asText(error), nextStep: nextStep(code) });
    }
  }

  private revealPending(profileId: string): void {
    const frame = this.pendingReveal;
    this.pendingReveal = undefined;
    if (frame !== undefined) this.post({ type: 'reveal', profileId, frame });
  }

  private async openSource(message: Extract<FromFlamegraph, { type: 'openSource' }>): Promise<void> {
    const error = await this.openFrame(message.profileId, message.frame, message.focus);
    this.post({ type: 'opened', request: message.request, ...(error !== undefined && { error }) });
  }

  /** Opens the frame's file. Resolves with why it could not. */
  private async openFrame(profileId: string, index: number, focus: boolean): Promise<string | undefined> {
    if (this.shown.state !== 'source' || this.shown.source.id !== profileId) {
      return vscode.l10n.t('Another profile is shown by now.');
    }
    const { profile } = this.shown.source;
    const frame = profile.frames[index];
    if (!frame) return vscode.l10n.t('The profile has no such function.');
    const place = asPlace(placeOfFrame(profile, index));
    if (!place) return noSource(frame);
    const isFile = await stat(place.file).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (!isFile) return vscode.l10n.t('{0} is not on this machine.', place.file);
    try {
      await this.openPlace(place, {
        preserveFocus: !focus,
        viewColumn: (document) => this.columnBeside(document),
        untracked: this.currentRun.value?.run.id !== profileId,
      });
      return undefined;
    } catch (error) {
      return vscode.l10n.t('{0} cannot be opened: {1}', path.basename(place.file), asText(error));
    }
  }

  /** Where the file is shown already, else any group with text but the panel's own, else a new one beside. */
  private columnBeside(document: vscode.TextDocument): vscode.ViewColumn {
    const own = this.panel?.viewColumn;
    const others = vscode.window.visibleTextEditors.filter(
      ({ viewColumn }) => viewColumn !== undefined && viewColumn !== own,
    );
    const showing = others.find((editor) => editor.document === document);
    return (showing ?? others[0])?.viewColumn ?? vscode.ViewColumn.Beside;
  }

  private post(message: ToFlamegraph): void {
    void this.panel?.webview.postMessage(message);
  }
}

function ofRun(open: OpenRun | undefined): Shown {
  if (!open) {
    return {
      state: 'empty',
      message: vscode.l10n.t('Run your app under load to see where its time goes.'),
    };
  }
  const { run, runFolder, storeFolder } = open;
  if (run.profile.state !== 'ok') {
    return { state: 'empty', message: vscode.l10n.t('This run has no profile: {0}', run.profile.reason) };
  }
  return {
    state: 'source',
    source: {
      id: run.id,
      title: run.name ?? run.target.label,
      subtitle: new Date(run.createdAt).toLocaleString(vscode.env.language),
      treeFile: path.join(runFolder, 'calltree.json'),
      profile: run.profile.profile,
      basis: costBasis(run),
      folder: run.target.folder ?? storeFolder,
    },
  };
}

function sameSource(a: Shown, b: Shown): boolean {
  if (a.state === 'empty' || b.state === 'empty') {
    return a.state === 'empty' && b.state === 'empty' && a.message === b.message;
  }
  return a.source.id === b.source.id && a.source.treeFile === b.source.treeFile;
}

function titleOf(shown: Shown): string {
  if (shown.state === 'empty') return vscode.l10n.t('Flamegraph');
  return vscode.l10n.t('Flamegraph: {0}', shown.source.title);
}

function noSource(frame: Frame): string {
  const name = frame.functionName || '(anonymous)';
  if (frame.kind === 'node') return vscode.l10n.t('{0} is part of Node.js: there is no file to open.', name);
  if (frame.kind === 'v8')
    return vscode.l10n.t('{0} is part of the V8 engine: there is no file to open.', name);
  return vscode.l10n.t('{0} has no source file that can be opened here.', name);
}

function asText(error: unknown): string {
  return errorMessage(error);
}
