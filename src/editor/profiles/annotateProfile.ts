import * as vscode from 'vscode';
import { CancelledError, errorMessage } from '../../engine/model/errors';
import type { ShownCosts } from '../annotations/shownCosts';
import type { CostSource } from '../annotations/costSource';
import { warn } from '../messages';
import type { OpenedSession } from '../panels/openedSession';
import { readProfileSettings } from '../settings';

/** How a profile that was opened is shown again, also after its panel was closed. */
export interface ProfileOwner {
  readonly reveal: (frame?: number) => void;
  readonly chooseSourceFolder: () => Promise<void>;
  /** Of a difference: functions and lines of the side before. */
  readonly before?: () => Promise<CostSource['before']>;
}

/** Below this share of the functions with a file the user is asked where the sources are. */
const LITTLE = 0.1;

/** Writes the costs of opened profiles at the lines of the sources that could be placed. */
export class ProfileAnnotator {
  private opened = 0;
  /** Profiles whose user was told that little could be placed. */
  private readonly told = new Set<string>();

  constructor(
    private readonly costs: ShownCosts,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Whether what is written in the editor is of this content. */
  isAnnotated(contentId: string): boolean {
    const id = this.costs.value?.id;
    return id === contentId || id?.startsWith(`${contentId}@`) === true;
  }

  /** Never rejects. */
  async annotate(session: OpenedSession, owner: ProfileOwner): Promise<void> {
    const turn = ++this.opened;
    if (!readProfileSettings().annotate) return;
    try {
      if (session.hasPlaces) await this.show(session, owner, turn);
      await this.tellOfMapping(session, owner);
    } catch (error) {
      if (!(error instanceof CancelledError)) this.log.error(errorMessage(error));
    }
  }

  private async show(session: OpenedSession, owner: ProfileOwner, turn: number): Promise<void> {
    const { profile, basis } = await session.costs();
    const before = await owner.before?.();
    // A profile that was opened later, and is smaller, is not pushed away.
    if (turn !== this.opened || profile.files.length === 0) return;
    const { id, title } = session.content;
    this.costs.show({
      ...{ kind: 'profile', id: `${id}@${turn}`, title, profile, basis, reveal: owner.reveal },
      ...(before && { before }),
    });
  }

  private async tellOfMapping(session: OpenedSession, owner: ProfileOwner): Promise<void> {
    const { found, of } = session.placed();
    const { mapping } = session.info;
    if (of === 0 || found / of >= LITTLE || mapping === undefined || this.told.has(session.content.id))
      return;
    this.told.add(session.content.id);
    const choose = vscode.l10n.t('Choose Folder…');
    const choice = await warn(
      vscode.l10n.t('Throughline: {0}. Where are the sources of {1}?', mapping, session.content.title),
      choose,
    );
    if (choice !== choose) return;
    this.told.delete(session.content.id);
    await owner.chooseSourceFolder();
  }
}
