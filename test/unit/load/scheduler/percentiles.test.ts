import assert from 'node:assert/strict';
import { RouteRecorder } from '../../../../src/engine/load/histograms';
import { limitByLag } from '../../../../src/engine/load/scheduler/lagLimit';

function times(...micros: number[]): RouteRecorder {
  const recorder = new RouteRecorder();
  for (const value of micros) recorder.record(value);
  return recorder;
}

const even = (count: number, micros: (at: number) => number) =>
  Array.from({ length: count }, (_, at) => micros(at));

describe('percentiles', () => {
  it('rank requests of unknown time above all others', () => {
    // 1 to 90 ms, and ten that nobody knows: the median of the hundred is 50 ms, and p90 is the last that is known.
    const summary = times(...even(90, (at) => (at + 1) * 1000)).summary(10);
    assert.equal(summary.measuredTo, 0.9);
    assert.ok(Math.abs(summary.p50Micros - 50_000) <= 50, `${summary.p50Micros}`);
    assert.equal(summary.p90Micros, 90_000);
    assert.equal(summary.p99Micros, 90_000);
    assert.equal(times().summary(3).measuredTo, 0);
    assert.equal(times(1).summary().measuredTo, undefined);
  });

  it('come out the same of several processes as of one', () => {
    const all = even(1000, (at) => 100 + at * 37);
    const merged = new RouteRecorder();
    for (const index of [0, 1, 2])
      merged.addEncoded(times(...all.filter((_, at) => at % 3 === index)).encode());
    assert.deepEqual(merged.summary(), times(...all).summary());
    merged.addEncoded(times().encode());
    assert.equal(merged.count, 1000);
  });

  it('are not measured where the generator was late by more than a quarter of them', () => {
    const response = times(...even(1000, () => 8000));
    const limit = (lag: RouteRecorder) => limitByLag(response.summary(), response, lag);
    assert.equal(limit(times(...even(1000, () => 900))).measuredTo, undefined);
    assert.equal(limit(times(...even(1000, (at) => (at < 980 ? 100 : 1900)))).measuredTo, undefined);
    const late = limit(times(...even(1000, (at) => (at < 980 ? 100 : 3000))));
    assert.deepEqual([late.measuredTo, late.limitedBy], [0.975, 'generator']);
    assert.equal(limit(times(...even(1000, () => 3000))).measuredTo, 0);
  });

  it('keep the lower of two limits', () => {
    const response = times(...even(1000, () => 8000));
    const lag = times(...even(1000, (at) => (at < 980 ? 100 : 3000)));
    const summary = limitByLag(response.summary(1000), response, lag);
    assert.deepEqual([summary.measuredTo, summary.limitedBy], [0.5, undefined]);
  });
});
