// Runs in the extension host: takes the figures that only the editor can give, and writes them to a file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import * as vscode from 'vscode';

const RUNS = 3;

describe('figures of the editor', function () {
  this.timeout(180_000);
  const figures: { activationMs: number[]; annotatedMs: number[] } = { activationMs: [], annotatedMs: [] };

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

  after(() => {
    const file = process.env.THROUGHLINE_BENCH_FILE;
    assert.ok(file);
    fs.writeFileSync(file, JSON.stringify(figures));
  });
});
