import assert from 'node:assert/strict';
import type { Browser, Locator } from 'playwright-core';
import { LoadLive } from '../../../src/editor/panels/loadLive';
import { shownResult } from '../../../src/editor/panels/loadResult';
import type { Run } from '../../../src/engine/model/run';
import { LOAD_ACTIONS, type ShownResult } from '../../../src/protocol/load';
import { parseFromLoad, parseSavedRef, parseToLoad } from '../../../src/protocol/loadMessages';
import { PointStore } from '../../../src/webviews/load/columns';
import { readDistribution } from '../../../src/webviews/load/distribution';
import { spikeStretch } from '../../../src/webviews/load/kindSections';
import { unmeasured } from '../../../src/webviews/load/timeline';
import { findBrowser } from '../../host/paths.mjs';
import { launchBrowser, THEMES, WebviewPage, type Theme } from './harness';
import { histogramOf, latencyOf, loadTestRun, loadWindow, TRIALS } from './loadSamples';
import { HOSTILE, metricSample } from './samples';

function liveTest(
  windows: number,
  options: Partial<ConstructorParameters<typeof LoadLive>[0]> = {},
): LoadLive {
  let now = 0;
  const live = new LoadLive(
    {
      title: 'Shop',
      kind: 'load',
      file: 'load/shop.load.json',
      expectedSeconds: 120,
      onStop: () => undefined,
      ...options,
    },
    () => now,
  );
  live.add({ type: 'stage', stage: 'measure', message: 'Steady window' });
  for (let index = 0; index < windows; index++) {
    now += 0.5;
    live.add({ type: 'metrics', sample: metricSample({ timeMicros: index * 500_000 }) });
    live.add({ type: 'loadWindow', window: loadWindow(index) });
  }
  return live;
}

function liveMessage(live: LoadLive, all = true) {
  return { type: 'live' as const, test: live.test(), points: live.points(all) };
}

function result(run: Run = loadTestRun(), actions: ShownResult['actions'] = LOAD_ACTIONS) {
  const shown = shownResult({ run, storeFolder: '/app', runFolder: '/app/.throughline/runs/x' }, actions);
  assert.ok(shown);
  return { type: 'result' as const, result: shown };
}

describe('load test messages', () => {
  it('come through whole', () => {
    const stress = liveTest(3, { kind: 'stress' });
    for (const trial of TRIALS) stress.add({ type: 'trial', trial });
    for (const message of [
      liveMessage(liveTest(4)),
      liveMessage(stress),
      result(),
      { type: 'failed', title: 'Shop', message: 'The app ended.', nextStep: '' } as const,
      { type: 'empty', message: 'Nothing.' } as const,
    ]) {
      const parsed = parseToLoad(structuredClone(message));
      // What is absent and what is undefined are one on the way.
      assert.deepEqual(JSON.parse(JSON.stringify(parsed)), JSON.parse(JSON.stringify(message)));
    }
  });

  it('keep the limits of percentiles of stored runs', () => {
    const limited = { ...latencyOf(100, 5000, 0.97), limitedBy: 'generator' as const };
    const { result: shown } = parseToLoad(result(loadTestRun({}, { latency: limited }))) as ReturnType<
      typeof result
    >;
    assert.deepEqual(shown.load.latency, limited);
    assert.equal(shown.load.routes[2]?.latency.measuredTo, 0.97);
  });

  it('are refused when they are not what they claim', () => {
    const live = liveMessage(liveTest(4));
    const { result: good } = result();
    const bad = (change: object) => ({ type: 'result', result: { ...good, ...change } });
    for (const message of [
      undefined,
      { type: 'other' },
      { ...live, test: { ...live.test, stage: 'sleeping' } },
      { ...live, test: { ...live.test, kind: 'quick' } },
      { ...live, points: { ...live.points, from: -1 } },
      { ...live, points: { ...live.points, columns: { ...live.points.columns, rate: new Float64Array(1) } } },
      { ...live, test: { ...live.test, trials: [{ ...TRIALS[0], decision: 'maybe' }] } },
      bad({ test: { ...good.test, verdict: { ...good.test.verdict, state: 'ok' } } }),
      bad({ test: { ...good.test, thresholds: [{ metric: 'made_up', expression: '', state: 'pass' }] } }),
      bad({ test: { ...good.test, soak: { leaks: [{ functionName: 5, bytes: 1, share: 1 }] } } }),
      bad({ load: { ...good.load, latency: { ...good.load.latency, measuredTo: 3 } } }),
      bad({ actions: ['format the disk'] }),
      bad({ timeline: { ...good.timeline, vus: [1, 2] } }),
    ]) {
      assert.throws(() => parseToLoad(message), /BadMessage/, JSON.stringify(message)?.slice(0, 80));
    }
    assert.throws(() => parseFromLoad({ type: 'action', action: 'format the disk' }), /BadMessage/);
    assert.throws(() => parseFromLoad({ type: 'run' }), /BadMessage/);
  });

  it('bring a stored run back, and nothing else', () => {
    assert.deepEqual(parseSavedRef({ asTables: true, ref: { storeFolder: '/app', id: 'x' } }), {
      storeFolder: '/app',
      id: 'x',
    });
    for (const state of [undefined, null, 'x', {}, { ref: {} }, { ref: { storeFolder: 1, id: 'x' } }]) {
      assert.equal(parseSavedRef(state), undefined);
    }
  });

  it('are none for a run that was no load test', () => {
    const { loadTest: _none, ...run } = loadTestRun();
    assert.equal(shownResult({ run, storeFolder: '/app', runFolder: '/app/x' }, []), undefined);
  });
});

describe('distribution of response times', () => {
  it('is that of the histogram: every request in one bin, percentiles as it says', () => {
    const distribution = readDistribution(histogramOf(20_000));
    assert.ok(distribution);
    assert.equal(distribution.total, 20_000);
    assert.equal(
      distribution.bins.reduce((sum, { count }) => sum + count, 0),
      20_000,
    );
    distribution.bins.forEach(({ fromMicros }, index) => {
      const before = distribution.bins[index - 1];
      if (before) assert.ok(Math.abs(fromMicros / before.toMicros - 1) < 1e-9);
    });
    // One request in a hundred was planted 150 ms later: between p99 and the rest lies the gap.
    const at = (quantile: number) => distribution.spoken.find((point) => point.quantile === quantile)!.micros;
    assert.ok(Math.abs(at(0.5) / 12_000 - 1) < 0.03, String(at(0.5)));
    assert.ok(at(0.95) < 30_000 && at(0.995) > 150_000);
    const micros = distribution.curve.map((point) => point.micros);
    assert.deepEqual(
      micros,
      [...micros].sort((a, b) => a - b),
    );
    // No percentile is told for which there is less than one request.
    assert.equal(distribution.spoken.at(-1)?.quantile, 0.9999);
  });

  it('is none of an empty one, and an error of what is no histogram', () => {
    assert.equal(readDistribution(''), undefined);
    assert.equal(readDistribution(histogramOf(0)), undefined);
    assert.throws(() => readDistribution('bm8gaGlzdG9ncmFt'));
    assert.throws(() => readDistribution('A'.repeat(3_000_000)), /too long/);
  });

  it('draws one request', () => {
    const distribution = readDistribution(histogramOf(1));
    assert.equal(distribution?.bins.length, 1);
    assert.ok((distribution?.curve.length ?? 0) > 0);
  });
});

describe('stretches of a timeline', () => {
  const points = PointStore.of(result().result.timeline);

  it('are unmeasured where requests were completed and p99 is not known', () => {
    const found = unmeasured(points);
    assert.ok(found.length > 1);
    for (const [from, to] of found) {
      assert.ok(to > from);
      const index = points.seconds.findIndex((seconds) => seconds === to);
      assert.equal(points.column('p99Micros')[index], null);
    }
  });

  it('find the spike where the schedule asked for it', () => {
    assert.deepEqual(spikeStretch(points, 300, 900), { from: 48.5, to: 60 });
    // Rates count requests: three to an iteration of the schedule.
    assert.deepEqual(spikeStretch(points, 900, 2700), { from: 48.5, to: 60 });
  });
});

describe('load test webview', () => {
  let browser: Browser;
  let view: WebviewPage | undefined;

  before(async function () {
    if (!findBrowser()) this.skip();
    browser = await launchBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    const last = view;
    view = undefined;
    if (!last) return;
    assert.deepEqual(last.problems, []);
    await last.close();
  });

  const open = async (theme: Theme = 'dark', width = 900) =>
    (view = await WebviewPage.open(browser, 'load', { theme, width, height: 900 }));
  const main = () => view!.page.locator('main');
  const text = async (of: Locator = main()) => (await of.innerText()).replaceAll('\u202f', ' ');
  const button = (name: string) => view!.page.getByRole('button', { name, exact: true });
  const section = (name: string) => view!.page.locator(`section[aria-label="${name}"]`);
  /** Pixels of the chart's picture that are drawn at all. */
  const inked = (title: string) =>
    view!.page.locator(`[data-chart="${title}"] canvas`).evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at]! > 0) count++;
      return count;
    });

  it('shows a running test: stage, figures, and a chart of each kind', async () => {
    await open();
    await view!.send(liveMessage(liveTest(60)));
    await view!.page.waitForSelector('[data-chart="Heap of the app"] canvas');
    const shown = await text();
    assert.match(shown, /Shop\s+Load test · load\/shop\.load\.json/);
    assert.match(shown, /Measuring\s+3\d s, 1:[23]\d left\s+Steady window/);
    assert.match(shown, /500 \/s iterations intended/);
    assert.match(shown, /Unstarted\s+0/);
    assert.deepEqual(
      await view!.page.locator('figure').evaluateAll((all) => all.map((one) => one.dataset['chart'])),
      [
        ...['Throughput', 'Response time', 'Failed requests', 'CPU', 'Event loop of the app'],
        ...['Event loop delay', 'Virtual users in use', 'Heap of the app'],
      ],
    );
    assert.ok((await inked('Throughput')) > 1000);
    const label = await view!.page.locator('[data-chart="CPU"] [role=img]').getAttribute('aria-label');
    assert.match(
      label ?? '',
      /^CPU over 30 s: app 0\.88 cores at the end, 0\.88 cores to 0\.88 cores; generator/,
    );
  });

  it('goes on drawing from what changed alone', async () => {
    await open();
    const live = liveTest(20);
    await view!.send(liveMessage(live));
    await view!.page.waitForSelector('[data-chart="CPU"] canvas');
    await view!.page.evaluate(() => document.querySelector('figure')!.setAttribute('data-kept', 'yes'));
    for (let index = 20; index < 40; index++) live.add({ type: 'loadWindow', window: loadWindow(index) });
    const changes = liveMessage(live, false);
    assert.equal(changes.points.from, 20);
    await view!.send(changes);
    await view!.page.waitForFunction(() =>
      /over 20 s/.test(
        document.querySelector('[data-kept=yes] [role=img]')?.getAttribute('aria-label') ?? '',
      ),
    );
    // A point after those that never came: the webview asks for all of them.
    await view!.send({ ...changes, points: { ...changes.points, from: 500 } });
    assert.deepEqual(
      (await view!.sent()).map(({ type }) => type),
      ['ready', 'ready'],
    );
  });

  it('tells stages and decisions to a screen reader, and stops once', async () => {
    await open();
    const live = liveTest(4, { kind: 'stress' });
    await view!.send(liveMessage(live));
    const status = view!.page.getByRole('status');
    await view!.page.waitForFunction(
      () => document.querySelector('[role=status]')?.textContent === 'Measuring',
    );
    assert.match(await text(section('Trials')), /No level has been decided yet/);
    live.add({ type: 'trial', trial: TRIALS[0]! });
    live.add({ type: 'trial', trial: TRIALS[4]! });
    await view!.send(liveMessage(live, false));
    await view!.page.waitForSelector('section[aria-label=Trials] table');
    assert.equal((await text(status)).trim(), '520 /s: breaks, response time 900 ms');
    // The newest first.
    assert.match(await text(section('Trials')), /520 \/s\s+Breaks[^]*1 virtual user\s+Holds/);
    await button('Stop').click();
    live.stopping = true;
    await view!.send(liveMessage(live, false));
    await view!.page.waitForSelector('button:disabled');
    assert.equal((await view!.sent()).filter(({ type }) => type === 'stop').length, 1);
    assert.match(await text(), /Stopping/);
  });

  it('says so where a percentile was not measured', async () => {
    await open();
    const live = liveTest(2);
    live.add({
      type: 'loadWindow',
      window: loadWindow(2, { unstarted: 40, latency: latencyOf(200, 9000, 0.8) }),
    });
    await view!.send(liveMessage(live));
    await view!.page.waitForSelector('figure canvas');
    assert.match(await text(), /p99\s+not measured\s+at least 40\.5 ms/);
    assert.match(await text(), /Unstarted\s+40/);
  });

  it('shows every chart as a table, and keeps that over a reload', async () => {
    await open();
    await view!.send(liveMessage(liveTest(200)));
    await view!.page.waitForSelector('figure canvas');
    await button('Show as Tables').click();
    const tables = view!.page.locator('.timeline table');
    assert.equal(await tables.count(), 8);
    assert.equal(await view!.page.locator('.timeline canvas:visible').count(), 0);
    // 200 windows in 40 rows of 2.5 s, each time the worst.
    const rows = view!.page.locator('[data-chart="Response time"] tbody tr');
    assert.equal(await rows.count(), 40);
    assert.match(await text(rows.nth(0)), /^2\.5 s\s+102 ms\s+245 ms\s+459 ms$/);
    await view!.reload();
    await view!.send(liveMessage(liveTest(10)));
    await view!.page.waitForSelector('.timeline table');
    assert.equal(await view!.page.locator('.timeline canvas:visible').count(), 0);
  });

  it('moves one cursor over all charts by keys, and reads the values', async () => {
    await open();
    await view!.send(liveMessage(liveTest(20)));
    await view!.page.waitForSelector('[data-chart="Heap of the app"] canvas');
    await view!.page.locator('[data-chart="Throughput"] [role=img]').focus();
    await view!.page.keyboard.press('Home');
    await view!.page.keyboard.press('ArrowRight');
    const said = (await text(view!.page.getByRole('status'))).trim();
    assert.match(said, /^1 s: requests completed \d+ \/s, iterations intended 500 \/s$/);
    assert.match(await text(view!.page.locator('[data-chart="CPU"] figcaption')), /1 s$/);
  });

  it('zooms all charts to what is dragged over, and back', async () => {
    await open();
    await view!.send(result());
    const over = view!.page.locator('[data-chart="CPU"] .u-over');
    await over.scrollIntoViewIfNeeded();
    const box = (await over.boundingBox())!;
    await view!.page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await view!.page.mouse.down();
    await view!.page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
    await view!.page.mouse.up();
    await button('Show All').waitFor();
    // The same place of another chart is another time now: 0.25 + 0.5 * 0.25 of two minutes.
    await view!.page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await view!.page.waitForFunction(() =>
      /4[45](\.5)? s$/.test(
        document.querySelector('[data-chart="Throughput"] figcaption')?.textContent ?? '',
      ),
    );
    await button('Show All').click();
    assert.equal(await button('Show All').isVisible(), false);
  });

  it('gives the verdict first, with its evidence', async () => {
    await open();
    await view!.send(result());
    await view!.page.waitForSelector('.verdict');
    const shown = await text();
    assert.ok(shown.includes('p99 was 58.4 ms over 18,240 requests.'));
    assert.deepEqual(
      await view!.page
        .locator('section')
        .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))),
      [
        ...['Verdict', 'Thresholds', 'How this may mislead', 'Breaking point', 'Capacity', 'Spike', 'Drift'],
        ...['Response time', 'Requests', 'Checks', 'Errors', 'Schedule', 'Load generator', 'Over time'],
      ],
    );
    assert.match(
      shown,
      /http_req_duration\s+p\(99\.9\)<500\s+not measured\s+Inconclusive\s+60 requests never started/,
    );
    assert.match(shown, /494 \/s\s+breaks at 502 \/s/);
    assert.match(shown, /Headroom\s+41\.0 %/);
    assert.match(shown, /remember\s+cache\.ts:14\s+31\.0 MB\s+72\.0 %/);
    assert.match(shown, /Unstarted\s+60/);
    // Stored in the clock of the machine, shown in that of the test.
    assert.match(shown, /the worst window, 50 s to 1:02\./);
    assert.equal(
      (await text(view!.page.getByRole('status'))).trim(),
      'Shop at its peak: Holds 300 requests/s with p99 within 200 ms.',
    );
  });

  it('sorts the requests, with what was not measured as the longest', async () => {
    await open();
    await view!.send(result());
    const table = section('Requests').locator('table');
    const names = () => table.locator('tbody th').allInnerTexts();
    assert.deepEqual(await names(), ['list items', 'GET /items/${id}', 'order']);
    const heading = (name: string) => table.getByRole('button', { name, exact: true });
    await heading('p99').click();
    assert.deepEqual(await names(), ['order', 'GET /items/${id}', 'list items']);
    assert.equal(await table.locator('[aria-sort]').getAttribute('aria-sort'), 'descending');
    await heading('Requests').click();
    await heading('Requests').click();
    assert.deepEqual(await names(), ['order', 'GET /items/${id}', 'list items']);
    await heading('Request').click();
    assert.deepEqual(await names(), ['GET /items/${id}', 'list items', 'order']);
  });

  it('ends the percentiles where they were not measured', async () => {
    await open();
    const { latency } = loadTestRun().load;
    await view!.send(result(loadTestRun({}, { latency: { ...latency, measuredTo: 0.9967 } })));
    await view!.page.waitForSelector('.bars');
    const of = await text(section('Response time'));
    assert.match(of, /p99\s+58\.4 ms\s+p99\.9\s+not measured\s+longest\s+not measured/);
    assert.match(of, /Measured up to p99\.67: beyond are requests that never started/);
    await button('Show as Tables').click();
    assert.match(await text(section('Response time')), /p99\.5\s+1\d\d ms\s+p99\.9\s+not measured/);
  });

  it('says what is empty', async () => {
    await open();
    const { schedule: _schedule, ...load } = loadTestRun().load;
    const {
      stress: _a,
      capacity: _b,
      spike: _c,
      soak: _d,
      worstWindow: _e,
      ...test
    } = loadTestRun().loadTest!;
    const emptied = Object.fromEntries(
      Object.entries(test.timeline).map(([key, value]) => [key, Array.isArray(value) ? [] : value]),
    ) as unknown as typeof test.timeline;
    await view!.send(
      result(
        {
          ...loadTestRun(),
          load: { ...load, histogram: '', routes: [], errors: { byStatus: {}, timeouts: 0, connection: 0 } },
          loadTest: { ...test, thresholds: [], checks: [], misleading: [], timeline: emptied },
        },
        [],
      ),
    );
    await view!.page.waitForSelector('.verdict');
    const shown = await text();
    for (const wanted of [
      'The test sets no thresholds.',
      'Nothing was found that would make these figures mislead.',
      'This run has no histogram.',
      'No request was told apart from the others.',
      'The test checks no replies.',
      'No request failed.',
      'This run has no timeline.',
    ]) {
      assert.ok(shown.includes(wanted), wanted);
    }
    for (const absent of ['Breaking point', 'Capacity', 'Spike', 'Drift', 'Schedule']) {
      assert.equal(await section(absent).count(), 0, absent);
    }
    assert.equal(await view!.page.locator('header button').count(), 0);
  });

  it('offers what can be done', async () => {
    await open();
    await view!.send(
      result({ ...loadTestRun(), profile: { state: 'ok', profile: {} as never, cpuScale: 1 } }),
    );
    for (const name of [
      'Open Flamegraph of the Worst Window',
      'Run Again',
      'Open Scenario File',
      'Compare…',
      'Export HTML',
      'Export Markdown',
    ]) {
      await button(name).click();
    }
    assert.deepEqual(await view!.sent(), [
      { type: 'ready' },
      { type: 'showFlamegraph' },
      ...['runAgain', 'openFile', 'compare', 'exportHtml', 'exportMarkdown'].map((action) => ({
        type: 'action',
        action,
      })),
    ]);
    assert.deepEqual(await view!.state(), {
      asTables: false,
      isLogarithmic: false,
      ref: { storeFolder: '/app', id: loadTestRun().id },
    });
    // A test that begins takes the place of what would come back.
    await view!.send(liveMessage(liveTest(1)));
    await view!.page.waitForSelector('.stage');
    assert.equal('ref' in ((await view!.state()) as object), false);
  });

  it('lets no name become markup', async () => {
    await open();
    const name = HOSTILE[0]!;
    await view!.send(
      result(
        loadTestRun(
          {
            name,
            verdict: { state: 'fail', sentence: name, evidence: [name] },
            misleading: [name],
            checks: [{ name, passes: 1, fails: 0 }],
            importedFrom: name,
            abortedBy: name,
          },
          { routes: [{ method: 'GET', path: name, requests: 1, latency: latencyOf(1, 1000) }] },
        ),
      ),
    );
    await view!.page.waitForSelector('.verdict');
    assert.equal(await view!.page.locator('main img, main script').count(), 0);
    await view!.send({ type: 'failed', title: name, message: name, nextStep: name });
    await view!.page.waitForSelector('.notice');
    assert.equal(await view!.page.locator('main img, main script').count(), 0);
  });

  it('draws anew in the colours of another theme', async () => {
    await open('dark');
    await view!.send(liveMessage(liveTest(30)));
    await view!.page.waitForSelector('[data-chart="CPU"] canvas');
    const colours = () =>
      view!.page.locator('[data-chart="CPU"] canvas').evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const found = new Set<string>();
        for (let at = 0; at < data.length; at += 4) {
          if (data[at + 3] === 255) found.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
        }
        return [...found];
      });
    // charts.purple of the two themes.
    assert.ok((await colours()).includes('177,128,215'));
    await view!.setTheme('light');
    await view!.page.waitForTimeout(100);
    assert.ok((await colours()).includes('101,45,144'));
    assert.ok(!(await colours()).includes('177,128,215'));
  });

  it('fits a narrow column in every theme', async () => {
    await open('dark', 320);
    const stress = liveTest(30, { kind: 'stress' });
    for (const trial of TRIALS) stress.add({ type: 'trial', trial });
    for (const message of [liveMessage(stress), result(), { type: 'empty', message: 'Nothing.' }]) {
      await view!.send(message);
      await view!.page.waitForSelector(message.type === 'empty' ? '.notice' : 'figure canvas');
      for (const theme of THEMES) {
        await view!.setTheme(theme);
        const wide = await view!.page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= 320, `${message.type} in ${theme} is ${wide} px wide`);
      }
    }
  });
});
