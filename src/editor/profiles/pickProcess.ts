import * as vscode from 'vscode';
import type { NodeProcess } from '../../engine/capture/attach/processes';
import { ThroughlineError } from '../../engine/model/errors';
import type { EngineTools } from '../tools';

const SECONDS_KEY = 'throughline.attach.seconds';
const DEFAULT_SECONDS = 10;

/** Asks which Node process of this machine is meant. @throws {ThroughlineError} where there is none. */
export async function pickProcess(title: string, tools: EngineTools): Promise<NodeProcess | undefined> {
  const processes = tools.use(({ listNodeProcesses }) => listNodeProcesses());
  const picked = await vscode.window.showQuickPick<ProcessItem>(processes.then(itemsOf), {
    title,
    placeHolder: vscode.l10n.t('Which process is to be recorded?'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.target;
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

/** For how long it is recorded; remembered. */
export async function askSeconds(
  title: string,
  { state, tools }: { readonly state: vscode.Memento; readonly tools: EngineTools },
): Promise<number | undefined> {
  const most = await tools.use(({ MAX_ATTACH_SECONDS }) => MAX_ATTACH_SECONDS);
  const last = state.get<unknown>(SECONDS_KEY);
  const text = await vscode.window.showInputBox({
    title,
    prompt: vscode.l10n.t('Seconds to record, while the process does what is to be seen'),
    value: String(typeof last === 'number' ? last : DEFAULT_SECONDS),
    validateInput: (value) =>
      secondsOf(value, most) === undefined ? vscode.l10n.t('A number from 1 to {0}.', most) : undefined,
  });
  const seconds = text === undefined ? undefined : secondsOf(text, most);
  if (seconds !== undefined) await state.update(SECONDS_KEY, seconds);
  return seconds;
}

function secondsOf(text: string, most: number): number | undefined {
  const seconds = Number(text);
  return text.trim() !== '' && seconds >= 1 && seconds <= most ? seconds : undefined;
}
