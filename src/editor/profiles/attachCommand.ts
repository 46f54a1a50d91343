import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { attachAndCapture, MAX_ATTACH_SECONDS } from '../../engine/capture/attach/attach';
import { listNodeProcesses, type NodeProcess } from '../../engine/capture/attach/processes';
import { ThroughlineError } from '../../engine/model/errors';
import type { Profile } from '../../engine/model/profile';
import type { CostBasis } from '../../engine/model/units';
import type { Analysis } from '../../engine/profile/analysis';
import { showFailure } from '../failure';
import { warn } from '../messages';
import type { ProfileContent } from '../panels/profileContent';
import { plain } from '../plainText';
import { workspaceFolders } from '../workspaceFolders';

export interface AttachServices {
  readonly analysis: Analysis;
  /** Absolute; captures are kept there until the next one. */
  readonly capturesFolder: string;
  readonly state: vscode.Memento;
  /** Shows what was captured, and annotates the sources. */
  readonly show: (captured: {
    readonly content: ProfileContent;
    readonly profile: Profile;
    readonly basis: CostBasis;
  }) => void;
  readonly log: vscode.LogOutputChannel;
}

const SECONDS_KEY = 'throughline.attach.seconds';
const DEFAULT_SECONDS = 10;

/** `throughline.attach`: records a Node process of this machine for some time, without restarting it. */
export async function attach(services: AttachServices): Promise<void> {
  try {
    if (!vscode.workspace.isTrusted) {
      void warn(vscode.l10n.t('Throughline records no process in an untrusted workspace. Trust it first.'));
      return;
    }
    const target = await pickProcess();
    const seconds = target && (await askSeconds(services.state));
    if (target && seconds !== undefined) await captureAndShow(target, seconds, services);
  } catch (error) {
    void showFailure(error, services.log);
  }
}

async function pickProcess(): Promise<NodeProcess | undefined> {
  const picked = await vscode.window.showQuickPick<ProcessItem>(listNodeProcesses().then(itemsOf), {
    title: vscode.l10n.t('Attach to Node Process'),
    placeHolder: vscode.l10n.t('Which process is to be recorded?'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  const target = picked?.target;
  if (target && !target.canAttach) throw new ThroughlineError('CAPTURE_FAILED', target.reason ?? '');
  return target;
}

interface ProcessItem extends vscode.QuickPickItem {
  readonly target: NodeProcess;
}

function itemsOf(processes: readonly NodeProcess[]): ProcessItem[] {
  if (processes.length === 0) {
    throw new ThroughlineError(
      'CAPTURE_FAILED',
      vscode.l10n.t('No other Node process of yours runs on this machine.'),
    );
  }
  return processes.map((target) => ({
    label: target.title ?? String(target.pid),
    description: target.canAttach ? `pid ${target.pid}` : `pid ${target.pid} · ${target.reason ?? ''}`,
    detail: target.commandLine,
    ...(!target.canAttach && { iconPath: new vscode.ThemeIcon('circle-slash') }),
    target,
  }));
}

async function askSeconds(state: vscode.Memento): Promise<number | undefined> {
  const last = state.get<unknown>(SECONDS_KEY);
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Attach to Node Process'),
    prompt: vscode.l10n.t('Seconds to record, while the process does what is to be seen'),
    value: String(typeof last === 'number' ? last : DEFAULT_SECONDS),
    validateInput: (value) =>
      secondsOf(value) === undefined
        ? vscode.l10n.t('A number from 1 to {0}.', MAX_ATTACH_SECONDS)
        : undefined,
  });
  const seconds = text === undefined ? undefined : secondsOf(text);
  if (seconds !== undefined) await state.update(SECONDS_KEY, seconds);
  return seconds;
}

function secondsOf(text: string): number | undefined {
  const seconds = Number(text);
  return text.trim() !== '' && seconds >= 1 && seconds <= MAX_ATTACH_SECONDS ? seconds : undefined;
}

async function captureAndShow(
  { pid, title, commandLine, folder: appFolder }: NodeProcess,
  seconds: number,
  { analysis, capturesFolder, show, log }: AttachServices,
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
      const { captures, warnings } = await attachAndCapture({
        ...{ pid, seconds, folder, signal: cancel.signal },
        onProgress: ({ message, fraction }) => {
          progress.report({ message: plain(message), increment: (fraction - done) * 100 });
          done = fraction;
        },
      });
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
