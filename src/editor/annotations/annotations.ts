import * as vscode from 'vscode';
import type { CurrentRun } from '../currentRun';
import { changesAnnotations, readAnnotationSettings } from '../settings';
import type { AnnotationSettings } from './annotationSettings';
import { CostLensProvider, type LensSource } from './costLenses';
import { HeatDecorations, heatMarks, type HeatMark } from './heatDecorations';
import { asPlace, openPlace, type Place } from './openPlace';
import { RunIndex } from './runIndex';
import { TrackedDocuments } from './trackedDocuments';

export interface AnnotationServices {
  readonly current: CurrentRun;
  /** The newest run before the shown one, as the argument of `throughline.compareRun`. */
  readonly earlierRun: () => Promise<unknown>;
  /** Fires when `earlierRun` may answer otherwise. */
  readonly onDidChangeRuns: vscode.Event<void>;
}

/**
 * Heat and lenses of the shown run in all editors. Paints only what is visible, and only when something changed.
 * Registers `throughline.openHotSpot`, `throughline.toggleHeat` and `throughline.clearAnnotations`.
 */
export class Annotations implements vscode.Disposable {
  private readonly documents = new TrackedDocuments();
  private readonly heat = new HeatDecorations();
  private readonly lenses: CostLensProvider;
  private index: RunIndex | undefined;
  private settings: AnnotationSettings = readAnnotationSettings();
  private earlierRun: unknown;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly services: AnnotationServices) {
    const { current } = services;
    this.lenses = new CostLensProvider((document) => this.lensSource(document));
    this.subscriptions = [
      this.documents,
      this.heat,
      this.lenses,
      vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this.lenses),
      current.onDidChange(() => this.showRun()),
      services.onDidChangeRuns(() => void this.findEarlierRun()),
      this.documents.onDidChange((document) => {
        for (const editor of vscode.window.visibleTextEditors) {
          if (editor.document === document) this.paint(editor);
        }
        this.lenses.refresh();
      }),
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.paint(editor);
      }),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!changesAnnotations(event)) return;
        this.settings = readAnnotationSettings();
        this.refresh();
      }),
      vscode.commands.registerCommand('throughline.openHotSpot', (argument?: unknown) => this.open(argument)),
      vscode.commands.registerCommand('throughline.toggleHeat', () => toggleHeat(this.settings)),
      vscode.commands.registerCommand('throughline.clearAnnotations', () => current.set(undefined)),
    ];
    if (current.value) this.showRun();
  }

  /** What is painted in a document now. */
  marksOf(document: vscode.TextDocument): readonly HeatMark[] {
    const tracked = this.index && this.settings.heat ? this.documents.getNow(document) : undefined;
    return tracked && this.index ? heatMarks(tracked, this.index, this.settings, document.lineCount) : [];
  }

  /** Opens a measured place where it is now. */
  async openPlace(place: Place): Promise<vscode.TextEditor> {
    return openPlace(place, this.documents);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private showRun(): void {
    const open = this.services.current.value;
    this.index = open && open.run.profile.state === 'ok' ? new RunIndex(open.run) : undefined;
    this.documents.reset(this.index);
    this.earlierRun = undefined;
    this.refresh();
    void this.findEarlierRun();
  }

  private async findEarlierRun(): Promise<void> {
    const { index } = this;
    const found = index ? await this.services.earlierRun().catch(() => undefined) : undefined;
    if (index !== this.index || found === this.earlierRun) return;
    this.earlierRun = found;
    this.lenses.refresh();
  }

  private refresh(): void {
    for (const editor of vscode.window.visibleTextEditors) this.paint(editor);
    this.lenses.refresh();
  }

  private paint(editor: vscode.TextEditor): void {
    const tracked = this.index && this.settings.heat ? this.documents.get(editor.document) : undefined;
    if (tracked && this.index) this.heat.paint(editor, tracked, this.index, this.settings);
    else this.heat.clear(editor);
  }

  private lensSource(document: vscode.TextDocument): LensSource | undefined {
    if (!this.index || !this.settings.lens) return undefined;
    const tracked = this.documents.get(document);
    return (
      tracked && {
        index: this.index,
        tracked,
        settings: this.settings,
        ...(this.earlierRun !== undefined && { earlierRun: this.earlierRun }),
      }
    );
  }

  private async open(argument: unknown): Promise<void> {
    const place = asPlace(argument);
    if (!place) return;
    try {
      await this.openPlace(place);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      void vscode.window.showWarningMessage(
        vscode.l10n.t('Throughline: {0} cannot be opened: {1}', place.file, reason),
      );
    }
  }
}

/** For the workspace where it says so, else for the user. */
async function toggleHeat(settings: AnnotationSettings): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('throughline.annotations');
  const inWorkspace = configuration.inspect('heat')?.workspaceValue !== undefined;
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update('heat', !settings.heat, target);
}
