import assert from 'node:assert/strict';
import {
  evaluateThreshold,
  parseThreshold,
  type ThresholdEvidence,
} from '../../../src/engine/model/thresholds';

/** 1,000 replies, p99 60 ms, of which the percentiles beyond the median were not measured. */
function evidence(
  change: Partial<ThresholdEvidence['load']['latency']> = {},
  unstarted = 0,
): ThresholdEvidence {
  const schedule = { intended: 1000, started: 1000 - unstarted, unstarted, late: 0, interrupted: 0 };
  return {
    load: {
      requests: 1000,
      errors: { byStatus: {}, timeouts: 0, connection: 0 },
      latency: {
        ...{ count: 1000, measuredTo: 0.5, meanMicros: 20_000, p50Micros: 10_000, p90Micros: 40_000 },
        ...{ p95Micros: 50_000, p99Micros: 60_000, p999Micros: 70_000, maxMicros: 80_000 },
        ...change,
      },
      startMicros: 0,
      endMicros: 1e7,
      schedule: { ...schedule, lagP50Micros: 0, lagP99Micros: 50_000, lagMaxMicros: 60_000 },
    },
    checks: [],
    quantile: (quantile) => (quantile >= 0.99 ? 60_000 : 10_000),
  };
}

function stateOf(expression: string, given: ThresholdEvidence): string {
  const parsed = parseThreshold('http_req_duration', expression);
  assert.equal(parsed.state, 'ok');
  return evaluateThreshold(parsed.threshold, given).state;
}

describe('thresholds on percentiles that were not measured', () => {
  it('are broken by what is at least so long', () => {
    assert.equal(stateOf('p(99)<50', evidence()), 'fail');
    assert.equal(stateOf('p(99)<100', evidence()), 'inconclusive');
    assert.equal(stateOf('p(99)>50', evidence()), 'pass');
  });

  it('hold for what is at most so long, and are never broken by the generator’s own lag', () => {
    const late = evidence({ limitedBy: 'generator' });
    assert.equal(stateOf('p(99)<100', late), 'pass');
    assert.equal(stateOf('p(99)<50', late), 'inconclusive');
    assert.equal(stateOf('max<=80', late), 'pass');
    assert.equal(stateOf('max<80', late), 'inconclusive');
    assert.equal(stateOf('p(99)>60', late), 'fail');
    assert.equal(stateOf('p(99)>50', late), 'inconclusive');
  });

  it('say nothing where the generator was late and requests never started', () => {
    const both = evidence({ limitedBy: 'generator' }, 20);
    for (const expression of ['p(99)<50', 'p(99)<100', 'p(99)>50', 'max<1000'])
      assert.equal(stateOf(expression, both), 'inconclusive', expression);
    assert.equal(stateOf('med<11', both), 'pass', 'which was measured');
  });
});
