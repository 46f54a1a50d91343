import assert from 'node:assert/strict';
import { LevelSearch, type NextLevel } from '../../../src/engine/loadTests/levels';
import { TrialJudge, type TrialOutcome } from '../../../src/engine/loadTests/trial';
import { bootstrapMean, fitSlope } from '../../../src/engine/loadTests/trend';
import type { LoadWindow } from '../../../src/engine/model/loadWindow';
import { same, windowOf } from './support';

const OBJECTIVE = { quantile: 0.99, latencyMicros: 200_000, errorRate: 0.01 };
const LATE = { lagP99Micros: 60_000 };

describe('A trial of one level of load', () => {
  it('discards the first window, and passes with four of which at most half are bad', () => {
    const halfBad = [same(10, 900), same(50, 10), same(50, 300), same(50, 300), same(50, 10)];
    const outcome = judge(halfBad, { model: 'closed' });
    assert.equal(outcome?.trial.decision, 'pass');
    assert.deepEqual([outcome.trial.windows, outcome.trial.discarded, outcome.trial.badWindows], [5, 1, 2]);
    assert.equal(outcome.trial.throughput, 100);
    assert.equal(
      judge([same(10, 10), same(50, 10), same(50, 10), same(50, 10)]),
      undefined,
      'three are too few',
    );
  });

  it('fails with more than half of them slow, or with errors', () => {
    const slow = judge([[], same(50, 10), same(50, 300), same(50, 300), same(50, 301)], { model: 'closed' });
    assert.deepEqual([slow?.trial.decision, slow?.broken], ['fail', 'latency']);
    const errors = judge(same(5, 0).map(() => [same(50, 10), { failed: 2 }] as const));
    assert.deepEqual([errors?.trial.decision, errors?.broken], ['fail', 'errors']);
    assert.equal(errors?.trial.errorRate, 0.04);
    const hung = judge(same(5, 0).map(() => [[], { vusBusy: 5 }] as const));
    assert.deepEqual([hung?.trial.decision, hung?.trial.throughput], ['fail', 0]);
  });

  it('fails for a queue that grows while every window is within the objective, in the open model alone', () => {
    const rising = [10, 20, 30, 40, 50].map((ms) => same(50, ms));
    const outcome = judge(rising);
    assert.deepEqual(
      [outcome?.trial.decision, outcome?.broken, outcome?.trial.badWindows],
      ['fail', 'queue', 0],
    );
    // 10 ms more each half second.
    assert.ok(Math.abs(outcome!.growth!.slope - 0.02) < 1e-3, `${outcome!.growth!.slope}`);
    assert.equal(judge(rising, { model: 'closed' })?.trial.decision, 'pass');
    assert.equal(judge([50, 40, 30, 20, 10].map((ms) => same(50, ms)))?.trial.decision, 'pass', 'it shrinks');
  });

  it('goes on while it is not clear whether the queue grows', () => {
    const unclear = [10, 10, 90, 20, 100].map((ms) => same(50, ms));
    assert.equal(judge(unclear), undefined);
    const steady = [20, 90, 10, 80, 30, 60];
    assert.equal(judge([...unclear, ...steady.map((ms) => same(50, ms))])?.trial.decision, 'pass');
  });

  it('leaves out windows in which the generator was late, and what its burst made bad after them', () => {
    const fine = same(50, 10);
    const few = judge([fine, [fine, LATE], fine, [fine, LATE], fine, fine]);
    assert.equal(few, undefined);
    const enough = judge([fine, [same(50, 300), LATE], fine, fine, fine, fine]);
    assert.deepEqual([enough?.trial.decision, enough?.trial.discarded], ['pass', 2]);
    const burst = judge([
      fine,
      fine,
      [same(50, 300), LATE],
      ...[290, 280, 270, 260].map((ms) => same(50, ms)),
    ]);
    assert.equal(burst?.trial.decision, 'undecided');
    const grows = judge([
      fine,
      fine,
      [same(50, 300), LATE],
      ...[310, 320, 330, 340].map((ms) => same(50, ms)),
    ]);
    assert.deepEqual([grows?.trial.decision, grows?.broken], ['fail', 'queue']);
  });

  it('does not take the limits of the generator for those of the app', () => {
    const generator = { cpuShare: 1, eventLoopUtilization: 1, eventLoopDelayP99Ms: 10, saturated: true };
    const saturated = judge(same(5, 0).map(() => [same(50, 300), { generator }] as const));
    assert.deepEqual([saturated?.trial.decision, saturated?.limit], ['undecided', 'generator']);
    const few = same(5, 0).map(() => [same(50, 10), { unstarted: 5 }] as const);
    assert.equal(judge(few, { enoughVUs: false })?.limit, 'virtualUsers');
    assert.equal(judge(few, { enoughVUs: true })?.trial.decision, 'fail');
  });
});

describe('The order of levels', () => {
  it('bisects, rejects with a second trial at the end, and confirms what it tells', () => {
    const search = searchFrom(100);
    const seen = run(search, (level) => (level <= 101 ? 'pass' : 'fail'));
    assert.equal(seen.end.type, 'found');
    assert.deepEqual(
      seen.levels.map((level) => Math.round(level * 10) / 10),
      [100, 105.5, 102.7, 102.7, 100],
    );
    assert.deepEqual([search.held, Math.round(search.rejected!)], [100, 103]);
  });

  it('goes on upwards when the second trial of its upper end passes', () => {
    let first = true;
    const search = searchFrom(100);
    const seen = run(search, (level) => {
      const disturbed = first && level > 100 && level < 110;
      if (disturbed) first = false;
      return disturbed || level > 150 ? 'fail' : 'pass';
    });
    assert.equal(seen.end.type, 'found');
    assert.ok(search.held! <= 150 && search.held! >= 150 / 1.03, `${search.held}`);
  });

  it('ends at what cannot be sent, and where nothing holds or nothing can be decided', () => {
    const capped = run(searchFrom(100, 130), () => 'pass');
    assert.deepEqual(capped.end, { type: 'limit', by: 'maxRate' });
    assert.equal(capped.levels.at(-1), 130);
    const limited = searchFrom(100);
    const seen = run(limited, (level) => (level > 120 ? 'generator' : 'pass'));
    assert.deepEqual(seen.end, { type: 'limit', by: 'generator' });
    assert.ok(limited.held! > 105 && limited.held! <= 120, `${limited.held}`);
    assert.equal(run(searchFrom(100), () => 'fail').end.type, 'nothingHolds');
    assert.deepEqual(run(searchFrom(100), () => 'undecided').end, { type: 'undecided', level: 100 });
  });
});

describe('Slopes and intervals', () => {
  it('are those of the line, with one level for each group', () => {
    const line = (from: number) => [0, 1, 2, 3].map((x) => ({ x: x + from, y: 2 * x + from * 10 }));
    assert.deepEqual(fitSlope([line(0), line(10)]), { slope: 2, low: 2, high: 2 });
    assert.equal(
      fitSlope([
        [
          { x: 0, y: 1 },
          { x: 1, y: 2 },
        ],
      ]),
      undefined,
      'two points say nothing of their error',
    );
    // By hand: slope 0.5, residual sum 1.5 with 2 degrees of freedom, sum of squares 5.
    const noisy = fitSlope([[0, 2, 1, 2].map((y, x) => ({ x, y }))])!;
    assert.ok(Math.abs(noisy.slope - 0.5) < 1e-9);
    assert.ok(Math.abs(noisy.high - 0.5 - 2.92 * Math.sqrt(1.5 / 2 / 5)) < 1e-9, `${noisy.high}`);
  });

  it('are the same for the same windows', () => {
    const windows = [498, 500, 502, 500, 499, 501];
    const interval = bootstrapMean(windows)!;
    assert.deepEqual(bootstrapMean(windows), interval);
    assert.equal(interval.mean, 500);
    assert.ok(interval.low > 498 && interval.low < 500 && interval.high > 500 && interval.high < 502);
    assert.equal(bootstrapMean([]), undefined);
  });
});

type WindowSpec = readonly number[] | readonly [readonly number[], Partial<LoadWindow>];

function judge(
  windows: readonly WindowSpec[],
  more: Partial<ConstructorParameters<typeof TrialJudge>[0]> = {},
): TrialOutcome | undefined {
  const trial = new TrialJudge({ objective: OBJECTIVE, model: 'open', level: 100, enoughVUs: true, ...more });
  let outcome: TrialOutcome | undefined;
  for (const [n, spec] of windows.entries()) {
    assert.equal(outcome, undefined, `decided before window ${n}`);
    const [times, changed] = Array.isArray(spec[0])
      ? (spec as readonly [readonly number[], Partial<LoadWindow>])
      : [spec as readonly number[], {}];
    outcome = trial.add(windowOf(n, times, changed));
  }
  return outcome;
}

function searchFrom(start: number, maxRate = 1e6): LevelSearch {
  return new LevelSearch({
    start,
    maxRate,
    tolerance: 1.03,
    widest: 1.05,
    up: [1.055, 1.15, 2],
    down: [0.9, 0.5],
  });
}

function run(
  search: LevelSearch,
  decide: (level: number) => 'pass' | 'fail' | 'undecided' | 'generator',
): { levels: number[]; end: NextLevel } {
  const levels: number[] = [];
  for (let n = 0; n < 100; n++) {
    const next = search.next();
    if (next.type !== 'try') return { levels, end: next };
    levels.push(next.level);
    const decided = decide(next.level);
    search.record(next.level, {
      ...judge(same(5, 0).map(() => same(50, 10)))!,
      ...(decided === 'generator' && { limit: 'generator' }),
      trial: {
        ...judge(same(5, 0).map(() => same(50, 10)))!.trial,
        level: next.level,
        decision: decided === 'generator' ? 'undecided' : decided,
        ...(next.minWindows !== undefined && { windows: next.minWindows + 1 }),
      },
    });
  }
  throw new Error('it does not end');
}
