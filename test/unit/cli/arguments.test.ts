import assert from 'node:assert/strict';
import { parseArguments } from '../../../src/cli/arguments';
import { ThroughlineError } from '../../../src/engine/model/errors';

function usageError(argv: readonly string[]): string {
  try {
    parseArguments(argv);
  } catch (error) {
    assert.ok(error instanceof ThroughlineError);
    assert.equal(error.code, 'BAD_USAGE');
    return error.message;
  }
  return assert.fail(`accepted: ${argv.join(' ')}`);
}

describe('arguments of the terminal command', () => {
  it('reads every option of measure', () => {
    const command = parseArguments(
      'measure app --duration 2.5 --warmup 0 --connections 7 --path /a --path /b?x=1 --timeout 3 --json --no-profile'.split(
        ' ',
      ),
    );
    assert.deepEqual(command, {
      command: 'measure',
      options: {
        folder: 'app',
        duration: 2.5,
        warmup: 0,
        connections: 7,
        timeout: 3,
        paths: ['/a', '/b?x=1'],
        profile: false,
        inlining: true,
        json: true,
      },
    });
  });

  it('measures the current folder without one', () => {
    const command = parseArguments(['measure']);
    assert.ok(command.command === 'measure');
    assert.equal(command.options.folder, '.');
  });

  it('knows help and version in any place', () => {
    assert.deepEqual(parseArguments(['measure', '--help']), { command: 'help' });
    assert.deepEqual(parseArguments(['-v']), { command: 'version' });
  });

  it('names what is wrong', () => {
    assert.match(usageError([]), /no command/i);
    assert.match(usageError(['profile']), /"profile"/);
    assert.match(usageError(['measure', 'a', 'b']), /"b"/);
    assert.match(usageError(['measure', '--duration', '0']), /--duration.*from 1/);
    assert.match(usageError(['measure', '--duration', '1e9']), /--duration/);
    assert.match(usageError(['measure', '--warmup=-1']), /--warmup/);
    assert.match(usageError(['measure', '--connections', '2.5']), /whole number/);
    assert.match(usageError(['measure', '--connections', '']), /--connections/);
    assert.match(usageError(['measure', '--url', 'localhost:80']), /--url/);
    assert.match(usageError(['measure', '--frobnicate']), /frobnicate/);
  });
});
