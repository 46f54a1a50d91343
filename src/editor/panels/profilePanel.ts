import * as vscode from 'vscode';
import { CancelledError, errorMessage, nextStep, ThroughlineError } from '../../engine/model/errors';
import type { OpenProgress, OpenRequest } from '../../engine/profile/session';
import type { FromProfile, ToProfile } from '../../protocol/profile';
import { parseFromProfile } from '../../protocol/profileMessages';
import { saveExport } from './exportProfile';
import { columnBeside, openFrame, type OpenPlace } from './openFrame';
import { OpenedSession } from './openedSession';
import { sameContent, type PanelContent, type ProfileContent } from './profileContent';
import { webviewHtml, webviewRoot } from './webviewHtml';

export interface ProfileServices {
  readonly extensionUri: vscode.Uri;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly openPlace: OpenPlace;
  /** Whether the editor follows edits of the profile's sources: it annotates them. */
  readonly isAnnotated: (id: string) => boolean;
  readonly sourceFolder: SourceFolderMemory;
  /** All panels, the one that was looked at last at the end. */
  readonly panels: Set<ProfilePanel>;
  readonly log: vscode.LogOutputChannel;
}

/** The folder that the user named for sources, remembered for the workspace. */
export interface SourceFolderMemory {
  readonly get: () => string | undefined;
  /** Asks for another one; undefined where none was chosen. */
  readonly ask: () => Promise<string | undefined>;
}

export interface PanelEvents {
  /** A profile can be looked at now. */
  readonly onOpened?: (opened: OpenedSession) => void;
  readonly onDispose?: () => void;
}

/** Often enough to be seen moving. */
const PROGRESS_INTERVAL_MS = 100;

/**
 * One webview and the session of the profile that it shows. The session lives as long as the panel shows its profile:
 * a webview that was hidden, and so thrown away, is filled again without opening anything.
 */
export class ProfilePanel implements vscode.Disposable {
  private shown: PanelContent;
  private isReady = false;
  private opening: { readonly abort: AbortController; loading: ToProfile } | undefined;
  private opened: OpenedSession | undefined;
  private failure: Extract<ToProfile, { type: 'failed' }> | undefined;
  /** Which of the file's profiles, where the user chose another. */
  private chosen: number | undefined;
  /** Frame to bring into view with the next profile. */
  private pendingReveal: number | undefined;
  private readonly listeners: vscode.Disposable[];

  constructor(
    readonly panel: vscode.WebviewPanel,
    private readonly services: ProfileServices,
    shown: PanelContent,
    private readonly events: PanelEvents = {},
  ) {
    this.shown = shown;
    services.panels.add(this);
    panel.webview.options = { enableScripts: true, localResourceRoots: [webviewRoot(services.extensionUri)] };
    this.listeners = [
      panel.webview.onDidReceiveMessage((data: unknown) => {
        this.receive(data).catch((error: unknown) => services.log.error(errorMessage(error)));
      }),
      panel.onDidChangeViewState(() => {
        // A hidden webview is thrown away; it says `ready` again when it is shown.
        if (!panel.visible) this.isReady = false;
        if (panel.active) this.moveToEnd();
      }),
      panel.onDidDispose(() => this.close()),
    ];
    panel.webview.html = webviewHtml(panel.webview, services.extensionUri, 'profile', titleOf(shown));
    if (panel.visible) this.start();
  }

  get content(): PanelContent {
    return this.shown;
  }

  /** The session, once the profile is open. */
  get session(): OpenedSession | undefined {
    return this.opened;
  }

  /** Shows another profile, or brings a frame of the same into view. */
  show(shown: PanelContent, revealFrame?: number): void {
    if (sameContent(this.shown, shown)) {
      this.shown = shown;
      if (revealFrame !== undefined) this.reveal(revealFrame);
      return;
    }
    this.shown = shown;
    this.chosen = undefined;
    this.pendingReveal = revealFrame;
    this.restart();
  }

  /** @param frame index in the profile's frames. */
  reveal(frame: number): void {
    if (this.opened && this.isReady) this.post({ type: 'reveal', profileId: this.opened.id, frame });
    else this.pendingReveal = frame;
  }

  /** Marks the frames of the function that the cursor is in. */
  markCursor(file: string | undefined, line: number): void {
    if (!this.opened || !this.isReady) return;
    const frames = file === undefined ? [] : this.opened.places.framesAt(file, line);
    this.post({ type: 'cursor', profileId: this.opened.id, frames: Int32Array.from(frames) });
  }

  /** The most expensive function around a line (1-based); undefined where the profile has none there. */
  widestFrameAt(file: string, line: number): number | undefined {
    const frames = this.opened?.places.framesAt(file, line) ?? [];
    const functions = this.opened?.knownProfile?.functions;
    const widest = functions
      ?.filter(({ frame }) => frames.includes(frame))
      .sort((a, b) => b.totalMicros - a.totalMicros)[0];
    return widest?.frame ?? frames[0];
  }

  /** Asks for a folder and seeks the sources there. */
  async chooseSourceFolder(): Promise<void> {
    if ((await this.services.sourceFolder.ask()) !== undefined) this.restart();
  }

  dispose(): void {
    this.panel.dispose();
  }

  private close(): void {
    for (const listener of this.listeners) listener.dispose();
    this.services.panels.delete(this);
    this.isReady = false;
    this.end();
    this.events.onDispose?.();
  }

  private moveToEnd(): void {
    const { panels } = this.services;
    panels.delete(this);
    panels.add(this);
  }

  private async receive(data: unknown): Promise<void> {
    const message: FromProfile = parseFromProfile(data);
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        return this.fill();
      case 'query':
        return this.answer(message);
      case 'openSource':
        return this.done(message.request, await this.openSource(message));
      case 'export':
      case 'exportPng':
        return this.export(message);
      case 'chooseProfile':
        this.chosen = message.index;
        return this.restart();
      case 'chooseSourceFolder':
        return this.chooseSourceFolder();
      case 'cancel':
        this.opening?.abort.abort();
        return;
      case 'measure':
        await vscode.commands.executeCommand('throughline.measure');
        return;
      case 'retry':
        return this.restart();
    }
  }

  private end(): void {
    this.opening?.abort.abort();
    this.opening = undefined;
    this.opened?.dispose();
    this.opened = undefined;
    this.failure = undefined;
  }

  private restart(): void {
    this.end();
    this.start();
  }

  /** Sends what there is, or begins to open what is to be shown. */
  private fill(): void {
    if (this.shown.state === 'empty') this.post({ type: 'empty', message: this.shown.message });
    else if (this.opened) this.postOpened(this.opened);
    else if (this.failure) this.post(this.failure);
    else if (this.opening) this.post(this.opening.loading);
    else this.start();
  }

  private start(): void {
    if (this.shown.state === 'empty') return this.fill();
    const { content } = this.shown;
    const opening = { abort: new AbortController(), loading: loading(content) };
    this.opening = opening;
    this.post(opening.loading);
    let last = 0;
    const onProgress = (progress: OpenProgress) => {
      if (this.opening !== opening) return;
      opening.loading = loading(content, progress);
      if (performance.now() - last < PROGRESS_INTERVAL_MS) return;
      last = performance.now();
      this.post(opening.loading);
    };
    OpenedSession.open(this.services.dist, content, this.requestOf(content), {
      signal: opening.abort.signal,
      onProgress,
    }).then(
      (opened) => {
        if (this.opening !== opening) return opened.dispose();
        this.opening = undefined;
        this.opened = opened;
        this.postOpened(opened);
        this.events.onOpened?.(opened);
      },
      (error: unknown) => {
        if (this.opening !== opening) return;
        this.opening = undefined;
        this.failure = this.failureOf(error);
        this.post(this.failure);
      },
    );
  }

  private requestOf({ request }: ProfileContent): OpenRequest {
    const sourceFolder = this.services.sourceFolder.get();
    return {
      ...request,
      ...(this.chosen !== undefined && { profile: this.chosen }),
      ...(sourceFolder !== undefined && { sourceFolder }),
    };
  }

  private failureOf(error: unknown): Extract<ToProfile, { type: 'failed' }> {
    if (error instanceof CancelledError) {
      return { type: 'failed', message: vscode.l10n.t('The opening was cancelled.'), nextStep: '' };
    }
    this.services.log.error(errorMessage(error));
    const known = error instanceof ThroughlineError ? error : undefined;
    if (known?.detail) this.services.log.error(known.detail);
    return { type: 'failed', message: errorMessage(error), nextStep: nextStep(known?.code ?? 'INTERNAL') };
  }

  private postOpened(opened: OpenedSession): void {
    // Hidden meanwhile: it asks again when it is shown, and what is to be revealed waits for that.
    if (!this.isReady) return;
    const { id, info, basis, frames, page, spec } = opened;
    // A run may have been renamed since.
    const content = this.shown.state === 'profile' ? this.shown.content : opened.content;
    this.post({
      type: 'opened',
      profileId: id,
      title: content.title,
      subtitle: content.subtitle,
      info,
      basis,
      frames,
      ...(content.latency && { latency: content.latency }),
      ...(this.pendingReveal !== undefined && { reveal: this.pendingReveal }),
      page,
      spec,
    });
    this.pendingReveal = undefined;
  }

  private async answer({
    request,
    profileId,
    query,
  }: Extract<FromProfile, { type: 'query' }>): Promise<void> {
    const opened = this.sessionOf(profileId);
    try {
      const answer = opened
        ? await opened.answer(query)
        : ({ type: 'error', message: anotherIsShown() } as const);
      this.post({ type: 'reply', request, profileId, answer });
    } catch (error) {
      if (error instanceof CancelledError) return;
      this.services.log.error(errorMessage(error));
      this.post({
        type: 'reply',
        request,
        profileId,
        answer: { type: 'error', message: errorMessage(error) },
      });
    }
  }

  private async export(message: Extract<FromProfile, { type: 'export' | 'exportPng' }>): Promise<void> {
    const opened = this.sessionOf(message.profileId);
    if (!opened) return this.done(message.request, { error: anotherIsShown() });
    const [format, make] =
      message.type === 'exportPng'
        ? (['png', async () => message.png] as const)
        : ([
            message.format,
            async () => new TextEncoder().encode(await opened.export(message.format, message.spec)),
          ] as const);
    try {
      const saved = await saveExport(opened.content.exportBase, format, make);
      this.done(message.request, saved === undefined ? {} : { message: saved });
    } catch (error) {
      this.done(message.request, { error: errorMessage(error) });
    }
  }

  private async openSource(
    message: Extract<FromProfile, { type: 'openSource' }>,
  ): Promise<{ readonly error?: string }> {
    const opened = this.sessionOf(message.profileId);
    if (!opened) return { error: anotherIsShown() };
    const error = await openFrame(opened, message.frame, this.services.openPlace, {
      preserveFocus: !message.focus,
      viewColumn: (document) => columnBeside(document, this.panel.viewColumn),
      untracked: !this.services.isAnnotated(opened.content.id),
    });
    return error === undefined ? {} : { error };
  }

  private sessionOf(profileId: string): OpenedSession | undefined {
    return this.opened?.id === profileId ? this.opened : undefined;
  }

  private done(request: number, outcome: { readonly error?: string; readonly message?: string }): void {
    this.post({ type: 'done', request, ...outcome });
  }

  private post(message: ToProfile): void {
    if (this.isReady) void this.panel.webview.postMessage(message);
  }
}

export function titleOf(shown: PanelContent): string {
  return shown.state === 'profile'
    ? vscode.l10n.t('Flamegraph: {0}', shown.content.title)
    : vscode.l10n.t('Flamegraph');
}

function loading(content: ProfileContent, progress?: OpenProgress): ToProfile {
  return {
    type: 'loading',
    title: content.title,
    message: progress?.message ?? '',
    ...(progress?.fraction !== undefined && { fraction: progress.fraction }),
  };
}

function anotherIsShown(): string {
  return vscode.l10n.t('Another profile is shown by now.');
}
