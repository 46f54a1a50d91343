import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { app, build, DIST, isAlive, mark, marked, ROOT, spec, start, until } from './launching';

const CASES = [
  { title: 'npm and the app', name: 'npm-start', command: ['npm', 'run', 'start'], processes: 2 },
  { title: 'a cluster', name: 'cluster', command: ['node', 'server.js'], processes: 3 },
  { title: 'what ignores SIGTERM', name: 'bad-ignores-term', command: ['node', 'server.js'], processes: 2 },
];

describe('killed engines', function () {
  // Processes are found by their environment, which only Linux shows.
  before(function () {
    if (process.platform !== 'linux') this.skip();
    build();
  });

  const engines: number[] = [];
  afterEach(() => engines.splice(0).forEach((pid) => isAlive(pid) && process.kill(pid, 'SIGKILL')));

  for (const { title, name, command, processes } of CASES) {
    it(`leave nothing of ${title} after SIGKILL of their process group`, async () => {
      const env = mark();
      const engine = startEngine(env, name, command);
      engines.push(engine.pid);
      await until('the app', () => engine.output().includes('running'));
      await until('its processes', () => marked(env).length >= processes);
      process.kill(-engine.pid, 'SIGKILL');
      await until('their end', () => marked(env).length === 0);
    });
  }

  it('leave nothing of an app that was still starting', async () => {
    const env = mark();
    const engine = startEngine(env, 'bad-no-listen', ['node', 'server.js']);
    engines.push(engine.pid);
    await until('the app', () => marked(env).length > 0);
    assert.equal(engine.output(), '');
    process.kill(engine.pid, 'SIGKILL');
    await until('their end', () => marked(env).length === 0);
  });

  it('end the app themselves when its supervisor is killed', async () => {
    const env = mark();
    const target = await start(spec('bad-ignores-term', 'node', ['server.js'], env));
    const [pid = 0] = marked(env);
    const supervisor = supervisorOf(pid);
    process.kill(supervisor, 'SIGKILL');
    const exit = await target.exited;
    assert.deepEqual([exit.code, exit.signal], [null, null]);
    assert.deepEqual(marked(env).filter(isAlive), []);
  });
});

function startEngine(env: Record<string, string>, name: string, command: string[]) {
  const file = path.join(import.meta.dirname, 'engineProcess.mts');
  const child = spawn(process.execPath, ['--import', 'tsx', file, name, ...command], {
    cwd: ROOT,
    env: { ...process.env, MARK_FOR_APP: env['TEST_MARK'] },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { pid: child.pid ?? assert.fail('no pid'), output: () => output };
}

/** The process that holds the app: its ancestor which runs the supervisor's bundle. */
function supervisorOf(pid: number): number {
  for (let at = pid; at > 1;) {
    if (fs.readFileSync(`/proc/${at}/cmdline`, 'utf8').includes(path.join(DIST, 'supervisor.cjs'))) return at;
    const stat = fs.readFileSync(`/proc/${at}/stat`, 'utf8');
    at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  assert.fail(`no supervisor above ${pid} in ${app('')}`);
}
