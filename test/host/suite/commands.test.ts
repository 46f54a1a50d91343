import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { openPlace } from '../../../src/editor/annotations/openPlace';
import { CostIndex } from '../../../src/editor/annotations/costIndex';
import { TrackedDocuments } from '../../../src/editor/annotations/trackedDocuments';
import { urlProblem } from '../../../src/editor/askUrl';
import { Attention } from '../../../src/editor/attention';
import { CurrentRun } from '../../../src/editor/currentRun';
import { LastRun } from '../../../src/editor/lastRun';
import { RunLibrary } from '../../../src/editor/runLibrary';
import { readPlanSettings } from '../../../src/editor/settings';
import { runRequest } from '../../../src/editor/testing/benchmarkRun';
import { offerBenchmarks } from '../../../src/editor/testing/benchmarks';
import { EngineTools } from '../../../src/editor/tools';
import { RunsProvider } from '../../../src/editor/trees/runsProvider';
import type { Measurement } from '../../../src/engine/bench/messages';
import type { Run } from '../../../src/engine/model/run';
import { RunStore } from '../../../src/engine/runs/store';
import { costlyRun, costs } from '../../unit/editor/costlyRun';

const SOURCE = ['export function hot(n) {', '  return Math.sqrt(n);', '}', ''].join('\n');

const MEASUREMENT: Measurement = {
  ...{ p50Ms: 1, madMs: 0.1, p75Ms: 1.1, p99Ms: 2, minMs: 0.9, maxMs: 3 },
  ...{ samples: 100, opsPerSecond: 1000 },
};

let folders: string[] = [];

describe('commands on saved runs', () => {
  before(() => vscode.extensions.getExtension('throughline.throughline')?.activate());

  afterEach(async () => {
    await vscode.commands.executeCommand('throughline.clearAnnotations');
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
    folders = [];
  });

  it('opens the run that was asked for last, however long the one before takes', async () => {
    const store = newStore();
    const slow = await save(store, { warnings: Array.from({ length: 100_000 }, (_, i) => `warning ${i}`) });
    const quick = await save(store);
    const opened = await Promise.all(
      [slow, quick].map((id) => vscode.commands.executeCommand('throughline.openRun', stored(store, id))),
    );
    assert.deepEqual(opened, [undefined, quick]);
  });

  it('deletes the damaged run whose row it is called on', async () => {
    const store = newStore();
    await save(store);
    const bad = '20260101T000000Z-abcdef';
    fs.mkdirSync(store.runFolder(bad));
    fs.writeFileSync(path.join(store.runFolder(bad), 'run.json'), '{"format');
    const { problems } = await store.scan();
    assert.equal(problems.length, 1);
    await vscode.commands.executeCommand('throughline.deleteRun', {
      storeFolder: store.folder,
      ...problems[0],
    });
    const left = await store.scan();
    assert.deepEqual([left.runs.length, left.problems.length], [1, 0]);
  });

  it('clears the baseline of the one app that it is called on', async () => {
    const [a, b] = [newStore(), newStore()];
    const ids = [await save(a), await save(b)];
    await a.setBaseline(ids[0]!);
    await b.setBaseline(ids[1]!);
    await vscode.commands.executeCommand('throughline.clearBaseline', stored(a, ids[0]!));
    assert.equal(await a.baseline(), undefined);
    assert.equal((await b.baseline())?.runId, ids[1]);
  });

  it('compares with the baseline, and not where its run is gone', async () => {
    const store = newStore();
    const before = await save(store);
    const after = await save(store);
    await store.setBaseline(before);
    await vscode.commands.executeCommand('throughline.openRun', stored(store, after));
    await vscode.commands.executeCommand('throughline.compareBaseline');
    await until(
      () => comparisons().some((label) => label.includes(`${before} - ${after}`)),
      String(comparisons()),
    );
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await (await store.delete(before)).purge();
    await vscode.commands.executeCommand('throughline.compareBaseline');
    assert.deepEqual(comparisons(), []);
  });

  describe('the lens that compares', () => {
    it('leads to the baseline and says so', async () => {
      const store = newStore();
      const file = hotFile(store);
      const baseline = await save(store, profileOf(file));
      await laterSecond();
      await save(store, profileOf(file));
      await laterSecond();
      const shown = await save(store, profileOf(file));
      await store.setBaseline(baseline);
      assert.deepEqual(await compareLens(store, shown, file), ['Compare with Baseline', baseline]);
    });

    it('leads to no run of another target, and to none without a profile', async () => {
      const store = newStore();
      const file = hotFile(store);
      const same = await save(store, profileOf(file));
      await laterSecond();
      const run = profileOf(file);
      await save(store, { ...run, target: { ...run.target, label: 'npm run other' } });
      await save(store, { ...run, profile: { state: 'none', reason: 'off' } });
      await laterSecond();
      const shown = await save(store, run);
      assert.deepEqual(await compareLens(store, shown, file), ['Compare', same]);
    });
  });

  it('keeps following edits when the shown run is set again', async () => {
    const store = newStore();
    const file = hotFile(store);
    const id = await save(store, profileOf(file));
    await vscode.commands.executeCommand('throughline.openRun', stored(store, id));
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    await lensWith(document, /^total/);
    const change = new vscode.WorkspaceEdit();
    change.insert(document.uri, new vscode.Position(0, 0), '// above\n');
    assert.ok(await vscode.workspace.applyEdit(change));
    // On the disk nothing tells any more what the measured text was.
    assert.ok(await document.save());
    await lensWith(document, /stale in part/);
    await vscode.commands.executeCommand('throughline.openRun', stored(store, id));
    const lenses = await lensWith(document, /./);
    assert.ok(lenses.some(({ command }) => /stale in part/.test(command?.title ?? '')));
    assert.ok(lenses.some(({ range }) => range.start.line === 1));
  });
});

describe('saved runs at the start', () => {
  let workspace: string;
  let state: vscode.Memento;
  let library: RunLibrary;
  let current: CurrentRun;
  let last: LastRun;
  const warnings: string[] = [];

  before(() => {
    workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no workspace');
  });

  beforeEach(() => {
    const values = new Map<string, unknown>();
    state = {
      keys: () => [...values.keys()],
      get: <T>(key: string, otherwise?: T) => (values.get(key) as T | undefined) ?? otherwise,
      update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
    };
    warnings.length = 0;
  });

  afterEach(() => {
    for (const each of [last, current, library]) each.dispose();
    fs.rmSync(path.join(workspace, 'services'), { recursive: true, force: true });
  });

  function newSession(): Promise<void> {
    library = new RunLibrary();
    current = new CurrentRun();
    last = new LastRun(library, current, state, { warn: (text: string) => void warnings.push(text) });
    return last.restore();
  }

  function endSession(): void {
    for (const each of [last, current, library]) each.dispose();
  }

  /** Ids begin with the time: later than whatever the workspace holds. */
  async function saveApp(name: string, id: string): Promise<RunStore> {
    const folder = path.join(workspace, 'services', name);
    fs.mkdirSync(folder, { recursive: true });
    const store = new RunStore(folder);
    const saved = await save(store);
    fs.renameSync(store.runFolder(saved), store.runFolder(id));
    const file = path.join(store.runFolder(id), 'run.json');
    fs.writeFileSync(file, JSON.stringify({ ...(JSON.parse(fs.readFileSync(file, 'utf8')) as Run), id }));
    return store;
  }

  const EARLY = '20990101T000000Z-aaaaaa';
  const LATE = '20990102T000000Z-bbbbbb';

  it('are found in the apps below the workspace folder, and the newest is shown', async () => {
    const early = await saveApp('early', EARLY);
    const late = await saveApp('late', LATE);
    await newSession();
    assert.equal(current.value?.run.id, LATE);
    assert.equal(current.value?.storeFolder, late.folder);
    const listed = (await library.list()).map(({ storeFolder }) => storeFolder);
    assert.ok(listed.includes(early.folder) && listed.includes(late.folder), listed.join());
  });

  it('are shown as they were left: the one that was open, or none', async () => {
    const early = await saveApp('early', EARLY);
    await saveApp('late', LATE);
    await newSession();
    current.set(await library.open(early.folder, EARLY));
    endSession();
    await newSession();
    assert.equal(current.value?.run.id, EARLY);
    current.set(undefined);
    endSession();
    await newSession();
    assert.equal(current.value, undefined);
  });

  it('are not opened by themselves where they are huge or damaged', async () => {
    const late = await saveApp('late', LATE);
    const file = path.join(late.runFolder(LATE), 'run.json');
    fs.truncateSync(file, 65 * 1024 * 1024);
    await newSession();
    assert.equal(current.value, undefined);
    assert.match(warnings.join(), /bytes, which are not read unasked/);
    endSession();
    fs.writeFileSync(file, '{');
    await newSession();
    assert.equal(current.value, undefined);
    assert.equal(warnings.length, 2, warnings.join());
  });

  it('give way to a run that was opened meanwhile', async () => {
    const early = await saveApp('early', EARLY);
    await saveApp('late', LATE);
    const restored = newSession();
    const open = await library.open(early.folder, EARLY);
    current.set(open);
    await restored;
    assert.equal(current.value, open);
  });

  it('are listed beside a store that cannot be read, which has a row of its own', async function () {
    if (process.platform === 'win32') this.skip();
    await saveApp('late', LATE);
    const broken = path.join(workspace, 'services', 'broken');
    fs.mkdirSync(broken);
    // A store that is a link is not followed.
    fs.symlinkSync(os.tmpdir(), path.join(broken, '.throughline'));
    await newSession();
    library.store(broken);
    const provider = new RunsProvider(library, current);
    const rows = (await provider.getChildren()).map((node) => provider.getTreeItem(node));
    provider.dispose();
    assert.ok(rows.some(({ contextValue }) => contextValue === 'run shown'));
    const row = rows.find(({ contextValue }) => contextValue === 'store');
    assert.equal(row?.label, vscode.workspace.asRelativePath(broken, true));
    assert.match(String(row?.description), /link/);
  });

  it('know baselines whose run is gone', async () => {
    const store = await saveApp('late', LATE);
    await store.setBaseline(LATE);
    await (await store.delete(LATE)).purge();
    await newSession();
    assert.ok((await library.foldersWithBaseline()).includes(store.folder));
  });
});

describe('what a run does to the editor', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
    folders = [];
  });

  it('sees whether the user turned to something else or wrote meanwhile', async () => {
    const store = newStore();
    const [one, two] = [hotFile(store, 'one.js'), hotFile(store, 'two.js')];
    const show = async (file: string) => {
      await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
      await until(() => label() === path.basename(file), `${label()}`);
    };
    await show(one);
    const switched = new Attention();
    assert.equal(switched.hasMoved, false);
    await show(two);
    assert.equal(switched.hasMoved, true);
    await show(one);
    assert.equal(switched.hasMoved, false, 'back at where it was');
    const editor = vscode.window.activeTextEditor ?? assert.fail('no editor');
    assert.ok(await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '//')));
    assert.equal(switched.hasMoved, true);
    switched.dispose();
  });

  it('opens a measured line where it is now, in the group and with the focus that are wanted', async () => {
    const store = newStore();
    const [file, other] = [hotFile(store), hotFile(store, 'other.js')];
    const run = profileOf(file);
    const documents = new TrackedDocuments();
    documents.reset(new CostIndex(costs(run)));
    const document = await vscode.workspace.openTextDocument(file);
    documents.get(document);
    const change = new vscode.WorkspaceEdit();
    change.insert(document.uri, new vscode.Position(0, 0), '// one\n// two\n');
    assert.ok(await vscode.workspace.applyEdit(change));
    await vscode.window.showTextDocument(vscode.Uri.file(other), { preview: false });
    const beside = () => vscode.ViewColumn.Two;
    const editor = await openPlace({ file, line: 2 }, documents, { preserveFocus: true, viewColumn: beside });
    assert.equal(editor.selection.active.line, 3);
    assert.equal(editor.viewColumn, vscode.ViewColumn.Two);
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, other);
    const raw = await openPlace({ file, line: 2 }, documents, { untracked: true });
    assert.equal(raw.selection.active.line, 1);
    documents.dispose();
  });
});

describe('what is asked and set', () => {
  it('takes addresses of this machine alone', async () => {
    for (const url of ['http://127.0.0.1:3000/', 'https://localhost:8443/items?page=2', 'http://[::1]:80/'])
      assert.equal(await urlProblem(url), undefined, url);
    for (const url of [
      '',
      'localhost:3000',
      'ftp://127.0.0.1/',
      'http://example.com/',
      'http://a:b@127.0.0.1/',
    ])
      assert.match((await urlProblem(url)) ?? '', /\.$/, url);
  });

  it('tells a setting that cannot be used as such', async () => {
    const configuration = vscode.workspace.getConfiguration('throughline');
    await configuration.update('load.connections', 0, vscode.ConfigurationTarget.Global);
    try {
      const scope = vscode.workspace.workspaceFolders?.[0]?.uri ?? assert.fail('no workspace');
      assert.throws(() => readPlanSettings(scope), { code: 'BAD_SETTING', message: /load\.connections/ });
    } finally {
      await configuration.update('load.connections', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('asks how the app starts whenever it is told to ask, also where there is one way', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no workspace');
    const app = path.join(folder, 'alone');
    fs.mkdirSync(app);
    const configuration = vscode.workspace.getConfiguration('throughline');
    // Beside the setting of the workspace, which names a command, nothing there starts anything.
    await configuration.update('target.folder', 'alone', vscode.ConfigurationTarget.Workspace);
    const choose = async (answer: string) => {
      let chosen: { spec: { label: string } } | 'none' | undefined;
      const asked = vscode.commands
        .executeCommand<{ spec: { label: string } } | undefined>('throughline.chooseTarget')
        .then((target) => (chosen = target ?? 'none'));
      await until(async () => {
        await vscode.commands.executeCommand(answer);
        return chosen !== undefined;
      }, 'no answer was taken');
      await asked;
      return chosen === 'none' ? undefined : chosen?.spec.label;
    };
    try {
      assert.equal(await choose('workbench.action.closeQuickOpen'), undefined);
      assert.equal(await choose('workbench.action.acceptSelectedQuickOpenItem'), 'npm run start');
    } finally {
      await configuration.update('target.folder', undefined, vscode.ConfigurationTarget.Workspace);
      fs.rmSync(app, { recursive: true, force: true });
    }
  });

  it('saves a benchmark that was edited before it runs', async () => {
    const extension =
      vscode.extensions.getExtension('throughline.throughline') ?? assert.fail('no extension');
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no workspace');
    const file = path.join(folder, 'unsaved.bench.mjs');
    fs.writeFileSync(file, '');
    const log = vscode.window.createOutputChannel('Commands Under Test', { log: true });
    const dist = path.join(extension.extensionPath, 'dist');
    const offered = offerBenchmarks(
      { dist, tools: new EngineTools(dist), log, profilesFolder: '' },
      'throughline.commands.test',
    );
    try {
      const { services } = offered;
      const document = await vscode.workspace.openTextDocument(file);
      const change = new vscode.WorkspaceEdit();
      change.insert(
        document.uri,
        new vscode.Position(0, 0),
        "import { Bench } from 'tinybench';\nconst b = new Bench({ time: 5, warmup: false });\nb.add('typed', () => 1);\nawait b.run();\n",
      );
      assert.ok(await vscode.workspace.applyEdit(change));
      assert.equal(document.isDirty, true);
      const item = services.tree.fileItem(document.uri);
      const request = new vscode.TestRunRequest([item]);
      await runRequest(services, request, new vscode.CancellationTokenSource().token, false);
      assert.equal(document.isDirty, false);
      const [benchmark] = [...item.children].map(([, each]) => each);
      assert.match(benchmark?.description ?? 'none', /±/, benchmark?.label);
    } finally {
      offered.dispose();
      log.dispose();
      fs.rmSync(file, { force: true });
    }
  });

  it('marks the figure of a benchmark in the Test Explorer once its file has changed', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail('no workspace');
    const file = path.join(folder, 'marked.bench.mjs');
    const text = "import { Bench } from 'tinybench';\nconst b = new Bench();\nb.add('fine', () => 1);\n";
    fs.writeFileSync(file, text);
    const log = vscode.window.createOutputChannel('Commands Under Test', { log: true });
    const offered = offerBenchmarks(
      { dist: '', tools: new EngineTools(''), log, profilesFolder: '' },
      'throughline.commands.test',
    );
    try {
      const { tree, results } = offered.services;
      const item = tree.fileItem(vscode.Uri.file(file));
      await tree.resolved(item);
      const benchmark = [...item.children].map(([, each]) => each)[0] ?? assert.fail('no benchmark');
      results.set(benchmark, MEASUREMENT, undefined, text);
      const fresh = benchmark.description ?? '';
      assert.notEqual(fresh, '');
      const document = await vscode.workspace.openTextDocument(file);
      const change = new vscode.WorkspaceEdit();
      change.insert(document.uri, new vscode.Position(0, 0), '// changed\n');
      assert.ok(await vscode.workspace.applyEdit(change));
      await until(
        () => benchmark.description === `${fresh} (before the last edit)`,
        benchmark.description ?? '',
      );
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await until(() => benchmark.description === fresh, benchmark.description ?? '');
    } finally {
      offered.dispose();
      log.dispose();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      fs.rmSync(file, { force: true });
    }
  });
});

const label = () => vscode.window.tabGroups.activeTabGroup.activeTab?.label;

function comparisons(): string[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs.map((tab) => tab.label))
    .filter((text) => text.includes('Comparison'));
}

function newStore(): RunStore {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'commands-')));
  folders.push(folder);
  return new RunStore(folder);
}

function hotFile({ folder }: RunStore, name = 'hot.js'): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, SOURCE);
  return file;
}

function profileOf(file: string): Run {
  return costlyRun({
    functions: [{ name: 'hot', file, line: 1, endLine: 3, selfSamples: 400, totalSamples: 400 }],
    lines: [{ file, line: 2, selfSamples: 400, totalSamples: 400, frame: 0 }],
    files: { [file]: SOURCE },
  });
}

async function save(store: RunStore, change: Partial<Run> = {}): Promise<string> {
  const draft = await store.begin();
  const { id: _id, formatVersion: _version, ...rest } = { ...costlyRun({ functions: [] }), ...change };
  return (await draft.commit({ ...rest, createdAt: new Date().toISOString() })).id;
}

const stored = (store: RunStore, id: string) => ({ storeFolder: store.folder, summary: { id } });

/** Ids tell seconds. */
const laterSecond = () => new Promise((resolve) => setTimeout(resolve, 1100));

/** Title and run of the lens that compares, with a run shown. */
async function compareLens(store: RunStore, id: string, file: string): Promise<unknown[]> {
  await vscode.commands.executeCommand('throughline.openRun', stored(store, id));
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document);
  const lens = (await lensWith(document, /^Compare/)).find(
    ({ command }) => command?.command === 'throughline.compareRun',
  );
  const argument = lens?.command?.arguments?.[0] as { summary: { id: string } };
  return [lens?.command?.title, argument.summary.id];
}

async function lensWith(document: vscode.TextDocument, title: RegExp): Promise<vscode.CodeLens[]> {
  let found: vscode.CodeLens[] = [];
  await until(async () => {
    found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
      100,
    );
    return found.some(({ command }) => title.test(command?.title ?? ''));
  }, `no lens ${title.source}`);
  return found;
}

async function until(holds: () => boolean | Promise<boolean>, found: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`not within 30 s; ${found}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
