import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LaunchSpec } from '../../../src/engine/model/target';
import { planZeroX } from '../../../src/engine/zeroX';

describe('What 0x cannot capture is told beforehand', () => {
  let folder = '';
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-plan-'));
    write('server.js', "require('node:http').createServer().listen(0);");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text);
  const plan = (program: string, ...args: string[]) => {
    const spec: LaunchSpec = { label: [program, ...args].join(' '), folder, program, args, env: {} };
    return planZeroX(spec, { dist: '/dist', folder: path.join(folder, 'capture') });
  };
  const refusal = (program: string, ...args: string[]) => {
    const planned = plan(program, ...args);
    assert.equal(planned.state, 'refused');
    assert.ok(!fs.existsSync(path.join(folder, 'capture')), 'nothing is made for what is refused');
    return planned.state === 'refused' ? planned.reason : '';
  };

  it('starts the driver in place of node, with the command as it was', () => {
    const planned = plan('node', '--import', 'tsx', '--max-old-space-size=99', 'server.js', '--port', '0');
    assert.ok(planned.state === 'ok');
    assert.equal(planned.spec.program, 'node');
    const [driver, request] = planned.spec.args;
    assert.equal(driver, path.join('/dist', 'zeroXDriver.cjs'));
    const { args, folder: where } = JSON.parse(fs.readFileSync(request!, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(args, ['--import', 'tsx', '--max-old-space-size=99', 'server.js', '--port', '0']);
    assert.equal(where, folder);
  });

  it('resolves a script of package.json that needs no shell', () => {
    write(
      'package.json',
      JSON.stringify({ scripts: { start: 'npm run serve', serve: 'PORT=1 node server.js' } }),
    );
    const planned = plan('npm', 'run', 'start');
    assert.ok(planned.state === 'ok');
    assert.equal(planned.spec.env['PORT'], '1');
  });

  const refused: Record<string, readonly [readonly [string, ...string[]], RegExp]> = {
    'the command of tsx': [['tsx', 'server.ts'], /launcher of tsx/u],
    'the file of that command': [['node', 'node_modules/tsx/dist/cli.mjs', 'a.ts'], /launcher of tsx/u],
    'another program': [['nodemon', 'server.js'], /runs "nodemon"/u],
    'a tool within node': [
      ['node', 'node_modules/nodemon/bin/nodemon.js', 'server.js'],
      /starts the app in another/u,
    ],
    'a program on the command line': [['node', '-e', '1'], /on the command line/u],
    watching: [['node', '--watch', 'server.js'], /--watch/u],
    'no program': [['node', '--require', 'x.js'], /names no program/u],
  };
  for (const [what, [[program, ...args], message]] of Object.entries(refused)) {
    it(`refuses ${what}`, () => assert.match(refusal(program, ...args), message));
  }

  it('refuses a script that takes a shell, and names it', () => {
    write('package.json', JSON.stringify({ scripts: { start: 'tsc && node server.js' } }));
    assert.match(refusal('npm', 'run', 'start'), /"tsc && node server\.js", which takes a shell/u);
  });

  it('refuses an app that forks a cluster in a file that it imports, and names the file', () => {
    write('main.mjs', "import './workers.js';");
    write('workers.ts', "import cluster from 'node:cluster'; if (cluster.isPrimary) cluster.fork();");
    assert.match(refusal('node', 'main.mjs'), /forks cluster workers, as .*workers\.ts does/u);
  });

  it('captures an app with worker threads, and says that they are left out', () => {
    write('server.js', "const { Worker } = require('worker_threads'); new Worker('./w.js');");
    const planned = plan('node', 'server.js');
    assert.ok(planned.state === 'ok');
    assert.match(planned.warnings.join(), /the main thread alone; .*server\.js starts worker threads/u);
  });
});
