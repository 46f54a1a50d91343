import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { runRequest } from '../../../src/editor/testing/benchmarkRun';
import { offerBenchmarks } from '../../../src/editor/testing/benchmarks';
import { EngineTools } from '../../../src/editor/tools';

const LOOPS = `import { Bench } from 'tinybench';

type Count = number;
function sum(count: Count): Count {
  let total = 0;
  for (let i = 0; i < count; i++) total += i * i;
  return total;
}
const bench = new Bench({ time: 100, warmup: false });
bench
  .add('small', () => { sum(100); })
  .add('large', () => { sum(20_000); });
for (const name of ['computed']) bench.add(name, () => { sum(10); });
await bench.run();
console.log('first line\\nsecond line');
`;

const FAILING = `import { Bench } from 'tinybench';
const bench = new Bench({ time: 5, warmup: false });
bench.add('fine', () => Math.sqrt(2));
bench.add('throws', () => {
  throw new RangeError('no such item');
});
await bench.run();
`;

const BROKEN = `import { Bench } from 'tinybench';
const bench = new Bench();
bench.add('never', () => 1);
throw new TypeError('no config');
`;

const ENDLESS = `import { Bench } from 'tinybench';
import { writeFileSync } from 'node:fs';
const bench = new Bench({ warmup: false });
bench.add('endless', () => { writeFileSync(new URL('./endless.pid', import.meta.url), String(process.pid)); for (;;); });
bench.add('after', () => 1);
await bench.run();
`;

describe('benchmarks in the Test Explorer', () => {
  let folder: string;
  let profilesFolder: string;
  let log: vscode.LogOutputChannel;
  let offered: ReturnType<typeof offerBenchmarks>;

  before(async () => {
    const extension = vscode.extensions.getExtension('throughline.throughline');
    assert.ok(extension);
    await extension.activate();
    const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(workspace);
    folder = path.join(workspace, 'benchmarks');
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
    const files = {
      'loops.bench.ts': LOOPS,
      'failing.bench.mjs': FAILING,
      'broken.bench.mjs': BROKEN,
      'endless.bench.mjs': ENDLESS,
    };
    for (const [name, text] of Object.entries(files)) await fs.writeFile(path.join(folder, name), text);
    profilesFolder = await fs.mkdtemp(path.join(tmpdir(), 'throughline-host-benchmarks-'));
    log = vscode.window.createOutputChannel('Benchmarks Under Test', { log: true });
    const dist = path.join(extension.extensionPath, 'dist');
    offered = offerBenchmarks(
      { dist, tools: new EngineTools(dist), log, profilesFolder },
      'throughline.benchmarks.test',
    );
    await offered.services.controller.resolveHandler?.(undefined);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    offered.dispose();
    log.dispose();
    await fs.rm(folder, { recursive: true, force: true });
    await fs.rm(profilesFolder, { recursive: true, force: true });
  });

  const uriOf = (name: string) => vscode.Uri.file(path.join(folder, name));

  async function fileItem(name: string): Promise<vscode.TestItem> {
    const { controller, tree } = offered.services;
    const item = await eventually(`the item of ${name}`, () =>
      [...controller.items].map(([, each]) => each).find((each) => each.uri?.path === uriOf(name).path),
    );
    await tree.resolved(item);
    return item;
  }

  async function run(
    items: readonly vscode.TestItem[],
    profile = false,
    token = new vscode.CancellationTokenSource().token,
  ) {
    const calls: Call[] = [];
    const services = { ...offered.services, controller: recording(offered.services.controller, calls) };
    await runRequest(services, new vscode.TestRunRequest(items), token, profile);
    return calls;
  }

  it('finds files at once and reads them when they are opened', async () => {
    const { controller } = offered.services;
    const names = [...controller.items].map(([, item]) => path.basename(item.uri!.path)).sort();
    assert.deepEqual(names, ['broken.bench.mjs', 'endless.bench.mjs', 'failing.bench.mjs', 'loops.bench.ts']);
    const item = [...controller.items]
      .map(([, each]) => each)
      .find((each) => each.label.endsWith('loops.bench.ts'));
    assert.equal(item?.children.size, 0);
    await controller.resolveHandler?.(item);
    const children = [...item.children].map(([, each]) => [each.label, each.range?.start.line]);
    assert.deepEqual(children, [
      ['small', 10],
      ['large', 11],
    ]);
  });

  it('runs a file: medians as durations and in the tree, output with CR LF, computed names added', async () => {
    const file = await fileItem('loops.bench.ts');
    const calls = await run([file]);
    const passed = calls.filter(({ method }) => method === 'passed');
    assert.deepEqual(
      passed.map(({ item }) => item?.label),
      ['small', 'large', 'computed'],
    );
    const [small, large] = passed.map(({ args }) => args[1] as number);
    assert.ok(small! > 0 && large! > 5 * small!, `${small} ${large}`);
    assert.match(passed[1]?.item?.description ?? '', /^[\d.]+ [nµm]?s ± [\d.]+ [nµm]?s$/);
    const output = calls.filter(({ method }) => method === 'appendOutput').map(({ args }) => String(args[0]));
    assert.ok(output.join('').includes('first line\r\nsecond line\r\n'));
    assert.doesNotMatch(output.join(''), /[^\r]\n/);
    assert.match(output.join(''), /large: .* samples/);
    assert.equal(calls.at(-1)?.method, 'end');
    assert.equal([...file.children].find(([, item]) => item.label === 'computed')?.[1].range?.start.line, 12);
  });

  it('runs one benchmark alone', async () => {
    const file = await fileItem('loops.bench.ts');
    const large = [...file.children].map(([, item]) => item).find((item) => item.label === 'large');
    const calls = await run([large!]);
    assert.deepEqual(methods(calls), ['enqueued large', 'started large', 'passed large', 'end']);
  });

  it('tells an error at its line', async () => {
    const calls = await run([await fileItem('failing.bench.mjs')]);
    const failed = calls.find(({ method }) => method === 'failed');
    const message = failed?.args[1] as vscode.TestMessage;
    assert.equal(failed?.item?.label, 'throws');
    assert.equal(message.message, 'no such item');
    assert.equal(message.location?.range.start.line, 4);
    assert.ok(calls.some(({ method, item }) => method === 'passed' && item?.label === 'fine'));
  });

  it('tells a file that does not load at its line, and skips its benchmarks', async () => {
    const calls = await run([await fileItem('broken.bench.mjs')]);
    assert.deepEqual(methods(calls), ['enqueued never', 'errored never', 'end']);
    const message = calls.find(({ method }) => method === 'errored')?.args[1] as vscode.TestMessage;
    assert.match(message.message as string, /no config/);
    assert.equal(message.location?.range.start.line, 3);
  });

  it('ends a benchmark that never comes back when it is cancelled', async () => {
    const cancel = new vscode.CancellationTokenSource();
    const running = run([await fileItem('endless.bench.mjs')], false, cancel.token);
    const pid = Number(
      await eventually('the benchmark to begin', () =>
        fs.readFile(path.join(folder, 'endless.pid'), 'utf8').catch(() => ''),
      ),
    );
    cancel.cancel();
    const calls = await running;
    assert.deepEqual(methods(calls).slice(-3), ['skipped endless', 'skipped after', 'end']);
    await eventually('the end of the process', () => !isAlive(pid));
  });

  it('profiles, and opens the flamegraph of the benchmark', async () => {
    const file = await fileItem('loops.bench.ts');
    const large = [...file.children].map(([, item]) => item).find((item) => item.label === 'large');
    assert.ok(large);
    const before = large.description;
    const calls = await run([large], true);
    assert.ok(methods(calls).includes('passed large'), methods(calls).join());
    assert.equal(large.description, before, 'figures under a profiler are not kept');
    const [profile] = await fs.readdir(profilesFolder);
    const written = await fs.readdir(path.join(profilesFolder, profile!));
    assert.ok(written.includes('profile.cpuprofile') && written.includes('calltree.json'), written.join());
    const tab = await eventually('the flamegraph', () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ input }) => input instanceof vscode.TabInputWebview && /throughline/i.test(input.viewType)),
    );
    assert.ok(tab);
  });

  it('follows edits and files that come and go', async () => {
    const document = await vscode.workspace.openTextDocument(uriOf('loops.bench.ts'));
    const edit = (change: (edit: vscode.WorkspaceEdit) => void) => {
      const workspaceEdit = new vscode.WorkspaceEdit();
      change(workspaceEdit);
      return vscode.workspace.applyEdit(workspaceEdit);
    };
    await edit((each) => each.insert(document.uri, new vscode.Position(8, 0), '// a line more\n'));
    const file = await fileItem('loops.bench.ts');
    const large = () => [...file.children].map(([, item]) => item).find((item) => item.label === 'large');
    await eventually('the benchmark to move with the edit', () => large()?.range?.start.line === 12);
    await edit((each) => each.delete(document.uri, new vscode.Range(8, 0, 9, 0)));
    await eventually('the benchmark to move back', () => large()?.range?.start.line === 11);
    assert.ok(await document.save());

    await fs.writeFile(path.join(folder, 'later.bench.mjs'), FAILING);
    const later = await fileItem('later.bench.mjs');
    assert.equal(later.children.size, 2);
    await fs.rm(path.join(folder, 'later.bench.mjs'));
    await eventually('the item to go', () => offered.services.controller.items.get(later.id) === undefined);
  });
});

interface Call {
  readonly method: string;
  readonly item: vscode.TestItem | undefined;
  readonly args: readonly unknown[];
}

/** The real controller, whose real runs tell here what they were told. */
function recording(controller: vscode.TestController, calls: Call[]): vscode.TestController {
  const record = (run: vscode.TestRun): vscode.TestRun =>
    new Proxy(run, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function' || typeof key !== 'string') return value;
        return (...args: unknown[]) => {
          const [first] = args;
          const item =
            typeof first === 'object' && first !== null && 'label' in first
              ? (first as vscode.TestItem)
              : undefined;
          calls.push({ method: key, item, args });
          return (value as (...args: unknown[]) => unknown).apply(target, args);
        };
      },
    });
  return new Proxy(controller, {
    get(target, key) {
      if (key !== 'createTestRun') return Reflect.get(target, key, target) as unknown;
      return (request: vscode.TestRunRequest) => record(target.createTestRun(request));
    },
  });
}

/** Without output, `large` of each state it went through. */
function methods(calls: readonly Call[]): string[] {
  return calls
    .filter(({ method }) => method !== 'appendOutput')
    .map(({ method, item }) => (item ? `${method} ${item.label}` : method));
}

/** Waits for a value, half a minute at most. */
async function eventually<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + 30_000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
