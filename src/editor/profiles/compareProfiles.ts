import path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError } from '../../engine/model/errors';
import type { CurrentRun, OpenRun } from '../currentRun';
import { showFailure } from '../failure';
import { inform } from '../messages';
import { ProfilePanel, titleOf, type ProfileServices } from '../panels/profilePanel';
import type { ProfileContent } from '../panels/profileContent';
import type { RunLibrary, StoredRun } from '../runLibrary';
import { asStoredRun, pickRun, runName } from '../storedRuns';
import type { ProfileAnnotator } from './annotateProfile';
import { askForFiles, chosenFiles } from './openProfile';
import { costsOfSide, sideOfFile, sideOfRun, type ProfileSide } from './profileSide';

export interface CompareServices {
  readonly panels: ProfileServices;
  readonly annotator: ProfileAnnotator;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  /** The run that the shown one is best compared with. */
  readonly counterpart: () => Promise<StoredRun | undefined>;
}

/**
 * Differences of two profiles, each in a panel of its own. Registers `throughline.compareProfiles` (takes files, else
 * asks for files or runs) and `throughline.compareFlamegraphs` (the shown run with a stored one, by default with its
 * baseline).
 */
export class CompareProfiles implements vscode.Disposable {
  static readonly viewType = 'throughline.difference';

  private readonly disposables: vscode.Disposable[];
  private readonly open = new Map<string, ProfilePanel>();

  constructor(private readonly services: CompareServices) {
    const { log } = services.panels;
    const command = (id: string, handler: (...args: unknown[]) => Promise<void>) =>
      vscode.commands.registerCommand(id, (...args: unknown[]) =>
        handler(...args).catch((error: unknown) => showFailure(error, log)),
      );
    this.disposables = [
      command('throughline.compareProfiles', (argument, selection) =>
        this.compareProfiles(argument, selection),
      ),
      command('throughline.compareFlamegraphs', (argument) => this.compareRuns(argument)),
    ];
  }

  dispose(): void {
    for (const panel of this.open.values()) panel.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async compareProfiles(argument: unknown, selection: unknown): Promise<void> {
    const files = chosenFiles(argument, selection) ?? [];
    if (files.length > 2) {
      void inform(
        vscode.l10n.t('Throughline: a difference is of two profiles; {0} are selected.', files.length),
      );
      return;
    }
    const sides: ProfileSide[] = [];
    for (const file of files) sides.push(await sideOfFile(file));
    if (sides.length === 0)
      sides.push(await this.pickSide(vscode.l10n.t('Which profile is the one before?')));
    const isAsked = sides.length === 1;
    if (isAsked) sides.push(await this.pickSide(vscode.l10n.t('Compare with which profile?'), sides[0]));
    // The explorer's selection has no order; what was picked has one.
    if (!isAsked) sides.sort((a, b) => a.time - b.time);
    const [before, after] = sides;
    if (before && after) this.show(before, after);
  }

  private async compareRuns(argument: unknown): Promise<void> {
    const { current, library } = this.services;
    const open = current.value;
    if (!open) return;
    const title = vscode.l10n.t('Compare with which run?');
    const other =
      asStoredRun(argument) ??
      (await this.services.counterpart()) ??
      (await pickRun(library, title, open.run.id));
    if (!other) return;
    const against = await library.open(other.storeFolder, other.summary.id);
    const sides = [sideOfRun(against), sideOfRun(open)] as const;
    const [before, after] = (await this.isBefore(against, open)) ? sides : [sides[1], sides[0]];
    this.show(before, after);
  }

  /** The baseline is always the side before. */
  private async isBefore(against: OpenRun, open: OpenRun): Promise<boolean> {
    const store = this.services.library.store(against.storeFolder);
    const baseline = await store.baseline().catch(() => undefined);
    return baseline?.runId === against.run.id || against.run.id < open.run.id;
  }

  private async pickSide(title: string, except?: ProfileSide): Promise<ProfileSide> {
    const { library } = this.services;
    const runs = (await library.list()).filter(
      ({ summary }) => summary.hasProfile && summary.id !== except?.id,
    );
    const file = { label: `$(folder-opened) ${vscode.l10n.t('A file…')}`, stored: undefined };
    const items = runs.map((stored) => ({
      label: `$(history) ${runName(stored.summary)}`,
      description: new Date(stored.summary.createdAt).toLocaleString(vscode.env.language),
      stored,
    }));
    const picked = items.length === 0 ? file : await vscode.window.showQuickPick([file, ...items], { title });
    if (!picked) throw new CancelledError();
    if (picked.stored)
      return sideOfRun(await library.open(picked.stored.storeFolder, picked.stored.summary.id));
    const [chosen] = await askForFiles(title, false);
    if (!chosen) throw new CancelledError();
    return sideOfFile(chosen);
  }

  private show(before: ProfileSide, after: ProfileSide): void {
    const { panels, annotator } = this.services;
    const content = differenceOf(before, after);
    const shown = this.open.get(content.id);
    if (shown) return shown.panel.reveal(undefined, false);
    const state = { state: 'profile', content } as const;
    const webviewPanel = vscode.window.createWebviewPanel(
      CompareProfiles.viewType,
      titleOf(state),
      vscode.ViewColumn.Active,
    );
    const panel = new ProfilePanel(webviewPanel, panels, state, {
      onOpened: (opened) =>
        void annotator.annotate(opened, {
          reveal: (frame) => {
            this.show(before, after);
            if (frame !== undefined) this.open.get(content.id)?.reveal(frame);
          },
          chooseSourceFolder: () => panel.chooseSourceFolder(),
          before: () => costsOfSide(before, panels.dist, panels.sourceFolder.get()),
        }),
      onDispose: () => this.open.delete(content.id),
    });
    this.open.set(content.id, panel);
  }
}

function differenceOf(before: ProfileSide, after: ProfileSide): ProfileContent {
  const folders = [...new Set([...after.folders, ...before.folders])];
  const [folder] = folders;
  const base = `difference-${after.name.replaceAll(/[^\w.-]+/g, '-').slice(0, 60)}`;
  return {
    id: `${before.id} → ${after.id}`,
    title: `${before.name} → ${after.name}`,
    subtitle: vscode.l10n.t('Difference: red grew, blue shrank'),
    request: { origin: after.origin, before: before.origin, folders },
    ...(folder !== undefined && { folder }),
    exportBase: vscode.Uri.file(path.join(folder ?? path.sep, base)),
  };
}
