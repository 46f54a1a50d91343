import assert from 'node:assert/strict';
import { replacesNodeOptions, withoutScript } from '../../../src/engine/target/scripts';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { build, mark, marked, spec, start } from './launching';

const launch = (script: string, env = mark(), args: string[] = []) =>
  spec('node-options', 'npm', ['run', script, ...args], env);

describe('scripts that set NODE_OPTIONS themselves', function () {
  // Their shell is POSIX's.
  before(function () {
    if (process.platform === 'win32') this.skip();
    build();
  });

  for (const { script, args, expected } of [
    { script: 'start', args: [], expected: { MODE: 'own', script: 'start', limit: 7, args: [] } },
    {
      script: 'cross',
      args: ['--', '--port', 'my port'],
      expected: { MODE: 'cross', script: 'cross', limit: 7, args: ['--port', 'my port'] },
    },
    { script: 'nested', args: [], expected: { MODE: 'cross', script: 'cross', limit: 7, args: [] } },
    { script: 'keeps', args: [], expected: { MODE: 'keeps', script: 'keeps', limit: 7, args: [] } },
  ]) {
    it(`are measured as they are: ${script}`, async () => {
      const target = await start(launch(script, mark(), args));
      const reply = (await (await fetch(target.origin)).json()) as object;
      const processes = target.processes();
      await target.stop();
      assert.deepEqual(reply, { version: '1.2.3', ...expected });
      assert.ok(processes.some(({ listening }) => listening.length === 1));
    });
  }

  for (const { script, cause } of [
    { script: 'shell', cause: /its script "shell" sets NODE_OPTIONS anew on the way there/ },
    { script: 'clean', cause: /it was started with an environment of its own, without NODE_OPTIONS/ },
  ]) {
    it(`or lose the agent otherwise are told at once: ${script}`, async function () {
      if (process.platform !== 'linux') this.skip();
      const env = mark();
      const failed = await start(launch(script, env), { readyTimeoutMs: 300_000 }).then(
        () => assert.fail('it started'),
        (error: unknown) => error,
      );
      assert.ok(failed instanceof ThroughlineError);
      assert.equal(failed.code, 'TARGET_AGENT_LOST', failed.message);
      assert.match(
        failed.message,
        /^"npm run \w+" listens on port \d+, but in a process that cannot be measured: /,
      );
      assert.match(failed.message, cause);
      assert.deepEqual(marked(env), []);
    });
  }

  it('are taken apart only where no shell is needed', () => {
    assert.equal(withoutScript(launch('start'))?.program, 'node');
    for (const script of ['keeps', 'shell', 'clean', 'gone'])
      assert.equal(withoutScript(launch(script)), undefined);
    const { folder } = launch('start');
    const label = 'x';
    const of = (program: string, ...args: string[]) =>
      withoutScript({ label, folder, program, args, env: {} })?.args;
    assert.deepEqual(of('npm', 'run', 'start', '--', '-x'), ['server.js', '-x']);
    assert.deepEqual(of('yarn', 'start', '-x'), ['server.js', '-x']);
    assert.equal(of('npm', 'run', 'start', '--workspace=api'), undefined);
    assert.equal(of('node', 'start'), undefined);
    // A Node that the user chose stays ahead of others.
    const chosen = withoutScript(launch('start', { PATH: '/chosen/bin' }))?.env['PATH'] ?? '';
    assert.match(chosen, /node_modules\/\.bin:\/chosen\/bin$/);
  });

  it('are told from those that add to it', () => {
    for (const text of [
      'NODE_OPTIONS= x',
      'a && export NODE_OPTIONS="--b --c" && d',
      'cross-env NODE_OPTIONS=--b c',
    ])
      assert.ok(replacesNodeOptions(text), text);
    for (const text of ['node x', 'NODE_OPTIONS="$NODE_OPTIONS --b" x', 'NODE_OPTIONS=--b,${NODE_OPTIONS} x'])
      assert.ok(!replacesNodeOptions(text), text);
  });
});
