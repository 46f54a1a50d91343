import assert from 'node:assert/strict';
import { driftOf } from '../../../src/engine/loadTests/drift';
import { mannKendall } from '../../../src/engine/loadTests/mannKendall';
import type { Point } from '../../../src/engine/loadTests/trend';
import { randomNumbers } from './soakNoise';

const POINTS = 40;
const OPTIONS = { seconds: POINTS, leastShare: 0.05, leastGrowth: 1 };
const SERIES = 300;

/** `u` from 0 to 1 over the test; the noise has a standard deviation of 1. */
function series(shape: (u: number) => number, dependence: number, seed: number): Point[] {
  const noise = randomNumbers(seed);
  const fresh = Math.sqrt(1 - dependence ** 2);
  let last = noise();
  return Array.from({ length: POINTS }, (_, x) => {
    last = dependence * last + fresh * noise();
    return { x, y: 100 + shape(x / POINTS) + last };
  });
}

/** Share of the series that are said to drift. */
function drifting(shape: (u: number) => number, dependence = 0): number {
  let count = 0;
  for (let seed = 1; seed <= SERIES; seed++)
    if (driftOf(series(shape, dependence, seed), OPTIONS)?.drifts) count++;
  return count / SERIES;
}

describe('trend over time', () => {
  it('is told with its slope, which outliers do not move', () => {
    const points = series((u) => 20 * u, 0, 1);
    points[7] = { x: 7, y: 5000 };
    points[30] = { x: 30, y: -5000 };
    const trend = mannKendall(points)!;
    assert.ok(trend.pValue < 1e-6);
    assert.ok(Math.abs(trend.slope - 0.5) < 0.1, `${trend.slope}`);
    assert.ok(trend.low <= trend.slope && trend.slope <= trend.high && trend.low > 0.3 && trend.high < 0.7);
  });

  it('agrees with the published arithmetic for few values', () => {
    const of = (values: readonly number[]) => mannKendall(values.map((y, x) => ({ x, y })))!;
    const rising = of([1, 2, 3, 4, 5, 6, 7, 8]);
    // All 28 pairs rise; the variance is 8 * 7 * 21 / 18 = 65.33, so z = (28 - 1) / 8.083 = 3.34.
    assert.ok(Math.abs(rising.pValue - 0.000838) < 1e-5, `${rising.pValue}`);
    assert.deepEqual([rising.slope, rising.low, rising.high], [1, 1, 1]);
    const flat = of([3, 3, 3, 3, 3, 3, 3, 3]);
    assert.deepEqual([flat.pValue > 0.999999, flat.slope], [true, 0]);
    assert.equal(mannKendall([{ x: 0, y: 1 }]), undefined);
  });

  it('is significant at five per cent for five per cent of what has none', () => {
    let found = 0;
    let covered = 0;
    for (let seed = 1; seed <= SERIES; seed++) {
      const trend = mannKendall(series(() => 0, 0, seed))!;
      if (trend.pValue < 0.05) found++;
      if (trend.low <= 0 && trend.high >= 0) covered++;
    }
    assert.ok(found / SERIES > 0.02 && found / SERIES < 0.09, `${found} of ${SERIES}`);
    assert.ok(covered / SERIES > 0.9, `the interval holds the truth ${covered} of ${SERIES} times`);
  });
});

describe('drift of a soak test', () => {
  for (const [dependence, most] of [
    [0, 0.01],
    [0.5, 0.02],
    [0.8, 0.04],
  ] as const)
    it(`is none where there is none: noise whose neighbours correlate by ${dependence}`, () => {
      const share = drifting(() => 0, dependence);
      assert.ok(share <= most, `${share * 100} % false alarms`);
    });

  const bounded: Record<string, (u: number) => number> = {
    'a cache that fills up to its bound by the middle': (u) => 30 * Math.min(1, u / 0.5),
    'a cache that fills up to its bound by two thirds': (u) => 30 * Math.min(1, u / 0.65),
    'a pool that fills ever more slowly': (u) => 30 * (1 - Math.exp(-u / 0.1)),
    'a step early on': (u) => (u > 0.3 ? 30 : 0),
    'a step in the middle': (u) => (u > 0.5 ? 30 : 0),
    'a step late in the test': (u) => (u > 0.75 ? 30 : 0),
    'a saw’s teeth': (u) => 20 * ((u * 5.3) % 1),
    'slow teeth': (u) => 20 * ((u * 1.7) % 1),
    'what falls': (u) => -30 * u,
    'a growth too small to matter': (u) => 2.5 * u,
  };
  for (const [what, shape] of Object.entries(bounded))
    it(`is none in ${what}`, () => {
      const share = drifting(shape, 0.3);
      assert.ok(share <= 0.03, `${share * 100} % false alarms`);
    });

  const growing: Record<string, (u: number) => number> = {
    'a leak of twenty times the noise': (u) => 20 * u,
    'a leak that doubles the memory': (u) => 100 * u,
    'a leak beside a cache that fills': (u) => 30 * u + 15 * Math.min(1, u / 0.4),
    'a leak in steps': (u) => 5 * Math.floor(u * 8),
    'a leak under a saw’s teeth': (u) => 40 * u + 3 * ((u * 9.1) % 1),
  };
  for (const [what, shape] of Object.entries(growing))
    it(`is found in ${what}`, () => {
      const share = drifting(shape, 0.3);
      assert.ok(share >= 0.9, `${share * 100} % found`);
    });

  it('tells where it began, and its slope for an hour', () => {
    const drift = driftOf(
      series((u) => 40 * u, 0, 3),
      OPTIONS,
    )!;
    assert.ok(drift.drifts && Math.abs(drift.slopePerHour - 3600) < 300, `${drift.slopePerHour}`);
    assert.ok(Math.abs(drift.start - 100) < 3, `${drift.start}`);
    assert.equal(drift.points, 32);
  });

  it('is not told of too few points', () => {
    assert.equal(driftOf(series((u) => 40 * u, 0, 1).slice(0, 20), OPTIONS), undefined);
  });
});
