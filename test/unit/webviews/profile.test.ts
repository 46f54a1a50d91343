import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { findBrowser } from '../../host/paths.mjs';
import { launchBrowser, WebviewPage, type Theme } from './harness';
import { differenceHost, latencyOf, ProfileHost, stackProfileOf } from './profileHost';
import { hostileStacks, shopStacks } from './stacks';

const ROW = 20;

describe('profile webview', function () {
  let browser: Browser;
  let view: WebviewPage;
  let host: ProfileHost;

  before(async function () {
    // Stages that need a browser install one; a lone `mocha` on a machine without has nothing to draw with.
    if (!findBrowser()) this.skip();
    browser = await launchBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    if (!view) return;
    assert.deepEqual(view.problems, []);
    await view.close();
  });

  const shop = () => new ProfileHost({ ...stackProfileOf(shopStacks()), requests: 18_240 });
  const timed = () => {
    const profile = stackProfileOf(shopStacks(), { threads: ['main', 'worker 1'] });
    const end = Math.max(...profile.threads.map(({ endMicros }) => endMicros));
    return new ProfileHost(profile, { latency: latencyOf(end, 2_000_000) });
  };

  async function open(shown = shop(), theme: Theme = 'dark', width = 1200): Promise<void> {
    host = shown;
    view = await WebviewPage.open(browser, 'profile', { theme, width, height: 640, hears: host.hears });
    await view.send(host.opened);
    await view.page.waitForSelector('.chart canvas');
    await view.page.waitForFunction(() => performance.getEntriesByName('throughline:drawn').length > 0);
    // The functions' figures are asked for after the first picture.
    await view.page.waitForFunction(() => document.querySelectorAll('.legend .chip').length > 0);
  }

  const details = () => view.page.locator('.details strong').textContent();
  const waitForDetails = (name: string) =>
    view.page.waitForFunction(
      (wanted) => document.querySelector('.details strong')?.textContent === wanted,
      name,
    );
  const waitForText = (selector: string, part: string) =>
    view.page.waitForFunction(
      ([where, wanted]) => document.querySelector(where!)?.textContent?.includes(wanted!),
      [selector, part],
    );
  const spoken = () => view.page.locator('main > [role=status]').textContent();
  const press = async (...keys: string[]) => {
    for (const key of keys) await view.page.keyboard.press(key);
  };
  const focusChart = () => view.page.locator('.graph-pane .chart').focus();
  /** Of the box that the last query of this type asked about. */
  const lastQuery = (type: string) => host.queries.filter((query) => query.type === type).at(-1);

  /** Clicks on the row at `part` of the chart's width. */
  async function click(row: number, part = 0.1, options: { button?: 'right' } = {}): Promise<void> {
    const box = (await view.page.locator('.graph-pane .chart').boundingBox())!;
    await view.page.mouse.click(box.x + box.width * part, box.y + row * ROW + ROW / 2, options);
  }

  /** Waits until the boxes of the view are those of a chip's change, which shows in what the root tells. */
  async function rootTotal(): Promise<string> {
    await focusChart();
    await press('Home');
    await waitForDetails('All');
    return (await view.page.locator('.details-costs .cost .figure').first().textContent()) ?? '';
  }

  it('says `ready` first and draws what it was sent at once, asking for nothing that the picture needs', async () => {
    const shown = shop();
    for (const type of ['page', 'table', 'search', 'activity'] as const) shown.silent.add(type);
    host = shown;
    view = await WebviewPage.open(browser, 'profile', {
      theme: 'dark',
      width: 1200,
      height: 640,
      hears: host.hears,
    });
    assert.deepEqual(await view.sent(), [{ type: 'ready' }]);
    await view.send(host.opened);
    await view.page.waitForFunction(() => performance.getEntriesByName('throughline:drawn').length === 1);
    assert.equal(await view.page.locator('h1').textContent(), 'shop.cpuprofile');
    assert.match((await view.page.locator('.facts').textContent()) ?? '', /8.928 samples · 18.240 requests/);
    await click(5);
    await waitForDetails('priceOf');
    // All boxes are there: zooming in asks for no page.
    await press('Enter', '+', '+');
    await view.page.waitForTimeout(300);
    assert.equal(lastQuery('page'), undefined);
  });

  it('tells figures in the currencies of the profile, with samples', async () => {
    await open();
    await click(5);
    await waitForDetails('priceOf');
    const text = (await view.page.locator('.details').textContent()) ?? '';
    assert.match(text, /Total34\.7 % · 3\.10 s · 170 µs\/request/);
    assert.match(text, /Self24\.6 % · 2\.20 s · 121 µs\/request/);
    assert.match(text, /Samples3.100/);
    assert.match((await spoken()) ?? '', /^priceOf, src\/prices\.ts:\d+, total 34\.7 %/);
  });

  it('asks for a finer page when zooming needs one, and keeps the selection by its identity', async () => {
    const profile = stackProfileOf(shopStacks());
    // Only the widest boxes come with the profile.
    await open(new ProfileHost(profile, { min: 1_500_000 }));
    await click(4);
    await waitForDetails('checkout');
    await press('Enter');
    await view.page.waitForFunction(
      () => document.querySelector<HTMLElement>('.minimap-window')!.style.width !== '100%',
    );
    await press('ArrowDown', 'ArrowDown');
    await waitForDetails('discount');
    const asked = host.queries.filter((query) => query.type === 'page');
    assert.ok(asked.length >= 1);
    const last = asked.at(-1)!;
    assert.ok(last.type === 'page' && last.request.min < 10_000 && last.request.mode === 'merged');
  });

  it('asks once for where a gesture ends, not for each of its steps', async () => {
    const random = Array.from(
      { length: 3000 },
      (_, at) => `app|f${at % 97}|a.ts;app|g${at}|b.ts ${1 + (at % 7)}`,
    );
    await open(new ProfileHost(stackProfileOf(random), { min: 30_000 }));
    await view.page.waitForTimeout(200);
    const before = host.queries.filter(({ type }) => type === 'page').length;
    const box = (await view.page.locator('.graph-pane .chart').boundingBox())!;
    await view.page.mouse.move(box.x + 300, box.y + 30);
    for (let turn = 0; turn < 12; turn++) await view.page.mouse.wheel(0, -120);
    await view.page.waitForFunction(
      () => Number.parseFloat(document.querySelector<HTMLElement>('.minimap-window')!.style.width) < 10,
    );
    await view.page.waitForTimeout(300);
    const asked = host.queries.filter(({ type }) => type === 'page').length - before;
    assert.ok(asked >= 1 && asked <= 3, `${asked} pages were asked for`);
  });

  it('switches views by keys and buttons and keeps the selected function', async () => {
    await open(timed());
    await click(5);
    await waitForDetails('priceOf');
    await focusChart();
    await press('3');
    await waitForText('.sandwich-title', 'priceOf');
    const sandwich = lastQuery('sandwich');
    assert.ok(sandwich?.type === 'sandwich' && sandwich.frame === host.frame('priceOf'));
    await press('4');
    await view.page.waitForSelector('tr[aria-selected=true]');
    assert.match((await view.page.locator('tr[aria-selected=true] th').textContent()) ?? '', /priceOf/);
    await press('2');
    await view.page.waitForFunction(
      () => document.querySelector('.segments [aria-pressed=true]')?.textContent === 'Time Order',
    );
    await view.page.waitForFunction(
      () => !document.querySelector('.graph-pane')!.classList.contains('waiting'),
    );
    assert.equal(await details(), 'priceOf');
    const page = lastQuery('page');
    assert.ok(page?.type === 'page' && page.request.mode === 'timeOrder');
    await view.page.getByRole('button', { name: 'Flame', exact: true }).click();
    await waitForDetails('priceOf');
  });

  it('changes what is shown by keys and the menu, tells it in chips, and takes it back', async () => {
    await open();
    assert.match(await rootTotal(), /^100\.0 %/);
    await click(5);
    await waitForDetails('priceOf');
    await press('f');
    await waitForText('.chips', 'priceOf');
    assert.match(await rootTotal(), /^34\.7 %/);
    await click(1, 0.1, { button: 'right' });
    await view.page.getByRole('menuitem', { name: 'Hide Stacks with Function' }).waitFor();
    await press('Escape');
    assert.equal(await view.page.locator('.menu').isHidden(), true);
    // Undo, redo, undo by Backspace, and the chip's own button.
    await press('Control+z');
    assert.equal(await view.page.locator('.chips > *').count(), 0);
    await press('Control+Shift+z');
    assert.equal(await view.page.locator('.chips > *').count(), 1);
    await press('Backspace');
    assert.equal(await view.page.locator('.chips > *').count(), 0);
    assert.match(await rootTotal(), /^100\.0 %/);
    await press('Control+y');
    await view.page.getByRole('button', { name: /Take back Focus: priceOf/ }).click();
    assert.equal(await view.page.locator('.chips > *').count(), 0);
  });

  it('does all that the menu offers', async () => {
    await open();
    const choose = async (row: number, part: number, item: string) => {
      await click(row, part, { button: 'right' });
      await view.page.getByRole('menuitem', { name: item }).click();
    };
    await choose(2, 0.1, 'Collapse Package fastify');
    await waitForText('.chips', 'fastify');
    const specOf = () => {
      const page = lastQuery('page');
      assert.ok(page?.type === 'page');
      return page.request.spec.transforms;
    };
    await view.page.waitForTimeout(200);
    assert.deepEqual(specOf(), [{ type: 'collapsePackage', packageName: 'fastify' }]);
    await press('Backspace');
    await view.page.waitForTimeout(200);
    await choose(4, 0.1, 'Focus on Subtree');
    await view.page.waitForTimeout(200);
    const path = ['onRequest', 'handle', 'preHandler', 'checkout'].map((name) => host.frame(name));
    assert.deepEqual(specOf(), [{ type: 'focusSubtree', path }]);
    await press('Backspace');
    await view.page.waitForTimeout(200);
    await choose(4, 0.1, 'Merge into Callers');
    await view.page.waitForTimeout(200);
    assert.deepEqual(specOf(), [{ type: 'mergeFunction', frame: host.frame('checkout') }]);
    await press('i', 'a', 'w');
    await view.page.waitForTimeout(200);
    assert.deepEqual(
      specOf().map(({ type }) => type),
      ['mergeFunction', 'invert', 'appOnly', 'foldFrameworks'],
    );
    await view.page.getByRole('button', { name: 'Reset', exact: true }).click();
    assert.match(await rootTotal(), /^100\.0 %/);
  });

  it('opens the menu by the keyboard, moves in it, and gives the keyboard back', async () => {
    await open();
    await click(4);
    await waitForDetails('checkout');
    await focusChart();
    await press('Shift+F10');
    const focused = () =>
      view.page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent);
    assert.equal(await focused(), 'Focus on Function');
    await press('ArrowDown', 'ArrowDown');
    assert.equal(await focused(), 'Merge into Callers');
    await press('End');
    assert.equal(await focused(), 'Copy Stack');
    await press('c');
    assert.equal(await focused(), 'Collapse Recursion');
    await press('Escape');
    assert.equal(await view.page.evaluate(() => document.activeElement?.className), 'chart');
    await press('ContextMenu', 'Enter');
    await waitForText('.chips', 'checkout');
  });

  it('reaches every box by the arrows, also those too narrow for the page', async () => {
    // Four functions, of which the page holds the first two.
    const stacks = ['app|wide|a.ts 9000', 'app|half|a.ts 5000', 'app|thin|a.ts 1', 'app|hair|a.ts 1'];
    await open(new ProfileHost(stackProfileOf(stacks), { min: 100_000 }));
    host.silent.add('page');
    await focusChart();
    await press('ArrowDown', 'ArrowDown');
    await waitForDetails('wide');
    host.silent.clear();
    await press('ArrowRight');
    await waitForDetails('half');
    await press('ArrowRight');
    await waitForDetails('thin');
    await press('ArrowRight');
    await waitForDetails('hair');
    assert.match((await view.page.locator('.details').textContent()) ?? '', /~.*uncertain: fewer than/);
  });

  it('searches in the session, tells the share, steps through matches and filters the table', async () => {
    await open();
    await press('/');
    await view.page.keyboard.type('name:/^walk$/');
    await waitForText('.found', 'in 3 matches');
    assert.match((await view.page.locator('.found').textContent()) ?? '', /^6\.7 %/);
    await press('Enter');
    await waitForText('.found', '1 of 3');
    await waitForDetails('walk');
    await press('Shift+Enter');
    await waitForText('.found', '3 of 3');
    await press('Escape', 'Escape');
    await press('4');
    await press('/');
    await view.page.keyboard.type('prices.ts');
    await waitForText('caption', '3 functions');
    await view.page.locator('.search input').fill('/(/');
    await waitForText('.found', 'not a regular expression');
    assert.equal(await view.page.locator('.search input').getAttribute('aria-invalid'), 'true');
  });

  it('sorts and pages the table, and shows a row in the graph', async () => {
    const many = Array.from({ length: 900 }, (_, at) => `app|f${at}|src/file${at % 9}.ts ${at + 1}`);
    await open(new ProfileHost(stackProfileOf(many)));
    await press('4');
    await waitForText('caption', '900 functions');
    const first = () => view.page.locator('tbody tr:not(.spacer) th').first().textContent();
    assert.equal(await first(), 'f899');
    assert.equal(await view.page.locator('table').getAttribute('aria-rowcount'), '901');
    // Only what is seen is made.
    assert.ok((await view.page.locator('tbody tr').count()) < 60);
    await view.page.getByRole('button', { name: /^Self/ }).click();
    await view.page.waitForFunction(
      () => document.querySelector('tbody tr:not(.spacer) th')?.textContent === 'f0',
    );
    await view.page.locator('tbody tr:not(.spacer)').first().click();
    await press('End');
    await waitForDetails('f899');
    assert.ok(host.queries.some((query) => query.type === 'table' && query.request.offset === 800));
    await press('Enter');
    await view.page.waitForFunction(
      () => document.querySelector('.segments [aria-pressed=true]')?.textContent === 'Flame',
    );
    await waitForDetails('f899');
  });

  it('selects a range on the strip, by the slowest second and by keys, which filters everything', async () => {
    await open(timed());
    await view.page.getByRole('button', { name: 'Slowest Second' }).click();
    await waitForText('.chips', '1.45 s – 2.45 s');
    await view.page.waitForTimeout(200);
    const page = lastQuery('page');
    assert.ok(page?.type === 'page');
    assert.deepEqual(page.request.spec.range, { startMicros: 1_450_000, endMicros: 2_450_000 });
    const table = lastQuery('table');
    assert.ok(table?.type === 'table' && table.request.spec.range?.startMicros === 1_450_000);
    await focusChart();
    await press('Escape');
    assert.equal(await view.page.locator('.chips > *').count(), 0);
    const area = (await view.page.locator('.strip-area').boundingBox())!;
    await view.page.mouse.move(area.x + area.width * 0.25, area.y + 30);
    await view.page.mouse.down();
    await view.page.mouse.move(area.x + area.width * 0.5, area.y + 30, { steps: 4 });
    await view.page.mouse.up();
    await waitForText('.chips', 'Time');
    const begin = view.page.getByRole('slider', { name: 'Begin of the time range' });
    const before = Number(await begin.getAttribute('aria-valuenow'));
    await begin.focus();
    await press('ArrowRight');
    const after = Number(await begin.getAttribute('aria-valuenow'));
    assert.ok(after > before);
    assert.match((await begin.getAttribute('aria-valuetext')) ?? '', / m?s$/);
  });

  it('picks a thread', async () => {
    await open(timed());
    await view.page.getByRole('button', { name: /All threads \(2\)/ }).click();
    await view.page.getByRole('menuitemradio', { name: /worker 1/ }).click();
    await waitForText('.chips', 'worker 1');
    assert.match(await rootTotal(), /^50\.0 %/);
    assert.match((await view.page.locator('[data-key=threads]').textContent()) ?? '', /worker 1/);
  });

  it('tells a difference by sign, colour and words, also in the table', async () => {
    const after = shopStacks().map((line) => line.replace(/ 2200$/, ' 900').replace(/ 1100$/, ' 1900'));
    await open(differenceHost(shopStacks(), after));
    assert.match((await view.page.locator('.facts').textContent()) ?? '', /main → branch, as shares/);
    assert.equal(await view.page.locator('.legend select').inputValue(), 'change');
    await press('4');
    await view.page.waitForFunction(
      () => document.querySelector('tbody tr:not(.spacer) th')?.textContent === 'JSON.stringify',
    );
    const cell = view.page.locator('tbody tr:not(.spacer)').first().locator('td.change');
    assert.match((await cell.textContent()) ?? '', /^\+\d+\.\d % \(\+\d+ %\)$/);
    assert.ok((await cell.getAttribute('class'))?.includes('grew'));
    assert.equal(await view.page.getByRole('button', { name: 'Time Order' }).isDisabled(), true);
  });

  it('marks what the cursor is in, goes there, and reveals what it is told to', async () => {
    await open();
    const { profileId } = host.opened;
    await view.send({ type: 'cursor', profileId, frames: Int32Array.of(host.frame('discount')) });
    await focusChart();
    await press('c');
    await waitForDetails('discount');
    await view.send({ type: 'reveal', profileId, frame: host.frame('audit') });
    await waitForDetails('audit');
    await view.send({ type: 'cursor', profileId, frames: new Int32Array(0) });
    await press('c');
    await waitForText('.details-message', 'The cursor is in no function');
  });

  it('reveals a function that is too narrow for any page', async () => {
    await open(new ProfileHost(stackProfileOf(shopStacks()), { min: 300_000 }));
    host.silent.add('page');
    await view.send({ type: 'reveal', profileId: host.opened.profileId, frame: host.frame('audit') });
    await view.page.waitForTimeout(100);
    host.silent.clear();
    await view.send({ type: 'reveal', profileId: host.opened.profileId, frame: host.frame('audit') });
    await waitForDetails('audit');
  });

  it('opens the source of a clicked frame without taking the keyboard, and with it on Ctrl+click', async () => {
    await open();
    await click(5);
    await view.page.waitForFunction(() =>
      (window as unknown as { sent: { type: string }[] }).sent.some(({ type }) => type === 'openSource'),
    );
    await view.page.keyboard.down('Control');
    await click(5);
    await view.page.keyboard.up('Control');
    const opened = (await view.sent()).filter(({ type }) => type === 'openSource');
    assert.deepEqual(
      opened.map(({ frame, focus }) => ({ frame, focus })),
      [false, true].map((focus) => ({ frame: host.frame('priceOf'), focus })),
    );
    await view.send({ type: 'done', request: 999, error: 'prices.ts is not on this machine.' });
    await waitForText('.details-message', 'not on this machine');
  });

  it('exports: formats by the session, a PNG drawn here', async () => {
    await open();
    await focusChart();
    for (const [item, format] of [
      ['SVG Picture', 'svg'],
      ['Speedscope JSON', 'speedscope'],
      ['Collapsed Stacks', 'collapsed'],
      ['Markdown Summary', 'markdown'],
    ] as const) {
      await press('e');
      await view.page.getByRole('menuitem', { name: item }).click();
      const last = (await view.sent()).at(-1)!;
      assert.deepEqual({ type: last.type, format: last['format'] }, { type: 'export', format });
    }
    await press('e');
    await view.page.getByRole('menuitem', { name: 'PNG Picture' }).click();
    await view.page.waitForFunction(() =>
      (window as unknown as { sent: { type: string }[] }).sent.some(({ type }) => type === 'exportPng'),
    );
    const { width, height } = await view.page.evaluate(async () => {
      const sent = (window as unknown as { sent: { png?: Uint8Array }[] }).sent;
      const png = sent.find((message) => message.png)!.png as BlobPart;
      const bitmap = await createImageBitmap(new Blob([png], { type: 'image/png' }));
      return { width: bitmap.width, height: bitmap.height };
    });
    // Twice the pixels of the chart with its margins; a title and the rows there are.
    assert.equal(width, 2 * (1200 - 28 + 16));
    assert.equal(height, 2 * (34 + 7 * ROW + 8));
  });

  it('colours by package, file and heat; legend chips set categories back', async () => {
    await open();
    const chips = () => view.page.locator('.legend .chip .name').allTextContents();
    assert.deepEqual(await chips(), ['App', 'Dependencies', 'Node.js', 'V8']);
    await view.page.locator('.legend select').selectOption('package');
    assert.ok((await chips()).includes('fastify'));
    await view.page.locator('.legend select').selectOption('file');
    assert.ok((await chips()).includes('src/prices.ts'));
    await view.page.locator('.legend .chip').first().click();
    assert.equal(await view.page.locator('.legend .chip').first().getAttribute('aria-pressed'), 'false');
    await view.page.locator('.legend select').selectOption('heat');
    assert.ok((await chips()).includes('Most own cost'));
  });

  it('keeps its state over a reload: spec, view, selection, search and colours', async () => {
    await open();
    await click(5);
    await waitForDetails('priceOf');
    await focusChart();
    await press('f');
    await waitForText('.chips', 'priceOf');
    await press('/');
    await view.page.keyboard.type('disc');
    await waitForText('.found', 'match');
    await view.page.locator('.legend select').selectOption('file');
    await view.page.waitForFunction(() => sessionStorage.getItem('state')?.includes('"colours":"file"'));
    await view.reload();
    await view.send(host.opened);
    await waitForText('.chips', 'priceOf');
    await waitForText('.found', 'match');
    await waitForDetails('priceOf');
    assert.equal(await view.page.locator('.legend select').inputValue(), 'file');
    // Nothing of it goes to another profile.
    await view.send({ ...host.opened, profileId: 'profile-2' });
    await view.page.waitForFunction(() => document.querySelectorAll('.chips > *').length === 0);
  });

  it('shows progress only when it takes long, and cancels', async () => {
    host = shop();
    view = await WebviewPage.open(browser, 'profile', { theme: 'dark', width: 900, height: 500 });
    await view.send({ type: 'loading', title: 'big.cpuprofile', message: 'Reading…', fraction: 0.25 });
    const cancel = view.page.getByRole('button', { name: 'Cancel' });
    await cancel.waitFor();
    assert.equal(await view.page.locator('progress').getAttribute('value'), '0.25');
    await view.send({ type: 'loading', title: 'big.cpuprofile', message: 'Merging stacks…' });
    await waitForText('.loading', 'Merging stacks…');
    await cancel.click();
    assert.equal((await view.sent()).at(-1)!.type, 'cancel');
    await view.send({ type: 'failed', message: 'It is no profile.', nextStep: 'Open another file.' });
    await view.page.getByRole('button', { name: 'Try Again' }).click();
    assert.equal((await view.sent()).at(-1)!.type, 'retry');
    await view.send({ type: 'empty', message: 'Nothing was measured yet.' });
    await view.page.getByRole('button', { name: 'Load Test and Profile App' }).click();
    assert.equal((await view.sent()).at(-1)!.type, 'measure');
  });

  it('tells mapping, notes and sparse data, and picks profiles and source folders', async () => {
    const shown = new ProfileHost(stackProfileOf(['app|a|a.ts 3', 'app|b|b.ts 40']));
    const info = {
      ...shown.opened.info,
      profiles: ['cpu', 'alloc_space'],
      mapping: 'mapped 1 of 2 frames, because b.ts is not on this machine',
      warnings: ['The file was cut.'],
    };
    Object.assign(shown.opened, { info });
    await open(shown);
    assert.match((await view.page.locator('.warnings summary').textContent()) ?? '', /Sparse data/);
    await view.page.locator('.mapping summary').click();
    await view.page.getByText('b.ts is not on this machine').waitFor();
    await view.page.getByRole('button', { name: 'Choose Source Folder' }).click();
    assert.equal((await view.sent()).at(-1)!.type, 'chooseSourceFolder');
    await view.page.getByLabel('Profile of the file').selectOption({ label: 'alloc_space' });
    const last = (await view.sent()).at(-1)!;
    assert.deepEqual({ type: last.type, index: last['index'] }, { type: 'chooseProfile', index: 1 });
  });

  it('shows names that are markup, turn the text around or never end as text', async () => {
    await open(new ProfileHost(stackProfileOf(hostileStacks())));
    await press('4');
    await waitForText('caption', 'functions');
    await press('1');
    await focusChart();
    for (let at = 0; at < hostileStacks().length; at++) await press(at === 0 ? 'ArrowDown' : 'ArrowRight');
    await press('Shift+F10', 'Escape', 'f', '3');
    await view.page.waitForTimeout(200);
    assert.notEqual(await view.page.title(), 'owned');
    assert.equal(await view.page.locator('.profile img, .profile b, .profile script').count(), 0);
  });

  it('refuses answers that do not hold together, and stays usable', async () => {
    await open();
    host.silent.add('sandwich');
    await click(5);
    await waitForDetails('priceOf');
    await press('3');
    const asked = await view.page.waitForFunction(() => {
      const { sent } = window as unknown as { sent: { query?: { type: string }; request: number }[] };
      return sent.find(({ query }) => query?.type === 'sandwich')?.request;
    });
    const request = await asked.jsonValue();
    const boxes = { ...host.opened.page.boxes, frame: host.opened.page.boxes.frame.map(() => 99_999) };
    await view.send({
      type: 'reply',
      profileId: host.opened.profileId,
      request,
      answer: { type: 'sandwich', sandwich: { frame: 1, callers: boxes, callees: boxes } },
    });
    await waitForText('.details-message', 'cannot be shown');
    await press('1');
    await click(4);
    await waitForDetails('checkout');
  });
});
