import path from 'node:path';
import * as vscode from 'vscode';
import { ThroughlineError } from '../engine/model/errors';
import type { Analysis } from '../engine/profile/analysis';
import { showFailure } from './failure';
import type { FlamegraphPanel } from './panels/flamegraph';

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
        workspaceFolders: (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
        treeFile,
      },
      signal instanceof AbortSignal ? { signal } : {},
    );
    services.panel.showTree({
      id: `benchmark:${folder}`,
      title,
      subtitle: path.basename(file),
      treeFile,
      profile,
      basis: { activeMicros: profile.totals.activeMicros, cpuScale: 1, requests: 0 },
      folder: path.dirname(file),
    });
  } catch (error) {
    void showFailure(error, services.log);
  }
}
