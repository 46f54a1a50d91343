import assert from 'node:assert/strict';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';

const root = path.resolve(__dirname, '../../..');

/** The same module, as another bundle holds it. */
function otherBundle(): { CancelledError: typeof CancelledError; ThroughlineError: typeof ThroughlineError } {
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: ['src/engine/model/errors.ts'],
    ...{ bundle: true, write: false, minify: true, format: 'cjs', platform: 'node' },
  });
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- of our own source
  new Function('module', 'exports', outputFiles[0]!.text)(module, module.exports);
  return module.exports as ReturnType<typeof otherBundle>;
}

describe('errors of another bundle', () => {
  const other = otherBundle();
  class Special extends ThroughlineError {}

  it('are what they are here, with their code and detail', () => {
    assert.notEqual(other.ThroughlineError, ThroughlineError);
    const error: unknown = new other.ThroughlineError('NO_TARGET', 'Nothing there.', 'evidence');
    assert.ok(error instanceof ThroughlineError);
    assert.deepEqual([error.code, error.message, error.detail], ['NO_TARGET', 'Nothing there.', 'evidence']);
    assert.ok(new other.CancelledError() instanceof CancelledError);
    assert.ok(new ThroughlineError('NO_TARGET', 'Nothing there.') instanceof other.ThroughlineError);
  });

  it('are told from each other, from other errors and from what is none', () => {
    const error: unknown = new other.ThroughlineError('NO_TARGET', 'Nothing there.');
    assert.ok(!(error instanceof CancelledError));
    assert.ok(!((new other.CancelledError() as unknown) instanceof ThroughlineError));
    for (const value of [new Error('x'), new TypeError('x'), { name: 'ThroughlineError' }, undefined, 'x']) {
      assert.ok(!((value as unknown) instanceof ThroughlineError));
      assert.ok(!((value as unknown) instanceof CancelledError));
    }
  });

  it('are no subclass of ours, which ours are', () => {
    assert.ok(!((new other.ThroughlineError('NO_TARGET', 'x') as unknown) instanceof Special));
    assert.ok(!((new ThroughlineError('NO_TARGET', 'x') as unknown) instanceof Special));
    const special: unknown = new Special('NO_TARGET', 'x');
    assert.ok(special instanceof Special && special instanceof ThroughlineError);
  });
});
