import assert from 'node:assert/strict';
import { arrivalSeconds, peakRate, type OpenExecutor } from '../../../../src/engine/load/scheduler/arrivals';
import { shareOf, userLevels } from '../../../../src/engine/load/scheduler/levels';
import { Numbers, RowPicker, WeightedTurns } from '../../../../src/engine/load/scheduler/numbers';

const whole = { index: 0, count: 1 };
const open = { timeUnit: 1, preAllocatedVUs: 1, maxVUs: 1, gracefulStop: 0 };
const constant = (rate: number, duration: number, timeUnit = 1): OpenExecutor => ({
  ...open,
  executor: 'constant-arrival-rate',
  rate,
  duration,
  timeUnit,
});
const ramping = (startRate: number, ...stages: [duration: number, target: number][]): OpenExecutor => ({
  ...open,
  executor: 'ramping-arrival-rate',
  startRate,
  stages: stages.map(([duration, target]) => ({ duration, target })),
});

const near = (actual: readonly number[], expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, at) =>
    assert.ok(Math.abs(value - expected[at]!) < 1e-9, `${at}: ${value}, not ${expected[at]}`),
  );
};

describe('the schedule of arrivals', () => {
  it('of a constant rate begins at 0 and is even', () => {
    near([...arrivalSeconds(constant(4, 1), whole)], [0, 0.25, 0.5, 0.75]);
    near([...arrivalSeconds(constant(3, 2, 2), whole)], [0, 2 / 3, 4 / 3]);
  });

  it('of a constant rate has as many arrivals as the rate says, at any rate', () => {
    for (const [rate, duration, expected] of [
      [0.3, 10, 3],
      [7, 3, 21],
      [0.1, 30, 3],
      [333, 3, 999],
      [12_345, 7, 86_415],
    ] as const)
      assert.equal(
        [...arrivalSeconds(constant(rate, duration), whole)].length,
        expected,
        `${rate} × ${duration}`,
      );
  });

  it('of a rise from 0 is the root of the area', () => {
    // 10/s² for 2 s: n arrivals after sqrt(n / 5) s, 20 in all.
    const expected = Array.from({ length: 20 }, (_, at) => Math.sqrt((at + 1) / 5));
    near([...arrivalSeconds(ramping(0, [2, 20]), whole)], expected);
  });

  it('of a fall to 0 mirrors the rise', () => {
    const rise = [...arrivalSeconds(ramping(0, [2, 20]), whole)];
    const fall = [...arrivalSeconds(ramping(20, [2, 0]), whole)];
    // The nth arrival of the fall leaves the area that the (20 - n)th of the rise has filled.
    near(fall, [
      ...rise
        .slice(0, -1)
        .reverse()
        .map((seconds) => 2 - seconds),
      2,
    ]);
  });

  it('goes through flat stages, steps and pauses without losing an arrival', () => {
    const arrivals = [
      ...arrivalSeconds(ramping(10, [1, 10], [0, 100], [0.5, 100], [0, 0], [3, 0], [0, 2], [1, 2]), whole),
    ];
    assert.equal(arrivals.length, 10 + 50 + 0 + 2);
    near(arrivals.slice(0, 10), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    near(arrivals.slice(10, 12), [1.01, 1.02]);
    near(arrivals.slice(-2), [5, 5.5]);
  });

  it('of several processes together is that of one', () => {
    for (const executor of [constant(101, 1.3), ramping(3, [1.7, 91], [0.4, 5])]) {
      const together = [0, 1, 2]
        .flatMap((index) => [...arrivalSeconds(executor, { index, count: 3 })])
        .sort((a, b) => a - b);
      near(together, [...arrivalSeconds(executor, whole)]);
    }
  });

  it('knows its peak', () => {
    assert.equal(peakRate(constant(120, 1, 60)), 2);
    assert.equal(peakRate(ramping(3, [1, 91], [1, 5])), 91);
  });
});

describe('the levels of virtual users', () => {
  const levels = (startVUs: number, ...stages: [duration: number, target: number][]) =>
    [
      ...userLevels({
        executor: 'ramping-vus',
        startVUs,
        stages: stages.map(([duration, target]) => ({ duration, target })),
        gracefulRampDown: 0,
        gracefulStop: 0,
      }),
    ].map(({ seconds, level }) => [Number(seconds.toFixed(9)), level]);

  it('follow the line between stages by whole users', () => {
    const expected = [
      ...[
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
      ],
      ...[
        [6, 3],
        [7, 2],
        [8, 1],
        [9, 0],
      ],
    ];
    assert.deepEqual(levels(0, [4, 4], [2, 4], [4, 0]), expected);
  });

  it('step where a stage takes no time', () => {
    assert.deepEqual(levels(2, [0, 5], [1, 5], [0, 1]), [
      [0, 2],
      [0, 5],
      [1, 1],
    ]);
  });

  it('are shared among processes without a rest', () => {
    for (const total of [0, 1, 2, 3, 7, 100]) {
      const shares = [0, 1, 2].map((index) => shareOf(total, { index, count: 3 }));
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0),
        total,
      );
      assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
    }
  });
});

describe('numbers', () => {
  it('of iterations and users are the same nowhere, and without gaps', () => {
    const iterations: number[] = [];
    const users: number[] = [];
    for (const index of [0, 1]) {
      const numbers = new Numbers();
      numbers.setSlice({ index, count: 2 }, 0);
      for (let at = 0; at < 3; at++) iterations.push(numbers.nextIteration());
      const first = numbers.takeUser();
      users.push(first, numbers.takeUser());
      numbers.freeUser(first);
      assert.equal(numbers.takeUser(), first);
    }
    assert.deepEqual(iterations.sort(), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(users.sort(), [1, 2, 3, 4]);
  });

  it('stay apart when processes are added', () => {
    const numbers = new Numbers();
    numbers.setSlice({ index: 0, count: 1 }, 0);
    const before = [numbers.nextIteration(), numbers.takeUser()];
    numbers.setSlice({ index: 0, count: 2 }, 1);
    numbers.freeUser(before[1]!); // of the time before: not to be given again
    assert.ok(numbers.nextIteration() > 1e6);
    assert.ok(numbers.takeUser() > 1e6);
  });

  it('of rows go through the set in turn, divided over the processes', () => {
    const rows = ['a', 'b', 'c', 'd'].map((text) => [text]);
    const taken = [0, 1].map((index) => {
      const picker = new RowPicker({ columns: ['x'], rows, pick: 'sequential' });
      return [0, 1, 2].map(() => picker.next({ index, count: 2 })[0]);
    });
    assert.deepEqual(taken, [
      ['a', 'c', 'a'],
      ['b', 'd', 'b'],
    ]);
  });

  it('give weighted items their exact shares', () => {
    const turns = new WeightedTurns([
      { weight: 3, name: 'a' },
      { weight: 1, name: 'b' },
    ]);
    const chosen = Array.from({ length: 8 }, () => turns.next().name);
    assert.deepEqual(chosen.filter((name) => name === 'b').length, 2);
    assert.deepEqual(chosen.slice(0, 4), chosen.slice(4));
  });
});
