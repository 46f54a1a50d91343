import assert from 'node:assert/strict';
import { chromium, type Browser } from 'playwright-core';
import { findBrowser } from '../../host/paths.mjs';
import { FRAME_TIERS } from '../../../src/engine/model/stackProfile';
import { ORIGIN, WebviewPage } from './harness';
import { latencyOf, ProfileHost, stackProfileOf } from './profileHost';
import { shopStacks } from './stacks';

const ROW = 20;

describe('gestures of the profile webview', function () {
  let browser: Browser;
  let view: WebviewPage;
  let host: ProfileHost;

  before(async function () {
    // Stages that need a browser install one; a lone `mocha` on a machine without has nothing to draw with.
    if (!findBrowser()) this.skip();
    // The clipboard is for secure pages alone, as those of the editor are.
    browser = await chromium.launch({
      executablePath: findBrowser()!,
      args: ['--no-sandbox', '--disable-gpu', `--unsafely-treat-insecure-origin-as-secure=${ORIGIN}`],
    });
  });
  after(() => browser?.close());
  afterEach(async () => {
    if (!view) return;
    assert.deepEqual(view.problems, []);
    await view.close();
  });

  async function open(shown: ProfileHost): Promise<void> {
    host = shown;
    const size = { theme: 'dark', width: 1200, height: 640 } as const;
    view = await WebviewPage.open(browser, 'profile', { ...size, hears: host.hears });
    await view.send(host.opened);
    await view.page.waitForFunction(() => document.querySelectorAll('.legend .chip').length > 0);
  }

  const press = async (...keys: string[]) => {
    for (const key of keys) await view.page.keyboard.press(key);
  };
  const textOf = async (selector: string) => (await view.page.locator(selector).textContent()) ?? '';
  const waitForText = (selector: string, part: string) =>
    view.page.waitForFunction(
      ([where, wanted]) => document.querySelector(where!)?.textContent?.includes(wanted!),
      [selector, part],
    );
  const chart = async () => (await view.page.locator('.graph-pane .chart').boundingBox())!;
  const at = async (row: number, part: number) => {
    const box = await chart();
    return { x: box.x + box.width * part, y: box.y + row * ROW + ROW / 2 };
  };

  it('says why nothing is drawn where no function is left', async () => {
    await open(new ProfileHost(stackProfileOf(['node|parse|node:http;node|write|node:net 40'])));
    await press('a');
    await waitForText('.graph-empty', 'No function is left');
    await press('Backspace');
    await view.page.waitForSelector('.graph-empty', { state: 'hidden' });
  });

  it('tells a box that stands for many short calls from one call', async () => {
    const options = { threads: ['main'], idleMs: 0, turnMs: 0.2 };
    await open(new ProfileHost(stackProfileOf(shopStacks(), options)));
    await press('2');
    await view.page.waitForFunction(
      () => document.querySelector('.segments [aria-pressed=true]')?.textContent === 'Time Order',
    );
    await view.page.waitForFunction(() => !document.querySelector('.waiting'));
    const { x, y } = await at(1, 0.1);
    await view.page.mouse.move(x, y);
    await waitForText('.tooltip', 'Many short calls; the function that ran in the middle');
    assert.match(await textOf('.tooltip'), /Stretch\d/);
    assert.doesNotMatch(await textOf('.tooltip'), /Total|Self|uncertain/);
    await view.page.mouse.click(x, y);
    await waitForText('.details', 'Many short calls');
    assert.match(await textOf('.details-costs'), /^Stretch[\d.]+ m?s/);
    assert.match(await textOf('main > [role=status]'), /a stretch of [\d.]+ m?s of many short calls/);
    // Near enough, the calls are themselves again.
    for (let turn = 0; turn < 8; turn++) await view.page.mouse.wheel(0, -500);
    await waitForText('.tooltip', 'Self');
    assert.doesNotMatch(await textOf('.tooltip'), /Many short calls/);
  });

  it('draws the strip over the graph whose time it tells', async () => {
    const profile = stackProfileOf(shopStacks(), { threads: ['main'] });
    const end = profile.threads[0]!.endMicros;
    await open(new ProfileHost(profile, { latency: latencyOf(end, 2_000_000) }));
    await press('2');
    for (const width of [1200, 700]) {
      await view.page.setViewportSize({ width, height: 640 });
      const [strip, map, graph] = await Promise.all(
        ['.strip-area', '.minimap canvas', '.graph-pane .chart canvas'].map((selector) =>
          view.page.locator(selector).boundingBox(),
        ),
      );
      assert.deepEqual([strip!.x, strip!.width], [graph!.x, graph!.width]);
      assert.deepEqual([map!.x, map!.width], [graph!.x, graph!.width]);
      assert.ok(await view.page.getByRole('button', { name: 'Slowest Second' }).isVisible());
    }
  });

  describe('in the merged view', () => {
    const clickOn = async (row: number, part: number, button: 'left' | 'right' = 'left') => {
      const { x, y } = await at(row, part);
      await view.page.mouse.click(x, y, { button });
    };
    const lastPage = () => {
      const page = host.queries.findLast((query) => query.type === 'page');
      assert.ok(page?.type === 'page');
      return page.request;
    };
    const mapWindow = () =>
      view.page.evaluate(() => {
        const { left, width } = document.querySelector<HTMLElement>('.minimap-window')!.style;
        return { left: parseFloat(left), width: parseFloat(width) };
      });
    beforeEach(() => open(new ProfileHost(stackProfileOf(shopStacks()))));

    it('copies names and stacks', async () => {
      await view.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ORIGIN });
      const copy = async (item: string, said: string) => {
        await clickOn(4, 0.1, 'right');
        await view.page.getByRole('menuitem', { name: item }).click();
        await waitForText('.details-message', said);
        return view.page.evaluate(() => navigator.clipboard.readText());
      };
      assert.equal(await copy('Copy Name', 'Name copied.'), 'checkout');
      assert.equal(await copy('Copy Stack', 'Stack copied.'), 'checkout\npreHandler\nhandle\nonRequest');
    });

    it('says so where copying is not allowed', async () => {
      await view.page.context().clearPermissions();
      await view.page.evaluate(() => {
        navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
      });
      await clickOn(4, 0.1, 'right');
      await view.page.getByRole('menuitem', { name: 'Copy Name' }).click();
      await waitForText('.details-message', 'Name could not be copied: the editor did not allow it.');
    });

    it('hides the stacks with a function', async () => {
      await clickOn(4, 0.1);
      await waitForText('.details strong', 'checkout');
      await press('x');
      await waitForText('.chips', 'Hiddencheckout');
      await view.page.waitForFunction(() => !document.querySelector('.waiting'));
      assert.deepEqual(lastPage().spec.transforms, [{ type: 'dropFunction', frame: host.frame('checkout') }]);
      await view.page.locator('.graph-pane .chart').focus();
      await press('Home');
      await waitForText('.details strong', 'All');
      // Of 8,928 ms, 5,140 were below it.
      assert.match(await textOf('.details-costs'), /^Total42\.4 % · 3\.79 s/);
    });

    it('collapses recursion', async () => {
      await press('/');
      await view.page.keyboard.type('walk');
      await waitForText('.found', 'in 3 matches');
      await press('Enter');
      await waitForText('.details strong', 'walk');
      await view.page.locator('.graph-pane .chart').focus();
      assert.match(await textOf('.details-costs'), /Total6\.7 % .*Self2\.0 %/);
      await press('r');
      await waitForText('.chips', 'Recursion collapsedwalk');
      await waitForText('.details-costs', 'Self6.7 %');
      await waitForText('.found', 'in 1 match');
    });

    it('pans by the minimap', async () => {
      await clickOn(4, 0.1);
      await waitForText('.details strong', 'checkout');
      await press('Enter');
      await view.page.waitForFunction(
        () => parseFloat(document.querySelector<HTMLElement>('.minimap-window')!.style.width) < 60,
      );
      await view.page.waitForTimeout(300);
      const before = await mapWindow();
      const map = (await view.page.locator('.minimap').boundingBox())!;
      const y = map.y + 10;
      const x = (percent: number) => map.x + (map.width * percent) / 100;
      await view.page.mouse.move(x(before.left + 1), y);
      await view.page.mouse.down();
      await view.page.mouse.move(x(before.left + 21), y, { steps: 5 });
      await view.page.mouse.up();
      const dragged = await mapWindow();
      assert.ok(Math.abs(dragged.left - before.left - 20) < 0.2, `from ${before.left} to ${dragged.left}`);
      assert.equal(dragged.width, before.width);
      // A click beside the window brings it there; it ends with the graph.
      await view.page.mouse.click(x(99), y);
      const moved = await mapWindow();
      assert.ok(Math.abs(moved.left + moved.width - 100) < 0.01);
      // A button that is up drags no more.
      await view.page.mouse.move(x(20), y);
      assert.deepEqual(await mapWindow(), moved);
    });

    it('moves at once for those who want no motion', async () => {
      const zoomedIn = () =>
        view.page.evaluate(() => {
          const at = document.querySelector<HTMLElement>('.graph-pane .chart')!;
          at.dispatchEvent(new KeyboardEvent('keydown', { key: '+', bubbles: true }));
          return parseFloat(document.querySelector<HTMLElement>('.minimap-window')!.style.width);
        });
      // It begins to move with the next display frame.
      assert.equal(await zoomedIn(), 100);
      await view.page.waitForFunction(
        () => parseFloat(document.querySelector<HTMLElement>('.minimap-window')!.style.width) < 67,
      );
      await press('0');
      await view.page.waitForFunction(
        () => document.querySelector<HTMLElement>('.minimap-window')!.style.width === '100%',
      );
      await view.page.emulateMedia({ reducedMotion: 'reduce' });
      assert.ok(Math.abs((await zoomedIn()) - 100 / 1.5) < 0.01);
      await view.page.emulateMedia({ reducedMotion: null });
      await view.page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
      assert.ok(Math.abs((await zoomedIn()) - 100 / 1.5 ** 2) < 0.01);
    });

    it('draws both halves of the sandwich into a PNG, and says why a table has none', async () => {
      await clickOn(5, 0.1);
      await waitForText('.details strong', 'priceOf');
      await press('3');
      await waitForText('.sandwich-title', 'priceOf');
      // What the view has no use for is not offered.
      assert.deepEqual(await view.page.locator('.details-actions button:visible').allTextContents(), [
        'Open Source',
        'More ▾',
      ]);
      await press('e');
      await view.page.getByRole('menuitem', { name: 'PNG Picture' }).click();
      await view.page.waitForFunction(() =>
        (window as unknown as { sent: { type: string }[] }).sent.some(({ type }) => type === 'exportPng'),
      );
      const height = await view.page.evaluate(async () => {
        const sent = (window as unknown as { sent: { png?: Uint8Array }[] }).sent;
        const png = sent.find((message) => message.png)!.png as BlobPart;
        return (await createImageBitmap(new Blob([png], { type: 'image/png' }))).height;
      });
      // A title; the function and its four callers; the function and its callee; a margin below each.
      assert.equal(height, 2 * (34 + 5 * ROW + 8 + 2 * ROW + 8));
      await press('4', 'e');
      const item = view.page.getByRole('menuitem', { name: 'PNG Picture' });
      assert.equal(await item.getAttribute('aria-disabled'), 'true');
      assert.match((await item.getAttribute('title')) ?? '', /^No graph is shown/);
    });
  });

  it('sums what ran in each tier where all boxes are there', async () => {
    const profile = stackProfileOf(['app|slow|a.ts 300', 'app|fast|a.ts 100']);
    const tier = Uint8Array.from(profile.tree.self, (self) =>
      FRAME_TIERS.indexOf(self === 300_000 ? 'interpreted' : 'optimised'),
    );
    const tiered = { ...profile, tree: { ...profile.tree, tier } };
    await open(new ProfileHost(tiered));
    await view.page.locator('.legend select').selectOption('tier');
    assert.deepEqual(await view.page.locator('.legend .chip').allTextContents(), [
      'Interpreted75.0 %',
      'Optimised25.0 %',
    ]);
    await view.close();
    const culled = new ProfileHost(tiered, { min: 200_000 });
    culled.silent.add('page');
    await open(culled);
    await view.page.locator('.legend select').selectOption('tier');
    assert.deepEqual(await view.page.locator('.legend .chip').allTextContents(), ['Interpreted']);
  });
});
