import * as vscode from 'vscode';
import {
  CancelledError,
  nextStep,
  ThroughlineError,
  type ErrorCode,
  errorMessage,
} from '../engine/model/errors';
import { fail } from './messages';

interface Remedy {
  readonly title: string;
  readonly run: () => Thenable<unknown>;
}

/** Tells a failure in one sentence with the next step and a button that helps. A cancel is not a failure. */
export async function showFailure(error: unknown, log: vscode.LogOutputChannel): Promise<void> {
  if (error instanceof CancelledError) return;
  const known = error instanceof ThroughlineError ? error : undefined;
  const message = errorMessage(error);
  log.error(known ? `${known.code}: ${message}` : error instanceof Error ? error : message);
  if (known?.detail) log.error(known.detail);

  const remedies = known ? remediesFor(known.code) : [];
  const output: Remedy = { title: vscode.l10n.t('Show Output'), run: async () => log.show(true) };
  const offered = [...remedies, output];
  const text = known ? `${message} ${nextStep(known.code)}` : message;
  const choice = await fail(`Throughline: ${text}`, ...offered.map(({ title }) => title));
  await offered.find(({ title }) => title === choice)?.run();
}

function remediesFor(code: ErrorCode): Remedy[] {
  const settings = (query: string): Remedy => ({
    title: vscode.l10n.t('Open Settings'),
    run: () => vscode.commands.executeCommand('workbench.action.openSettings', query),
  });
  switch (code) {
    case 'BAD_SETTING':
      return [settings('throughline.')];
    case 'BAD_LOAD_TEST':
      return [
        {
          title: vscode.l10n.t('Show Problems'),
          run: () => vscode.commands.executeCommand('workbench.actions.view.problems'),
        },
      ];
    case 'NO_LOAD_TEST':
      return [
        {
          title: vscode.l10n.t('New Load Test…'),
          run: () => vscode.commands.executeCommand('throughline.newLoadTest'),
        },
      ];
    case 'NO_TARGET':
      return [settings('throughline.target.command')];
    case 'TARGET_NEEDS_ENV':
      return [settings('throughline.target.env')];
    case 'TARGET_NOT_LISTENING':
      return [settings('throughline.target.readyTimeout')];
    case 'PROBE_NO_REPLY':
    case 'PROBE_REFUSED':
    case 'LOAD_NO_REQUESTS':
      return [settings('throughline.load.routes')];
    case 'TARGET_NOT_STARTED':
    case 'TARGET_EXITED':
      return [
        {
          title: vscode.l10n.t('Choose How to Start'),
          run: () => vscode.commands.executeCommand('throughline.chooseTarget'),
        },
      ];
    default:
      return [];
  }
}
