import assert from 'node:assert/strict';
import { AbortRule } from '../../../src/engine/loadTests/abortRule';
import { judgeLoad, judgeSmoke, withThresholds } from '../../../src/engine/loadTests/judgeLoad';
import { misleading, samplesNeeded } from '../../../src/engine/loadTests/misleading';
import { loadOf, same, threshold, windowOf } from './support';

const TIMES = [...same(9800, 20), ...same(200, 150)];

describe('The verdict of a load test', () => {
  it('is that of its thresholds, with what was observed', () => {
    const fine = judgeLoad(loadOf(TIMES), [], [threshold('http_req_duration', 'p(99)<200')]);
    assert.deepEqual([fine.verdict.state, fine.verdict.sentence], ['pass', 'The threshold holds.']);
    assert.match(
      fine.verdict.evidence.join('\n'),
      /500 requests\/s, p99 150 ms, 0 % failed\.\nhttp_req_duration p\(99\)<200 holds: 150 ms\./u,
    );
    const { verdict, thresholds } = judgeLoad(
      loadOf(TIMES, { errors: { byStatus: { 503: 200 }, timeouts: 0, connection: 0 } }),
      [{ name: 'status is 200', passes: 9800, fails: 200 }],
      [
        threshold('http_req_duration', 'p(98.5)<100'),
        threshold('http_req_failed', 'rate<0.01'),
        threshold('checks', 'rate>0.97'),
        threshold('http_reqs', 'count>=10000'),
      ],
    );
    assert.deepEqual(
      thresholds.map(({ state }) => state),
      ['fail', 'fail', 'pass', 'pass'],
    );
    assert.equal(verdict.state, 'fail');
    assert.equal(
      verdict.sentence,
      '2 thresholds of 4 broken: http_req_duration p(98.5)<100, http_req_failed rate<0.01.',
    );
    assert.ok(verdict.evidence.includes('http_req_failed rate<0.01 is broken: 2 %.'));
    assert.ok(verdict.evidence.includes('Check "status is 200" failed 200 of 10000 times.'));
  });

  it('is inconclusive where a percentile was not measured, unless it is broken already', () => {
    const load = loadOf(TIMES);
    const cut = { ...load, latency: { ...load.latency, measuredTo: 0.95 } };
    assert.equal(
      judgeLoad(cut, [], [threshold('http_req_duration', 'p(99)<200')]).verdict.state,
      'inconclusive',
    );
    assert.equal(judgeLoad(cut, [], [threshold('http_req_duration', 'p(99)<100')]).verdict.state, 'fail');
    assert.equal(judgeLoad(cut, [], [threshold('http_req_duration', 'p(90)<100')]).verdict.state, 'pass');
    assert.match(judgeLoad(cut, [], []).verdict.sentence, /p99 not measured/u);
  });

  it('takes the share of failures of the requests that were due, however many were completed meanwhile', () => {
    const errors = { byStatus: { 503: 1000 }, timeouts: 0, connection: 0 };
    const { thresholds } = judgeLoad(
      loadOf(TIMES, { errors, requests: 2000 }),
      [],
      [threshold('http_req_failed', 'rate<=0.1'), threshold('http_reqs', 'count==2000')],
    );
    assert.deepEqual(
      thresholds.map(({ state, observed }) => [state, observed]),
      [
        ['pass', 0.1],
        ['pass', 2000],
      ],
    );
  });

  it('asks nothing without thresholds, but that most requests succeed', () => {
    assert.equal(judgeLoad(loadOf(TIMES), [], []).verdict.state, 'pass');
    const errors = { byStatus: { 500: 6000 }, timeouts: 0, connection: 0 };
    assert.equal(judgeLoad(loadOf(TIMES, { errors }), [], []).verdict.state, 'fail');
  });

  it('of another kind is joined with its thresholds', () => {
    const found = { state: 'pass', sentence: 'Holds 494 requests/s.', evidence: ['A.'] } as const;
    const broken = withThresholds(found, loadOf(TIMES), [], [threshold('http_req_duration', 'max<100')]);
    assert.equal(broken.verdict.state, 'fail');
    assert.match(
      broken.verdict.sentence,
      /^Holds 494 requests\/s\. 1 threshold broken: http_req_duration max<100\.$/u,
    );
    assert.deepEqual(withThresholds(found, loadOf(TIMES), [], []).verdict, found);
    const unknown = withThresholds(found, loadOf(TIMES), [], [threshold('checks', 'rate>0.9')]);
    assert.equal(unknown.verdict.state, 'inconclusive', 'no check was made');
  });
});

describe('The verdict of a smoke test', () => {
  it('fails with any failure and any failed check', () => {
    const passed = [{ name: 'status is 200', passes: 5, fails: 0 }];
    assert.equal(
      judgeSmoke(loadOf(same(5, 10)), passed, []).verdict.sentence,
      '5 requests completed, and 1 check passed.',
    );
    const unknown = judgeSmoke(loadOf(same(5, 10)), [], [threshold('checks', 'rate>0.9')]);
    assert.equal(unknown.verdict.state, 'inconclusive', 'a threshold on nothing does not hold');
    const failed = judgeSmoke(loadOf(same(5, 10)), [{ name: 'status is 200', passes: 4, fails: 1 }], []);
    assert.deepEqual(
      [failed.verdict.state, failed.verdict.sentence],
      ['fail', '1 check failed: status is 200.'],
    );
    const errors = { byStatus: { 404: 1 }, timeouts: 1, connection: 0 };
    const broken = judgeSmoke(loadOf(same(5, 10), { errors }), passed, []);
    assert.deepEqual([broken.verdict.state, broken.verdict.sentence], ['fail', '2 of 6 requests failed.']);
    assert.deepEqual(broken.verdict.evidence.slice(0, 2), [
      '1 reply had status 404.',
      '1 request timed out.',
    ]);
    assert.equal(judgeSmoke(loadOf([]), [], []).verdict.state, 'fail');
    const slow = judgeSmoke(loadOf(same(5, 10)), [], [threshold('http_req_duration', 'max<5')]);
    assert.equal(slow.verdict.state, 'fail');
  });
});

describe('How a result may mislead', () => {
  it('is nothing where nothing is known', () => {
    assert.deepEqual(misleading(loadOf(TIMES)), []);
  });

  it('is too few requests for the percentile, in all or of a route', () => {
    assert.deepEqual([0.5, 0.95, 0.99, 0.999].map(samplesNeeded), [20, 200, 1000, 10000]);
    assert.match(only(misleading(loadOf(same(999, 20)))), /^p99 rests on 999 requests; it takes 1000/u);
    assert.deepEqual(misleading(loadOf(same(999, 20)), { quantile: 0.95 }), []);
    assert.match(only(misleading(loadOf(TIMES), { quantile: 0.9999 })), /^p99.99 rests on 10000 requests/u);
    const [route] = loadOf(same(10, 20)).routes;
    const routes = [...loadOf(TIMES).routes, { ...route!, name: 'buy' }];
    assert.match(
      only(misleading(loadOf(TIMES, { routes }))),
      /^1 of 2 routes have fewer than the 1000 .*: buy\.$/u,
    );
    assert.deepEqual(misleading(loadOf(same(3, 20), { endMicros: 6e6 }), { short: true }), []);
  });

  it('is what the generator did', () => {
    const { generator } = loadOf(TIMES);
    const saturated = { ...generator, cpuShare: 0.97, saturated: true };
    assert.match(only(misleading(loadOf(TIMES, { generator: saturated }))), /busy 97 % of the time/u);
    const schedule = {
      ...{ intended: 10_000, started: 9000, unstarted: 1000, late: 500, interrupted: 3 },
      ...{ lagP50Micros: 100, lagP99Micros: 8000, lagMaxMicros: 9000 },
    };
    const sentences = misleading(loadOf(TIMES, { schedule })).join('\n');
    assert.match(
      sentences,
      /^10 % of the iterations never started.*\n5 % .* more than 5 ms late .*p99 8.00 ms.*\n3 iterations were cut off/u,
    );
    const load = loadOf(TIMES);
    const limited = {
      ...load,
      latency: { ...load.latency, measuredTo: 0.9, limitedBy: 'generator' as const },
    };
    assert.match(
      only(misleading(limited)),
      /up to p90; p99 is not among those measured: the generator itself was late/u,
    );
  });

  it('is errors, the closed model, a short window and busy connections', () => {
    const failing = (count: number) => ({ errors: { byStatus: { 500: count }, timeouts: 0, connection: 0 } });
    assert.deepEqual(misleading(loadOf(TIMES, failing(100))), []);
    assert.match(only(misleading(loadOf(TIMES, failing(1000)))), /^10 % of the requests failed/u);
    assert.match(only(misleading(loadOf(TIMES, failing(6000)))), /^Errors dominate: 60 %/u);
    assert.match(only(misleading(loadOf(TIMES, { model: 'closed' }))), /coordinated omission/u);
    assert.match(only(misleading(loadOf(TIMES, { endMicros: 9e6 }))), /4.0 s long/u);
    assert.match(only(misleading(loadOf(TIMES, { connections: 11 }))), /waiting for a connection/u);
  });
});

describe('The rule that ends a test early', () => {
  it('holds a threshold against the whole window so far, after its delay', () => {
    const rule = new AbortRule(
      [threshold('http_req_duration', 'p(50)<50', { abortOnFail: true, delayAbortEval: 2 })],
      0,
    );
    const told = [100, 100, 100, 100, 10].map((ms, n) => rule.add(windowOf(n, same(100, ms)))?.expression);
    assert.deepEqual(told, [undefined, undefined, undefined, 'p(50)<50', 'p(50)<50']);
    const later = new AbortRule([threshold('http_req_duration', 'p(50)<50', { abortOnFail: true })], 0);
    assert.equal(later.add(windowOf(0, same(200, 10))), undefined);
    assert.equal(later.add(windowOf(1, same(150, 100))), undefined, 'most of all requests are within it');
    assert.equal(later.add(windowOf(2, same(100, 100)))?.state, 'fail');
  });

  it('sees failures, rates and checks, and leaves other thresholds alone', () => {
    const abortOnFail = { abortOnFail: true };
    const failed = new AbortRule([threshold('http_req_failed', 'rate<0.1', abortOnFail)], 0);
    assert.equal(failed.add(windowOf(0, same(100, 10), { failed: 5 })), undefined);
    assert.equal(failed.add(windowOf(1, [], { failed: 20, unanswered: 20 }))?.observed, 25 / 120);
    const checks = new AbortRule([threshold('checks', 'rate>0.9', abortOnFail)], 0);
    assert.equal(checks.add(windowOf(0, same(10, 10))), undefined, 'no check was made');
    assert.equal(checks.add(windowOf(1, same(10, 10), { checksPassed: 8, checksFailed: 2 }))?.state, 'fail');
    const rate = new AbortRule([threshold('http_reqs', 'rate>100', abortOnFail)], 500_000);
    assert.equal(rate.add(windowOf(1, same(60, 10))), undefined);
    assert.equal(rate.add(windowOf(2, same(30, 10)))?.observed, 90);
    const passive = new AbortRule([threshold('http_req_duration', 'max<1')], 0);
    assert.equal(passive.add(windowOf(0, same(10, 10))), undefined);
  });
});

function only(sentences: readonly string[]): string {
  assert.equal(sentences.length, 1, sentences.join('\n'));
  return sentences[0]!;
}
