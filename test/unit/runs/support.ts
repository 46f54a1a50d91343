import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ThroughlineError, type ErrorCode } from '../../../src/engine/model/errors';

/** A new folder by its real path; the test removes it. */
export async function temporaryFolder(): Promise<string> {
  return fs.realpath(await fs.mkdtemp(path.join(tmpdir(), 'throughline-runs-')));
}

export async function rejectsWith(
  promise: Promise<unknown>,
  code: ErrorCode,
  message: RegExp,
): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof ThroughlineError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}
