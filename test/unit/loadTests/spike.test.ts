import assert from 'node:assert/strict';
import { runSpike } from '../../../src/engine/loadTests/spike';
import { spikePlan } from '../../../src/engine/loadTests/spikePlan';
import { DEFAULT_LIMITS } from '../../../src/engine/model/loadSession';
import type { Executor, Stage } from '../../../src/engine/model/loadTest';
import { Simulation, queueApp, type SimulatedApp } from './simulator';

const OBJECTIVE = { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 };
const OPEN = { timeUnit: 1, preAllocatedVUs: 10, maxVUs: 5000, gracefulStop: 1 };

describe('A spike test', () => {
  it('measures the time in which a queue of known length is worked off', async () => {
    // 10 s at 750/s leave 2500 waiting, of which the app does 250 more a second than arrive: 10 s.
    const { result, verdict } = await spike(queueApp({ serviceSeconds: () => 0.002 }), constant(250));
    assert.equal(verdict.state, 'pass', verdict.sentence);
    assert.deepEqual([result.baselineRate, result.spikeRate], [250, 750]);
    assert.ok(Math.abs(result.recoverySeconds! - 10) <= 1, `${result.recoverySeconds} s`);
    assert.ok(result.baselineLatencyMicros < 3000);
    assert.ok(Math.abs(result.spikeLatencyMicros / 3.3e6 - 1) < 0.1, `${result.spikeLatencyMicros}`);
    assert.match(
      verdict.sentence,
      /^Recovered from the spike from 250 requests\/s to 750 requests\/s in (?:9|10)\.\d s/u,
    );
  });

  it('recovers at once where the spike is held', async () => {
    const { result } = await spike(queueApp({ serviceSeconds: () => 0.001 }), constant(250));
    assert.ok(result.recoverySeconds! < 1, `${result.recoverySeconds}`);
  });

  it('says that the app did not recover within the test', async () => {
    const { result, verdict } = await spike(queueApp({ serviceSeconds: () => 0.002 }), constant(400));
    assert.equal(result.recoverySeconds, undefined);
    assert.equal(verdict.state, 'fail');
    assert.match(verdict.sentence, /^Did not recover .* within 30 s\.$/u);
  });

  it('is no recovery that does not last', async () => {
    // Slow again 3 s after it had recovered, and to the end.
    const app = queueApp({ serviceSeconds: (now) => (now > 1027 ? 0.1 : 0.001) });
    const { result, verdict } = await spike(app, constant(250));
    assert.equal(result.recoverySeconds, undefined, verdict.sentence);
  });

  it('fails where requests failed in the spike, and where not even the baseline was held', async () => {
    const refuses = await spike(
      queueApp({ serviceSeconds: () => 0.002, failsBeyondSeconds: 0.05 }),
      constant(250),
    );
    assert.match(refuses.verdict.sentence, /^3\d % of the requests failed in the spike/u);
    assert.ok(Math.abs(refuses.result.spikeErrorRate - 1 / 3) < 0.03);
    const slow = await spike(queueApp({ workers: 500, serviceSeconds: () => 0.3 }), constant(100));
    assert.equal(slow.verdict.state, 'fail');
    assert.match(slow.verdict.sentence, /even before the spike/u);
  });

  it('sends the stages of a file as they are', async () => {
    const plan = spikePlan(
      ramping([
        { duration: 5, target: 100 },
        { duration: 10, target: 100 },
        { duration: 2, target: 900 },
        { duration: 10, target: 900 },
        { duration: 4, target: 100 },
        { duration: 30, target: 100 },
      ]),
    );
    assert.deepEqual(
      [plan.baselineRate, plan.spikeRate, plan.baselineSeconds, plan.riseSeconds, plan.spikeSeconds],
      [100, 900, 5, 15, 16],
    );
    assert.ok(Math.abs(plan.fallSeconds - (27 + 4 * (795 / 800))) < 1e-9);
    assert.equal(plan.endSeconds, 61);
    const { result } = await spike(queueApp({ serviceSeconds: () => 0.002 }), plan.executor);
    // 500/s are exceeded by 400/s for 10 s, and by half of that for 1 s before and 2 s after; 400/s spare then.
    const waiting = 400 * 10 + 200 * 1 + 200 * 2;
    const wanted = (waiting - 400) / 400;
    assert.ok(
      Math.abs(result.recoverySeconds! - wanted) <= 1.5,
      `${result.recoverySeconds} s, not ${wanted} s`,
    );
  });

  it('takes no schedule in which no spike could be measured', () => {
    const bad: Executor[] = [
      { executor: 'constant-vus', vus: 10, duration: 30, gracefulStop: 1 },
      ramping([
        { duration: 10, target: 900 },
        { duration: 10, target: 100 },
      ]),
      ramping([
        { duration: 10, target: 100 },
        { duration: 10, target: 100 },
      ]),
      ramping([
        { duration: 1, target: 100 },
        { duration: 10, target: 100 },
        { duration: 10, target: 900 },
      ]),
    ];
    for (const executor of bad) assert.throws(() => spikePlan(executor), { code: 'BAD_USAGE' });
  });

  it('sends no spike beyond the limits', async () => {
    await assert.rejects(
      spike(queueApp({ serviceSeconds: () => 0.002 }), constant(DEFAULT_LIMITS.maxRate / 2)),
      {
        code: 'BAD_USAGE',
      },
    );
  });
});

function constant(rate: number): Executor {
  return { ...OPEN, executor: 'constant-arrival-rate', rate, duration: 30 };
}

function ramping(stages: readonly Stage[]): Executor {
  return { ...OPEN, executor: 'ramping-arrival-rate', startRate: 10, stages };
}

async function spike(app: SimulatedApp, executor: Executor) {
  const session = new Simulation({ app, seed: 1 });
  const { signal } = new AbortController();
  try {
    return await runSpike({
      ...{ session, objective: OBJECTIVE, executor, limits: DEFAULT_LIMITS, signal },
      nowMicros: () => session.now * 1e6,
    });
  } finally {
    await session.stop();
  }
}
