import assert from 'node:assert/strict';
import { displayName, formatCount, plural } from '../../../src/webviews/ui/text';

describe('texts of the webviews', () => {
  it('take away what could mislead, and cut what is too long', () => {
    assert.equal(displayName('a\u202eb\nc\u0000'), 'a·b·c·');
    assert.equal(displayName('x'.repeat(500)).length, 200);
    assert.equal(displayName('عملية'), 'عملية');
  });

  it('group digits', () => {
    assert.equal(formatCount(1234567), '1\u202f234\u202f567');
    assert.equal(formatCount(999.6), '1\u202f000');
    assert.equal(plural(1, 'sample'), '1 sample');
    assert.equal(plural(0, 'match', 'matches'), '0 matches');
  });
});
