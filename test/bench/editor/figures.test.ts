// Runs in the extension host: takes the figures that only the editor can give, and writes them to a file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { writeSources } from '../../helpers/profileSources';
import { generateProfile } from '../profiles/generate';

const RUNS = 3;

describe('figures of the editor', function () {
  this.timeout(180_000);
  const figures = { activationMs: [] as number[], annotatedMs: [] as number[], blockedMs: [] as number[] };

  it('activates', async () => {
    const extension = vscode.extensions.getExtension('throughline.throughline');
    assert.ok(extension);
    assert.equal(
      extension.isActive,
      false,
      'the workspace must not have woken it: its loading is measured here',
    );
    const started = performance.now();
    await extension.activate();
    figures.activationMs.push(performance.now() - started);
  });

  it('annotates', async () => {
    for (let i = 0; i < RUNS; i++) {
      const run = await vscode.commands.executeCommand<{ annotatedMs: number } | undefined>(
        'throughline.measure',
      );
      assert.ok(run, 'the run failed; the output channel says why');
      figures.annotatedMs.push(run.annotatedMs);
    }
  });

  it('stays responsive while a profile of 110 MB is opened and its lines are annotated', async () => {
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no workspace');
    const profile = path.join(workspace, 'service.cpuprofile');
    generateProfile(profile, 110);
    const [source = assert.fail('no source')] = writeSources(profile, workspace);
    const { document } = await vscode.window.showTextDocument(vscode.Uri.file(source));
    await vscode.commands.executeCommand('throughline.clearAnnotations');
    await lensesUntil(document, (titles) => titles.length === 0);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await vscode.commands.executeCommand('throughline.openProfile', vscode.Uri.file(profile));
    await lensesUntil(document, (titles) => titles.length > 0);
    delay.disable();
    figures.blockedMs.push(delay.max / 1e6);
  });

  after(() => {
    const file = process.env.THROUGHLINE_BENCH_FILE;
    assert.ok(file);
    fs.writeFileSync(file, JSON.stringify(figures));
  });
});

async function lensesUntil(
  document: vscode.TextDocument,
  fits: (titles: readonly string[]) => boolean,
): Promise<void> {
  for (;;) {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
      100,
    );
    const titles = lenses.map(({ command }) => command?.title ?? '');
    if (fits(titles.filter((title) => title.includes('total')))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
