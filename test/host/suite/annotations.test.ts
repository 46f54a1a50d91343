import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { heatMarks } from '../../../src/editor/annotations/heatDecorations';
import { CostIndex } from '../../../src/editor/annotations/costIndex';
import { TrackedDocuments } from '../../../src/editor/annotations/trackedDocuments';
import { annotationSettings } from '../../../src/editor/annotations/annotationSettings';
import type { Run } from '../../../src/engine/model/run';
import { RunStore } from '../../../src/engine/runs/store';
import { costlyRun, costs } from '../../unit/editor/costlyRun';

const SOURCE = [
  'export function hot(n) {',
  '  let sum = 0;',
  '  for (let i = 0; i < n; i++) sum += Math.sqrt(i);',
  '  return sum;',
  '}',
  '',
  'export function cold() {',
  '  return 1;',
  '}',
  '',
].join('\n');

describe('annotations in the editor', () => {
  let folder: string;
  let file: string;
  let run: Run;
  let store: RunStore;
  let id: string;

  before(() => vscode.extensions.getExtension('throughline.throughline')?.activate());

  // Each test has files of its own: the editor keeps the text of a closed document for some minutes.
  beforeEach(async () => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'annotations-')));
    file = path.join(folder, 'hot.js');
    fs.writeFileSync(file, SOURCE);
    run = costlyRun({
      functions: [
        { name: 'hot', file, line: 1, endLine: 5, selfSamples: 400, totalSamples: 400 },
        { name: 'cold', file, line: 7, endLine: 9, selfSamples: 1, totalSamples: 1 },
      ],
      lines: [
        { file, line: 3, selfSamples: 390, totalSamples: 390, frame: 0 },
        { file, line: 2, selfSamples: 10, totalSamples: 10, frame: 0 },
        { file, line: 8, selfSamples: 1, totalSamples: 1, frame: 1 },
      ],
      files: { [file]: SOURCE },
    });
    store = new RunStore(folder);
    id = await save(store, run);
    assert.equal(await vscode.commands.executeCommand('throughline.openRun', stored(id)), id);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    fs.rmSync(folder, { recursive: true, force: true });
  });

  after(() => vscode.commands.executeCommand('throughline.clearAnnotations'));

  const stored = (runId: string) => ({ storeFolder: folder, summary: { id: runId } });

  describe('lenses', () => {
    it('stand above the hot function of a file that is opened after the run, and lead to the flamegraph', async () => {
      const { document } = await show(file);
      const lenses = await lensesUntil(document, (found) => found.length > 0);
      assert.deepEqual([...new Set(lenses.map(({ range }) => range.start.line))], [0]);
      assert.equal(lenses[0]?.command?.title, 'total 40.0 % · self 40.0 % · 800 µs/req');
      const flamegraph = lenses.find(({ command }) => command?.command === 'throughline.openFlamegraph');
      assert.deepEqual(flamegraph?.command?.arguments, [{ frame: 0 }]);
      assert.ok(
        !lenses.some(({ command }) => command?.command === 'throughline.compareRun'),
        'no earlier run',
      );
    });

    it('move with inserted lines, say so when the body was edited, and are fresh after undo', async () => {
      const editor = await show(file);
      const { document } = editor;
      await edit(document, (change) =>
        change.insert(document.uri, new vscode.Position(0, 0), '// one\n// two\n'),
      );
      const moved = await lensesUntil(document, (found) => found.some(({ range }) => range.start.line === 2));
      const text = (lenses: vscode.CodeLens[], line: number) =>
        lenses.filter(({ range }) => range.start.line === line).map(({ command }) => command?.title ?? '');
      assert.match(text(moved, 0).join(), /stale in part/);
      assert.doesNotMatch(text(moved, 2).join(), /stale/);

      await edit(document, (change) => change.insert(document.uri, new vscode.Position(4, 2), 'if (n) '));
      const edited = await lensesUntil(document, (found) => /edited/.test(text(found, 2).join()));
      assert.match(text(edited, 2)[0] ?? '', /^total 40\.0 %.* · stale: edited since the run$/);

      await vscode.commands.executeCommand('undo');
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), SOURCE);
      const fresh = await lensesUntil(
        document,
        (found) => found[0]?.range.start.line === 0 && found.length === 2,
      );
      assert.doesNotMatch(fresh.map(({ command }) => command?.title).join(), /stale/);
    });

    it('give way to one at the top where the file is another version', async () => {
      fs.writeFileSync(file, `// another version\n${SOURCE}`);
      const { document } = await show(file);
      const lenses = await lensesUntil(document, (found) => found.length > 0);
      assert.deepEqual(
        lenses.map(({ range, command }) => [range.start.line, command?.title, command?.command]),
        [
          [0, 'Throughline: stale – measured on another version of this file', ''],
          [0, 'Measure Again', 'throughline.measure'],
        ],
      );
    });

    it('offer to compare where there is an earlier run', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1100)); // ids tell seconds
      const later = await save(store, run);
      assert.equal(await vscode.commands.executeCommand('throughline.openRun', stored(later)), later);
      const { document } = await show(file);
      const lenses = await lensesUntil(document, (found) => found.length > 2);
      const compare = lenses.find(({ command }) => command?.command === 'throughline.compareRun');
      assert.equal((compare?.command?.arguments?.[0] as { summary: { id: string } }).summary.id, id);
    });

    it('are hidden by their setting and by closing the run', async () => {
      const { document } = await show(file);
      await lensesUntil(document, (found) => found.length > 0);
      const settings = vscode.workspace.getConfiguration('throughline.annotations');
      await settings.update('lens', false, vscode.ConfigurationTarget.Global);
      try {
        await lensesUntil(document, (found) => found.length === 0);
      } finally {
        await settings.update('lens', undefined, vscode.ConfigurationTarget.Global);
      }
      await lensesUntil(document, (found) => found.length > 0);
      await vscode.commands.executeCommand('throughline.clearAnnotations');
      await lensesUntil(document, (found) => found.length === 0);
    });
  });

  describe('heat', () => {
    const settings = annotationSettings(() => undefined);
    let documents: TrackedDocuments;
    let index: CostIndex;

    beforeEach(() => {
      index = new CostIndex(costs(run));
      documents = new TrackedDocuments();
      documents.reset(index);
    });
    afterEach(() => documents.dispose());

    const marks = (document: vscode.TextDocument) => {
      const tracked = documents.getNow(document);
      assert.ok(tracked);
      return heatMarks(tracked, index, settings, document.lineCount).map(
        ({ line, kind, text }) => `${line} ${kind} ${text}`,
      );
    };

    it('marks the lines above the least share, each by its step', async () => {
      const { document } = await show(file);
      assert.deepEqual(marks(document), [
        '1 1 self ~1 % · total ~1 % · 10 samples',
        '2 4 self 39.0 % · total 39.0 %',
      ]);
    });

    it('follows a line that moves, drops one that is edited, and comes back with undo', async () => {
      const { document } = await show(file);
      assert.equal(marks(document).length, 2);
      await edit(document, (change) =>
        change.insert(document.uri, new vscode.Position(1, 0), '  // moved\n'),
      );
      assert.deepEqual(
        marks(document).map((mark) => mark.slice(0, 3)),
        ['2 1', '3 4'],
      );
      await edit(document, (change) => change.insert(document.uri, new vscode.Position(3, 2), 'if (n) '));
      assert.deepEqual(
        marks(document).map((mark) => mark.slice(0, 3)),
        ['2 1'],
      );
      await vscode.commands.executeCommand('undo');
      await vscode.commands.executeCommand('undo');
      assert.equal(documents.getNow(document)?.state.kind, 'fresh');
      assert.equal(marks(document).length, 2);
    });

    it('is told through an event, without being asked', async () => {
      const { document } = await show(file);
      assert.equal(documents.get(document)?.state.kind, 'fresh');
      const changed = new Promise<vscode.TextDocument>((resolve) => documents.onDidChange(resolve));
      await edit(document, (change) => change.insert(document.uri, new vscode.Position(0, 0), '\n'));
      assert.equal(await changed, document);
      assert.equal(documents.get(document)?.state.kind, 'edited');
    });

    it('is dimmed and called stale where the file is another version', async () => {
      fs.writeFileSync(file, SOURCE.replace('sum += ', 'sum -= '));
      const { document } = await show(file);
      assert.deepEqual(marks(document), [
        '1 stale stale: self ~1 % · total ~1 % · 10 samples',
        '2 stale stale: self 39.0 % · total 39.0 %',
      ]);
    });

    it('knows unsaved edits of the measured file by the file on disk', async () => {
      const { document } = await show(file);
      await edit(document, (change) =>
        change.insert(document.uri, new vscode.Position(0, 0), '// unsaved\n'),
      );
      assert.equal(documents.get(document)?.state.kind, 'stale', 'at first sight');
      await until(() => documents.get(document)?.state.kind === 'edited');
      assert.deepEqual(
        marks(document).map((mark) => mark.slice(0, 3)),
        ['2 1', '3 4'],
      );
    });

    it('finds a file of the run that is opened over a link', async function () {
      if (process.platform === 'win32') this.skip();
      const link = path.join(folder, 'link.js');
      fs.symlinkSync(file, link);
      try {
        const { document } = await show(link);
        assert.equal(documents.get(document), undefined);
        await until(() => documents.get(document) !== undefined);
        assert.equal(marks(document).length, 2);
      } finally {
        fs.rmSync(link);
      }
    });
  });

  describe('going to a place', () => {
    it('goes to where the line is now', async () => {
      const { document } = await show(file);
      await lensesUntil(document, (found) => found.length > 0);
      await edit(document, (change) => change.insert(document.uri, new vscode.Position(0, 0), '\n\n\n'));
      await vscode.commands.executeCommand('throughline.openHotSpot', { file, line: 3, column: 3 });
      const { selection } = vscode.window.activeTextEditor ?? assert.fail('no editor');
      assert.deepEqual([selection.active.line, selection.active.character], [5, 2]);
    });

    it('refuses places of other machines and what is no place', async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      for (const argument of [
        { file: '//host/share/a.js', line: 1 },
        { file: '\\\\host\\share\\a.js', line: 1 },
        { file: 'relative.js', line: 1 },
        { file, line: 0 },
        { file, line: 1.5 },
        'text',
        undefined,
      ]) {
        await vscode.commands.executeCommand('throughline.openHotSpot', argument);
        assert.equal(vscode.window.activeTextEditor, undefined, JSON.stringify(argument));
      }
    });

    it('ends at the last line of a file that became shorter', async () => {
      await vscode.commands.executeCommand('throughline.openHotSpot', { file, line: 4000, column: 4000 });
      assert.equal(vscode.window.activeTextEditor?.selection.active.line, SOURCE.split('\n').length - 1);
    });
  });
});

async function save(store: RunStore, run: Run): Promise<string> {
  const draft = await store.begin();
  const { id: _id, formatVersion: _version, ...rest } = run;
  fs.writeFileSync(path.join(draft.folder, 'calltree.json'), '{}');
  return (await draft.commit({ ...rest, createdAt: new Date().toISOString() })).id;
}

async function show(file: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  return vscode.window.showTextDocument(document, { preview: false });
}

async function edit(
  document: vscode.TextDocument,
  make: (change: vscode.WorkspaceEdit) => void,
): Promise<void> {
  const change = new vscode.WorkspaceEdit();
  make(change);
  assert.ok(await vscode.workspace.applyEdit(change), document.fileName);
}

async function lensesUntil(
  document: vscode.TextDocument,
  fits: (lenses: vscode.CodeLens[]) => boolean,
): Promise<vscode.CodeLens[]> {
  let ours: vscode.CodeLens[] = [];
  await until(
    async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        100,
      );
      ours = all.filter(({ command }) =>
        /throughline|total|stale/i.test(`${command?.command} ${command?.title}`),
      );
      return fits(ours);
    },
    () => JSON.stringify(ours.map(({ range, command }) => [range.start.line, command?.title])),
  );
  return ours;
}

async function until(holds: () => boolean | Promise<boolean>, found = () => ''): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`not within 30 s; found ${found()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
