import assert from 'node:assert/strict';
import { summariseMetrics, windowSamples } from '../../../src/engine/metrics/summary';
import type { MetricSample } from '../../../src/engine/model/metrics';

const QUARTER = 250_000;

function sample(changes: Partial<MetricSample>): MetricSample {
  return {
    pid: 1,
    timeMicros: QUARTER,
    intervalMicros: QUARTER,
    cpuUserMicros: 0,
    cpuSystemMicros: 0,
    rssBytes: 0,
    heapUsedBytes: 0,
    heapTotalBytes: 0,
    heapLimitBytes: 0,
    externalBytes: 0,
    eventLoopDelayMeanMs: 0,
    eventLoopDelayP99Ms: 0,
    eventLoopDelayMaxMs: 0,
    eventLoopUtilization: 0,
    gcMicros: 0,
    gcMajorMicros: 0,
    gcCount: 0,
    gcMajorCount: 0,
    activeHandles: 0,
    requests: 0,
    ...changes,
  };
}

/** Samples at the end of each quarter second from 0 on. */
function series(count: number, make: (index: number) => Partial<MetricSample>): MetricSample[] {
  return Array.from({ length: count }, (_, index) =>
    sample({ timeMicros: (index + 1) * QUARTER, ...make(index) }),
  );
}

const options = { startMicros: 1e6, endMicros: 3e6, servingPids: [1], coresAvailable: 4 };

describe('summariseMetrics', () => {
  it('counts the window alone', () => {
    const samples = series(16, (index) => {
      const inside = index >= 4 && index < 12;
      return {
        cpuUserMicros: inside ? 100_000 : 250_000,
        cpuSystemMicros: inside ? 25_000 : 0,
        rssBytes: inside ? 50e6 + index : 900e6,
        heapUsedBytes: inside ? 20e6 - index : 900e6,
        eventLoopUtilization: inside ? 0.5 : 1,
        eventLoopDelayMeanMs: inside ? 2 : 80,
        eventLoopDelayP99Ms: inside ? 5 : 90,
        eventLoopDelayMaxMs: inside ? 7 : 95,
        gcMicros: inside ? 2500 : 200_000,
        gcMajorCount: inside ? 1 : 50,
        activeHandles: inside ? 20 + index : 900,
      };
    });
    const result = summariseMetrics(samples, options);
    assert.equal(result?.samples.length, 8);
    assert.deepEqual(result.summary, {
      processes: 1,
      cpuMicros: 1e6,
      cpuCores: 0.5,
      rssMaxBytes: 50e6 + 11,
      heapUsedMaxBytes: 20e6 - 4,
      eventLoopUtilization: 0.5,
      eventLoopDelayMeanMs: 2,
      eventLoopDelayP99Ms: 5,
      eventLoopDelayMaxMs: 7,
      gcShare: 0.01,
      gcMajorCount: 8,
      activeHandlesMax: 31,
      coresAvailable: 4,
    });
  });

  it('takes the inner part of a sample across an edge', () => {
    // One second each, from 0.5 s on: the window takes half of the first, all of the second, half of the third.
    const samples = [1.5e6, 2.5e6, 3.5e6].map((timeMicros, index) =>
      sample({ timeMicros, intervalMicros: 1e6, cpuUserMicros: [800_000, 100_000, 400_000][index]! }),
    );
    const result = summariseMetrics(samples, options);
    assert.equal(result?.summary.cpuMicros, 400_000 + 100_000 + 200_000);
  });

  it('weights by the length of intervals: a blocked second counts four times a quarter', () => {
    const samples = [
      ...series(4, () => ({})).map((one) => ({ ...one, timeMicros: one.timeMicros + 1e6 })),
      sample({ timeMicros: 3e6, intervalMicros: 1e6, eventLoopUtilization: 1, eventLoopDelayMeanMs: 900 }),
    ];
    const summary = summariseMetrics(samples, options)?.summary;
    assert.equal(summary?.eventLoopUtilization, 0.5);
    assert.equal(summary.eventLoopDelayMeanMs, 450);
  });

  it('adds up the CPU and memory of a cluster, and shows the loop of its busiest process', () => {
    const samples = [
      ...series(12, () => ({
        pid: 1,
        cpuUserMicros: 50_000,
        rssBytes: 10,
        eventLoopUtilization: 0.2,
        eventLoopDelayMaxMs: 100,
      })),
      ...series(12, () => ({
        pid: 2,
        cpuUserMicros: 200_000,
        rssBytes: 30,
        eventLoopUtilization: 0.8,
        eventLoopDelayMaxMs: 9,
        gcMicros: 25_000,
      })),
      ...series(12, () => ({ pid: 3, cpuUserMicros: 250_000, rssBytes: 500, eventLoopUtilization: 1 })), // does not serve
    ];
    const result = summariseMetrics(samples, { ...options, servingPids: [1, 2] });
    assert.equal(result?.samples.length, 16);
    const { summary } = result;
    assert.equal(summary.processes, 2);
    assert.equal(summary.cpuCores, 1);
    assert.equal(summary.rssMaxBytes, 40);
    assert.equal(summary.eventLoopUtilization, 0.8);
    assert.equal(summary.eventLoopDelayMaxMs, 9);
    assert.equal(summary.gcShare, 0.1);
  });

  it('takes maxima from samples that end in the window, or a little later', () => {
    const ending = (timeMicros: number) => [
      ...series(11, () => ({ eventLoopDelayMaxMs: 5, rssBytes: 5 })),
      sample({ timeMicros, intervalMicros: timeMicros - 2.75e6, eventLoopDelayMaxMs: 90, rssBytes: 90 }),
    ];
    const maxima = (timeMicros: number) => {
      const { summary } = summariseMetrics(ending(timeMicros), options) ?? assert.fail();
      return [summary.eventLoopDelayMaxMs, summary.rssMaxBytes];
    };
    assert.deepEqual(maxima(3.01e6), [90, 90]);
    assert.deepEqual(maxima(3.1e6), [5, 5]);
  });

  it('takes the maxima of an app that blocked beyond the window, having no others', () => {
    const blocked = [sample({ timeMicros: 9e6, intervalMicros: 8.5e6, eventLoopDelayMaxMs: 8400 })];
    assert.equal(summariseMetrics(blocked, options)?.summary.eventLoopDelayMaxMs, 8400);
  });

  it('counts collections by the part of an interval that is in the window', () => {
    const samples = [
      sample({ timeMicros: 1e6 + QUARTER / 2, gcMajorCount: 10 }),
      ...series(12, (index) => ({ gcMajorCount: index === 8 ? 3 : 0 })).slice(5),
    ];
    assert.equal(summariseMetrics(samples, options)?.summary.gcMajorCount, 8);
  });

  it('takes all processes when none is known to serve', () => {
    const samples = series(12, (index) => ({ pid: index % 2 }));
    assert.equal(summariseMetrics(samples, { ...options, servingPids: [] })?.summary.processes, 2);
  });

  it('fills the last moments that no sample tells of, and nothing more', () => {
    const busy = series(16, () => ({ cpuUserMicros: 125_000 }));
    const upTo = (micros: number) => busy.filter(({ timeMicros }) => timeMicros <= micros);
    const nearly = upTo(3e6).map((one) => ({ ...one, timeMicros: one.timeMicros - 100_000 }));
    assert.ok(Math.abs(summariseMetrics(nearly, options)!.summary.cpuMicros - 1e6) < 1);
    assert.equal(summariseMetrics(upTo(2e6), options)?.summary.cpuMicros, 500_000);
  });

  it('has a p99 of the delay that a single late interval does not make, and many do', () => {
    const late = (share: number) =>
      series(40, (index) => ({ eventLoopDelayP99Ms: index % 10 < share * 10 ? 80 : 1 }));
    const long = { ...options, startMicros: 0, endMicros: 10e6 };
    assert.equal(summariseMetrics(late(0.1), long)?.summary.eventLoopDelayP99Ms, 1);
    assert.equal(summariseMetrics(late(0.5), long)?.summary.eventLoopDelayP99Ms, 80);
  });

  it('says nothing without samples in the window', () => {
    assert.equal(summariseMetrics([], options), undefined);
    assert.equal(
      summariseMetrics(
        series(4, () => ({})),
        options,
      ),
      undefined,
    );
    assert.equal(
      summariseMetrics(
        series(12, () => ({})),
        { ...options, servingPids: [9] },
      ),
      undefined,
    );
  });
});

describe('windowSamples', () => {
  it('takes what lies mostly inside, in order of time', () => {
    const samples = [3.2e6, 3.1e6, 1.05e6, 2e6, 1.2e6].map((timeMicros) => sample({ timeMicros }));
    assert.deepEqual(
      windowSamples(samples, options).map(({ timeMicros }) => timeMicros),
      [1.2e6, 2e6, 3.1e6],
    );
  });

  it('takes the one sample of an app that blocked for longer than the window', () => {
    const samples = [sample({ timeMicros: 9e6, intervalMicros: 8.5e6 })];
    assert.equal(windowSamples(samples, options).length, 1);
  });

  it('passes over a sample without an interval', () => {
    assert.deepEqual(windowSamples([sample({ timeMicros: 2e6, intervalMicros: 0 })], options), []);
  });
});
