import assert from 'node:assert/strict';
import { TimelineRecorder } from '../../../src/engine/loadTests/timelineRecorder';
import { WorstWindowFinder } from '../../../src/engine/loadTests/worstWindow';
import { MAX_TIMELINE_POINTS } from '../../../src/engine/model/loadTestResult';
import type { MetricSample } from '../../../src/engine/model/metrics';
import { same, windowOf } from './support';

describe('The timeline of a test', () => {
  it('has a point for each window, with rates a second and nulls for what is not known', () => {
    const recorder = new TimelineRecorder();
    recorder.addWindow(windowOf(4, [...same(98, 10), 50, 60], { failed: 3, vusBusy: 7, intended: 100 }));
    recorder.addWindow(windowOf(5, [], { intended: 0 }));
    const timeline = recorder.timeline();
    assert.equal(timeline.startMicros, 2e6);
    assert.deepEqual(timeline.endMicros, [500_000, 1_000_000]);
    assert.deepEqual(timeline.rate, [200, 0]);
    assert.deepEqual(timeline.intendedRate, [200, null]);
    assert.deepEqual(timeline.failedRate, [6, 0]);
    assert.deepEqual(timeline.vus, [7, 1]);
    assert.deepEqual(
      timeline.p99Micros.map((micros) => micros && Math.round(micros / 1000)),
      [50, null],
    );
    assert.deepEqual(timeline.targetCpu, [null, null]);
    assert.deepEqual(new TimelineRecorder().timeline().endMicros, []);
  });

  it('adds up the processes of the target in the window in which they were sampled', () => {
    const recorder = new TimelineRecorder();
    recorder.addMetrics(sample({ pid: 1, timeMicros: 250_000, cpuUserMicros: 125_000 }));
    recorder.addMetrics(
      sample({ pid: 1, timeMicros: 500_000, cpuUserMicros: 250_000, eventLoopDelayP99Ms: 9 }),
    );
    recorder.addMetrics(
      sample({ pid: 2, timeMicros: 400_000, cpuSystemMicros: 50_000, eventLoopUtilization: 0.8 }),
    );
    recorder.addMetrics(sample({ pid: 1, timeMicros: 600_000, cpuUserMicros: 25_000 }));
    recorder.addWindow(windowOf(0, same(10, 1)));
    recorder.addWindow(windowOf(1, same(10, 1)));
    const { targetCpu, eventLoopUtilization, eventLoopDelayP99Ms, heapUsedBytes } = recorder.timeline();
    assert.deepEqual(targetCpu, [0.75 + 0.2, 0.1]);
    assert.deepEqual(eventLoopUtilization, [0.8, 0.5]);
    assert.deepEqual(eventLoopDelayP99Ms, [9, 2]);
    assert.deepEqual(heapUsedBytes, [2000, 1000]);
  });

  it('never has more points than may be, loses no request, and keeps percentiles of all requests of a point', () => {
    const recorder = new TimelineRecorder(10);
    const count = 95;
    for (let n = 0; n < count; n++) {
      recorder.addWindow(windowOf(n, [...same(90, 10), ...same(10, 100 + n)]));
      assert.ok(recorder.timeline().endMicros.length <= 10);
    }
    const { endMicros, rate, intendedRate, p50Micros, p95Micros } = recorder.timeline();
    const lengths = endMicros.map((end, i) => end - (endMicros[i - 1] ?? 0));
    assert.equal(endMicros.at(-1), count * 500_000);
    assert.equal(
      rate.reduce((sum, perSecond, i) => sum + (perSecond * lengths[i]!) / 1e6, 0),
      count * 100,
    );
    assert.deepEqual(new Set(intendedRate), new Set([200]));
    assert.ok(p50Micros.every((micros) => Math.abs(micros! / 10_000 - 1) < 0.01));
    // The middle of the slow ones of the first point, which rise from 100 ms with each window.
    const windows = lengths[0]! / 500_000;
    assert.ok(windows >= 8, `${windows}`);
    assert.ok(Math.abs(p95Micros[0]! / 1000 - (100 + windows / 2)) <= 1.5, `${p95Micros[0]}`);
    assert.ok(Math.max(...lengths.slice(0, -1)) <= 4 * Math.min(...lengths.slice(0, -5)), lengths.join());
  });

  it('takes hours in bounded memory', () => {
    const recorder = new TimelineRecorder();
    const window = windowOf(0, same(50, 10));
    const count = 3 * MAX_TIMELINE_POINTS;
    for (let n = 0; n < count; n++)
      recorder.addWindow({ ...window, startMicros: n * 500_000, endMicros: (n + 1) * 500_000 });
    const { endMicros, rate } = recorder.timeline();
    assert.ok(endMicros.length <= MAX_TIMELINE_POINTS && endMicros.length >= MAX_TIMELINE_POINTS / 2);
    assert.ok(rate.every((perSecond) => Math.abs(perSecond - 100) < 0.01));
  });
});

describe('The worst stretch of a test', () => {
  it('is the second with the highest p99 among those with enough requests', () => {
    const finder = new WorstWindowFinder();
    const told = [
      same(100, 10),
      same(100, 10),
      [...same(90, 10), ...same(10, 80)],
      same(100, 10),
      same(100, 10),
      same(100, 10),
    ].map((times, n) => finder.add(windowOf(n, times)) !== undefined);
    assert.deepEqual(told, [false, true, false, true, false, false]);
    const { startMicros, endMicros, p99Micros } = finder.result!;
    assert.deepEqual([startMicros, endMicros], [1e6, 2e6]);
    assert.ok(Math.abs(p99Micros / 80_000 - 1) < 0.01);
  });

  it('takes five seconds of a slow app, and nothing of hardly any requests', () => {
    const slow = new WorstWindowFinder();
    for (let n = 0; n < 10; n++) slow.add(windowOf(n, [400, 500]));
    assert.deepEqual([slow.result?.startMicros, slow.result?.endMicros], [0, 5e6]);
    const idle = new WorstWindowFinder();
    for (let n = 0; n < 20; n++) idle.add(windowOf(n, n === 3 ? [9000] : []));
    assert.equal(idle.result, undefined);
  });
});

function sample(more: Partial<MetricSample>): MetricSample {
  return {
    ...{ pid: 1, timeMicros: 0, intervalMicros: 250_000, cpuUserMicros: 0, cpuSystemMicros: 0 },
    ...{ rssBytes: 0, heapUsedBytes: 1000, heapTotalBytes: 0, heapLimitBytes: 0, externalBytes: 0 },
    ...{ eventLoopDelayMeanMs: 1, eventLoopDelayP99Ms: 2, eventLoopDelayMaxMs: 3, eventLoopUtilization: 0.5 },
    ...{ gcMicros: 0, gcMajorMicros: 0, gcCount: 0, gcMajorCount: 0, activeHandles: 0, requests: 0 },
    ...more,
  };
}
