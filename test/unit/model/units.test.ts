import assert from 'node:assert/strict';
import {
  costFigures,
  formatBytes,
  formatMs,
  formatPerRequest,
  formatShare,
  formatValue,
  valueName,
} from '../../../src/engine/model/units';

const cost = { selfMicros: 300_000, totalMicros: 600_000, selfSamples: 300, totalSamples: 600 };

describe('figures of a cost', () => {
  it('are shares of active time and CPU milliseconds per request', () => {
    const figures = costFigures(cost, { activeMicros: 1_200_000, cpuScale: 1, requests: 100 });
    assert.equal(figures.selfShare, 0.25);
    assert.equal(figures.totalShare, 0.5);
    assert.equal(figures.selfMs, 300);
    assert.equal(figures.selfMsPerRequest, 3);
    assert.equal(figures.totalMsPerRequest, 6);
    assert.equal(figures.uncertain, false);
  });

  it('leave out time in which the thread was kept from a core, but not from the shares', () => {
    const figures = costFigures(cost, { activeMicros: 1_200_000, cpuScale: 0.5, requests: 100 });
    assert.equal(figures.selfShare, 0.25);
    assert.equal(figures.selfMsPerRequest, 1.5);
  });

  it('have no figure per request where there was none', () => {
    const figures = costFigures(cost, { activeMicros: 1_200_000, cpuScale: 1, requests: 0 });
    assert.equal('selfMsPerRequest' in figures, false);
  });

  it('say when the samples are too few', () => {
    const basis = { activeMicros: 1_200_000, cpuScale: 1, requests: 1 };
    assert.equal(costFigures({ ...cost, totalSamples: 29 }, basis).uncertain, true);
    assert.equal(costFigures({ ...cost, totalSamples: 30 }, basis).uncertain, false);
  });

  it('do not divide by an empty window', () => {
    assert.equal(costFigures(cost, { activeMicros: 0, cpuScale: 1, requests: 0 }).selfShare, 0);
  });
});

describe('figures as text', () => {
  it('keep three digits and the unit that reads best', () => {
    assert.deepEqual([0, 0.0841, 1.234, 35.06, 350.6, 1240].map(formatMs), [
      '0 ms',
      '84.1 µs',
      '1.23 ms',
      '35.1 ms',
      '351 ms',
      '1.24 s',
    ]);
    assert.deepEqual([0, 0.0004, 0.123, 1].map(formatShare), ['0.0 %', '<0.1 %', '12.3 %', '100.0 %']);
    assert.deepEqual([12, 1234, 35_000_000].map(formatBytes), ['12 B', '1.23 kB', '35.0 MB']);
  });

  it('tell values in the unit of their profile', () => {
    const basis = { activeMicros: 1, cpuScale: 0.5, requests: 0 };
    assert.equal(formatValue(3000, basis), '1.50 ms');
    assert.equal(formatValue(3000, { ...basis, unit: 'bytes' }), '3.00 kB');
    assert.equal(formatValue(1_234_567, { ...basis, unit: 'samples' }), '1,234,567 samples');
    assert.equal(formatValue(12, { ...basis, unit: 'count', unitName: 'goroutines' }), '12 goroutines');
    assert.equal(formatValue(0.5, { ...basis, unit: 'count' }), '0.50');
    assert.equal(formatPerRequest(3000, { ...basis, unit: 'bytes' }), undefined);
    assert.equal(formatPerRequest(3000, { ...basis, unit: 'bytes', requests: 2 }), '1.50 kB');
    assert.deepEqual(
      [
        basis,
        { ...basis, unit: 'bytes' as const },
        { ...basis, unit: 'count' as const, unitName: 'locks' },
      ].map(valueName),
      ['CPU time', 'allocated', 'locks'],
    );
  });

  it('are certain where values were counted and not sampled', () => {
    const counted = { ...cost, totalSamples: 0 };
    const basis = { activeMicros: 1, cpuScale: 1, requests: 0, unit: 'bytes' as const };
    assert.equal(costFigures(counted, basis).uncertain, true);
    assert.equal(costFigures(counted, { ...basis, sampled: false }).uncertain, false);
  });
});
