import assert from 'node:assert/strict';
import { RouteRecorder } from '../../../src/engine/load/histograms';
import { MeasuredSoFar } from '../../../src/engine/loadTest/soFar';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';

const context = {
  engine: 'throughline' as const,
  origin: 'http://127.0.0.1:1',
  connections: 4,
  apdexTargetMs: 100,
};

/** Half a second from `at` seconds on. */
function window(at: number, timesMs: readonly number[], changes: Partial<LoadWindow> = {}): LoadWindow {
  const times = new RouteRecorder();
  for (const ms of timesMs) times.record(ms * 1000);
  return {
    phase: 1,
    startMicros: at * 1e6,
    endMicros: (at + 0.5) * 1e6,
    intended: timesMs.length,
    started: timesMs.length,
    unstarted: 0,
    late: 0,
    latency: times.summary(),
    histogram: times.encode().histogram,
    failed: 0,
    unanswered: 0,
    bytes: 10 * timesMs.length,
    checksPassed: 0,
    checksFailed: 0,
    vusBusy: 1,
    lagP99Micros: 0,
    lagMaxMicros: 0,
    generator: { cpuShare: 0.1, eventLoopUtilization: 0.1, eventLoopDelayP99Ms: 1, saturated: false },
    ...changes,
  };
}

describe('what a load has come to by its windows', () => {
  it('is the sum of the windows that lie in the steady one', () => {
    const soFar = new MeasuredSoFar();
    soFar.add(window(0, [900, 900]));
    soFar.beginWindow(0.7e6);
    soFar.add(window(0.5, [900]));
    soFar.add(window(1, [50, 50, 300], { failed: 1, unanswered: 1, unstarted: 2, intended: 5 }));
    soFar.add(window(1.5, [50, 1000], { failed: 1, checksPassed: 1, checksFailed: 1 }));
    const { load, checks } = soFar.result(context)!;
    assert.deepEqual([load.startMicros, load.endMicros, load.requests], [1e6, 2e6, 5]);
    assert.deepEqual(load.throughput, { mean: 5, perSecond: [5] });
    assert.deepEqual(load.errors, { byStatus: { '400 or above': 1 }, timeouts: 0, connection: 1 });
    assert.equal(load.latency.measuredTo, 5 / 7, 'two never started');
    assert.equal(load.latency.maxMicros, 1_000_000);
    assert.deepEqual([load.schedule?.intended, load.schedule?.unstarted], [7, 2]);
    // Of six requests three are within 100 ms, one of which may have been the failure, and one within 400 ms.
    assert.equal(load.apdex.score, (2 + 1 / 2) / 6);
    assert.deepEqual(checks, [{ name: 'all checks', passes: 1, fails: 1 }]);
  });

  it('is of the level that was on, or the one before while nothing was completed at it', () => {
    const soFar = new MeasuredSoFar();
    assert.equal(soFar.result(context), undefined);
    soFar.add(window(0, [10], { phase: 1 }));
    soFar.add(window(0.5, [10, 10], { phase: 2 }));
    assert.equal(soFar.result(context)?.load.requests, 2);
    soFar.add(window(1, [], { phase: 3, failed: 4, unanswered: 4 }));
    assert.equal(soFar.result(context)?.load.requests, 2);
    soFar.add(window(1.5, [10, 10, 10], { phase: 3 }));
    assert.equal(soFar.result(context)?.load.requests, 3);
    assert.equal(soFar.result(context)?.load.errors.connection, 4);
  });
});
