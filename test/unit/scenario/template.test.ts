import assert from 'node:assert/strict';
import { formatDuration, parseDuration } from '../../../src/engine/model/duration';
import {
  compileTemplate,
  encodeInHeader,
  encodeInJson,
  encodeInPath,
  placeholdersOf,
  renderTemplate,
} from '../../../src/engine/model/template';

const literal = (text: string) =>
  compileTemplate(text)
    .parts.filter((part) => typeof part === 'string')
    .join('');
const problem = (text: string) =>
  compileTemplate(text).problems.map(({ start, end, message }) => [start, end, message]);

describe('templates', () => {
  it('tell their placeholders with their places', () => {
    assert.deepEqual(placeholdersOf('a${env:A}${secret:b.c-d}${data:u.first name}${tok}${vu}${iteration}z'), [
      { type: 'env', name: 'A', start: 1, end: 9 },
      { type: 'secret', name: 'b.c-d', start: 9, end: 24 },
      { type: 'data', set: 'u', column: 'first name', start: 24, end: 44 },
      { type: 'captured', name: 'tok', start: 44, end: 50 },
      { type: 'vu', start: 50, end: 55 },
      { type: 'iteration', start: 55, end: 67 },
    ]);
  });

  it('escape a dollar by a dollar, before a brace alone', () => {
    assert.equal(literal('$5 $$ $${vu} {vu} $'), '$5 $$ ${vu} {vu} $');
    assert.deepEqual(compileTemplate('$$${vu}').parts, ['$', { type: 'vu', start: 2, end: 7 }]);
  });

  it('keep what is wrong as it is, and say where it stands', () => {
    assert.deepEqual(problem('ab${x'), [[2, 5, '"${" has no "}". Write "$${" for the text itself.']]);
    assert.deepEqual(
      problem('${env:}').map(([start, end]) => [start, end]),
      [[0, 7]],
    );
    assert.deepEqual(
      problem('${a b}-${data:u}-${foo:x}').map(([start]) => start),
      [0, 7, 17],
    );
    assert.equal(literal('ab${x'), 'ab${x');
  });

  it('render values fitted to their place, or nothing where one is missing', () => {
    const { parts } = compileTemplate('/a/${tok}?b=1');
    assert.equal(
      renderTemplate(parts, () => 'x y', encodeInPath),
      '/a/x%20y?b=1',
    );
    assert.equal(
      renderTemplate(parts, () => 'x y'),
      '/a/x y?b=1',
    );
    assert.equal(
      renderTemplate(parts, () => undefined),
      undefined,
    );
  });

  it('encode values so that they stay values', () => {
    assert.equal(encodeInJson('a"\\\n'), 'a\\"\\\\\\n');
    assert.equal(encodeInPath('/ü#<"%20&\ud800'), '/%C3%BC%23%3C%22%20&%EF%BF%BD');
    assert.equal(encodeInHeader('a\r\nx: b\tc\0'), 'a x: b\tc ');
  });
});

describe('durations', () => {
  it('are those of k6', () => {
    const cases: [string | number, number | undefined][] = [
      ['1m30s', 90],
      ['500ms', 0.5],
      ['1.5h', 5400],
      ['1d12h', 129_600],
      ['2d', 172_800],
      ['250', 0.25],
      [1500, 1.5],
      [0, 0],
      ['0', 0],
      ['1us', 1e-6],
      ['1µs', 1e-6],
      ['', undefined],
      ['s', undefined],
      ['-1s', undefined],
      [-1, undefined],
      ['1 s', undefined],
      ['1x', undefined],
      ['1h1d', undefined],
      [Infinity, undefined],
      [NaN, undefined],
    ];
    for (const [text, seconds] of cases) assert.equal(parseDuration(text), seconds, String(text));
  });

  it('are written so that they read the same', () => {
    for (const seconds of [0, 1, 90, 0.5, 3661.25, 86_400, 0.000_015])
      assert.equal(parseDuration(formatDuration(seconds)), seconds);
    assert.equal(formatDuration(90), '1m30s');
    assert.equal(formatDuration(0.5), '500ms');
  });
});
