import assert from 'node:assert/strict';
import { runStress } from '../../../src/engine/loadTests/stress';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';
import { DEFAULT_LIMITS } from '../../../src/engine/model/loadSession';
import type { Trial } from '../../../src/engine/model/loadTestResult';
import { Simulation, logNormal, queueApp, randomOf, type SimulationOptions } from './simulator';

const OBJECTIVE = { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 };

describe('The search for the breaking point', () => {
  it('finds that of a queue of exactly 500/s within 5 %, in 75 s, every time', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { result } = await stress({ app: fifo(), seed });
      within(result.breakingPoint?.rate, 500, 0.05);
      assert.ok(result.seconds <= 75, `${result.seconds} s`);
      assert.ok(result.breakingPoint!.rejectedAt! / result.breakingPoint!.rate <= 1.05);
      within(result.ceiling?.throughput, 500, 0.02);
    }
  });

  it('is never wrong beside a generator that is late in one window of five', async () => {
    let found = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const delay = (random: () => number) => (random() < 0.2 ? random() * 0.15 : 0);
      const { result, verdict } = await stress({ app: fifo(), generator: { delay }, seed });
      assert.ok(result.seconds <= 75, `${result.seconds} s`);
      assert.equal(result.breakingPoint === undefined, verdict.state === 'inconclusive');
      if (result.breakingPoint === undefined) continue;
      found++;
      within(result.breakingPoint.rate, 500, 0.05);
    }
    assert.ok(found >= 16, `${found} of 20`);
  });

  it('says that it is inconclusive when the generator is late most of the time', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const delay = (random: () => number) => (random() < 0.8 ? 0.1 + random() * 0.2 : 0);
      const { result, verdict } = await stress({ app: fifo(), generator: { delay }, seed });
      assert.equal(verdict.state, 'inconclusive', verdict.sentence);
      assert.equal(result.breakingPoint, undefined);
      assert.ok(result.discardedWindows > result.trials.length);
    }
  });

  it('finds what an app holds that fails quickly instead of queueing', async () => {
    const app = queueApp({ serviceSeconds: () => 0.002, failsBeyondSeconds: 0.05 });
    const { result } = await stress({ app, seed: 1 });
    within(result.breakingPoint?.rate, 505, 0.05);
  });

  it('finds that of many workers, of varying service times, of stalls, and of an objective of a second', async () => {
    const random = randomOf(3);
    within(
      (await stress({ app: queueApp({ workers: 50, serviceSeconds: () => 0.1 }), seed: 1 })).rate,
      500,
      0.05,
    );
    const varying = queueApp({ serviceSeconds: () => logNormal(0.002, 0.3, random) });
    within((await stress({ app: varying, seed: 1 })).rate, 500, 0.06);
    const stalls = { everySeconds: 1.3, seconds: 0.13 };
    within(
      (await stress({ app: queueApp({ serviceSeconds: () => 0.0018, stalls }), seed: 1 })).rate,
      500,
      0.05,
    );
    const slow = queueApp({ workers: 20, serviceSeconds: () => 0.3 });
    const second = { ...OBJECTIVE, latencyMicros: 1e6 };
    within((await stress({ app: slow, seed: 1 }, { objective: second })).rate, 66.7, 0.05);
  });

  it('counts requests, however many an iteration has, and is not misled by think time', async () => {
    const flows = [
      {
        name: 'buy',
        weight: 1,
        steps: ['a', 'b', 'c'].map((name) => ({
          type: 'request' as const,
          ...{ name, method: 'GET', path: '/', headers: {}, captures: [], checks: [] },
        })),
      },
    ];
    const { rate, mostHeld } = await stress({ app: fifo(), seed: 1, requestsPerIteration: 3 }, { flows });
    within(rate, 500, 0.05);
    assert.ok(mostHeld?.executor === 'constant-arrival-rate');
    within(mostHeld.rate, 500 / 3, 0.05);
    within((await stress({ app: fifo(), seed: 1, think: 0.5 })).rate, 500, 0.05);
  });

  it('fails where one virtual user already breaks the objective, with the evidence', async () => {
    const app = queueApp({ workers: 20, serviceSeconds: () => 0.3 });
    const { result, verdict } = await stress({ app, seed: 1 });
    assert.equal(verdict.state, 'fail');
    assert.match(verdict.sentence, /p99 within 200 ms even for one virtual user/u);
    assert.match(verdict.evidence.join(), /p99 was 30\d ms/u);
    assert.equal(result.breakingPoint, undefined);
    assert.deepEqual(
      result.trials.map(({ level, decision }) => [level, decision]),
      [
        [1, 'fail'],
        [1, 'fail'],
      ],
    );
  });

  it('says what was held where the generator, the limits or the virtual users end first', async () => {
    const quick = () => queueApp({ serviceSeconds: () => 0.0002 });
    const limited = await stress({ app: quick(), generator: { maxRate: 1000 }, seed: 1 });
    assert.equal(limited.verdict.state, 'inconclusive');
    assert.match(
      limited.verdict.sentence,
      /^Holds at least 9\d\d requests\/s .* generator could not send more/u,
    );
    const settings = { ...DEFAULT_LIMITS, maxRate: 600 };
    const capped = await stress({ app: quick(), seed: 1 }, { limits: settings });
    assert.equal(capped.verdict.state, 'pass');
    assert.match(capped.verdict.sentence, /^Holds at least 600 requests\/s .* limits allow no higher rate/u);
    assert.equal(capped.result.breakingPoint?.rejectedAt, undefined);
    const few = await stress(
      { app: queueApp({ workers: 400, serviceSeconds: () => 0.1 }), seed: 1 },
      { maxVUs: 20 },
    );
    assert.match(few.verdict.sentence, /^Holds at least 1\d\d requests\/s .* more virtual users/u);
  });

  it('is inconclusive where the app changes its speed in the test, or tells the later one', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const slows = (now: number) => (now > 1005 + seed * 2 ? 0.0025 : 0.002);
      const { result } = await stress({ app: queueApp({ serviceSeconds: slows }), seed });
      if (result.breakingPoint) within(result.breakingPoint.rate, 400, 0.05);
    }
  });

  it('tells of each trial, and stops on the signal', async () => {
    const trials: Trial[] = [];
    const stop = new AbortController();
    const session = new Simulation({ app: fifo(), seed: 1 });
    const onTrial = (trial: Trial) => {
      trials.push(trial);
      if (trials.length === 5) stop.abort();
    };
    await assert.rejects(
      runStress({
        session,
        objective: OBJECTIVE,
        maxVUs: 100,
        limits: DEFAULT_LIMITS,
        signal: stop.signal,
        onTrial,
      }),
      CancelledError,
    );
    await session.stop();
    assert.deepEqual(
      trials.map(({ model, level }) => (model === 'closed' ? level : model)),
      [1, 2, 4, 8, 'open'],
    );
  });

  it('fails as the session does', async () => {
    const session = new Simulation({ app: fifo(), seed: 1 });
    const crash = () => session.crash(new ThroughlineError('TARGET_CRASHED', 'The app ended.', 'its output'));
    const { signal } = new AbortController();
    await assert.rejects(
      runStress({
        session,
        objective: OBJECTIVE,
        maxVUs: 100,
        limits: DEFAULT_LIMITS,
        signal,
        onTrial: crash,
      }),
      {
        code: 'TARGET_CRASHED',
        message: 'The app ended. It was under 2 virtual users.',
        detail: 'its output',
      },
    );
  });
});

function fifo() {
  return queueApp({ serviceSeconds: () => 0.002 });
}

async function stress(simulation: SimulationOptions, options: Partial<Parameters<typeof runStress>[0]> = {}) {
  const session = new Simulation(simulation);
  const { signal } = new AbortController();
  const outcome = await runStress({
    ...{ session, objective: OBJECTIVE, maxVUs: 2000, limits: DEFAULT_LIMITS, signal },
    ...options,
  });
  await session.stop();
  return { ...outcome, rate: outcome.result.breakingPoint?.rate };
}

function within(value: number | undefined, wanted: number, tolerance: number): void {
  assert.ok(value !== undefined, `nothing found where ${wanted} is right`);
  assert.ok(Math.abs(value / wanted - 1) <= tolerance, `${value} is not ${wanted}`);
}
