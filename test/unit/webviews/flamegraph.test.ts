import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { layoutFlame } from '../../../src/engine/profile/flameLayout';
import { parseToFlamegraph } from '../../../src/protocol/flamegraph';
import { contrast, parseColour } from '../../../src/webviews/flamegraph/palette';
import { findBrowser } from '../../host/paths.mjs';
import { frameOf, randomTree } from '../flame/trees';
import { launchBrowser, THEMES, WebviewPage, type Theme } from './harness';
import { HOSTILE, hostileStacks, profileMessage, shopStacks } from './samples';

/** Names of `shopStacks` by their frame index, as the message numbers them. */
const MESSAGE = profileMessage(shopStacks());
const frameNamed = (name: string) => MESSAGE.frames.names.indexOf(name);

describe('flamegraph webview', function () {
  let browser: Browser;
  let view: WebviewPage;

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

  async function open(theme: Theme = 'dark', message: unknown = MESSAGE): Promise<WebviewPage> {
    view = await WebviewPage.open(browser, 'flamegraph', { theme, width: 1000, height: 520 });
    await view.send(message);
    await view.page.waitForSelector('.chart canvas');
    return view;
  }

  const details = () => view.page.locator('.details strong').textContent();
  const waitForDetails = (name: string) =>
    view.page.waitForFunction(
      (wanted) => document.querySelector('.details strong')?.textContent === wanted,
      name,
    );
  const waitForOpenSource = (count: number) =>
    view.page.waitForFunction(
      (wanted) =>
        (window as unknown as { sent: { type: string }[] }).sent.filter(({ type }) => type === 'openSource')
          .length === wanted,
      count,
    );
  const focusChart = () => view.page.locator('.chart').focus();
  const spoken = () => view.page.locator('[role=status]').textContent();

  /** Presses keys one by one. */
  async function press(...keys: string[]): Promise<void> {
    for (const key of keys) await view.page.keyboard.press(key);
  }

  /** Colour of the canvas's pixel at CSS pixels from its corner. */
  const pixel = (x: number, y: number) =>
    view.page.evaluate(
      async ([left, top]) => {
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        const canvas = document.querySelector('canvas')!;
        return [...canvas.getContext('2d')!.getImageData(left!, top!, 1, 1).data.slice(0, 3)];
      },
      [x, y],
    );

  it('says `ready` first, then shows what it was sent', async () => {
    await open();
    assert.deepEqual(await view.sent(), [{ type: 'ready' }]);
    assert.equal(await view.page.locator('h1').textContent(), 'npm run start');
    assert.match((await view.page.locator('.facts').textContent()) ?? '', /18.240 requests/);
  });

  it('opens the source of a clicked frame without taking the keyboard, and with it on Ctrl+click', async () => {
    await open();
    const chart = (await view.page.locator('.chart').boundingBox())!;
    // Row 5, left: priceOf.
    await view.page.mouse.click(chart.x + 40, chart.y + 5 * 21 + 10);
    await waitForDetails('priceOf');
    await waitForOpenSource(1);
    await view.page.keyboard.down('Control');
    await view.page.mouse.click(chart.x + 40, chart.y + 5 * 21 + 10);
    await view.page.keyboard.up('Control');
    const opened = (await view.sent()).filter(({ type }) => type === 'openSource');
    assert.deepEqual(
      opened.map(({ frame, focus, profileId }) => ({ frame, focus, profileId })),
      [
        { frame: frameNamed('priceOf'), focus: false, profileId: MESSAGE.profileId },
        { frame: frameNamed('priceOf'), focus: true, profileId: MESSAGE.profileId },
      ],
    );
    assert.match(
      (await view.page.locator('.details').textContent()) ?? '',
      /src\/prices\.ts:\d+hottest line 24/,
    );
  });

  it('zooms by a double click, and opens nothing by it', async () => {
    await open();
    const chart = (await view.page.locator('.chart').boundingBox())!;
    await view.page.mouse.dblclick(chart.x + 40, chart.y + 5 * 21 + 10);
    await view.page.waitForFunction(() => !document.querySelector('.breadcrumb')?.classList.contains('idle'));
    await waitForDetails('priceOf');
    // A click that comes later opens, and so tells that the ones before have had their time.
    await view.page.getByRole('button', { name: 'Reset Zoom' }).click();
    await view.page.waitForFunction(() => document.querySelector('.breadcrumb')?.classList.contains('idle'));
    await view.page.mouse.click(chart.x + 40, chart.y + 4 * 21 + 10);
    await waitForOpenSource(1);
    const opened = (await view.sent()).filter(({ type }) => type === 'openSource');
    assert.deepEqual(
      opened.map(({ frame }) => frame),
      [frameNamed('checkout')],
    );
  });

  it('brings a deep frame into view that is revealed as soon as the graph is there', async () => {
    const deep = Array.from({ length: 80 }, (_, depth) => `app|step${depth}|src/deep.ts`);
    const message = profileMessage([`${deep.join(';')} 500`]);
    // Not the last: the end of the graph would stop a scroll that goes too far.
    const middle = message.frames.names.indexOf('step40');
    view = await WebviewPage.open(browser, 'flamegraph', { theme: 'dark', width: 1000, height: 520 });
    await view.send({ ...message, reveal: middle });
    await waitForDetails('step40');
    const rowTop = 41 * 21;
    await view.page.waitForFunction((top) => {
      const { scrollTop, clientHeight } = document.querySelector('.chart')!;
      return scrollTop <= top && top + 21 <= scrollTop + clientHeight;
    }, rowTop);
    // Nor is it lost while the table is shown in the graph's place.
    await view.page.getByRole('button', { name: 'Table' }).click();
    const first = message.frames.names.indexOf('step0');
    await view.send({ type: 'reveal', profileId: message.profileId, frame: first });
    await waitForDetails('step0');
    await view.page.getByRole('button', { name: 'Graph', exact: true }).click();
    await view.page.waitForFunction(() => document.querySelector('.chart')!.scrollTop <= 21);
  });

  it('says so where a profile cannot be read, in place of waiting for it for ever', async () => {
    view = await WebviewPage.open(browser, 'flamegraph', { theme: 'dark', width: 800, height: 400 });
    await view.send({ type: 'loading', title: 'npm run start' });
    await view.send({ ...MESSAGE, columns: { ...MESSAGE.columns, parent: new Int32Array(3) } });
    await view.page.getByRole('alert').waitFor();
    await view.page.getByRole('button', { name: 'Try Again' }).click();
    assert.deepEqual(
      (await view.sent()).map(({ type }) => type),
      ['ready', 'retry'],
    );
    (view.problems as string[]).length = 0;
  });

  it('tells why nothing was opened', async () => {
    await open();
    await focusChart();
    await press('ArrowDown', 'ArrowDown', 'o');
    const request = (await view.sent()).find(({ type }) => type === 'openSource');
    await view.send({ type: 'opened', request: request?.request, error: 'It is part of Node.js.' });
    await view.page.waitForFunction(
      () => document.querySelector('.details-message')?.textContent === 'It is part of Node.js.',
    );
  });

  it('is walked by the keyboard, zoomed by Enter and reset by Escape', async () => {
    await open();
    await focusChart();
    await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown');
    assert.equal(await details(), 'checkout');
    await press('ArrowDown', 'ArrowRight');
    assert.equal(await details(), 'pbkdf2Sync');
    assert.match((await spoken()) ?? '', /pbkdf2Sync.*total 20\.\d %.*self 0\.0 %.*depth 5/);
    await press('ArrowLeft', 'ArrowUp', 'Enter');
    const crumb = view.page.locator('.breadcrumb [aria-current]');
    await view.page.waitForFunction(
      () => document.querySelector('.breadcrumb [aria-current]')?.textContent === 'checkout',
    );
    await press('Escape');
    await view.page.waitForFunction(() => document.querySelector('.breadcrumb')?.classList.contains('idle'));
    assert.equal(await crumb.textContent(), 'All');
    await press('h');
    await waitForDetails('priceOf');
    await press('Home');
    await waitForDetails('All');
  });

  it('zooms at the pointer by the wheel and pans by dragging', async () => {
    await open();
    const chart = (await view.page.locator('.chart').boundingBox())!;
    const reset = view.page.getByRole('button', { name: 'Reset Zoom' });
    assert.equal(await reset.isDisabled(), true);
    await view.page.mouse.move(chart.x + 500, chart.y + 30);
    await view.page.mouse.wheel(0, -400);
    await view.page.waitForFunction(() => !document.querySelector('.breadcrumb')?.classList.contains('idle'));
    await view.page.waitForFunction(
      () => (JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown) !== null,
    );
    const before = ((await view.state()) as { viewport: { startMicros: number } }).viewport.startMicros;
    await view.page.mouse.down();
    await view.page.mouse.move(chart.x + 400, chart.y + 30, { steps: 4 });
    await view.page.mouse.up();
    await view.page.waitForFunction((start) => {
      const state = JSON.parse(sessionStorage.getItem('state')!) as { viewport: { startMicros: number } };
      return state.viewport.startMicros > start;
    }, before);
    // A drag is no click.
    assert.deepEqual(
      (await view.sent()).filter(({ type }) => type === 'openSource'),
      [],
    );
    await reset.click();
    await view.page.waitForFunction(() => document.querySelector('.breadcrumb')?.classList.contains('idle'));
  });

  it('finds by name with the share of the union, and leads through the matches', async () => {
    await open();
    await press('/');
    await view.page.keyboard.type('walk');
    // walk;walk;walk 420 and walk 180 of 8928 ms.
    await view.page.waitForFunction(
      () => document.querySelector('.found')?.textContent === '6.7 % in 1 match',
    );
    await press('Enter');
    await waitForDetails('walk');
    await view.page.locator('input').fill('/(/');
    assert.equal(await view.page.locator('.found').textContent(), 'not a valid expression');
    await view.page.locator('input').fill('fastify');
    assert.match((await view.page.locator('.found').textContent()) ?? '', /^8\d\.\d % in 1 match$/);
    await view.page.getByRole('button', { name: 'Table' }).click();
    const rows = await view.page.locator('tbody tr th').allTextContents();
    assert.deepEqual(rows.sort(), ['handle', 'preHandler']);
  });

  it('shows every function in a table that sorts and filters', async () => {
    await open();
    await view.page.getByRole('button', { name: 'Table' }).click();
    const first = () => view.page.locator('tbody tr').first().locator('th').textContent();
    assert.equal(await first(), 'priceOf');
    assert.equal(await view.page.locator('th[aria-sort=descending]').textContent(), 'Self ↓');
    await view.page.getByRole('button', { name: 'Total' }).click();
    assert.equal(await first(), 'onRequest');
    // The recursive function's total is its time in any depth, once.
    const walk = view.page.locator('tbody tr', { hasText: 'walk' });
    assert.match((await walk.locator('td').nth(2).textContent()) ?? '', /^6\.7 %/);
    assert.match(
      (await view.page.locator('tbody tr', { hasText: 'audit' }).textContent()) ?? '',
      /uncertain/,
    );
    await view.page.getByRole('button', { name: 'App', exact: false }).first().click();
    assert.equal(await view.page.locator('tbody tr', { hasText: 'priceOf' }).count(), 0);
  });

  it('restores search, selection and zoom after it was hidden', async () => {
    await open();
    await focusChart();
    await press('h', 'Enter');
    await waitForDetails('priceOf');
    await view.page.locator('input').fill('price');
    await view.page.waitForFunction(() => {
      const state = JSON.parse(sessionStorage.getItem('state') ?? 'null') as {
        search: string;
        viewport: { endMicros: number };
      } | null;
      return state?.search === 'price' && state.viewport.endMicros < 4e6;
    });
    await view.reload();
    await view.send(MESSAGE);
    await waitForDetails('priceOf');
    assert.equal(await view.page.locator('input').inputValue(), 'price');
    assert.equal(await view.page.locator('.breadcrumb [aria-current]').textContent(), 'priceOf');
    // Another profile starts afresh.
    await view.send(profileMessage(shopStacks(), { profileId: 'another' }));
    await view.page.waitForFunction(() => document.querySelector('input')?.value === '');
  });

  it('brings a frame into view when asked to', async () => {
    await open('dark', profileMessage(shopStacks(), { reveal: frameNamed('audit') }));
    await waitForDetails('audit');
    await view.send({ type: 'reveal', profileId: MESSAGE.profileId, frame: frameNamed('search') });
    await waitForDetails('search');
    await view.send({ type: 'reveal', profileId: 'stale', frame: 0 });
    assert.equal(await details(), 'search');
  });

  it('shows hostile names as text', async () => {
    await open(
      'light',
      profileMessage([...hostileStacks(), 'app|plain|src/a.ts 100'], { title: HOSTILE[0]! }),
    );
    await view.page.getByRole('button', { name: 'Table' }).click();
    assert.equal(await view.page.locator('tbody tr').count(), HOSTILE.length + 1);
    assert.equal(await view.page.locator('img, tbody script, b').count(), 0);
    assert.notEqual(await view.page.title(), 'owned');
    const text = (await view.page.locator('tbody').textContent()) ?? '';
    assert.ok(text.includes('<img src=x onerror='));
    assert.doesNotMatch(text, /\p{Cc}|\p{Cf}/u);
    const widest = await view.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(widest <= 1000, `the page is ${widest} px wide`);
    await view.page.getByRole('button', { name: 'Graph', exact: true }).click();
    await focusChart();
    await press('ArrowDown', 'ArrowRight', 'ArrowRight', 'o', 'Enter');
    const chart = (await view.page.locator('.chart').boundingBox())!;
    await view.page.mouse.move(chart.x + 300, chart.y + 30);
    await view.page.waitForSelector('.tooltip:not([hidden])');
  });

  it('drops messages that are not what they claim', async () => {
    await open();
    const { problems } = view;
    for (const bad of [
      null,
      'text',
      { type: 'unknown' },
      { ...MESSAGE, title: 5 },
      { ...MESSAGE, columns: { ...MESSAGE.columns, parent: new Int32Array(3) } },
      { ...MESSAGE, columns: { ...MESSAGE.columns, frame: MESSAGE.columns.frame.map(() => 9999) } },
      { ...MESSAGE, columns: { ...MESSAGE.columns, subtreeEnd: MESSAGE.columns.subtreeEnd.map(() => 1) } },
      { ...MESSAGE, frames: { ...MESSAGE.frames, kinds: MESSAGE.frames.kinds.map(() => 77) } },
    ]) {
      assert.throws(() => parseToFlamegraph(bad), /BadMessage/);
      await view.send(bad);
    }
    await view.page.waitForFunction(() => document.querySelector('h1')?.textContent === 'npm run start');
    const told = () => problems.filter((text) => text.includes('BadMessage')).length;
    for (let tries = 0; told() < 8 && tries < 100; tries++) await view.page.waitForTimeout(50);
    assert.equal(told(), 8);
    (problems as string[]).length = 0;
  });

  it('explains an empty profile and a failure, with a button that helps', async () => {
    view = await WebviewPage.open(browser, 'flamegraph', { theme: 'dark', width: 800, height: 400 });
    await view.send({ type: 'empty', message: 'Run your app under load.' });
    await view.page.getByRole('button', { name: 'Load Test and Profile App' }).click();
    await view.send({ type: 'failed', message: 'The tree is broken.', nextStep: 'Record it again.' });
    await view.page.getByRole('button', { name: 'Try Again' }).click();
    assert.match(
      (await view.page.locator('main').textContent()) ?? '',
      /The tree is broken\.Record it again\./,
    );
    assert.deepEqual(
      (await view.sent()).map(({ type }) => type),
      ['ready', 'measure', 'retry'],
    );
    await view.send(profileMessage(['app|idle|a.ts 0']));
    await view.page.waitForFunction(() => /no samples/.test(document.body.textContent ?? ''));
  });

  for (const theme of THEMES) {
    it(`draws the kinds apart and labels that can be read in theme ${theme}`, async () => {
      await open(theme);
      // Above the label's letters: onRequest (node), preHandler (dependency), checkout (app), PBKDF2Job.run (v8).
      const places = { node: [300, 23], dependency: [300, 65], app: [300, 86], v8: [520, 128] } as const;
      const isOutlined = theme.startsWith('hc');
      const colours = new Set<string>();
      for (const [left, top] of Object.values(places)) {
        const colour = await pixel(left, isOutlined ? top - 2 : top);
        colours.add(colour.join());
        const ink = isOutlined ? (theme === 'hc' ? [255, 255, 255] : [41, 41, 41]) : [17, 17, 17];
        const behind = isOutlined ? await pixel(left, top + 3) : colour;
        const ratio = contrast(behind as [number, number, number], ink as [number, number, number]);
        assert.ok(ratio >= 4.5, `contrast ${ratio.toFixed(1)}`);
      }
      assert.equal(colours.size, 4, [...colours].join(' '));
    });
  }

  it('takes on another theme at once', async () => {
    await open('dark');
    const dark = await pixel(900, 300);
    await view.setTheme('light');
    const light = await pixel(900, 300);
    assert.deepEqual([dark, light], [parseColour('#1f1f1f'), parseColour('#ffffff')]);
  });

  it('draws a large profile, and only when something changed', async function () {
    const frames = Array.from({ length: 3000 }, (_, index) => frameOf(`function${index}`));
    const tree = randomTree(300_000, 3000, 4);
    const columns = layoutFlame(tree, frames);
    const message = profileMessage(shopStacks());
    const none = () => new Int32Array(3000).fill(-1);
    await open('dark', {
      ...message,
      columns,
      basis: { activeMicros: columns.totalMicros[0], cpuScale: 1, requests: 0 },
      frames: {
        names: frames.map(({ functionName }) => functionName),
        kinds: Uint8Array.from(frames, (_, index) => index % 4),
        files: [],
        fileOf: none(),
        lines: new Int32Array(3000),
        hotLines: new Int32Array(3000),
        packages: [],
        packageOf: none(),
        openable: new Uint8Array(3000),
      },
    });
    const draws = () => view.page.evaluate(() => (window as unknown as { fills: number }).fills);
    await view.page.evaluate(() => {
      const counter = window as unknown as { fills: number };
      counter.fills = 0;
      const context = document.querySelector('canvas')!.getContext('2d')!;
      const fillRect = context.fillRect.bind(context);
      context.fillRect = (...args) => {
        counter.fills++;
        fillRect(...args);
      };
    });
    await view.page.waitForTimeout(300);
    assert.equal(await draws(), 0);
    await focusChart();
    await press('ArrowDown');
    await view.page.waitForFunction(() => (window as unknown as { fills: number }).fills > 0);
    const boxes = await draws();
    // A screen's worth of boxes, not the profile's.
    assert.ok(boxes > 20 && boxes < 30_000, `${boxes} boxes drawn`);
    await view.page.locator('input').fill('function7');
    await view.page.waitForFunction(() => /%/.test(document.querySelector('.found')?.textContent ?? ''));
  });
});
