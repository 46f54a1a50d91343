import assert from 'node:assert/strict';
import type { LatencySummary } from '../../../src/engine/model/load';
import {
  formatPercentile,
  isMeasured,
  longest,
  percentile,
  quantileName,
  QUANTILES,
} from '../../../src/engine/model/percentiles';

const LATENCY: LatencySummary = {
  count: 1000,
  meanMicros: 1500,
  p50Micros: 1000,
  p90Micros: 2000,
  p95Micros: 3000,
  p99Micros: 4000,
  p999Micros: 5000,
  maxMicros: 6000,
};

describe('percentiles', () => {
  it('are all measured where no request is unknown', () => {
    assert.deepEqual(
      QUANTILES.map((quantile) => formatPercentile(percentile(LATENCY, quantile))),
      ['1.00 ms', '2.00 ms', '3.00 ms', '4.00 ms', '5.00 ms'],
    );
    assert.deepEqual(longest(LATENCY), { state: 'measured', micros: 6000 });
  });

  it('end where the response times of requests are unknown, the limit itself included', () => {
    const cut = { ...LATENCY, measuredTo: 0.95 };
    assert.deepEqual(
      QUANTILES.map((quantile) => percentile(cut, quantile).state),
      ['measured', 'measured', 'measured', 'notMeasured', 'notMeasured'],
    );
    assert.equal(formatPercentile(percentile(cut, 0.99)), 'not measured');
    // What is known of it: at least so much.
    assert.deepEqual(percentile(cut, 0.99), { state: 'notMeasured', micros: 4000 });
    assert.equal(longest(cut).state, 'notMeasured');
    assert.equal(isMeasured(cut, 0.96), false);
  });

  it('are none where nothing was replied to', () => {
    const none = { ...LATENCY, count: 0 };
    assert.equal(formatPercentile(percentile(none, 0.5)), '–');
    assert.equal(percentile({ ...none, measuredTo: 0 }, 0.5).state, 'notMeasured');
  });

  it('have names', () => {
    assert.deepEqual([0.5, 0.99, 0.999, 0.9999, 0.967].map(quantileName), [
      'p50',
      'p99',
      'p99.9',
      'p99.99',
      'p96.7',
    ]);
  });
});
