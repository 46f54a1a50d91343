import assert from 'node:assert/strict';
import type { LoadResult } from '../../../src/engine/model/load';
import {
  evaluateThreshold,
  parseThreshold,
  type ThresholdMetric,
  type ThresholdResult,
} from '../../../src/engine/model/thresholds';

/** 1,000 requests in 10 s; response times spread evenly from 0 to 100 ms. */
function load(
  changes: { measuredTo?: number; timeouts?: number; status500?: number; none?: boolean } = {},
): LoadResult {
  const { measuredTo, timeouts = 0, status500 = 0, none = false } = changes;
  return {
    engine: 'throughline',
    model: 'open',
    origin: 'http://127.0.0.1:1',
    routes: [],
    connections: 1,
    startMicros: 0,
    endMicros: 10e6,
    requests: none ? 0 : 1000,
    bytes: 0,
    throughput: { mean: 100, perSecond: [] },
    latency: {
      count: none ? 0 : 1000,
      ...(measuredTo !== undefined && { measuredTo }),
      meanMicros: 50_000,
      p50Micros: 50_000,
      p90Micros: 90_000,
      p95Micros: 95_000,
      p99Micros: 99_000,
      p999Micros: 99_900,
      maxMicros: 100_000,
    },
    histogram: '',
    errors: { byStatus: status500 > 0 ? { 500: status500 } : {}, timeouts, connection: 0 },
    apdex: { targetMs: 100, score: 1 },
    generator: { cpuShare: 0, eventLoopUtilization: 0, eventLoopDelayP99Ms: 0, saturated: false },
  };
}

function judge(
  metric: ThresholdMetric,
  expression: string,
  changes: Parameters<typeof load>[0] = {},
  checks: [number, number][] = [],
): ThresholdResult {
  const parsed = parseThreshold(metric, expression);
  assert.equal(parsed.state, 'ok', expression);
  const result = load(changes);
  return evaluateThreshold(parsed.state === 'ok' ? parsed.threshold : assert.fail(), {
    load: result,
    checks: checks.map(([passes, fails], index) => ({ name: `check ${index}`, passes, fails })),
    quantile: (q) => (result.latency.count === 0 ? undefined : q * 100_000),
  });
}

describe('thresholds', () => {
  it('read the expressions of k6', () => {
    const good: [ThresholdMetric, string][] = [
      ['http_req_duration', 'p(99.9)<200'],
      ['http_req_duration', '  avg  >=  1.5e3 '],
      ['http_req_duration', 'med!=.5'],
      ['http_req_failed', 'rate==0'],
      ['http_reqs', 'count===10'],
      ['checks', 'rate>0.9'],
    ];
    for (const [metric, text] of good) assert.equal(parseThreshold(metric, text).state, 'ok', text);
    const bad: [ThresholdMetric, string][] = [
      ['http_req_duration', 'p99<200'],
      ['http_req_duration', 'p( 99 )<200'],
      ['http_req_duration', 'p(0)<200'],
      ['http_req_duration', 'p(99)<200ms'],
      ['http_req_duration', 'p(99)=<200'],
      ['http_req_duration', 'p(99)<-1'],
      ['http_req_duration', 'count<200'],
      ['http_req_duration', '200>avg'],
      ['http_req_failed', 'rate<1%'],
      ['http_req_failed', 'avg<1'],
      ['http_reqs', 'p(99)<1'],
      ['checks', 'count>1'],
      ['checks', ''],
    ];
    for (const [metric, text] of bad) assert.equal(parseThreshold(metric, text).state, 'bad', text);
  });

  it('are judged in their units', () => {
    const cases: [ThresholdResult, string, number][] = [
      [judge('http_req_duration', 'p(99)<99.1'), 'pass', 99],
      [judge('http_req_duration', 'p(99)<99'), 'fail', 99],
      [judge('http_req_duration', 'p(99)<=99'), 'pass', 99],
      [judge('http_req_duration', 'avg==50'), 'pass', 50],
      [judge('http_req_duration', 'med!=50'), 'fail', 50],
      [judge('http_req_duration', 'min>=0'), 'pass', 0],
      [judge('http_req_duration', 'max<100'), 'fail', 100],
      [judge('http_reqs', 'count>=1000'), 'pass', 1000],
      [judge('http_reqs', 'rate>100'), 'fail', 100],
      [judge('http_req_failed', 'rate<0.06', { status500: 50 }), 'pass', 0.05],
      [
        judge('checks', 'rate>=0.75', {}, [
          [2, 0],
          [1, 1],
        ]),
        'pass',
        0.75,
      ],
    ];
    for (const [{ state, observed, expression }, expected, value] of cases) {
      assert.equal(state, expected, expression);
      assert.equal(observed, value, expression);
    }
  });

  it('count requests without a reply as sent and failed', () => {
    assert.equal(judge('http_reqs', 'count==1250', { timeouts: 250 }).state, 'pass');
    assert.equal(judge('http_req_failed', 'rate==0.2', { timeouts: 250 }).state, 'pass');
  });

  it('say no more of what was not measured than follows from it', () => {
    const at = (text: string) => judge('http_req_duration', text, { measuredTo: 0.97 }).state;
    assert.equal(at('p(95)<96'), 'pass', 'measured');
    assert.equal(at('p(99)<200'), 'inconclusive');
    assert.equal(at('p(99)<=98.9'), 'fail', 'even the part that was measured is beyond');
    assert.equal(at('p(99)>50'), 'pass');
    assert.equal(at('p(99)>200'), 'inconclusive');
    assert.equal(at('p(99)==10'), 'fail');
    assert.equal(at('p(99)!=10'), 'pass');
    assert.equal(at('max<200'), 'inconclusive');
    assert.equal(at('avg<200'), 'inconclusive');
    assert.equal(at('avg<50'), 'fail');
    assert.equal(at('min<1'), 'pass');
    assert.match(judge('http_req_duration', 'p(99)<200', { measuredTo: 0.97 }).reason!, /not measured/);
  });

  it('are inconclusive where there is nothing to judge', () => {
    assert.equal(judge('http_req_duration', 'p(99)<200', { none: true }).state, 'inconclusive');
    assert.equal(judge('http_req_failed', 'rate<0.01', { none: true }).state, 'inconclusive');
    assert.equal(judge('checks', 'rate>0.9').state, 'inconclusive');
    assert.equal(judge('http_reqs', 'count>0', { none: true }).state, 'fail');
  });
});
