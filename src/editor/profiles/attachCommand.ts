import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { NodeProcess } from '../../engine/capture/attach/processes';
import { ThroughlineError } from '../../engine/model/errors';
import type { Profile } from '../../engine/model/profile';
import type { CostBasis } from '../../engine/model/units';
import type { Analysis } from '../../engine/profile/analysis';
import { showFailure } from '../failure';
import { warn } from '../messages';
import type { ProfileContent } from '../panels/profileContent';
import { plain } from '../plainText';
import type { EngineTools } from '../tools';
import { workspaceFolders } from '../workspaceFolders';
import { askSeconds, pickProcess } from './pickProcess';

export interface AttachServices {
  readonly analysis: Analysis;
  /** Absolute; captures are kept there until the next one. */
  readonly capturesFolder: string;
  readonly state: vscode.Memento;
  readonly tools: EngineTools;
  /** Shows what was captured, and annotates the sources. */
  readonly show: (captured: {
    readonly content: ProfileContent;
    readonly profile: Profile;
    readonly basis: CostBasis;
  }) => void;
  readonly log: vscode.LogOutputChannel;
}

/** `throughline.attach`: records a Node process of this machine for some time, without restarting it. */
export async function attach(services: AttachServices): Promise<void> {
  try {
    if (!vscode.workspace.isTrusted) {
      void warn(vscode.l10n.t('Throughline records no process in an untrusted workspace. Trust it first.'));
      return;
    }
    const title = vscode.l10n.t('Attach to Node Process');
    const target = await pickProcess(title, services.tools);
    if (target && !target.canAttach) throw new ThroughlineError('CAPTURE_FAILED', target.reason ?? '');
    const seconds = target && (await askSeconds(title, services));
    if (target && seconds !== undefined) await captureAndShow(target, seconds, services);
  } catch (error) {
    void showFailure(error, services.log);
  }
}

async function captureAndShow(
  { pid, title, commandLine, folder: appFolder }: NodeProcess,
  seconds: number,
  { analysis, capturesFolder, tools, show, log }: AttachServices,
): Promise<void> {
  const started = new Date();
  const folder = path.join(capturesFolder, `${started.toISOString().replaceAll(/[:.]/g, '')}-${pid}`);
  await rm(capturesFolder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const treeFile = path.join(folder, 'calltree.json');
  const [firstFolder] = workspaceFolders();
  const profile = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Throughline', cancellable: true },
    async (progress, token) => {
      const cancel = new AbortController();
      token.onCancellationRequested(() => cancel.abort());
      let done = 0;
      const { captures, warnings } = await tools.use(({ attachAndCapture }) =>
        attachAndCapture({
          ...{ pid, seconds, folder, signal: cancel.signal },
          onProgress: ({ message, fraction }) => {
            progress.report({ message: plain(message), increment: (fraction - done) * 100 });
            done = fraction;
          },
        }),
      );
      for (const warning of warnings) log.warn(warning);
      progress.report({ message: vscode.l10n.t('Mapping samples to lines') });
      return analysis.analyse(
        {
          captures,
          appFolder: appFolder ?? firstFolder ?? folder,
          workspaceFolders: workspaceFolders(),
          treeFile,
        },
        { signal: cancel.signal },
      );
    },
  );
  const basis = { activeMicros: profile.totals.activeMicros, cpuScale: 1, requests: 0 };
  const shownFolder = appFolder ?? firstFolder;
  const content: ProfileContent = {
    id: `attached:${folder}`,
    title: `${title ?? 'node'} (${pid})`,
    subtitle: `${started.toLocaleString(vscode.env.language)} · ${commandLine.slice(0, 200)}`,
    request: {
      origin: { kind: 'run', treeFile, ...basis },
      folders: [...(appFolder === undefined ? [] : [appFolder]), ...workspaceFolders()],
    },
    profile,
    ...(shownFolder !== undefined && { folder: shownFolder }),
    exportBase: vscode.Uri.file(path.join(firstFolder ?? folder, `attached-${pid}`)),
  };
  show({ content, profile, basis });
}
