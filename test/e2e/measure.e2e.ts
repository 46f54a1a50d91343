import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { makeWorkspace } from '../host/workspace';
import { Editor, screenshotOnFailure, THEMES } from './editor';

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
      'throughline.load.warmup': 2,
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
    const below = await editor.lineBelow(lens);
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

  it('looks well in every theme', async () => {
    for (const theme of Object.keys(THEMES) as (keyof typeof THEMES)[]) {
      await editor.setTheme(theme);
      await editor.screenshot(`result-${theme}`);
    }
    await editor.setTheme('dark');
  });
});

/** In percent, of `self 12.3 % · total 15.0 %`; 0 where a line has no self time. */
function selfShare(text: string): number {
  const match = /self ~?([\d.]+) %/.exec(text);
  return match ? Number(match[1]) : 0;
}
