import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { ProcessTree } from '../../../src/engine/target/processTree';
import { build, isAlive, mark, request, spec, start, until } from './launching';

describe('processes of an app', function () {
  // Elsewhere neither environments nor parents can be seen.
  before(function () {
    if (process.platform !== 'linux') this.skip();
    build();
  });

  it('are ended when they left the group, and have another environment and no parent', async () => {
    const target = await start(spec('bad-daemon', 'node', ['server.js'], mark()));
    const pidOf = (name: string) =>
      until(name, () => new RegExp(`^${name} (\\d+)$`, 'm').exec(target.output())?.[1]).then(Number);
    const [daemon, orphan] = [await pidOf('daemon'), await pidOf('orphan')];
    try {
      // The supervisor looks once a second; nothing outside it can see that it did.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await request(target.origin, '/orphan', 1);
      await until('the end of the daemon', () => !isAlive(daemon));
      assert.ok(isAlive(orphan));
      await target.stop();
      assert.ok(!isAlive(orphan));
    } finally {
      await target.stop();
      if (isAlive(orphan)) process.kill(orphan, 'SIGKILL');
    }
  });

  it('are ended with their children, that left the group with another environment', async () => {
    const target = await start(spec('bad-daemon', 'node', ['server.js'], mark()));
    const daemon = Number(await until('daemon', () => /^daemon (\d+)$/m.exec(target.output())?.[1]));
    await target.stop();
    assert.ok(!isAlive(daemon));
  });

  it('are none that an agent names by a number which is a stranger’s here', async () => {
    const token = `token-${process.pid}-${Date.now()}`;
    const sleep = (env: NodeJS.ProcessEnv) =>
      spawn('sleep', ['60'], { env: { ...process.env, ...env }, stdio: 'ignore', detached: true });
    const [stranger, own] = [sleep({}), sleep({ TOKEN: token })];
    try {
      const [strangerPid = 0, ownPid = 0] = [stranger.pid, own.pid];
      const tree = new ProcessTree(2 ** 30, token);
      await until('their environments', () => tree.members().includes(ownPid));
      tree.add(strangerPid);
      tree.add(ownPid);
      assert.deepEqual(tree.members(), [ownPid]);
      const ended = new Promise((resolve) => own.once('exit', (_, signal) => resolve(signal)));
      assert.equal(tree.signal('SIGKILL'), 1);
      assert.equal(await ended, 'SIGKILL');
      assert.ok(isAlive(strangerPid));
    } finally {
      stranger.kill('SIGKILL');
      own.kill('SIGKILL');
    }
  });
});
