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
      'measure app --duration 2.5 --warmup 0 --connections 7 --path /a --path /b?x=1 --timeout 3 --json --no-profile --backend perf --heap'.split(
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
        backend: 'perf',
        heap: true,
        json: true,
      },
    });
  });

  it('knows the ways to record', () => {
    assert.match(usageError(['measure', '--backend', 'dtrace']), /inspector, 0x or perf/);
  });

  it('measures the current folder without one', () => {
    const command = parseArguments(['measure']);
    assert.ok(command.command === 'measure');
    assert.equal(command.options.folder, '.');
  });

  it('knows help and version in any place', () => {
    const help = (...argv: string[]) => {
      const command = parseArguments(argv);
      assert.ok(command.command === 'help');
      return command.text;
    };
    assert.match(help('-h'), /measure .*profile .*diff /s);
    assert.match(help('measure', '--help'), /throughline measure .*--duration/s);
    assert.match(help('profile', 'x.pprof', '-h'), /throughline profile .*--source-folder/s);
    assert.match(help('diff', '--help'), /throughline diff .*--json/s);
    assert.deepEqual(parseArguments(['-v']), { command: 'version' });
    assert.deepEqual(parseArguments(['measure', '-v']), { command: 'version' });
  });

  it('reads what profile and diff are to open', () => {
    assert.deepEqual(
      parseArguments('profile x.gz --folder a --source-folder b --profile 2 --json'.split(' ')),
      {
        command: 'profile',
        options: { file: 'x.gz', folder: 'a', sourceFolder: 'b', profile: 1, json: true },
      },
    );
    assert.deepEqual(parseArguments(['diff', 'x', 'y']), {
      command: 'diff',
      options: { before: 'x', after: 'y', folder: '.', json: false },
    });
  });

  it('names what is wrong', () => {
    assert.match(usageError([]), /no command/i);
    assert.match(usageError(['perform']), /"perform"/);
    assert.match(usageError(['--json', 'measure']), /before "--json"/);
    assert.match(usageError(['profile']), /no profile/i);
    assert.match(usageError(['profile', 'a', 'b']), /"b"/);
    assert.match(usageError(['profile', 'a', '--profile', '0']), /--profile.*from 1/);
    assert.match(usageError(['profile', 'a', '--duration', '3']), /duration/);
    assert.match(usageError(['diff', 'a']), /name both/);
    assert.match(usageError(['diff', 'a', 'b', 'c']), /"c"/);
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
