import assert from 'node:assert/strict';
import { LoadLive } from '../../../src/editor/panels/loadLive';
import { LoadSeries } from '../../../src/editor/panels/loadSeries';
import { LOAD_COLUMNS } from '../../../src/protocol/load';
import { groups, PointStore } from '../../../src/webviews/load/columns';
import { latencyOf, loadWindow, trial } from './loadSamples';
import { metricSample } from './samples';

/** What a webview has after each of the host's messages. */
function following(series: LoadSeries): PointStore {
  const store = new PointStore();
  assert.ok(store.take(series.changes(true)));
  return store;
}

describe('live points of a load test', () => {
  it('take rates, percentiles and the app that served meanwhile from each window', () => {
    const series = new LoadSeries();
    series.addSample(metricSample({ pid: 1, requests: 0, heapUsedBytes: 1e9 }));
    series.addSample(metricSample({ pid: 2, eventLoopDelayP99Ms: 80 }));
    series.addSample(metricSample({ pid: 2, timeMicros: 250_000, eventLoopDelayP99Ms: 20 }));
    series.addWindow(loadWindow(0, { intended: 250, failed: 5, latency: latencyOf(240, 10_000) }));
    const points = following(series);
    const at = (column: (typeof LOAD_COLUMNS)[number]) => points.column(column)[0];
    assert.equal(points.length, 1);
    assert.equal(at('seconds'), 0.5);
    assert.equal(at('intendedRate'), 500);
    assert.equal(at('rate'), 480);
    assert.equal(at('failedRate'), 10);
    assert.equal(at('p99Micros'), 45_000);
    // The wrapper that serves nothing is left out, and of two delays the worst is kept.
    assert.equal(at('heapUsedBytes'), 48e6);
    assert.equal(at('eventLoopDelayP99Ms'), 80);
  });

  it('know no percentile beyond what was measured, and no intended rate of a closed model', () => {
    const series = new LoadSeries();
    series.addWindow(loadWindow(0, { intended: 0, latency: latencyOf(100, 10_000, 0.96) }));
    series.addWindow(loadWindow(1, { latency: latencyOf(0, 0) }));
    const points = following(series);
    assert.deepEqual(points.column('p95Micros'), [24_000, null]);
    assert.deepEqual(points.column('p99Micros'), [null, null]);
    assert.equal(points.column('intendedRate')[0], null);
    assert.deepEqual(points.column('rate'), [200, 0]);
  });

  it('stay bounded over hours, with rates right and no stall lost', () => {
    const series = new LoadSeries();
    const windows = 8 * 3600 * 2;
    let most = 0;
    for (let index = 0; index < windows; index++) {
      const isStall = index === 31_415;
      series.addWindow(
        loadWindow(index, {
          intended: 250,
          latency: latencyOf(index % 2 === 0 ? 240 : 260, isStall ? 400_000 : 10_000),
        }),
      );
      most = Math.max(most, series.length);
    }
    assert.ok(most <= 2400, `${most} points`);
    const points = following(series);
    assert.ok(points.length > 1200);
    assert.equal(points.seconds.at(-1), windows / 2);
    assert.equal(points.joined, 32);
    // A floating-point mean of 480 and 520, thirty-two at a time.
    assert.ok(points.column('rate').every((rate) => Math.abs(rate! - 500) < 1e-6));
    assert.equal(Math.max(...points.column('p99Micros').map(Number)), 1_800_000);
    assert.equal(points.column('p99Micros').filter((p99) => p99 === 1_800_000).length, 1);
  });

  it('reach a webview that gets the changes alone exactly as one that gets all', () => {
    const series = new LoadSeries();
    const store = new PointStore();
    let sent = 0;
    for (let index = 0; index < 12_000; index++) {
      series.addWindow(loadWindow(index));
      if (index % 3 !== 0) continue;
      const changes = series.changes(index === 0);
      sent += changes.columns.seconds.length;
      assert.ok(store.take(changes), `at ${index}`);
    }
    store.take(series.changes(false));
    const whole = following(series);
    for (const column of LOAD_COLUMNS) assert.deepEqual(store.column(column), whole.column(column), column);
    // Of 4000 messages nearly all carry a point or few.
    assert.ok(sent < 30_000, `${sent} points sent`);
  });

  it('are refused where points before them are missing', () => {
    const series = new LoadSeries();
    for (let index = 0; index < 10; index++) series.addWindow(loadWindow(index));
    series.changes(true);
    series.addWindow(loadWindow(10));
    const late = new PointStore();
    assert.equal(late.take(series.changes(false)), false);
    assert.equal(late.length, 0);
  });

  it('come from reports where the engine has no windows, and from windows alone once it has', () => {
    let now = 0;
    const live = new LoadLive({ title: 'app', onStop: () => undefined }, () => now);
    const report = (errors: number, phase: 'warmup' | 'measure' = 'measure') => {
      now += 0.5;
      return live.add({
        type: 'load',
        load: { phase, elapsedSeconds: now, requestsPerSecond: 1000, p99Micros: 20_000, errors },
      });
    };
    report(4, 'warmup');
    report(2);
    report(5);
    let store = new PointStore();
    store.take(live.points(true));
    assert.deepEqual(store.column('failedRate'), [8, 4, 6]);
    assert.equal(live.test().totals.failed, 9);
    // How many requests there were is not told by a rate.
    assert.equal(live.test().totals.requests, undefined);
    live.add({ type: 'loadWindow', window: loadWindow(0) });
    assert.equal(report(9), false);
    store = new PointStore();
    store.take(live.points(true));
    assert.equal(store.length, 1);
  });

  it('tell what was not kept of the schedule, and what was decided', () => {
    const live = new LoadLive({ title: 'app', kind: 'stress', onStop: () => undefined }, () => 3);
    live.add({ type: 'loadWindow', window: loadWindow(0, { unstarted: 7, late: 2, failed: 1 }) });
    live.add({
      type: 'loadWindow',
      window: loadWindow(1, { unstarted: 3, latency: latencyOf(100, 9000, 0.9) }),
    });
    live.add({ type: 'trial', trial: trial(100, 'pass') });
    const { totals, figures, trials } = live.test();
    assert.deepEqual(totals, { requests: 340, failed: 1, unstarted: 10, late: 3 - 1 });
    assert.deepEqual(figures?.p99, { micros: 40_500, measured: false });
    assert.equal(trials.length, 1);
  });
});

describe('groups of points', () => {
  it('cover all points once, in at most so many groups', () => {
    for (const [length, most] of [
      [0, 40],
      [1, 40],
      [40, 40],
      [41, 40],
      [2399, 40],
    ] as const) {
      const found = groups(length, most);
      assert.ok(found.length <= most);
      assert.equal(found.at(0)?.[0] ?? 0, 0);
      assert.equal(found.at(-1)?.[1] ?? 0, length);
      found.forEach(([from], index) => assert.equal(from, found[index - 1]?.[1] ?? 0));
    }
  });
});
