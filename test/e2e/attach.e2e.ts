import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { makeWorkspace } from '../host/workspace';
import { Editor, screenshotOnFailure } from './editor';

const SOURCE = [
  'function burn() {',
  '  let sum = 0;',
  '  for (let i = 0; i < 2e6; i++) sum += Math.sqrt(i);',
  '  return sum;',
  '}',
  'setInterval(burn, 5);',
  '',
].join('\n');

describe('a process that runs already', () => {
  let editor: Editor | undefined;
  let child: ChildProcess | undefined;

  afterEach(async function () {
    await screenshotOnFailure(this, editor);
    await editor?.close();
    child?.kill('SIGKILL');
  });

  it('is attached to from a list, recorded, shown and annotated, and lives on', async () => {
    const folder = makeWorkspace('attach', {});
    const file = path.join(folder, 'burning.js');
    fs.writeFileSync(path.join(folder, 'package.json'), '{"name":"burning"}');
    fs.writeFileSync(file, SOURCE);
    child = spawn(process.execPath, [file], { cwd: folder, stdio: 'ignore' });
    editor = await Editor.open({ folder, openFile: file });
    await editor.run('Throughline: Attach to Node Process…');
    await editor.quickPickRow(new RegExp(`pid ${child.pid}`)).click();
    await editor.input().fill('3');
    await editor.page.keyboard.press('Enter');
    const view = await editor.webviewWith('.profile .chart');
    await view.locator('h1', { hasText: `attach (${child.pid})` }).waitFor();
    await view.locator('.toolbar').getByRole('button', { name: 'Table', exact: true }).click();
    const first = view.locator('tbody tr[data-index]').first();
    await first.waitFor();
    assert.match((await first.textContent()) ?? '', /burn/);
    await editor.screenshot('attached');
    await editor.openFile('burning.js');
    const shown = editor;
    await shown.eventually(
      async () => (/self [\d.]+ %/.test((await shown.lineEnds()).get(3) ?? '') ? true : undefined),
      'heat at the hot line',
    );
    assert.equal(child.exitCode, null);
  });
});
