import assert from 'node:assert/strict';
import { matchIn } from '../../../../src/engine/load/scheduler/patterns';
import { ThroughlineError } from '../../../../src/engine/model/errors';

describe('regular expressions on replies', () => {
  it('match as they are written, in short texts and in long ones', () => {
    const page = `${' '.repeat(5000)}<input name="token" value="abc">`;
    const pattern = 'name="token" +value="([^"]+)"';
    assert.equal(matchIn(pattern, page)?.[1], 'abc');
    assert.equal(matchIn(pattern, page.trim())?.[1], 'abc');
    assert.equal(matchIn(pattern, ' '.repeat(5000)), null);
  });

  it('end the test where they do not come to an end', () => {
    const text = 'ab'.repeat(16_000);
    assert.throws(
      () => matchIn('.*a.*b.*c', text),
      (error: unknown) => error instanceof ThroughlineError && error.code === 'BAD_USAGE',
    );
    // What was interrupted leaves nothing behind.
    assert.equal(matchIn('b.*$', text)?.index, 1);
  });
});
