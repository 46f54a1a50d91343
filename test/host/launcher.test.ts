import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { EXIT, parseCommandLine } from './codeHost';
import { hostFolder } from './paths.mjs';

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

describe('the launcher that stands in for a desktop VS Code', function () {
  this.timeout(240_000);
  let ended: Record<'passes' | 'fails' | 'crashes' | 'hangs', Ended>;

  before(async () => {
    const [passes, fails, crashes, hangs] = await Promise.all([
      launch('passes', 180_000),
      launch('fails', 180_000),
      launch('crashes', 180_000),
      // Long enough for the host to start on a busy machine, so that it is the suite that hangs.
      launch('hangs', 45_000),
    ]);
    ended = { passes, fails, crashes, hangs };
  });

  it('exits with 0 when the suite passes', () => {
    assert.match(ended.passes.output, /2 passing/);
    assert.equal(ended.passes.code, 0, ended.passes.output);
  });

  it('exits with 1 when a test fails, and shows why', () => {
    assert.match(ended.fails.output, /fails on purpose/);
    assert.equal(ended.fails.code, EXIT.failed, ended.fails.output);
  });

  it('exits with 127 when the extension host is killed, which VS Code reports as success', () => {
    assert.match(ended.crashes.output, /reaches the extension/);
    assert.match(ended.crashes.output, /the extension host ended before the tests did/);
    assert.equal(ended.crashes.code, EXIT.hostCrashed, ended.crashes.output);
  });

  it('exits with 124 when a test never ends', () => {
    assert.match(ended.hangs.output, /hangs from here/);
    assert.equal(ended.hangs.code, EXIT.hang, ended.hangs.output);
  });

  it('reads the command line of @vscode/test-electron', () => {
    const command = parseCommandLine([
      ...['/', '--no-sandbox', '--disable-gpu-sandbox', '--extensionTestsPath=/a/suite.cjs'],
      ...['--extensionDevelopmentPath=/a/one', '--extensionDevelopmentPath', 'file:///a/two'],
      ...['--user-data-dir=/a/user', '--extensions-dir', '/a/extensions', '--profile', 'x'],
    ]);
    assert.deepEqual(command, {
      developed: ['/a/one', '/a/two'],
      tests: '/a/suite.cjs',
      userDataFolder: '/a/user',
      extensionsFolder: '/a/extensions',
      target: '/',
    });
  });
});

async function launch(suite: string, timeoutMs: number): Promise<Ended> {
  const fixtures = path.join(hostFolder, 'fixtures');
  const child = spawn(
    process.execPath,
    [
      path.join(hostFolder, 'code-host.mjs'),
      `--extensionTestsPath=${path.join(fixtures, 'suites', `${suite}.cjs`)}`,
      `--extensionDevelopmentPath=${path.join(fixtures, 'extension')}`,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, VSCODE_HOST_TIMEOUT_MS: String(timeoutMs), VSCODE_HOST_ARTIFACTS: '' },
    },
  );
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
