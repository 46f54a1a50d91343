import assert from 'node:assert/strict';
import { runCapacity } from '../../../src/engine/loadTests/capacity';
import { DEFAULT_LIMITS } from '../../../src/engine/model/loadSession';
import { Simulation, queueApp, type SimulationOptions } from './simulator';

describe('A test of capacity', () => {
  it('tells how much more than the expected rate the app holds', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { result, verdict } = await capacity(350, { app: fifo(), seed });
      assert.equal(result.holds, true);
      assert.equal(verdict.state, 'pass');
      near(result.headroom, 500 / 350 - 1, 0.05);
      near(result.mostHeldRate, 500, 25);
      assert.match(
        verdict.sentence,
        /^Holds the expected 350 requests\/s with p99 within 200 ms, with 4\d % headroom/u,
      );
    }
  });

  it('tells how much less it holds', async () => {
    const { result, verdict, mostHeld } = await capacity(600, { app: fifo(), seed: 1 });
    assert.equal(result.holds, false);
    assert.equal(verdict.state, 'fail');
    near(result.mostHeldRate, 500, 25);
    near(result.headroom, 500 / 600 - 1, 0.05);
    assert.match(
      verdict.sentence,
      /^Does not hold the expected 600 requests\/s .*; it holds (?:4[89]|50|51)\d requests\/s\.$/u,
    );
    assert.match(verdict.evidence[0]!, /^600 iterations\/s did not hold in 2 trials/u);
    assert.ok(mostHeld?.executor === 'constant-arrival-rate');
  });

  it('sees at the expected rate itself that a queue grows, long before the objective breaks', async () => {
    const { result } = await capacity(512, { app: fifo(), seed: 1 }, { latencyMicros: 5e6 });
    assert.equal(result.holds, false);
  });

  it('says what it could not decide', async () => {
    const delay = () => 0.3;
    const late = await capacity(350, { app: fifo(), seed: 1, generator: { delay } });
    assert.equal(late.result.holds, undefined);
    assert.equal(late.verdict.state, 'inconclusive');
    const quick = queueApp({ serviceSeconds: () => 0.0002 });
    const limited = await capacity(2000, { app: quick, seed: 1, generator: { maxRate: 1000 } });
    assert.equal(limited.result.holds, undefined);
    assert.match(limited.verdict.sentence, /generator could not send more/u);
  });

  it('takes no test without an expected rate, nor one beyond the limits', async () => {
    await assert.rejects(capacity(undefined, { app: fifo(), seed: 1 }), { code: 'BAD_USAGE' });
    await assert.rejects(capacity(DEFAULT_LIMITS.maxRate + 1, { app: fifo(), seed: 1 }), {
      code: 'BAD_USAGE',
    });
  });
});

function fifo() {
  return queueApp({ serviceSeconds: () => 0.002 });
}

async function capacity(
  expectedRate: number | undefined,
  simulation: SimulationOptions,
  { latencyMicros = 200_000 } = {},
) {
  const session = new Simulation(simulation);
  const { signal } = new AbortController();
  const objective = { quantile: 0.99, latencyMicros, errorRate: 0.01, ...(expectedRate && { expectedRate }) };
  try {
    return await runCapacity({ session, objective, maxVUs: 2000, limits: DEFAULT_LIMITS, signal });
  } finally {
    await session.stop();
  }
}

function near(value: number | undefined, wanted: number, tolerance: number): void {
  assert.ok(value !== undefined && Math.abs(value - wanted) <= tolerance, `${value} is not ${wanted}`);
}
