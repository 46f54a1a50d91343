import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { generateProfile } from '../bench/profiles/generate';
import { outFolder } from '../host/paths.mjs';
import { writeSources } from '../helpers/profileSources';
import { makeWorkspace } from '../host/workspace';
import { Editor, screenshotOnFailure } from './editor';

describe('a profile of 110 MB in the real editor', function () {
  // Each step begins where the one before it ended.
  this.bail(true);
  const profiles = path.join(outFolder, 'profiles');
  const large = path.join(profiles, 'service.cpuprofile');
  const second = path.join(profiles, 'after.cpuprofile');
  let folder: string;
  let editor: Editor;
  let view: FrameLocator;

  before(async () => {
    fs.mkdirSync(profiles, { recursive: true });
    assert.ok(generateProfile(large, 110).bytes > 105e6);
    generateProfile(second, 12, 2);
    // The time is spread over thousands of lines.
    folder = makeWorkspace('profile', { 'throughline.annotations.minShare': 0.001 });
    writeSources(large, folder);
    editor = await Editor.open({ folder });
  });
  afterEach(function () {
    return screenshotOnFailure(this, editor);
  });
  after(async () => {
    await editor?.close();
    fs.rmSync(profiles, { recursive: true, force: true });
  });

  it('is opened from the palette, and tells what it is', async () => {
    await editor.run('Throughline: Open Profile…');
    await answerDialog(editor, 'Open Profile', large);
    view = await editor.webviewWith('.profile .chart');
    await view.locator('.facts', { hasText: /[\d\u202f]{9,} samples/ }).waitFor();
    await view.locator('summary', { hasText: /mapped \d+ of \d+/ }).waitFor();
    await editor.screenshot('profile-flame');
  });

  it('finds functions, with the share of what matches', async () => {
    await view.locator('input[type=search]').fill('/^parseToken\\d?$/');
    await view.locator('.found', { hasText: /^[\d.]+ % in / }).waitFor();
    await editor.screenshot('profile-search');
    await view.locator('input[type=search]').fill('');
  });

  it('focuses on the hottest function, and takes it back', async () => {
    await view.locator('.toolbar').getByRole('button', { name: 'Hottest' }).click();
    const name = (await view.locator('.details .name').first().textContent()) ?? '';
    assert.notEqual(name, '');
    await editor.page.keyboard.press('f');
    const chip = view.locator('.chip-removable', { hasText: name });
    await chip.waitFor();
    await editor.screenshot('profile-focus');
    await view.getByRole('button', { name: 'Undo' }).click();
    await chip.waitFor({ state: 'hidden' });
  });

  it('shows callers and callees of the same function', async () => {
    await view.locator('.toolbar').getByRole('button', { name: 'Sandwich', exact: true }).click();
    await view.locator('.sandwich-title', { hasText: /total [\d.]+ %/ }).waitFor();
    await editor.screenshot('profile-sandwich');
  });

  it('shows what ran when', async () => {
    await view.locator('.toolbar').getByRole('button', { name: 'Time Order', exact: true }).click();
    await view.locator('.chart:visible').first().waitFor();
    // The graph of before stays until the first page of this one is there, and nothing but the picture tells.
    await editor.page.waitForTimeout(2000);
    await editor.screenshot('profile-time');
  });

  it('opens the source of a function from the table, and marks the function at the cursor', async () => {
    await view.locator('.toolbar').getByRole('button', { name: 'Table', exact: true }).click();
    const row = view.locator('tbody tr[data-index]', { hasText: /src\// }).first();
    await row.waitFor();
    const place = /src\/\S+\.js:(\d+)/.exec((await row.textContent()) ?? '');
    assert.ok(place?.[0]);
    const [file = ''] = place[0].split(':');
    await row.click();
    await editor.tab(path.basename(file)).waitFor();
    await view.locator('tr.cursor').first().waitFor();
    await editor.screenshot('profile-table');
  });

  it('writes what lines cost into the source', async () => {
    await editor.eventually(async () => {
      const ends = [...(await lineEndsOfAll(editor))];
      return ends.some((text) => /self ~?[\d.<]+ %/.test(text)) ? true : undefined;
    }, 'heat in the source');
  });

  it('is exported beside itself, as a summary and as pictures', async () => {
    for (const [label, name] of [
      ['SVG Picture…', 'service.svg'],
      ['PNG Picture of What Is Shown…', 'service.png'],
      ['Markdown Summary…', 'service.md'],
    ] as const) {
      await view.locator('.toolbar').getByRole('button', { name: 'Flame', exact: true }).click();
      await view
        .locator('.toolbar')
        .getByRole('button', { name: /^Export/ })
        .click();
      await view.getByRole('menuitem', { name: label }).click();
      const file = path.join(profiles, name);
      await editor.eventually(
        async () => ((await editor.input().inputValue()) === file ? true : undefined),
        `${file} as the default`,
      );
      await editor.page.keyboard.press('Enter');
      await editor.eventually(
        () => Promise.resolve(fs.existsSync(file) && fs.statSync(file).size > 500 ? true : undefined),
        name,
      );
    }
    assert.match(fs.readFileSync(path.join(profiles, 'service.svg'), 'utf8'), /^<(\?xml|svg)/);
    assert.equal(fs.readFileSync(path.join(profiles, 'service.png')).subarray(1, 4).toString(), 'PNG');
    assert.match(fs.readFileSync(path.join(profiles, 'service.md'), 'utf8'), /^# /);
    // The summary is shown; it takes the place of nothing.
    await editor.tab('Preview service.md').waitFor();
    await showTab(editor, 'service.cpuprofile');
    view = await editor.webviewWith('.profile .chart');
  });

  it('looks well in every theme', async () => {
    for (const theme of ['light', 'high-contrast', 'dark'] as const) {
      await editor.setTheme(theme);
      await editor.screenshot(`profile-${theme}`);
    }
  });

  it('is compared with another, in a picture of the difference', async () => {
    await editor.run('Throughline: Compare Profiles…');
    await answerDialog(editor, 'Which profile is the one before?', large);
    await answerDialog(editor, 'Compare with which profile?', second);
    await editor.tab('service.cpuprofile → after.cpuprofile').waitFor();
    const difference = await editor.webviewWith('.facts:has-text("as shares")');
    await difference.locator('.toolbar').getByRole('button', { name: 'Table', exact: true }).click();
    await difference.locator('tbody .change', { hasText: /^[+−]/ }).first().waitFor();
    await editor.screenshot('profile-difference-table');
    await difference.locator('.toolbar').getByRole('button', { name: 'Flame', exact: true }).click();
    await difference.locator('.chart:visible').first().waitFor();
    await editor.screenshot('profile-difference');
  });

  it('is there again when its hidden tab is shown, without being read anew', async () => {
    fs.renameSync(large, `${large}.moved`);
    await editor.page
      .locator('.tabs-container .tab', { hasText: /^service\.cpuprofile/ })
      .first()
      .click();
    await editor.webviewWith('.facts:has-text("samples")');
  });
});

async function showTab(editor: Editor, name: string): Promise<void> {
  await editor.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`).first().click();
}

/** The server build asks for files in a text field, which it fills itself once it has listed a folder. */
async function answerDialog(editor: Editor, title: string, file: string): Promise<void> {
  // By its title: the palette that is closing still holds the command's name, which may be the same.
  const dialog = editor.page.locator('.quick-input-widget:visible', {
    has: editor.page.locator('.quick-input-title', { hasText: title }),
  });
  await dialog.waitFor();
  await editor.eventually(async () => {
    if (await dialog.isHidden()) return true;
    await editor.input().fill(file);
    await editor.page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden', timeout: 3000 }).catch(() => undefined);
    return undefined;
  }, `answer of "${title}"`);
}

/** Runs in every text editor that is seen: the graph has the keyboard. */
async function lineEndsOfAll(editor: Editor): Promise<string[]> {
  return editor.page.evaluate(() =>
    [...document.querySelectorAll('.view-lines .view-line [class*="ced-"]')].map((span) =>
      getComputedStyle(span, '::after').content.replaceAll('"', ''),
    ),
  );
}
