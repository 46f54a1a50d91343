import assert from 'node:assert/strict';
import { formatRoute, parseRoute } from '../../../src/engine/model/route';
import { planSettings } from '../../../src/engine/model/settings';

const from = (values: Record<string, unknown>) => planSettings((key) => values[key]);

describe('settings of a run', () => {
  it('has the documented defaults', () => {
    const { scenario, capture, problems, readyTimeoutMs } = from({});
    assert.deepEqual(problems, []);
    assert.equal(scenario.connections, 20);
    assert.equal(scenario.warmupSeconds, 5);
    assert.equal(scenario.durationSeconds, 15);
    assert.deepEqual(scenario.routes, []);
    assert.deepEqual(capture, {
      cpu: true,
      intervalMicros: 1000,
      inlining: 'reattribute',
      backend: 'inspector',
      heap: false,
    });
    assert.equal(readyTimeoutMs, 60_000);
  });

  it('takes what is set', () => {
    const { scenario, capture, target, problems } = from({
      'load.connections': 3,
      'load.routes': ['/a', 'post /b'],
      'load.headers': { authorization: 'x' },
      'capture.cpu': false,
      'capture.inlining': 'off',
      'capture.backend': '0x',
      'capture.heap': true,
      'target.command': 'node "my app.js"',
      'target.env': { A: '1' },
    });
    assert.deepEqual(problems, []);
    assert.equal(scenario.connections, 3);
    assert.deepEqual(scenario.routes, [
      { method: 'GET', path: '/a' },
      { method: 'POST', path: '/b' },
    ]);
    assert.deepEqual(scenario.headers, { authorization: 'x' });
    assert.deepEqual(capture, {
      cpu: false,
      intervalMicros: 1000,
      inlining: 'off',
      backend: '0x',
      heap: true,
    });
    assert.deepEqual(target, { command: 'node "my app.js"', env: { A: '1' } });
  });

  it('names each value that cannot be used and goes on with the default', () => {
    const { scenario, problems } = from({
      'load.connections': 0,
      'load.duration': 'long',
      'load.routes': ['items', 7],
      'target.env': { A: 1 },
      'capture.backend': 'dtrace',
      'capture.heap': 'yes',
    });
    assert.equal(problems.length, 7);
    assert.ok(
      problems.includes('"throughline.capture.backend" takes "inspector" or "0x" or "perf", not "dtrace".'),
    );
    assert.equal(scenario.connections, 20);
    assert.equal(scenario.durationSeconds, 15);
    assert.ok(problems.every((problem) => problem.includes('throughline.')));
  });
});

describe('routes as text', () => {
  it('are a path, or a method and a path', () => {
    assert.deepEqual(parseRoute('/a?b=c%20d'), { method: 'GET', path: '/a?b=c%20d' });
    assert.deepEqual(parseRoute('  delete   /a '), { method: 'DELETE', path: '/a' });
    assert.equal(formatRoute({ method: 'GET', path: '/a' }), '/a');
    assert.equal(formatRoute({ method: 'PUT', path: '/a' }), 'PUT /a');
  });

  it('are nothing else', () => {
    for (const text of [
      '',
      'a',
      '//evil.example/',
      '/a b',
      'FETCH /a',
      'GET',
      'GET a',
      '/a#b',
      '/\u00e9',
      'GET /a /b',
      '/a\r\nx: y',
    ]) {
      assert.equal(parseRoute(text), undefined, JSON.stringify(text));
    }
  });
});
