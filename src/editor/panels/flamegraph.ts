import path from 'node:path';
import * as vscode from 'vscode';
import type { LoadSeries } from '../../engine/model/load';
import type { Profile } from '../../engine/model/profile';
import { runTitle } from '../../engine/model/runTitle';
import { costBasis, profiledRequests, type CostBasis } from '../../engine/model/units';
import { costsOfRun } from '../annotations/costSource';
import type { CurrentRun, OpenRun } from '../currentRun';
import { workspaceFolders } from '../workspaceFolders';
import { sameContent, type PanelContent, type ProfileContent } from './profileContent';
import { ProfilePanel, titleOf, type ProfileServices } from './profilePanel';

/** The flamegraph of the current run, or of a benchmark. One panel, made at the first `show`, kept over reloads. */
export class FlamegraphPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  static readonly viewType = 'throughline.flamegraph';

  private readonly disposables: vscode.Disposable[] = [];
  private panel: ProfilePanel | undefined;
  private shown: PanelContent;
  /** The run that is followed, which may not be what is shown. */
  private followed: string | undefined;

  constructor(
    private readonly services: ProfileServices,
    private readonly currentRun: CurrentRun,
  ) {
    this.shown = contentOfRun(currentRun.value);
    this.followed = currentRun.value?.runFolder;
    this.disposables.push(
      currentRun.onDidChange((run) => this.followRun(run)),
      vscode.window.registerWebviewPanelSerializer(FlamegraphPanel.viewType, this),
    );
  }

  /** Shows the current run; with `revealFrame` (index in `Profile.frames`) selects that function's widest box. */
  show(options: { readonly revealFrame?: number } = {}): void {
    this.open(contentOfRun(this.currentRun.value), options.revealFrame);
  }

  /** Shows the profile of something else than the current run, until another run is opened. */
  showOther(content: ProfileContent, revealFrame?: number): void {
    this.open({ state: 'profile', content }, revealFrame);
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

  private open(wanted: PanelContent, revealFrame: number | undefined): void {
    this.shown = wanted;
    if (!this.panel) {
      const { viewType } = FlamegraphPanel;
      this.adopt(vscode.window.createWebviewPanel(viewType, titleOf(wanted), vscode.ViewColumn.Active));
      if (revealFrame !== undefined) this.panel!.reveal(revealFrame);
      return;
    }
    this.panel.panel.title = titleOf(wanted);
    this.panel.panel.reveal(undefined, false);
    this.panel.show(wanted, revealFrame);
  }

  private followRun(run: OpenRun | undefined): void {
    const wanted = contentOfRun(run);
    // A rename sets the same run again, and takes nothing away that is shown in its place.
    if (run && run.runFolder === this.followed && !sameContent(this.shown, wanted)) return;
    this.followed = run?.runFolder;
    this.shown = wanted;
    if (!this.panel) return;
    this.panel.panel.title = titleOf(wanted);
    this.panel.show(wanted);
  }

  private adopt(webviewPanel: vscode.WebviewPanel): void {
    webviewPanel.title = titleOf(this.shown);
    const panel = new ProfilePanel(webviewPanel, this.services, this.shown, {
      onDispose: () => {
        if (this.panel === panel) this.panel = undefined;
      },
    });
    this.panel = panel;
  }
}

/** The merged capture of a run, as its lists have it: frames and shares are theirs. */
export function contentOfRun(open: OpenRun | undefined): PanelContent {
  if (!open) {
    return { state: 'empty', message: vscode.l10n.t('Run your app under load to see where its time goes.') };
  }
  const { run, runFolder, storeFolder } = open;
  if (run.profile.state !== 'ok') {
    return { state: 'empty', message: vscode.l10n.t('This run has no profile: {0}', run.profile.reason) };
  }
  const folder = run.target.folder ?? storeFolder;
  return {
    state: 'profile',
    content: {
      id: costsOfRun(run, storeFolder)?.id ?? run.id,
      title: runTitle(run),
      subtitle: new Date(run.createdAt).toLocaleString(vscode.env.language),
      request: {
        origin: { kind: 'run', treeFile: path.join(runFolder, 'calltree.json'), ...costBasis(run) },
        folders: [folder, ...workspaceFolders()],
      },
      // The series counts from the load's begin, the stacks of a part of it from the part's.
      ...(!run.profiled && latencyOf(run.load.series)),
      profile: run.profile.profile,
      folder,
      exportBase: vscode.Uri.file(path.join(storeFolder, `flamegraph-${run.id}`)),
    },
  };
}

/** What a run allocated, with its functions and lines; undefined where that was not recorded. */
export function allocationsOfRun(
  open: OpenRun | undefined,
): { readonly content: ProfileContent; readonly profile: Profile; readonly basis: CostBasis } | undefined {
  const shown = contentOfRun(open);
  if (open?.run.heap?.state !== 'ok') return undefined;
  const { run, runFolder, storeFolder } = open;
  const { profile } = open.run.heap;
  const basis: CostBasis = {
    ...{ activeMicros: profile.totals.activeMicros, cpuScale: 1, requests: profiledRequests(run) },
    unit: 'bytes',
  };
  const { activeMicros, cpuScale, requests } = basis;
  const folder = run.target.folder ?? storeFolder;
  return {
    profile,
    basis,
    content: {
      id: `${run.id} ${storeFolder} allocations`,
      title: vscode.l10n.t('Allocations: {0}', runTitle(run)),
      subtitle: shown.state === 'profile' ? shown.content.subtitle : '',
      request: {
        origin: {
          ...{ kind: 'run', treeFile: path.join(runFolder, 'heaptree.json') },
          ...{ requests, cpuScale, activeMicros },
        },
        folders: [folder, ...workspaceFolders()],
      },
      profile,
      folder,
      exportBase: vscode.Uri.file(path.join(storeFolder, `allocations-${run.id}`)),
    },
  };
}

/** The profile's time begins with the steady window, and so do these intervals. */
function latencyOf(series: LoadSeries | undefined): Pick<ProfileContent, 'latency'> {
  if (!series) return {};
  const { intervalMicros, endMicros } = series;
  const seconds = (index: number) => ((endMicros[index] ?? 0) - (endMicros[index - 1] ?? 0)) / 1e6;
  return {
    latency: {
      intervalMicros,
      endMicros: Float64Array.from(endMicros),
      p50Micros: Float64Array.from(series.p50Micros),
      p99Micros: Float64Array.from(series.p99Micros),
      requestsPerSecond: Float64Array.from(series.requests, (count, index) =>
        seconds(index) > 0 ? count / seconds(index) : 0,
      ),
      errors: Float64Array.from(series.errors),
    },
  };
}
