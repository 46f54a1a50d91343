import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import { CurrentRun } from '../../../src/editor/currentRun';
import { RunLibrary } from '../../../src/editor/runLibrary';
import { HintsProvider } from '../../../src/editor/trees/hintsProvider';
import { HotSpotsProvider, type HotSpotNode } from '../../../src/editor/trees/hotSpotsProvider';
import { RunsProvider } from '../../../src/editor/trees/runsProvider';
import type { Run } from '../../../src/engine/model/run';
import { costlyRun, costs } from '../../unit/editor/costlyRun';

const file = path.join(path.sep, 'app', 'hot.js');
const labelOf = ({ label }: vscode.TreeItem) => (typeof label === 'string' ? label : label?.label);
const icon = (item: vscode.TreeItem) => (item.iconPath as vscode.ThemeIcon).id;

describe('the tree of hot spots', () => {
  const run = costlyRun({
    functions: [
      { name: 'hot', file, line: 3, selfSamples: 312, totalSamples: 400 },
      { name: '', file, line: 9, selfSamples: 20, totalSamples: 20 },
      { name: 'route', kind: 'dependency', packageName: 'express', selfSamples: 50, totalSamples: 900 },
      { name: '(garbage collector)', kind: 'v8', selfSamples: 40, totalSamples: 40 },
    ],
    lines: [{ file, line: 4, selfSamples: 312, totalSamples: 400, frame: 0 }],
    files: { [file]: '' },
  });
  let provider: HotSpotsProvider;

  beforeEach(() => (provider = new HotSpotsProvider()));
  afterEach(() => provider.dispose());

  const rows = (parent?: HotSpotNode) =>
    provider.getChildren(parent).map((node) => {
      const item = provider.getTreeItem(node);
      return `${labelOf(item)} | ${String(item.description)}`;
    });

  it('is led by the hottest own function, with its figures and a way to its line', () => {
    provider.show(costs(run), 'function');
    assert.deepEqual(rows(), [
      'hot | 31.2 % · 624 µs/req · hot.js:3',
      '(anonymous) hot.js:9 | ~2 % · ~40 µs/req · 20 samples',
      'Dependencies | 5.0 % · 100 µs/req',
      'V8 and native code | 4.0 % · 80.0 µs/req',
    ]);
    const first = provider.getTreeItem(provider.getChildren()[0] ?? assert.fail());
    assert.equal(first.command?.command, 'throughline.openHotSpot');
    assert.deepEqual(first.command.arguments, [{ file, line: 3, column: 1 }]);
    assert.equal(icon(first), 'flame');
    assert.equal(first.accessibilityInformation?.label, 'hot, self 31.2 % · 624 µs/req, hot.js:3');
  });

  it('folds dependencies by package, and finds what is folded', () => {
    provider.show(costs(run), 'function');
    const dependencies = provider.getChildren()[2];
    const [express] = provider.getChildren(dependencies);
    assert.deepEqual(rows(dependencies), ['express | 5.0 % · 100 µs/req']);
    assert.deepEqual(rows(express), ['route | 5.0 % · 100 µs/req']);
    const route = provider.find(2) ?? assert.fail();
    assert.equal(provider.getParent(provider.getParent(route) ?? assert.fail()), dependencies);
    assert.equal(provider.find(99), undefined);
  });

  it('lists lines by their place', () => {
    provider.show(costs(run), 'line');
    assert.deepEqual(rows(), ['hot.js:4 | 31.2 % · 624 µs/req · hot']);
  });

  it('makes the card of a row only when it is asked for', () => {
    provider.show(costs(run), 'function');
    const node = provider.getChildren()[0] ?? assert.fail();
    const item = provider.getTreeItem(node);
    assert.equal(item.tooltip, undefined);
    const { value, isTrusted } = provider.resolveTreeItem(item, node).tooltip as vscode.MarkdownString;
    assert.match(value, /\*\*hot\*\*.*own code/);
    assert.deepEqual(isTrusted, {
      enabledCommands: ['throughline.openHotSpot', 'throughline.openFlamegraph'],
    });
  });

  it('shows a long list in pages', () => {
    const functions = Array.from({ length: 5000 }, (_, i) => ({
      name: `f${i}`,
      file,
      line: i + 1,
      selfSamples: 5000 - i,
      totalSamples: 5000,
    }));
    provider.show(costs(costlyRun({ functions })), 'function');
    const page = provider.getChildren();
    assert.equal(page.length, 101);
    assert.equal(provider.getTreeItem(page[100] ?? assert.fail()).label, '4900 more…');
    assert.equal(provider.getChildren(page[100]).length, 101);
    assert.ok(provider.find(4999), 'the last is found behind 49 pages');
  });

  it('is empty without a run', () => {
    provider.show(costs(run), 'function');
    provider.show(undefined, 'function');
    assert.deepEqual(provider.getChildren(), []);
  });
});

describe('the tree of hints', () => {
  it('lists problems first, with evidence, next step and what may mislead', () => {
    const base = costlyRun({ functions: [] });
    const [hint = assert.fail()] = base.hints;
    const run: Run = {
      ...base,
      hints: [
        { ...hint, rule: 'INFO', severity: 'info', title: 'By the way' },
        { ...hint, severity: 'problem', place: { file, line: 12, column: 3, functionName: 'hash' } },
      ],
      warnings: ['The machine was busy.'],
    };
    const provider = new HintsProvider();
    provider.show(run);
    const roots = provider.getChildren();
    const items = roots.map((node) => provider.getTreeItem(node));
    assert.deepEqual(
      items.map((item) => [item.label, icon(item)]),
      [
        ['Synchronous crypto', 'error'],
        ['By the way', 'lightbulb'],
        ['The machine was busy.', 'info'],
      ],
    );
    assert.equal(items[0]?.description, 'hot.js:12 · saves up to 30.0 %');
    assert.equal(items[0]?.command?.command, 'throughline.openHint');
    const children = provider.getChildren(roots[0]).map((node) => provider.getTreeItem(node));
    assert.deepEqual(
      children.map(({ label, description }) => [label, description]),
      [
        ['pbkdf2Sync took 30 % of the CPU time.', undefined],
        ['self share: 30.0 %', 'threshold 5.0 %'],
        ['Next: Use the asynchronous form.', undefined],
      ],
    );
    provider.dispose();
  });
});

describe('the tree of runs', () => {
  let folder: string;
  let library: RunLibrary;
  let current: CurrentRun;
  let provider: RunsProvider;

  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'runs-')));
    library = new RunLibrary();
    current = new CurrentRun();
    provider = new RunsProvider(library, current);
  });

  afterEach(() => {
    provider.dispose();
    current.dispose();
    library.dispose();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** Rows of this folder; the workspace's own runs are none of this test's. */
  const items = async () =>
    (await provider.getChildren())
      .filter((node) => 'storeFolder' in node && node.storeFolder === folder)
      .map((node) => provider.getTreeItem(node));

  it('lists runs with the shown one, the baseline, and those that cannot be read with the reason', async () => {
    const store = library.store(folder);
    const ids: string[] = [];
    for (let i = 0; i < 2; i++) {
      const draft = await store.begin();
      const { id: _id, formatVersion: _version, ...rest } = costlyRun({ functions: [] });
      ids.push(
        (await draft.commit({ ...rest, createdAt: new Date(Date.now() - i * 7200_000).toISOString() })).id,
      );
    }
    await store.rename(ids[1] ?? '', 'before the change');
    await store.setBaseline(ids[1] ?? '');
    const bad = '20260101T000000Z-abcdef';
    fs.mkdirSync(store.runFolder(bad));
    fs.writeFileSync(path.join(store.runFolder(bad), 'run.json'), '{"format');
    current.set(await library.open(folder, ids[0] ?? ''));

    const found = await items();
    const byLabel = (label: string) => found.find((item) => item.label === label) ?? assert.fail(label);
    assert.equal(found.length, 3);
    const shown = byLabel('npm run start');
    assert.match(String(shown.description), /^shown · now · 100 req\/s · p99 \d/);
    assert.equal(shown.contextValue, 'run shown');
    const baseline = byLabel('before the change');
    assert.match(String(baseline.description), /^baseline · 2 hours ago · /);
    assert.equal(baseline.contextValue, 'run baseline other');
    assert.equal(icon(baseline), 'pinned');
    assert.equal(baseline.command?.command, 'throughline.openRun');
    const unreadable = byLabel(bad);
    assert.equal(icon(unreadable), 'error');
    assert.match(String(unreadable.description), /not JSON, or was cut off/);
    assert.equal(unreadable.contextValue, 'bad');
    assert.equal(found.at(-1), unreadable);
  });
});
