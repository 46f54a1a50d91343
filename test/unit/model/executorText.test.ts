import assert from 'node:assert/strict';
import { executorText } from '../../../src/engine/model/executorText';

describe('executors in words', () => {
  const arrival = { preAllocatedVUs: 5, maxVUs: 50, gracefulStop: 30 };

  it('tell rates by the second, whatever the unit of the file', () => {
    assert.equal(
      executorText({
        executor: 'constant-arrival-rate',
        rate: 6000,
        timeUnit: 60,
        duration: 90,
        ...arrival,
      }),
      '100 iterations a second for 1:30, with at most 50 virtual users',
    );
  });

  it('tell stages, and steps as such', () => {
    const stages = [
      { duration: 0, target: 20 },
      { duration: 30, target: 40 },
    ];
    assert.equal(
      executorText({ executor: 'ramping-arrival-rate', startRate: 10, timeUnit: 1, stages, ...arrival }),
      'iterations a second from 10, then at once 20, 40 in 30 s, with at most 50 virtual users',
    );
    const many = Array.from({ length: 9 }, (_, index) => ({ duration: 1, target: index }));
    assert.match(
      executorText({
        executor: 'ramping-vus',
        startVUs: 1,
        stages: many,
        gracefulRampDown: 30,
        gracefulStop: 30,
      }),
      /^virtual users from 1, then 0 in 1 s, .*5 in 1 s, and 3 more stages$/u,
    );
  });

  it('tell what virtual users do', () => {
    assert.equal(
      executorText({ executor: 'constant-vus', vus: 1, duration: 10, gracefulStop: 30 }),
      '1 virtual user for 10 s',
    );
    assert.equal(
      executorText({
        executor: 'per-vu-iterations',
        vus: 2,
        iterations: 5,
        maxDuration: 600,
        gracefulStop: 30,
      }),
      '2 virtual users with 5 iterations each, for at most 10:00',
    );
  });
});
