import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Run } from '../../../src/engine/model/run';
import { reportHtml } from '../../../src/engine/report/html';
import { launchBrowser } from '../webviews/harness';
import { latencyOf, loadTestRun } from '../webviews/loadSamples';
import { HOSTILE } from '../webviews/samples';
import { hostileRun, reportRun } from './reportRun';

describe('report as one page', function () {
  this.timeout(60_000);
  let browser: Browser;
  let folder: string;
  let page: Page;
  /** What was asked for beside the page itself, and what the browser complained about. */
  let requested: string[];
  let problems: string[];

  before(async () => {
    browser = await launchBrowser();
    folder = await mkdtemp(path.join(os.tmpdir(), 'throughline-report-'));
  });

  after(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    [requested, problems] = [[], []];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => problems.push(message.text()));
    page.on('dialog', (dialog) => problems.push(dialog.message()));
  });

  afterEach(() => page.close());

  async function open(run: Run): Promise<void> {
    const file = path.join(folder, 'report.html');
    await writeFile(file, reportHtml(run));
    const url = pathToFileURL(file).href;
    page.on('request', (request) => {
      if (request.url() !== url) requested.push(request.url());
    });
    await page.goto(url, { waitUntil: 'networkidle' });
  }

  const count = (selector: string) => page.locator(selector).count();

  it('needs nothing but itself: no request, no script, no complaint of the browser', async () => {
    await open(reportRun());
    // The icon that stands in for none is no request of the network.
    assert.deepEqual(
      requested.filter((url) => url !== 'data:,'),
      [],
    );
    assert.deepEqual(problems, []);
    assert.equal(await count('script'), 0);
    assert.equal(await page.title(), 'Shop at its peak');
    // The policy admits the page's own style: else everything would stand in the default one.
    assert.equal(
      await page.locator('.verdict').evaluate((element) => getComputedStyle(element).borderLeftWidth),
      '5px',
    );
  });

  it('gives the verdict first, in words', async () => {
    await open(reportRun());
    const first = page.locator('main section').first();
    assert.match(await first.innerText(), /Passed\s+Holds 300 requests\/s with p99 within 200 ms\./u);
    assert.equal(await first.getAttribute('aria-label'), 'Verdict');
  });

  it('tells every chart in a sentence and in a table', async () => {
    await open(reportRun());
    const charts = await page.locator('figure').all();
    // Two searches, recovery, two drifts, histogram and percentiles, eight over time.
    assert.equal(charts.length, 15);
    for (const chart of charts) {
      const told = await chart.locator('svg.chart').getAttribute('aria-label');
      assert.ok((told ?? '').length > 20, `no sentence: ${told}`);
    }
    const tables = await page.locator('figure details table').count();
    const trials = await page.getByRole('table', { name: 'Trials of the search' }).count();
    assert.deepEqual([tables, trials], [13, 2], 'a table for each, those of the searches beside the chart');
    await page.locator('summary', { hasText: 'Histogram as a table' }).click();
    assert.ok(await page.getByRole('table', { name: 'Requests by response time' }).isVisible());
  });

  it('draws what was measured, and hatches what was not', async () => {
    await open(loadTestRun({}, { ...loadTestRun().load, latency: latencyOf(18_240, 12_000, 0.97) }));
    const percentiles = page.locator('figure', { hasText: 'Percentiles as a table' });
    assert.equal(await percentiles.locator('svg.chart > rect[fill="url(#hatch)"]').count(), 1);
    assert.match(await percentiles.innerText(), /not measured/u);
    const throughput = page.locator('figure', { hasText: 'Throughput as a table' });
    assert.equal(
      await throughput.locator('path.line.c-text[stroke-dasharray]').count(),
      2,
      'intended, and its legend',
    );
    const box = await throughput.locator('path.line.c-blue').last().boundingBox();
    assert.ok(box !== null && box.width > 700, 'the line is as wide as the chart');
  });

  for (const [index, name] of HOSTILE.entries()) {
    it(`lets no name become markup (${index + 1})`, async () => {
      await open(
        hostileRun(`${name}'"><script>document.title='owned'</script><img src="http://evil.example/x">`),
      );
      assert.deepEqual(problems, []);
      assert.deepEqual(
        requested.filter((url) => url !== 'data:,'),
        [],
      );
      assert.equal(await count('script, img, iframe, b, a'), 0);
      assert.notEqual(await page.title(), 'owned');
      assert.doesNotMatch(await page.locator('body').innerText(), /[\u202A-\u202E]/u);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(widths[0]! <= widths[1]!, `${widths[0]} pixels wide`);
    });
  }

  it('follows the scheme of the reader, fits a narrow screen, and is dark on light on paper', async () => {
    await open(reportRun());
    const colours = () =>
      page.evaluate(() => {
        const style = getComputedStyle(document.body);
        return [style.backgroundColor, style.color];
      });
    const light = ['rgb(255, 255, 255)', 'rgb(31, 35, 40)'];
    await page.emulateMedia({ colorScheme: 'light' });
    assert.deepEqual(await colours(), light);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.deepEqual(await colours(), ['rgb(13, 17, 23)', 'rgb(230, 237, 243)']);
    await page.setViewportSize({ width: 340, height: 700 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 340);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    assert.deepEqual(await colours(), light);
    const paper = await page.pdf({ format: 'A4' });
    assert.ok(paper.length > 20_000, 'it prints');
  });
});
