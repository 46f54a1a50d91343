import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('the command in the extension host', () => {
  let pricing: vscode.Uri;
  let warnings: string[];

  before(async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    pricing = vscode.Uri.joinPath(folder.uri, 'src/services/pricing.ts');
    const run = await vscode.commands.executeCommand<{ id: string } | undefined>('throughline.measure');
    assert.ok(run, 'the run failed; the output channel says why');
    const saved = vscode.Uri.joinPath(folder.uri, '.throughline/runs', run.id, 'run.json');
    const text = Buffer.from(await vscode.workspace.fs.readFile(saved)).toString();
    ({ warnings } = JSON.parse(text) as { warnings: string[] });
  });

  it('keeps connections alive, though the editor puts its own agent into Node’s http', () => {
    assert.deepEqual(
      warnings.filter((warning) => warning.includes('closes the connection')),
      [],
    );
  });

  const lensesOf = async (uri: vscode.Uri) => {
    const document = await vscode.workspace.openTextDocument(uri);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
      100,
    );
    return lenses.map(({ range, command }) => ({
      text: document.lineAt(range.start.line).text,
      title: command?.title ?? '',
    }));
  };

  it('gives the hot function its lens', async () => {
    const lenses = await eventually(async () => {
      const found = await lensesOf(pricing);
      return found.length > 0 ? found : undefined;
    });
    const costs = lenses.filter(({ title }) => /^total [\d.]+ % · self [\d.]+ %/.test(title));
    assert.ok(
      costs.some(({ text }) => text.includes('function demandPrice')),
      JSON.stringify(lenses),
    );
  });

  it('marks the file as edited, and takes that back with the edit', async () => {
    const document = await vscode.workspace.openTextDocument(pricing);
    const editor = await vscode.window.showTextDocument(document);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// a line above\n'));
    const edited = await eventually(async () => {
      const found = await lensesOf(pricing);
      return found.some(({ title }) => title.includes('edited since the run')) ? found : undefined;
    });
    // The lens has moved with its function.
    const hot = edited.filter(({ title }) => title.startsWith('total'));
    assert.ok(
      hot.some(({ text }) => text.includes('function demandPrice')),
      JSON.stringify(edited),
    );
    await vscode.commands.executeCommand('undo');
    await eventually(async () =>
      (await lensesOf(pricing)).every(({ title }) => !title.includes('edited')) ? true : undefined,
    );
  });

  it('leaves no debugger, terminal or task behind', () => {
    assert.equal(vscode.debug.activeDebugSession, undefined);
    assert.deepEqual(
      vscode.window.terminals.map(({ name }) => name),
      [],
    );
    assert.deepEqual(vscode.tasks.taskExecutions, []);
  });
});

async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
