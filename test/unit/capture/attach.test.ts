import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { attachAndCapture, type AttachOptions } from '../../../src/engine/capture/attach/attach';
import { listeningPorts } from '../../../src/engine/capture/attach/linuxProcesses';
import { inspectorPort } from '../../../src/engine/capture/attach/nodeProcess';
import { openInspector } from '../../../src/engine/capture/attach/openInspector';
import { listNodeProcesses, seeProcess } from '../../../src/engine/capture/attach/processes';
import { CancelledError, ThroughlineError } from '../../../src/engine/model/errors';
import type { Profile } from '../../../src/engine/model/profile';
import { analyse } from '../../../src/engine/profile/analyse';
import { nodeBinaries } from '../target/launching';

const isFailure = (message: RegExp) => (error: unknown) =>
  error instanceof ThroughlineError && error.code === 'CAPTURE_FAILED' && message.test(error.message);

describe('Attaching to a running process', function () {
  this.timeout(60_000);
  let folder = '';
  const children: ChildProcess[] = [];

  before(() => (folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-attach-')))));
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  let captures = 0;
  const attach = (pid: number, options: Partial<AttachOptions> = {}) =>
    attachAndCapture({
      pid,
      seconds: 1,
      folder: path.join(folder, `capture-${captures++}`),
      signal: new AbortController().signal,
      ...options,
    });

  /** Resolves when the program has written its first line. */
  const start = async (
    name: string,
    text: string,
    { node = process.execPath, args = [] as string[], env = {} } = {},
  ) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text);
    const child = spawn(node, [...args, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    children.push(child);
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    await until('the program', () => output.includes('\n'));
    return { pid: child.pid!, child, file, output: () => output };
  };

  for (const node of nodeBinaries()) {
    describe(`on Node ${node.version}`, () => {
      it('finds the planted function, and leaves no inspector open', async () => {
        const app = await start('burns.mjs', BURNS, { node: node.file });
        const before = await listeningPorts(app.pid);
        const attached = await attach(app.pid);
        assert.deepEqual(await listeningPorts(app.pid), before, 'the inspector is closed');
        assert.equal(attached.nodeVersion, `v${node.version}`);
        assert.ok(attached.warnings.some((warning) => /compiled before/.test(warning)));
        const [capture] = attached.captures;
        assert.deepEqual([attached.captures.length, capture?.thread], [1, 'main']);
        const { profile } = analyse({ captures: attached.captures, appFolder: folder, treeFile: '' });
        assert.equal(hottest(profile), 'burn');
        const line = profile.lines[0]!;
        assert.equal(line.file, app.file);
        assert.match(fs.readFileSync(app.file, 'utf8').split('\n')[line.line - 1]!, /hot/);
        assert.ok(profile.totals.sampledMicros > 900_000);
        // The process goes on as before, and can be attached to again.
        const again = await attach(app.pid);
        assert.equal(again.captures.length, 1);
        assert.equal(app.child.exitCode, null);
      });

      it('records allocations and worker threads', async () => {
        const app = await start('workers.cjs', WORKERS, { node: node.file });
        const { captures: found } = await attach(app.pid, { heap: true });
        assert.deepEqual(
          found.map(({ thread }) => thread),
          ['main', 'worker 1'],
        );
        const heap = JSON.parse(
          fs.readFileSync(path.join(found[0]!.folder, 'heap.heapprofile'), 'utf8'),
        ) as HeapProfile;
        assert.ok(heap.endTime - heap.startTime > 900_000);
        assert.ok(sizeOf(heap.head, 'allocate') > 1e6);
        const { profile } = analyse({ captures: found, appFolder: folder, treeFile: '' });
        assert.deepEqual(
          profile.threads.map(({ name }) => name),
          ['main', 'worker 1'],
        );
        assert.equal(hottest(profile), 'spin');
      });
    });
  }

  it('records two at once, each its own', async () => {
    const apps = [
      await start('one.cjs', BURNS.replaceAll('burn', 'first')),
      await start('two.cjs', BURNS.replaceAll('burn', 'second')),
    ];
    const attached = await Promise.all(apps.map(({ pid }) => attach(pid)));
    const found = attached.map((item) =>
      hottest(analyse({ captures: item.captures, appFolder: folder, treeFile: '' }).profile),
    );
    assert.deepEqual(found, ['first', 'second']);
    for (const { pid } of apps) assert.equal((await listeningPorts(pid))?.size ?? 0, 0);
  });

  it('records a process in the middle of an endless loop', async () => {
    const app = await start('loops.cjs', `console.log('up'); for (let i = 0; ; i++) Math.sqrt(i);`);
    const { captures: found } = await attach(app.pid);
    const { profile } = analyse({ captures: found, appFolder: folder, treeFile: '' });
    assert.ok(profile.totals.activeMicros > 0.9 * profile.totals.sampledMicros);
    assert.equal((await listeningPorts(app.pid))?.size ?? 0, 0);
  });

  it('records the workers of a cluster by their pids', async () => {
    const app = await start('cluster.cjs', CLUSTER);
    const pids = await until('the workers', () => {
      const found = [...app.output().matchAll(/worker (\d+)/gu)].map(([, pid]) => Number(pid));
      return found.length === 2 ? found : undefined;
    });
    const attached = await Promise.all(pids.map((pid) => attach(pid)));
    assert.deepEqual(
      attached.map(({ captures: [capture] }) => capture?.pid),
      pids,
    );
  });

  it('takes an inspector that is open already, and leaves it open', async () => {
    const app = await start('inspected.cjs', BURNS, { args: ['--inspect=127.0.0.1:0'] });
    const port = Number(/ws:\/\/127\.0\.0\.1:(\d+)/u.exec(app.output())?.[1]);
    const { captures: found } = await attach(app.pid);
    assert.equal(found.length, 1);
    assert.deepEqual([...(await listeningPorts(app.pid))!], [port]);
  });

  it('closes the inspector on cancel, while it opens and while it records', async () => {
    const app = await start('cancelled.cjs', BURNS);
    for (const afterMs of [0, 120, 1000]) {
      const controller = new AbortController();
      const attached = attach(app.pid, { seconds: 30, signal: controller.signal });
      setTimeout(() => controller.abort(), afterMs);
      await assert.rejects(attached, CancelledError);
      assert.equal((await listeningPorts(app.pid))?.size ?? 0, 0, `after ${afterMs} ms`);
    }
    await assert.rejects(attach(app.pid, { signal: AbortSignal.abort() }), CancelledError);
  });

  it('has the process close its inspector by itself, should we be gone', async () => {
    const app = await start('left.cjs', BURNS);
    const seen = await seeProcess(app.pid);
    const opened = await openInspector(seen!, 500, new AbortController().signal);
    assert.equal((await listeningPorts(app.pid))?.size, 1);
    await opened.connection.closed;
    await until('the inspector to close', async () => (await listeningPorts(app.pid))?.size === 0);
    assert.equal(app.child.exitCode, null);
  });

  it('says that the process ended', async () => {
    const app = await start('ends.cjs', BURNS);
    setTimeout(() => app.child.kill('SIGKILL'), 1500);
    await assert.rejects(attach(app.pid, { seconds: 30 }), isFailure(/ended, or closed its inspector/));
    await assert.rejects(attach(app.pid), isFailure(/no process/));
  });

  it('says that the process handles the signal itself', async () => {
    const app = await start('handles.cjs', `process.on('SIGUSR1', () => console.log('mine'));${BURNS}`);
    await assert.rejects(attach(app.pid), isFailure(/handles that signal itself/));
    assert.match(app.output(), /mine/);
    assert.equal(app.child.exitCode, null);
  });

  it('ends no process that the signal would end', async () => {
    const node = nodeBinaries().find(({ version }) => /^(2[4-9]|[3-9]\d)/.test(version));
    if (!node) return;
    const app = await start('disabled.cjs', BURNS, { node: node.file, args: ['--disable-sigusr1'] });
    await assert.rejects(attach(app.pid), isFailure(/--disable-sigusr1/));
    const viaEnvironment = await start('disabled-too.cjs', BURNS, {
      node: node.file,
      env: { NODE_OPTIONS: '--disable-sigusr1' },
    });
    await assert.rejects(attach(viaEnvironment.pid), isFailure(/--disable-sigusr1/));
    assert.deepEqual([app.child.signalCode, viaEnvironment.child.signalCode], [null, null]);
  });

  it('does not signal what is not Node', async () => {
    const child = spawn('sleep', ['30']);
    children.push(child);
    await assert.rejects(attach(child.pid!), isFailure(/is not Node/));
    assert.equal(child.signalCode, null);
  });

  it('says that the port is taken by another', async () => {
    const taken = net.createServer((socket) => socket.on('error', () => undefined).destroy());
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as net.AddressInfo;
    const app = await start('clash.cjs', BURNS, { args: [`--inspect-port=${port}`] });
    await assert.rejects(attach(app.pid), isFailure(/is taken by another process/));
    await new Promise((resolve) => taken.close(resolve));
    assert.equal((await attach(app.pid)).captures.length, 1);
  });

  it('refuses a time beyond its limits', async () => {
    for (const seconds of [0, -1, NaN, 601]) {
      await assert.rejects(
        attach(process.pid, { seconds }),
        (error) => error instanceof ThroughlineError && error.code === 'BAD_USAGE',
      );
    }
  });
});

describe('The list of Node processes', () => {
  it('has strangers with their command lines, and neither us nor our children', async () => {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'throughline-list-')));
    fs.writeFileSync(path.join(folder, 'app.js'), 'setInterval(() => {}, 1000);');
    const child = spawn(process.execPath, ['app.js', 'child'], { cwd: folder });
    // The shell ends, so that its child is no longer ours.
    const shell = spawn('sh', ['-c', `"${process.execPath}" app.js "a b" >/dev/null 2>&1 & echo $!`], {
      cwd: folder,
    });
    let output = '';
    shell.stdout.on('data', (chunk) => (output += String(chunk)));
    await new Promise((resolve) => shell.on('close', resolve));
    const orphan = Number(output);
    try {
      const found = await until('the process', async () => {
        const list = await listNodeProcesses();
        // Node handles the signal from a moment after its start on.
        return list.some(({ pid, canAttach }) => pid === orphan && canAttach) ? list : undefined;
      });
      const pids = found.map(({ pid }) => pid);
      assert.ok(!pids.includes(process.pid) && !pids.includes(child.pid!));
      const entry = found.find(({ pid }) => pid === orphan)!;
      assert.match(entry.commandLine, /app\.js "a b"$/);
      assert.deepEqual([entry.folder, entry.title, entry.reason], [folder, path.basename(folder), undefined]);
      assert.ok(entry.canAttach);
    } finally {
      child.kill('SIGKILL');
      process.kill(orphan, 'SIGKILL');
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it('knows the port of the inspector from the options of Node, not of the script', () => {
    const of = (args: string[], nodeOptions?: string) =>
      inspectorPort({
        pid: 1,
        parentPid: 0,
        started: 0,
        args: ['node', ...args],
        ...(nodeOptions !== undefined && { nodeOptions }),
      });
    assert.deepEqual(of(['app.js', '--inspect=1']), { port: 9229, asked: false });
    assert.deepEqual(of(['--inspect', 'app.js']), { port: 9229, asked: true });
    assert.deepEqual(of(['--inspect-brk=[::1]:7', 'app.js']), { port: 7, asked: true });
    assert.deepEqual(of(['--inspect-port=127.0.0.1:8', 'app.js']), { port: 8, asked: false });
    assert.deepEqual(of(['app.js'], '--inspect=5'), { port: 5, asked: true });
  });
});

const BURNS = `
function burn(rounds) {
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum += Math.sqrt(i) * Math.sin(sum); // hot
  return sum;
}
setInterval(() => burn(2e5), 5);
console.log('up');
`;

const WORKERS = `
const { Worker } = require('worker_threads');
new Worker(\`
  function spin(rounds) { let sum = 0; for (let i = 0; i < rounds; i++) sum += Math.sqrt(i) * Math.sin(sum); return sum; }
  setInterval(() => spin(2e5), 5);
\`, { eval: true }).on('online', () => console.log('up'));
function allocate() { return new Array(20000).fill('x').map((text, i) => ({ text, i })); }
setInterval(allocate, 10);
`;

const CLUSTER = `
const cluster = require('cluster');
if (cluster.isPrimary) { cluster.fork(); cluster.fork(); }
else { console.log('worker ' + process.pid); setInterval(() => { const end = Date.now() + 10; while (Date.now() < end); }, 20); }
`;

/** Of the app's own functions: on a crowded machine V8's own work takes long. */
function hottest({ functions, frames }: Profile): string | undefined {
  const own = functions.find(({ frame }) => frames[frame]!.kind === 'app');
  return own && frames[own.frame]!.functionName;
}

interface HeapNode {
  readonly callFrame: { readonly functionName: string };
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}
interface HeapProfile {
  readonly head: HeapNode;
  readonly startTime: number;
  readonly endTime: number;
}

/** Of the function and what it called. */
function sizeOf(node: HeapNode, name: string): number {
  const within = (at: HeapNode): number =>
    at.selfSize + at.children.reduce((sum, child) => sum + within(child), 0);
  if (node.callFrame.functionName === name) return within(node);
  return node.children.reduce((sum, child) => sum + sizeOf(child, name), 0);
}

async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}
