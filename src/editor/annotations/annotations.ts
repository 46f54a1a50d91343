import * as vscode from 'vscode';
import { warn } from '../messages';
import type { StoredRun } from '../runLibrary';
import { changesAnnotations, readAnnotationSettings } from '../settings';
import type { AnnotationSettings } from './annotationSettings';
import { CostLensProvider, type LensSource } from './costLenses';
import { HeatDecorations, heatMarks, type HeatMark } from './heatDecorations';
import { asPlace, openPlace, type OpenOptions, type Place } from './openPlace';
import { indexOf, type CostIndex } from './costIndex';
import type { ShownCosts } from './shownCosts';
import { TrackedDocuments } from './trackedDocuments';
import { errorMessage } from '../../engine/model/errors';

export interface AnnotationServices {
  readonly costs: ShownCosts;
  /** The run that the shown one is best compared with. Reads the list of runs: asked once a lens is shown. */
  readonly counterpart: () => Promise<StoredRun | undefined>;
  /** Fires when `counterpart` may answer otherwise. */
  readonly onDidChangeRuns: vscode.Event<void>;
}

/**
 * Heat and lenses of the shown run or profile in all editors. Paints only what is visible, and only when something changed.
 * Registers `throughline.openHotSpot`, `throughline.toggleHeat` and `throughline.clearAnnotations`.
 */
export class Annotations implements vscode.Disposable {
  private readonly documents = new TrackedDocuments();
  private readonly heat = new HeatDecorations();
  private readonly lenses: CostLensProvider;
  private index: CostIndex | undefined;
  private settings: AnnotationSettings = readAnnotationSettings();
  /** Which source the index is of. */
  private shown: string | undefined;
  private counterpart: StoredRun | undefined;
  private isCounterpartSought = false;
  private readonly subscriptions: vscode.Disposable[];

  constructor(private readonly services: AnnotationServices) {
    const { costs } = services;
    this.lenses = new CostLensProvider((document) => this.lensSource(document));
    this.subscriptions = [
      this.documents,
      this.heat,
      this.lenses,
      vscode.languages.registerCodeLensProvider({ scheme: 'file' }, this.lenses),
      costs.onDidChange(() => this.showCosts()),
      services.onDidChangeRuns(() => {
        if (this.isCounterpartSought) void this.findCounterpart();
      }),
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
      vscode.commands.registerCommand('throughline.clearAnnotations', () => costs.clear()),
    ];
    if (costs.value) this.showCosts();
  }

  /** What is painted in a document now. */
  marksOf(document: vscode.TextDocument): readonly HeatMark[] {
    const tracked = this.index && this.settings.heat ? this.documents.getNow(document) : undefined;
    return tracked && this.index ? heatMarks(tracked, this.index, this.settings, document.lineCount) : [];
  }

  /** Opens a measured place where it is now. */
  async openPlace(place: Place, options?: OpenOptions): Promise<vscode.TextEditor> {
    return openPlace(place, this.documents, options);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private showCosts(): void {
    const source = this.services.costs.value;
    // A rename sets the same run again: what is known of edits stays.
    if (source !== undefined && source.id === this.shown) return;
    this.shown = source?.id;
    this.index = source && indexOf(source);
    this.documents.reset(this.index);
    this.counterpart = undefined;
    this.isCounterpartSought = false;
    this.refresh();
  }

  private async findCounterpart(): Promise<void> {
    const { index } = this;
    this.isCounterpartSought = true;
    const found = await this.services.counterpart().catch(() => undefined);
    if (index !== this.index || sameRun(found, this.counterpart)) return;
    this.counterpart = found;
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
    if (!tracked) return undefined;
    if (!this.isCounterpartSought && this.index.source.kind === 'run') void this.findCounterpart();
    return {
      index: this.index,
      tracked,
      settings: this.settings,
      ...(this.counterpart && { counterpart: this.counterpart }),
    };
  }

  private async open(argument: unknown): Promise<void> {
    const place = asPlace(argument);
    if (!place) return;
    try {
      await this.openPlace(place);
    } catch (error) {
      const reason = errorMessage(error);
      void warn(vscode.l10n.t('Throughline: {0} cannot be opened: {1}', place.file, reason));
    }
  }
}

function sameRun(a: StoredRun | undefined, b: StoredRun | undefined): boolean {
  return (
    a?.summary.id === b?.summary.id &&
    a?.storeFolder === b?.storeFolder &&
    a?.summary.isBaseline === b?.summary.isBaseline
  );
}

/** For the workspace where it says so, else for the user. */
async function toggleHeat(settings: AnnotationSettings): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('throughline.annotations');
  const inWorkspace = configuration.inspect('heat')?.workspaceValue !== undefined;
  const target = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update('heat', !settings.heat, target);
}
