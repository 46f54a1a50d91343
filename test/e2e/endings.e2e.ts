import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { processesWith } from '../helpers/processGroup.mjs';
import { makeWorkspace } from '../host/workspace';
import { Editor, screenshotOnFailure } from './editor';

/** Set for the editor's server, and so for every process that descends from it. */
const MARK = 'THROUGHLINE_E2E_EDITOR';

describe('a run that is cut short in the real editor', () => {
  let editor: Editor;
  let mark: string;

  beforeEach(async () => {
    mark = randomUUID();
    const folder = makeWorkspace('endings', {
      'throughline.load.warmup': 1,
      'throughline.load.duration': 120,
      'throughline.target.command': 'npm run start',
    });
    editor = await Editor.open({ folder, env: { [MARK]: mark } });
    await editor.run('Throughline: Load Test and Profile App');
    await editor.statusBarItem(/Measuring.*req\/s/).waitFor({ timeout: 120_000 });
    assert.notDeepEqual(ofTheRun(), []);
  });
  afterEach(async function () {
    await screenshotOnFailure(this, editor);
    await editor?.close();
  });

  it('leaves no process when cancelled, and says so nowhere as a failure', async () => {
    await editor.notification('Throughline').getByText('Cancel').click();
    await editor.statusBarItem(/req\/s/).waitFor({ state: 'hidden' });
    assert.deepEqual(ofTheRun(), []);
    assert.equal(await editor.page.locator('.notification-toast .codicon-error').count(), 0);
  });

  it('leaves no process when the extension host is killed', async () => {
    const host = processesWith(MARK, mark).find(({ command }) => command.includes('--type=extensionHost'));
    assert.ok(host, 'an extension host');
    process.kill(host.pid, 'SIGKILL');
    await editor.eventually(async () => (ofTheRun().length === 0 ? true : undefined), 'end of the run');
  });

  it('leaves no process when the editor and its server end', async () => {
    await editor.close();
    await editor.eventually(async () => (all().length === 0 ? true : undefined), 'end of all processes');
  });

  const all = () => processesWith(MARK, mark);
  /** The app, what started it, and the load: everything but the editor's own. */
  const ofTheRun = () =>
    all()
      .map(({ command }) => command)
      .filter((command) => /dist\/(supervisor|generator)\.cjs|server\.js|npm run start/.test(command));
});
