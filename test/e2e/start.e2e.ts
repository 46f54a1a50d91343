import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesWith } from '../helpers/processGroup.mjs';
import { repositoryRoot } from '../host/paths.mjs';
import { makeWorkspace } from '../host/workspace';

const MARK = 'THROUGHLINE_E2E_START';
const SHORT = ['--warmup', '5', '--duration', '5'];

describe('npm start', () => {
  let child: ChildProcess;
  let mark: string;
  let output: string;

  const start = (...args: string[]) => {
    mark = randomUUID();
    output = '';
    child = spawn('npm', ['start', '--', ...args], {
      cwd: repositoryRoot,
      env: { ...process.env, [MARK]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to be signalled as a terminal does.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data: Buffer) => (output += data.toString()));
    }
  };
  afterEach(() => {
    for (const { pid } of processesWith(MARK, mark)) process.kill(pid, 'SIGKILL');
  });

  it('measures an app in the terminal: progress, table, hottest lines, hints, and a saved run', async () => {
    const folder = makeWorkspace('start', {});
    const hotLine =
      fs
        .readFileSync(path.join(folder, 'src/services/pricing.ts'), 'utf8')
        .split('\n')
        .findIndex((line) => line.includes('// planted: hot-line')) + 1;
    start('--no-editor', folder, ...SHORT);
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0, output);
    assert.match(output, /Warming up/);
    assert.match(output, /Measuring/);
    assert.match(output, /GET \/api\/products\/17\/price +\d+/);
    const hottest = output.slice(output.indexOf('Hottest lines')).split('\n')[2];
    assert.match(
      hottest ?? '',
      new RegExp(`src/services/pricing\\.ts:${hotLine} +demandPrice +for \\(let hour`),
    );
    assert.match(output, /CPU-HOT-LINE/);
    const id = /Saved as run (\S+)\./.exec(output)?.[1];
    assert.ok(id && fs.existsSync(path.join(folder, '.throughline/runs', id, 'run.json')));
    assert.deepEqual(processesWith(MARK, mark), []);
  });

  it('then serves the workbench until Ctrl+C, which ends everything', async () => {
    start(makeWorkspace('start-editor', {}), ...SHORT, '--path', '/health');
    const address = await printed(/http:\/\/localhost:\d+\/\S+/);
    const reply = await fetch(address);
    assert.equal(reply.status, 200);
    assert.match(await reply.text(), /vscode-workbench-web-configuration/);
    assert.ok(child.pid);
    process.kill(-child.pid, 'SIGINT');
    await once(child, 'close');
    await nothingLeft();
  });

  it('ends everything with Ctrl+C while it measures', async () => {
    start('--no-editor', makeWorkspace('start-interrupted', {}), '--warmup', '1', '--duration', '120');
    await printed(/Measuring/);
    assert.ok(child.pid);
    process.kill(-child.pid, 'SIGINT');
    const [code] = (await once(child, 'close')) as [number | null];
    assert.notEqual(code, 0);
    await nothingLeft();
  });

  async function printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(output);
      if (match) return match[0];
      assert.equal(child.exitCode, null, output);
      await sleep(100);
    }
  }

  async function nothingLeft(): Promise<void> {
    for (let i = 0; i < 100 && processesWith(MARK, mark).length > 0; i++) await sleep(100);
    assert.deepEqual(processesWith(MARK, mark), []);
  }
});
