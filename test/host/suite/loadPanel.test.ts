import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CurrentRun, type OpenRun } from '../../../src/editor/currentRun';
import { LoadLive } from '../../../src/editor/panels/loadLive';
import { LoadPanel } from '../../../src/editor/panels/loadPanel';
import type { LoadPanelActions } from '../../../src/editor/panels/loadPanels';
import { RunLibrary } from '../../../src/editor/runLibrary';
import { RunStore } from '../../../src/engine/runs/store';
import type { FromLoad, ToLoad } from '../../../src/protocol/load';
import { parseToLoad } from '../../../src/protocol/loadMessages';
import { loadTestRun, loadWindow } from '../../unit/webviews/loadSamples';
import { FakePanel } from './fakePanel';

type Fake = FakePanel<ToLoad, FromLoad>;

let disposables: vscode.Disposable[] = [];
/** One for all tests: a channel of a name that was closed cannot be opened again. */
let log: vscode.LogOutputChannel | undefined;

afterEach(() => {
  for (const disposable of disposables) disposable.dispose();
  disposables = [];
});

function kept<T extends vscode.Disposable>(disposable: T): T {
  disposables.push(disposable);
  return disposable;
}

function openPanel(content: ConstructorParameters<typeof LoadPanel>[2], actions: LoadPanelActions = {}) {
  const fake: Fake = new FakePanel<ToLoad, FromLoad>();
  const services = {
    extensionUri: vscode.Uri.file('/extension'),
    library: kept(new RunLibrary()),
    current: kept(new CurrentRun()),
    actions,
    log: (log ??= vscode.window.createOutputChannel('Load panel test', { log: true })),
  };
  let isDisposed = false;
  const panel = kept(new LoadPanel(fake, services, content, () => (isDisposed = true)));
  return { fake, panel, services, isDisposed: () => isDisposed };
}

function liveTest(onStop: () => void = () => undefined): LoadLive {
  return new LoadLive({ title: 'Shop', kind: 'load', onStop });
}

function openRun(): OpenRun {
  return { run: loadTestRun(), storeFolder: '/app', runFolder: '/app/.throughline/runs/x' };
}

const points = (message: ToLoad) => (message.type === 'live' ? message.points : assert.fail(message.type));

describe('panel of load tests', () => {
  it('posts nothing before the webview is ready, and few messages for many events', async () => {
    const live = liveTest();
    const { fake, panel } = openPanel({ state: 'live', live });
    for (let index = 0; index < 50; index++) {
      live.add({ type: 'loadWindow', window: loadWindow(index) });
      panel.update();
    }
    assert.equal(fake.posted.length, 0);
    fake.say({ type: 'ready' });
    assert.equal(points(await fake.until('live')).columns.seconds.length, 50);
    for (let index = 50; index < 100; index++) {
      live.add({ type: 'loadWindow', window: loadWindow(index) });
      panel.update();
    }
    const changes = points(await fake.until('live', (message) => message.points.from === 50));
    assert.equal(changes.columns.seconds.length, 50);
    assert.equal(fake.posted.length, 2);
    for (const message of fake.posted) assert.doesNotThrow(() => parseToLoad(message));
  });

  it('posts nothing while it is hidden, and everything when it is seen again', async () => {
    const live = liveTest();
    const { fake, panel } = openPanel({ state: 'live', live });
    live.add({ type: 'loadWindow', window: loadWindow(0) });
    fake.say({ type: 'ready' });
    await fake.until('live');
    fake.setVisible(false);
    const before = fake.posted.length;
    for (let index = 1; index < 20; index++) {
      live.add({ type: 'loadWindow', window: loadWindow(index) });
      panel.update();
    }
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(fake.posted.length, before);
    fake.setVisible(true);
    fake.say({ type: 'ready' });
    const again = points(await fake.until('live', (message) => message.points.columns.seconds.length === 20));
    assert.equal(again.from, 0);
  });

  it('stops once, and says so at once', async () => {
    let stops = 0;
    const live = liveTest(() => stops++);
    const { fake } = openPanel({ state: 'live', live });
    fake.say({ type: 'ready' });
    fake.say({ type: 'stop' });
    fake.say({ type: 'stop' });
    await fake.until('live', ({ test }) => test.stopping);
    assert.equal(stops, 1);
  });

  it('shows the result in place of the live test, with the buttons that do something', async () => {
    const open = openRun();
    const exported: string[] = [];
    const { fake, panel, services } = openPanel(
      { state: 'live', live: liveTest() },
      {
        exportReport: async (run, format) => void exported.push(`${run.run.id} ${format}`),
        openFile: async (run) => void exported.push(`open ${run.run.loadTest?.file}`),
      },
    );
    fake.say({ type: 'ready' });
    panel.show({ state: 'result', open });
    const { result } = await fake.until('result');
    assert.doesNotThrow(() => parseToLoad({ type: 'result', result }));
    assert.deepEqual(result.actions, ['exportHtml', 'exportMarkdown', 'openFile', 'compare']);
    assert.equal(fake.title, 'Load Test: Shop at its peak');
    fake.say({ type: 'action', action: 'exportHtml' });
    fake.say({ type: 'action', action: 'openFile' });
    // A button that was not offered does nothing.
    fake.say({ type: 'action', action: 'runAgain' });
    assert.deepEqual(exported, [`${open.run.id} html`, 'open load/shop.load.json']);
    assert.equal(services.current.value, undefined);
  });

  it('says why there is no result', async () => {
    const { fake, panel } = openPanel({ state: 'live', live: liveTest() });
    fake.say({ type: 'ready' });
    panel.show({ state: 'failed', title: 'Shop', message: 'The app ended.', nextStep: 'Read its output.' });
    const failed = await fake.until('failed');
    assert.equal(failed.nextStep, 'Read its output.');
    const { loadTest: _none, ...run } = loadTestRun();
    panel.show({ state: 'result', open: { ...openRun(), run } });
    assert.match((await fake.until('empty')).message, /not a load test/);
  });

  it('logs what it does not understand, and goes on', async () => {
    const { fake } = openPanel({ state: 'result', open: openRun() });
    fake.say({ type: 'format the disk' } as unknown as FromLoad);
    fake.say({ type: 'ready' });
    await fake.until('result');
  });

  it('tells who made it that it is gone', () => {
    const { panel, isDisposed } = openPanel({ state: 'empty', message: 'Nothing.' });
    panel.dispose();
    assert.equal(isDisposed(), true);
  });
});

describe('results of load tests in the editor', () => {
  const tabs = () =>
    vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(
        ({ input }) =>
          input instanceof vscode.TabInputWebview && /throughline\.loadTest$/.test(input.viewType),
      );

  it('open with the run, in one panel for all of them', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no workspace');
    const store = new RunStore(folder);
    const save = async (name: string) => {
      const draft = await store.begin();
      const { id: _id, formatVersion: _version, ...run } = loadTestRun({ name });
      return draft.commit({ ...run, target: { ...run.target, folder } });
    };
    const runs = [await save('First'), await save('Second')];
    try {
      for (const { id, loadTest } of runs) {
        const summary = (await store.list()).find((entry) => entry.id === id);
        await vscode.commands.executeCommand('throughline.openRun', { storeFolder: folder, summary });
        await vscode.commands.executeCommand('throughline.openLoadResult');
        const end = Date.now() + 30_000;
        while (tabs()[0]?.label !== `Load Test: ${loadTest?.name}` && Date.now() < end) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.deepEqual(
          tabs().map(({ label }) => label),
          [`Load Test: ${loadTest?.name}`],
        );
      }
    } finally {
      await vscode.window.tabGroups.close(tabs());
      for (const { id } of runs) await store.delete(id);
    }
  });
});
