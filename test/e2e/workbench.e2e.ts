import assert from 'node:assert/strict';
import { makeWorkspace } from '../host/workspace';
import { Editor, screenshotOnFailure } from './editor';

describe('the workbench with the extension installed', () => {
  let editor: Editor | undefined;

  before(async () => {
    editor = await Editor.open({ folder: makeWorkspace('palette', {}) });
  });
  afterEach(function () {
    return screenshotOnFailure(this, editor);
  });
  after(() => editor?.close());

  it('offers its main command in the palette', async () => {
    assert.ok(editor);
    const entry = await editor.findCommand('Throughline: Load Test and Profile App');
    assert.match((await entry.textContent()) ?? '', /Load Test and Profile App/);
    await editor.page.keyboard.press('Escape');
  });

  it('has its views in a container of the activity bar', async () => {
    assert.ok(editor);
    await editor.container().click();
    for (const view of ['Hot Spots', 'Hints', 'Runs', 'Metrics']) {
      await editor.page.locator(`.pane-header[aria-label^="${view}"]`).waitFor();
    }
    await editor.page.getByText('No run yet.').waitFor();
    await editor.screenshot('empty');
  });
});
