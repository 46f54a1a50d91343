import * as vscode from 'vscode';
import type { Profile } from '../../engine/model/profile';
import type { CostBasis } from '../../engine/model/units';
import type { Analysis } from '../../engine/profile/analysis';
import type { ShownCosts } from '../annotations/shownCosts';
import type { CurrentRun } from '../currentRun';
import { showFailure } from '../failure';
import { inform } from '../messages';
import { allocationsOfRun, FlamegraphPanel } from '../panels/flamegraph';
import type { OpenPlace } from '../panels/openFrame';
import type { ProfileContent } from '../panels/profileContent';
import type { ProfileServices } from '../panels/profilePanel';
import type { RunLibrary, StoredRun } from '../runLibrary';
import type { EngineTools } from '../tools';
import { ProfileAnnotator } from './annotateProfile';
import { attach } from './attachCommand';
import { CompareProfiles } from './compareProfiles';
import { CursorLink } from './cursorLink';
import { openProfile } from './openProfile';
import { recordPerf } from './perfCommand';
import { ProfileEditor } from './profileEditor';
import { sourceFolderMemory } from './sourceFolder';
import { openZeroXPage } from './zeroXPage';

export interface ProfilesServices {
  readonly extensionUri: vscode.Uri;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly state: vscode.Memento;
  readonly tools: EngineTools;
  readonly analysis: Analysis;
  /** Absolute; for captures of processes that run outside of any workspace folder. */
  readonly capturesFolder: string;
  readonly library: RunLibrary;
  readonly current: CurrentRun;
  readonly costs: ShownCosts;
  readonly openPlace: OpenPlace;
  /** The run that the shown one is best compared with. */
  readonly counterpart: () => Promise<StoredRun | undefined>;
  readonly log: vscode.LogOutputChannel;
}

/** A profile whose functions and lines are known already. */
export interface Captured {
  readonly content: ProfileContent;
  readonly profile: Profile;
  readonly basis: CostBasis;
}

/** Everything that shows profiles: of runs, of files, and differences of two. */
export class Profiles implements vscode.Disposable {
  readonly flamegraph: FlamegraphPanel;
  private readonly disposables: vscode.Disposable[];

  constructor(private readonly services: ProfilesServices) {
    const { extensionUri, dist, state, library, current, costs, openPlace, counterpart } = services;
    const { analysis, capturesFolder, tools, log } = services;
    const annotator = new ProfileAnnotator(costs, log);
    const panels: ProfileServices = {
      extensionUri,
      dist,
      openPlace,
      isAnnotated: (id) => annotator.isAnnotated(id),
      sourceFolder: sourceFolderMemory(state),
      panels: new Set(),
      log,
    };
    this.flamegraph = new FlamegraphPanel(panels, current);
    this.disposables = [
      this.flamegraph,
      new ProfileEditor(panels, annotator),
      new CompareProfiles({ panels, annotator, library, current, counterpart }),
      new CursorLink({
        panels: panels.panels,
        costs,
        revealInRun: (revealFrame) => this.flamegraph.show({ revealFrame }),
      }),
      vscode.commands.registerCommand('throughline.openFlamegraph', (argument) => this.show(argument)),
      vscode.commands.registerCommand('throughline.attach', () =>
        attach({
          ...{ analysis, capturesFolder, state, tools, log },
          show: (shown) => this.showCaptured(shown),
        }),
      ),
      vscode.commands.registerCommand('throughline.recordPerf', () =>
        recordPerf({ capturesFolder: `${capturesFolder}-perf`, state, tools, log }),
      ),
      vscode.commands.registerCommand('throughline.openZeroX', () => openZeroXPage(current)),
      vscode.commands.registerCommand('throughline.openAllocations', () => this.showAllocations()),
      vscode.commands.registerCommand('throughline.openProfile', (argument?: unknown, selection?: unknown) =>
        openProfile(argument, selection).catch((error: unknown) => showFailure(error, log)),
      ),
    ];
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** In place of the current run's flamegraph, with its costs at the lines. */
  private showCaptured({ content, profile, basis }: Captured): void {
    const { id, title } = content;
    this.flamegraph.showOther(content);
    this.services.costs.show({
      ...{ kind: 'profile', id, title, profile, basis },
      reveal: (frame) => this.flamegraph.showOther(content, frame),
    });
  }

  private showAllocations(): void {
    const allocations = allocationsOfRun(this.services.current.value);
    if (allocations) return this.showCaptured(allocations);
    const heap = this.services.current.value?.run.heap;
    void inform(
      heap?.state === 'none'
        ? vscode.l10n.t('Throughline: this run has no allocations: {0}', heap.reason)
        : vscode.l10n.t(
            'Throughline: this run recorded no allocations. Turn on "throughline.capture.heap" and run again.',
          ),
    );
  }

  /** Lenses and hovers pass the frame to reveal, which is one of the annotated profile's. */
  private show(argument: unknown): void {
    const revealFrame = frameOf(argument);
    const { value } = this.services.costs;
    const isRunWanted = revealFrame === undefined && this.services.current.value?.run.profile.state === 'ok';
    if (value?.reveal && !isRunWanted) value.reveal(revealFrame);
    else this.flamegraph.show({ ...(revealFrame !== undefined && { revealFrame }) });
  }
}

/** Anyone may call the command, so look before use. */
function frameOf(argument: unknown): number | undefined {
  const frame =
    typeof argument === 'number' ? argument : (argument as { frame?: unknown } | undefined)?.frame;
  return typeof frame === 'number' && Number.isInteger(frame) && frame >= 0 ? frame : undefined;
}
