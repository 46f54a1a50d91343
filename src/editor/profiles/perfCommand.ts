import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { CancelledError, ThroughlineError } from '../../engine/model/errors';
import { showFailure } from '../failure';
import { warn } from '../messages';
import type { EngineTools } from '../tools';
import { askSeconds, pickProcess } from './pickProcess';
import { ProfileEditor } from './profileEditor';

export interface PerfServices {
  /** Absolute; recordings are kept there. */
  readonly capturesFolder: string;
  readonly state: vscode.Memento;
  readonly tools: EngineTools;
  readonly log: vscode.LogOutputChannel;
}

/** Out of step with what runs every millisecond. */
const FREQUENCY = 999;

/**
 * `throughline.recordPerf`: native and kernel stacks of a Node process that runs, by Linux perf. JavaScript has names
 * in it where the process was started with `--perf-basic-prof`.
 */
export async function recordPerf(services: PerfServices): Promise<void> {
  try {
    if (!vscode.workspace.isTrusted) {
      void warn(vscode.l10n.t('Throughline records no process in an untrusted workspace. Trust it first.'));
      return;
    }
    const available = await services.tools.use(({ perfAvailability }) => perfAvailability());
    // Told before anything is asked: no answer would help.
    if (available.state === 'forbidden') throw new ThroughlineError('CAPTURE_FAILED', available.reason);
    if (available.note !== undefined) services.log.warn(available.note);
    const title = vscode.l10n.t('Record Node Process with perf');
    const target = await pickProcess(title, services.tools);
    const seconds = target && (await askSeconds(title, services));
    if (!target || seconds === undefined) return;
    const file = await record(target.pid, seconds, services);
    await ProfileEditor.open(vscode.Uri.file(file));
  } catch (error) {
    void showFailure(error, services.log);
  }
}

/** Resolves with the text that `perf script` wrote. */
async function record(
  pid: number,
  seconds: number,
  { capturesFolder, tools }: PerfServices,
): Promise<string> {
  const name = `perf-${new Date().toISOString().replaceAll(/[:.]/g, '')}-${pid}`;
  const folder = path.join(capturesFolder, name);
  await mkdir(folder, { recursive: true });
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Throughline', cancellable: true },
    async (progress, token) => {
      const cancel = new AbortController();
      token.onCancellationRequested(() => cancel.abort());
      const { signal } = cancel;
      const recording = await tools.use(({ startPerf }) =>
        startPerf({ pids: [pid], folder, frequency: FREQUENCY, signal }),
      );
      progress.report({ message: vscode.l10n.t('Recording process {0} for {1} s', pid, seconds) });
      await sleep(seconds * 1000, undefined, { signal }).catch(() => {
        throw new CancelledError();
      });
      progress.report({ message: vscode.l10n.t('Writing the stacks') });
      return recording.stop();
    },
  );
}
