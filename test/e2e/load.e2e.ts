import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { makeWorkspace } from '../host/workspace';
import { Editor, screenshotOnFailure } from './editor';

const FILE = 'price.load.json';
/** As its author has it half way: the executor is yet to be chosen. */
const TEXT = `{
  // The dearest route of the shop.
  "kind": "stress",
  "requests": [{ "path": "/api/products/17/price" }],
  "scenario": {
    "executor": "",
    "vus": 64,
    "duration": "30s"
  },
  "objective": { "latency": "60ms" }
}
`;
const EXECUTOR_LINE = 6;

describe('a load test in the real editor', function () {
  // Each step begins where the one before it ended.
  this.bail(true);
  let editor: Editor;
  let folder: string;

  before(async () => {
    folder = makeWorkspace('load', { 'throughline.target.command': 'npm run start' });
    fs.writeFileSync(path.join(folder, FILE), TEXT);
    editor = await Editor.open({ folder });
  });
  afterEach(function () {
    return screenshotOnFailure(this, editor);
  });
  after(() => editor?.close());

  it('shows the error of a scenario at its line, and what can be done with the file above it', async () => {
    await editor.openFile(FILE);
    await editor.lens('Run Load Test').waitFor();
    await editor.lens('Run As…').waitFor();
    await editor.page.locator('.monaco-editor .squiggly-error').first().waitFor();
    await editor.run('View: Toggle Problems');
    const problem = editor.page
      .locator('.markers-panel .monaco-list-row', { hasText: `[Ln ${EXECUTOR_LINE}` })
      .filter({ hasText: 'throughline' })
      .first();
    await problem.waitFor();
    await editor.screenshot('load-error');
    await problem.dblclick();
  });

  it('completes the executor from the schema', async () => {
    await editor.activeLine(FILE, EXECUTOR_LINE).waitFor();
    await editor.run('View: Hide Panel');
    const { keyboard } = editor.page;
    const row = editor.page.locator('.suggest-widget .monaco-list-row', { hasText: 'constant-vus' }).first();
    await editor.eventually(async () => {
      await keyboard.press('Escape');
      await editor.page.locator('.view-line', { hasText: '"executor"' }).first().click();
      await keyboard.press('Home');
      // Into the quotes.
      for (let i = 0; i < '"executor": "'.length; i++) await keyboard.press('ArrowRight');
      await keyboard.press('Control+Space');
      const shown = await row.waitFor({ timeout: 5_000 }).then(
        () => true,
        () => undefined,
      );
      return shown;
    }, 'completion of the executor');
    await editor.screenshot('load-completion');
    await row.click();
    await keyboard.press('Control+S');
    await editor.eventually(async () => {
      const saved = fs.readFileSync(path.join(folder, FILE), 'utf8');
      return saved.includes('"executor": "constant-vus",') ? true : undefined;
    }, 'the executor in the file');
    await editor.page.locator('.monaco-editor .squiggly-error').first().waitFor({ state: 'detached' });
  });

  it('is run by its lens, and watched live', async () => {
    await editor.lens('Run Load Test').click();
    const live = await editor.webviewWith('canvas');
    await live.getByText('Throughput').first().waitFor();
    await editor.statusBarItem(/req\/s/).waitFor();
    await editor.screenshot('load-live-dark');
    for (const theme of ['light', 'high-contrast', 'dark'] as const) {
      await editor.setTheme(theme);
      if (theme !== 'dark') await editor.screenshot(`load-live-${theme}`);
    }
  });

  it('ends with a verdict, in the panel and in the list of runs', async () => {
    const live = await editor.webviewWith('canvas');
    const verdict = live.getByRole('region', { name: 'Verdict' });
    await verdict.waitFor({ timeout: 150_000 });
    // Of what is seen no notification tells again.
    assert.equal(await editor.notification('Open Result').count(), 0);
    const result = await editor.webviewWith('button.primary');
    await result.getByRole('button', { name: 'Open Flamegraph' }).first().waitFor();
    for (const theme of ['light', 'high-contrast', 'dark'] as const) {
      await editor.setTheme(theme);
      await editor.screenshot(`load-result-${theme}`);
    }
    await editor.container().click();
    const row = editor
      .treeRows('Runs')
      .filter({ hasText: /Stress test (passed|failed|inconclusive)/ })
      .first();
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', /^price.*req\/s · p99 /);
    await editor.screenshot('load-runs');
  });

  it('opens the flamegraph of the worst window', async () => {
    const result = await editor.webviewWith('button.primary');
    await result.getByRole('button', { name: 'Open Flamegraph' }).first().click();
    await editor.tab('Flamegraph').waitFor();
    const graph = await editor.webviewWith('.chart');
    await graph.getByRole('application', { name: 'Flamegraph' }).waitFor();
    await editor.tab('Flamegraph: price').waitFor();
    await editor.screenshot('load-flamegraph');
  });

  for (const [tool, name] of [
    ['k6', 'price.js'],
    ['jmeter', 'price.jmx'],
  ] as const) {
    it(`is exported to ${tool}`, async () => {
      await editor.openFile(FILE);
      await editor.lens('Export…').click();
      await editor.quickPickRow(new RegExp(`^${tool}`, 'i')).click();
      await editor.tab(name).waitFor();
      const exported = fs.readFileSync(path.join(folder, `price.${tool}`, name), 'utf8');
      assert.ok(exported.includes('/api/products/17/price'));
    });
  }

  it('tells its last result above the file', async () => {
    await editor.openFile(FILE);
    await editor.lens(/(passed|failed|inconclusive) · .*req\/s · p99 /).waitFor();
  });
});
