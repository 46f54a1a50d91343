import assert from 'node:assert/strict';
import { isFunctionAt } from '../../../../src/engine/profile/open/scriptPositions';

describe('A function’s place in a text', () => {
  /** `^` stands where V8 says that the function begins. */
  const isAt = (name: string, line: string) =>
    isFunctionAt(['', line.replace('^', '')], name, 2, line.indexOf('^') + 1);

  it('is at its parameters, or at the word it begins with', () => {
    assert.ok(isAt('mix', 'function mix^({ a, b }) {'));
    assert.ok(isAt('add', 'const add = ^(a, b) => a + b;'));
    assert.ok(isAt('twice', 'const twice = ^x => x * 2;'));
    assert.ok(isAt('later', 'const later = ^async x => x;'));
    assert.ok(isAt('Counter', '^class Counter {'));
  });

  it('is not within a word or another function’s name', () => {
    assert.ok(!isAt('mix', 'exports.unus^ed17 = 17;'));
    assert.ok(!isAt('mix', 'const value$^x = 1;'));
    assert.ok(!isAt('mix', 'function other^(a) {'));
    assert.ok(!isAt('mix', '    total ^+= 1;'));
  });
});
