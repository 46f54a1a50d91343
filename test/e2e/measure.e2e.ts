import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { makeWorkspace } from '../host/workspace';
import { Editor, screenshotOnFailure } from './editor';

/** Where the app's source says that the hot line is planted. */
const HOT_FILE = 'src/services/pricing.ts';
const HOT_FUNCTION = 'demandPrice';

describe('the main path in the real editor', function () {
  // Each step begins where the one before it ended.
  this.bail(true);
  let editor: Editor;
  let hotLine: number;
  let functionLine: number;

  before(async () => {
    const folder = makeWorkspace('measure', {
      'throughline.load.warmup': 5,
      'throughline.load.duration': 4,
    });
    const lines = fs.readFileSync(path.join(folder, HOT_FILE), 'utf8').split('\n');
    hotLine = lines.findIndex((line) => line.includes('// planted: hot-line')) + 1;
    functionLine = lines.findIndex((line) => line.includes(`function ${HOT_FUNCTION}`)) + 1;
    assert.ok(hotLine > 0 && functionLine > 0);
    editor = await Editor.open({ folder });
  });
  afterEach(function () {
    return screenshotOnFailure(this, editor);
  });
  after(() => editor?.close());

  it('measures the app from the palette, asking once how it starts', async () => {
    await editor.container().click();
    await editor.run('Throughline: Load Test and Profile App');
    await editor.quickPickRow('npm run start').click();
    await editor.statusBarItem(/req\/s/).waitFor();
    await editor.screenshot('running');
    await editor.notification(/Throughline: [\d,]+ req\/s, p99/).waitFor({ timeout: 120_000 });
    await editor.statusBarItem(/req\/s/).waitFor({ state: 'hidden' });
  });

  it('opens the planted hot line and writes its cost at its end, the highest of the file', async () => {
    await editor.tab('pricing.ts').waitFor();
    const shares = await editor.eventually(async () => {
      const ends = await editor.lineEnds();
      const found = [...ends].map(([line, text]) => [line, selfShare(text)] as const);
      return found.some(([line]) => line === hotLine) ? found : undefined;
    }, 'heat at the hot line');
    const [hottest] = shares.sort((a, b) => b[1] - a[1]);
    assert.equal(hottest?.[0], hotLine);
    assert.ok(hottest[1] > 10, `self ${hottest[1]} %`);
  });

  it('shows a lens on its function', async () => {
    const lens = editor.lens(/total [\d.]+ % · self [\d.]+ %/);
    await lens.waitFor();
    // A lens stands in a row of its own, right above its function.
    const below = await editor.eventually(() => editor.lineBelow(lens), 'line below the lens');
    assert.equal(below, functionLine);
  });

  it('leads the hot spots by it', async () => {
    const first = editor.treeRows('Hot Spots').first();
    await first.waitFor();
    assert.match(
      (await first.textContent()) ?? '',
      new RegExp(`${HOT_FUNCTION}.*pricing\\.ts:${functionLine}`),
    );
  });

  it('has the hint for it', async () => {
    const hint = editor
      .treeRows('Hints')
      .filter({ hasText: /One line takes [\d.]+ %/ })
      .first();
    await hint.waitFor();
    assert.match((await hint.textContent()) ?? '', /pricing\.ts/);
  });

  it('lists the run', async () => {
    await editor.treeRows('Runs').filter({ hasText: 'npm run start' }).first().waitFor();
  });

  it('opens the line from the widest frame of the app in the flamegraph', async () => {
    // Away from the line first, so that it is the click that opens it.
    await editor.openFile('package.json');
    await editor.run('Throughline: Open Flamegraph');
    const box = await widestOwnBox(editor);
    assert.equal(box.name, HOT_FUNCTION);
    await editor.screenshot('flamegraph-hover');
    await editor.page.mouse.click(box.x, box.y);
    // Beside the graph, which keeps the keyboard.
    await editor.activeLine('pricing.ts', hotLine).waitFor();
  });

  it('looks well in every theme', async () => {
    for (const theme of ['light', 'high-contrast', 'dark'] as const) {
      await editor.setTheme(theme);
      await editor.screenshot(`result-${theme}`);
    }
  });

  it('has the run loaded when the folder is opened again, and writes in files opened later', async () => {
    await editor.page.reload();
    // The sidebar comes back as it was left: with the views.
    await editor.treeRows('Hot Spots').filter({ hasText: HOT_FUNCTION }).first().waitFor();
    await editor.webviewWith('.chart');
    await editor.openFile(HOT_FILE);
    await editor.eventually(
      async () => (selfShare((await editor.lineEnds()).get(hotLine) ?? '') > 0 ? true : undefined),
      'heat at the hot line',
    );
  });
});

/** In percent, of `self 12.3 % · total 15.0 %`; 0 where a line has no self time. */
function selfShare(text: string): number {
  const match = /self ~?([\d.]+) %/.exec(text);
  return match ? Number(match[1]) : 0;
}

interface Box {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/**
 * Finds it as a person does, by pointing at the graph row by row and reading the tooltip. A handler that does
 * nothing but call a function is as wide as what it calls: of boxes that wide, the one that does the work is meant.
 */
async function widestOwnBox(editor: Editor): Promise<Box> {
  const webview = await editor.webviewWith('.chart');
  const chart = webview.getByRole('application', { name: 'Flamegraph' });
  await chart.waitFor();
  const area = await chart.boundingBox();
  assert.ok(area);
  const columns = 25;
  const rowHeight = 21;
  let widest: { box: Box; points: number } | undefined;
  for (let y = area.y + rowHeight / 2; y < area.y + area.height; y += rowHeight) {
    const own = new Map<string, { name: string; x: number; points: number }>();
    let empty = true;
    for (let column = 0; column < columns; column++) {
      const x = area.x + ((column + 0.5) / columns) * area.width;
      await editor.page.mouse.move(x, y);
      const shown = await webview.locator('.tooltip:not([hidden])').allInnerTexts();
      if (!shown[0]) continue;
      empty = false;
      const [name = '', place = ''] = shown[0].split('\n');
      if (!/^(src|dist)\//.test(place)) continue;
      own.set(shown[0], { name, x, points: (own.get(shown[0])?.points ?? 0) + 1 });
    }
    for (const { name, x, points } of own.values()) {
      if (points >= (widest?.points ?? 1) - 1)
        widest = { box: { name, x, y }, points: Math.max(points, widest?.points ?? 0) };
    }
    if (empty) break;
  }
  assert.ok(widest, 'the graph shows no frame of the app');
  await editor.page.mouse.move(widest.box.x, widest.box.y);
  return widest.box;
}
