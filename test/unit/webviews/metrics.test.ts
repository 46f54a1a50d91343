import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { LiveSeries, recordedSeries } from '../../../src/editor/panels/liveSeries';
import { finishedState } from '../../../src/editor/panels/runFigures';
import { parseFromMetrics, parseToMetrics } from '../../../src/protocol/metrics';
import { latest, sparkPath } from '../../../src/webviews/ui/sparkline';
import { findBrowser } from '../../host/paths.mjs';
import { launchBrowser, THEMES, WebviewPage, type Theme } from './harness';
import { finishedRun, HOSTILE, metricSample } from './samples';

function liveState(seconds: number) {
  let now = 100;
  const series = new LiveSeries('npm run start', () => now);
  series.add({ type: 'stage', stage: 'measure', message: 'Measuring' });
  for (let tick = 0; tick < seconds * 4; tick++) {
    now += 0.25;
    series.add({ type: 'metrics', sample: metricSample({ rssBytes: 1e8 + tick * 1e6 }) });
    if (tick % 2 === 0) continue;
    series.add({
      type: 'load',
      load: {
        phase: 'measure',
        elapsedSeconds: tick / 4,
        requestsPerSecond: 1200,
        p99Micros: 45_000,
        errors: 2,
      },
    });
  }
  return series.state();
}

describe('live series', () => {
  it('joins processes: sums of CPU and memory, the busiest event loop', () => {
    let now = 0;
    const live = new LiveSeries('app', () => now);
    now = 0.25;
    live.add({ type: 'metrics', sample: metricSample({ pid: 1, eventLoopUtilization: 0.2, rssBytes: 100 }) });
    now = 0.3;
    live.add({ type: 'metrics', sample: metricSample({ pid: 2, eventLoopUtilization: 0.9, rssBytes: 50 }) });
    const state = live.state();
    assert.equal(state.phase, 'live');
    const { process } = state.series;
    assert.equal(process.seconds.length, 1);
    assert.equal(process.rssBytes[0], 150);
    assert.equal(process.eventLoopUtilization[0], 0.9);
    assert.ok(Math.abs(process.cpuCores[0]! - 2 * 0.88) < 1e-9);
  });

  it('leaves wrappers out once a process serves, and processes that ended', () => {
    let now = 0;
    const live = new LiveSeries('app', () => now);
    const add = (at: number, pid: number, requests: number, rssBytes: number) => {
      now = at;
      live.add({ type: 'metrics', sample: metricSample({ pid, requests, rssBytes }) });
    };
    add(0.5, 1, 0, 1000);
    add(1, 2, 10, 70);
    add(1.5, 1, 0, 1000);
    add(2, 3, 10, 30);
    add(4, 2, 10, 80);
    const state = live.state() as Extract<ReturnType<LiveSeries['state']>, { phase: 'live' }>;
    assert.deepEqual([...state.series.process.rssBytes], [1000, 70, 70, 100, 80]);
  });

  it('has no percentile where there was no reply, and forgets the oldest points', () => {
    let now = 0;
    const live = new LiveSeries('app', () => now);
    for (let point = 0; point < 3000; point++) {
      now += 0.5;
      live.add({
        type: 'load',
        load: { phase: 'warmup', elapsedSeconds: now, requestsPerSecond: point, p99Micros: 0, errors: 0 },
      });
    }
    const state = live.state() as Extract<ReturnType<LiveSeries['state']>, { phase: 'live' }>;
    assert.equal(state.series.load.seconds.length, 2400);
    assert.equal(state.series.load.requestsPerSecond.at(-1), 2999);
    assert.ok(Number.isNaN(latest(state.series.load.p99Micros)));
  });

  it('reads a recorded run in the order of time', () => {
    const samples = [750_000, 0, 250_000].map((timeMicros) =>
      metricSample({ timeMicros, rssBytes: timeMicros }),
    );
    const { process, load } = recordedSeries([10, 20], samples);
    assert.deepEqual([...process.seconds], [0, 0.25, 0.75]);
    assert.deepEqual([...process.rssBytes], [0, 250_000, 750_000]);
    assert.deepEqual([...load.requestsPerSecond], [10, 20]);
  });
});

describe('sparkline', () => {
  it('draws from zero, with gaps where nothing is known', () => {
    const seconds = Float64Array.of(0, 1, 2, 3, 4);
    assert.equal(
      sparkPath(seconds, Float64Array.of(0, 5, NaN, 10, 20), 10),
      'M0.0 40.0L50.0 20.0M150.0 0.0L200.0 0.0',
    );
    assert.equal(sparkPath(Float64Array.of(1), Float64Array.of(1), 1), '');
    assert.equal(sparkPath(seconds, new Float64Array(5), 0), '');
  });
});

describe('metrics messages', () => {
  it('come through whole', () => {
    for (const state of [
      liveState(3),
      finishedState(finishedRun()),
      finishedState(finishedRun(), 'The last run failed.'),
      { phase: 'idle' } as const,
    ]) {
      const message = { type: 'state', state };
      assert.deepEqual(parseToMetrics(structuredClone(message)), message);
    }
  });

  it('are refused when they are not what they claim', () => {
    const finished = finishedState(finishedRun()) as Extract<
      ReturnType<typeof finishedState>,
      { phase: 'finished' }
    >;
    for (const state of [
      undefined,
      { phase: 'other' },
      { ...finished, figures: { ...finished.figures, throughput: '1' } },
      { ...finished, figures: { ...finished.figures, requests: -1 } },
      { ...finished, figures: { ...finished.figures, warnings: [5] } },
      { ...finished, series: { ...finished.series, load: { ...finished.series.load, p99Micros: [1] } } },
      {
        ...finished,
        series: { ...finished.series, load: { ...finished.series.load, seconds: new Float64Array(1) } },
      },
    ]) {
      assert.throws(() => parseToMetrics({ type: 'state', state }), /BadMessage/);
    }
    assert.throws(() => parseFromMetrics({ type: 'run', command: 'rm' }), /BadMessage/);
  });
});

describe('metrics webview', () => {
  let browser: Browser;
  let view: WebviewPage;

  before(async function () {
    if (!findBrowser()) this.skip();
    browser = await launchBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    if (!view) return;
    assert.deepEqual(view.problems, []);
    await view.close();
  });

  const open = async (theme: Theme = 'dark') =>
    (view = await WebviewPage.open(browser, 'metrics', { theme, width: 300, height: 800 }));
  const text = async () => (await view.page.locator('main').innerText()).replaceAll('\u202f', ' ');

  it('shows the latest figures while the run is live, with what a screen reader hears', async () => {
    await open();
    await view.send({ type: 'state', state: liveState(10) });
    await view.page.waitForSelector('.card');
    assert.match(await text(), /Measuring\s+2 failed requests\s+Throughput\s+1 200\s*req\/s/);
    const labels = await view.page
      .locator('svg[role=img]')
      .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    assert.deepEqual(
      labels.map((label) => label?.replaceAll('\u202f', ' ')),
      [
        'Throughput: 1 200 req/s, peak 1 200 req/s',
        'Latency p99: 45.0 ms, peak 45.0 ms',
        'CPU: 88 % of a core, peak 88 %',
        'Event loop: 86 % used, delay p99 21.0 ms',
        'Memory: 139 MB, heap 48.0 MB',
      ],
    );
    const line = await view.page.locator('.spark-line').first().getAttribute('d');
    assert.match(line ?? '', /^M0\.0 [\d.]+(L[\d.]+ [\d.]+){19}$/);
  });

  it('updates in place', async () => {
    await open();
    await view.send({ type: 'state', state: liveState(2) });
    await view.page.waitForSelector('.card');
    await view.page.evaluate(() => document.querySelector('.card')!.setAttribute('data-kept', 'yes'));
    await view.send({ type: 'state', state: liveState(12) });
    await view.page.waitForFunction(() => /147/.test(document.querySelector('main')?.textContent ?? ''));
    assert.equal(await view.page.locator('.card[data-kept=yes]').count(), 1);
  });

  it('sums a finished run up', async () => {
    await open();
    const run = finishedRun({ name: HOSTILE[0]!, warnings: ['Look <b>out</b>.'] });
    const { generator } = run.load;
    await view.send({
      type: 'state',
      state: finishedState(
        { ...run, load: { ...run.load, generator: { ...generator, saturated: true } } },
        'The last run was cancelled.',
      ),
    });
    await view.page.waitForSelector('.bars');
    const shown = await text();
    for (const wanted of [
      'The last run was cancelled.',
      'Look <b>out</b>.',
      '<img src=x',
      '18 240 requests · 20 connections · 19 errors',
      'The generator was the bottleneck',
      '0.94 of 8 cores',
    ]) {
      assert.ok(shown.includes(wanted), wanted);
    }
    assert.match(shown, /p99\s+58\.4 ms/);
    assert.match(shown, /status 503\s+14/);
    assert.equal(await view.page.locator('main img, main b').count(), 0);
    assert.equal(await view.page.getByRole('button', { name: 'Open Flamegraph' }).count(), 0);
  });

  it('offers what can be done', async () => {
    await open();
    await view.send({ type: 'state', state: { phase: 'idle', notice: 'The last run failed.' } });
    await view.page.getByRole('button', { name: 'Load Test and Profile App' }).click();
    const finished = finishedState(finishedRun()) as Extract<
      ReturnType<typeof finishedState>,
      { phase: 'finished' }
    >;
    await view.send({
      type: 'state',
      state: { ...finished, figures: { ...finished.figures, hasProfile: true } },
    });
    await view.page.getByRole('button', { name: 'Open Flamegraph' }).click();
    assert.deepEqual(
      (await view.sent()).map(({ type }) => type),
      ['ready', 'measure', 'showFlamegraph'],
    );
  });

  for (const theme of THEMES) {
    it(`fits a narrow sidebar in theme ${theme}`, async () => {
      await open(theme);
      for (const state of [{ phase: 'idle' }, liveState(4), finishedState(finishedRun())]) {
        await view.send({ type: 'state', state });
        await view.page.waitForSelector('main > *');
        await view.page.setViewportSize({ width: 220, height: 700 });
        const wide = await view.page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= 220, `${(state as { phase: string }).phase} is ${wide} px wide`);
      }
    });
  }
});
