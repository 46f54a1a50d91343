import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { findBrowser } from '../../host/paths.mjs';
import { launchBrowser, WebviewPage } from './harness';
import { ProfileHost, stackProfileOf } from './profileHost';
import { shopStacks } from './stacks';

const ROW = 20;

describe('gestures of the profile webview', function () {
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
});
