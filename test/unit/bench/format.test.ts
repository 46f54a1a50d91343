import assert from 'node:assert/strict';
import { formatDuration, formatMeasurement, formatReport } from '../../../src/engine/bench/format';
import { placeInStack, reportError } from '../../../src/engine/bench/stackPlace';
import { readMessage } from '../../../src/engine/bench/readMessage';
import { outcomeOf, type Task } from '../../../src/engine/bench/tinybench';

const measurement = {
  p50Ms: 0.0127,
  madMs: 0.00015,
  p75Ms: 0.013,
  p99Ms: 0.0146,
  minMs: 0.012,
  maxMs: 0.05,
  samples: 4670,
  opsPerSecond: 78_740,
};

describe('figures of a benchmark', () => {
  it('are written in the unit that reads best', () => {
    const cases: [ms: number, text: string][] = [
      [0, '0 ns'],
      [NaN, '0 ns'],
      [0.00000004, '<0.1 ns'],
      [0.0000004, '0.4 ns'],
      [0.00004, '40.0 ns'],
      [0.000651, '651 ns'],
      [0.00099999, '1.00 µs'],
      [0.0127, '12.7 µs'],
      [0.99996, '1.00 ms'],
      [35.12, '35.1 ms'],
      [1240, '1.24 s'],
      [90_000, '90.0 s'],
    ];
    for (const [ms, text] of cases) assert.equal(formatDuration(ms), text, String(ms));
  });

  it('show the median and its spread, without the dust of rounding', () => {
    assert.equal(formatMeasurement(measurement), '12.7 µs ± 150 ns');
    assert.equal(formatMeasurement({ ...measurement, madMs: 5.7e-14 }), '12.7 µs ± 0 ns');
    assert.equal(
      formatReport('sum', measurement),
      'sum: 12.7 µs ± 150 ns (p99 14.6 µs, 4.67k samples, 78.7k calls/s)',
    );
    assert.doesNotMatch(formatReport('sum', { ...measurement, p50Ms: 0, opsPerSecond: 0 }), /calls/);
  });

  it('are read from every form that tinybench gave them since version 2', () => {
    const task = (result: unknown) => ({ name: 'x', result }) as unknown as Task;
    const second = outcomeOf(task({ samples: [4, 1, 2, 3, 10], mean: 4, min: 1, max: 10, p75: 4, p99: 10 }));
    assert.equal(second.state, 'measured');
    assert.deepEqual(second.measurement, {
      ...{ p50Ms: 3, madMs: 1, p75Ms: 4, p99Ms: 10, minMs: 1, maxMs: 10, samples: 5 },
      opsPerSecond: 1000 / 3,
    });
    const latency = { p50: 3, mad: 1, p75: 4, p99: 10, min: 1, max: 10, samplesCount: 5, samples: undefined };
    assert.deepEqual(outcomeOf(task({ state: 'completed', latency })), second);
    const error = new Error('x');
    assert.deepEqual(outcomeOf(task({ state: 'errored', error })), { state: 'failed', error });
    for (const none of [
      undefined,
      { state: 'not-started' },
      { state: 'aborted' },
      { latency: { p50: NaN } },
    ]) {
      assert.deepEqual(outcomeOf(task(none)), { state: 'none' });
    }
  });
});

describe('the place of an error', () => {
  it('is the innermost frame in the file', () => {
    const stack = [
      'RangeError: at /app/a.bench.ts:1:1 something',
      '    at helper (file:///app/helper.ts:9:1)',
      '    at async Task.fn (file:///app/a.bench.ts?v=1:7:9)',
      '    at file:///app/a.bench.ts:11:1',
    ].join('\n');
    assert.deepEqual(placeInStack(stack, '/app/a.bench.ts'), { line: 7, column: 9 });
    assert.deepEqual(placeInStack(stack, '/app/helper.ts'), { line: 9, column: 1 });
    assert.equal(placeInStack(stack, '/app/other.ts'), undefined);
  });

  it('is found without a function, with a path, with blanks, and in a syntax error', () => {
    assert.deepEqual(placeInStack('Error\n    at /app/a b.mjs:3:4', '/app/a b.mjs'), { line: 3, column: 4 });
    assert.deepEqual(placeInStack('Error\n    at async file:///app/a%20b.mjs:3:4', '/app/a b.mjs'), {
      line: 3,
      column: 4,
    });
    assert.deepEqual(placeInStack('file:///app/a.mjs:5\nconst = 3;\n      ^', '/app/a.mjs'), {
      line: 5,
      column: 1,
    });
    assert.deepEqual(placeInStack('Error: failed\n/app/a.ts:5:6: ERROR: Expected', '/app/a.ts'), {
      line: 5,
      column: 6,
    });
  });

  it('is looked for in whatever was thrown', () => {
    assert.deepEqual(reportError('just text', '/a'), { message: 'just text', stack: 'just text' });
    assert.equal(reportError(undefined, '/a').message, 'undefined');
    assert.match(reportError(Object.create(null), '/a').message, /cannot be shown/);
  });
});

describe('messages of the runner', () => {
  it('are checked', () => {
    const result = { type: 'result', name: 'x', measurement };
    assert.deepEqual(readMessage(JSON.stringify(result)), result);
    for (const bad of [
      '',
      'null',
      '[]',
      '{"type":"other"}',
      '{"type":"result","name":"x"}',
      JSON.stringify({ ...result, measurement: { ...measurement, p50Ms: -1 } }),
      JSON.stringify({ ...result, place: { line: 0, column: 1 } }),
      JSON.stringify({ ...result, name: 'x'.repeat(200_000) }),
    ]) {
      assert.throws(() => readMessage(bad), { code: 'BENCH_FAILED' }, bad.slice(0, 60));
    }
  });
});
