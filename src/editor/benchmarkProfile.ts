import path from 'node:path';
import * as vscode from 'vscode';
import { ThroughlineError } from '../engine/model/errors';
import type { Analysis } from '../engine/profile/analysis';
import { showFailure } from './failure';
import type { FlamegraphPanel } from './panels/flamegraph';
import { workspaceFolders } from './workspaceFolders';

/**
 * Opens the flamegraph of a benchmark that was just profiled. Arguments: the capture's folder and the
 * benchmark's file, both absolute, a title, and the `AbortSignal` of who asks, if any. Called by the Test Explorer's "Profile".
 */
export async function openBenchmarkProfile(
  services: {
    readonly analysis: Analysis;
    readonly panel: FlamegraphPanel;
    readonly log: vscode.LogOutputChannel;
  },
  args: readonly unknown[],
): Promise<void> {
  try {
    const [folder, file, title, signal] = args;
    if (typeof folder !== 'string' || typeof file !== 'string' || typeof title !== 'string') {
      throw new ThroughlineError('INTERNAL', 'A benchmark profile needs a folder, a file and a title.');
    }
    const treeFile = path.join(folder, 'calltree.json');
    const profile = await services.analysis.analyse(
      {
        captures: [{ folder, pid: 0, thread: 'main' }],
        appFolder: path.dirname(file),
        workspaceFolders: workspaceFolders(),
        treeFile,
      },
      signal instanceof AbortSignal ? { signal } : {},
    );
    const basis = { activeMicros: profile.totals.activeMicros, cpuScale: 1, requests: 0 };
    services.panel.showOther({
      id: `benchmark:${folder}`,
      title,
      subtitle: path.basename(file),
      request: {
        origin: { kind: 'run', treeFile, ...basis },
        folders: [path.dirname(file), ...workspaceFolders()],
      },
      profile,
      folder: path.dirname(file),
      exportBase: vscode.Uri.file(file.replace(/\.[^.]*$/, '')),
    });
  } catch (error) {
    void showFailure(error, services.log);
  }
}
