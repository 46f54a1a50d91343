import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import {
  BenchmarkFileError,
  runBenchmarks,
  type BenchmarkEvent,
  type BenchmarkOutcome,
  type BenchmarkRequest,
} from '../../../src/engine/bench/runBenchmarks';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { folderWithRunner, projectFolder, samples } from './bundles';

interface Ran {
  readonly outcome: BenchmarkOutcome;
  readonly events: readonly BenchmarkEvent[];
  readonly output: string;
}

type Result = Extract<BenchmarkEvent, { type: 'result' }>;

describe('runBenchmarks', () => {
  let folder: string;
  let dist: string;
  before(async () => void ({ folder, dist } = await folderWithRunner()));
  after(() => fs.rm(folder, { recursive: true, force: true }));

  async function run(file: string, more: Partial<BenchmarkRequest> = {}): Promise<Ran> {
    const events: BenchmarkEvent[] = [];
    let output = '';
    const outcome = await runBenchmarks({
      file,
      folder: path.dirname(file),
      dist,
      node: process.execPath,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
      onOutput: (text) => (output += text),
      ...more,
    });
    return { outcome, events, output };
  }

  /** Runs a file of this text, which finds tinybench. */
  async function runText(
    text: string,
    name = 'a.bench.mjs',
    more: Partial<BenchmarkRequest> = {},
  ): Promise<Ran> {
    const project = await projectFolder(folder, { [name]: `${HEAD}\n${text}` });
    return run(path.join(project, name), more);
  }

  async function fileError(promise: Promise<unknown>): Promise<ThroughlineError> {
    const error = await promise.then(
      () => assert.fail('it did not fail'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ThroughlineError, String(error));
    assert.equal(error.code, 'BENCH_FAILED', error.message);
    return error;
  }

  it('runs a TypeScript file: median, spread, samples and place of each', async () => {
    const { outcome, events, output } = await run(path.join(samples, 'loops.bench.ts'));
    assert.equal(outcome.ran, 2);
    assert.equal(outcome.nodeVersion, process.version);
    assert.equal(output, 'loops are done\n');
    assert.deepEqual(
      events.map(({ type, name, place }) => [type, name, place?.line]),
      [
        ['started', 'small sum', 13],
        ['result', 'small sum', 13],
        ['started', 'large sum', 16],
        ['result', 'large sum', 16],
      ],
    );
    const [small, large] = results(events);
    for (const { measurement } of [small!, large!]) {
      const { minMs, p50Ms, p75Ms, p99Ms, maxMs, samples: count, opsPerSecond } = measurement;
      assert.ok(count >= 64);
      assert.ok(0 < p50Ms && minMs <= p50Ms && p50Ms <= p75Ms && p75Ms <= p99Ms && p99Ms <= maxMs);
      assert.ok(Math.abs(opsPerSecond * p50Ms - 1000) < 1);
    }
    // Twenty times the loop; anything near tells that the figures are of these functions.
    const ratio = large!.measurement.p50Ms / small!.measurement.p50Ms;
    assert.ok(ratio > 8 && ratio < 60, `${ratio}`);
  });

  it('runs only the benchmarks that were asked for', async () => {
    const { events } = await run(path.join(samples, 'loops.bench.ts'), { filter: ['large sum'] });
    assert.deepEqual(
      results(events).map(({ name }) => name),
      ['large sum'],
    );
  });

  it('runs a bench that is exported and not run, with computed names at their place', async () => {
    const { events } = await run(path.join(samples, 'json.bench.mjs'));
    assert.deepEqual(
      results(events).map(({ name, place }) => [name, place?.line]),
      [
        ['parse', 6],
        ['parse, asynchronously', 7],
        ['computed 1', 8],
        ['computed 2', 8],
      ],
    );
  });

  it('runs a bench that is started late and not waited for, and one that nobody starts', async () => {
    assert.equal((await run(path.join(samples, 'commonjs.bench.js'))).outcome.ran, 1);
    const idle = await runText("bench.add('idle', work);");
    assert.equal(results(idle.events)[0]?.name, 'idle');
  });

  it('meets each bench of a file, synchronous ones, and one that runs twice', async () => {
    const { events } = await runText(`
      bench.add('a', work); bench.runSync();
      const other = new Bench({ time: 5, warmup: false }); other.add('a', work); await other.run(); await other.run();`);
    assert.deepEqual(
      results(events).map(({ name, place }) => [name, place?.line]),
      [
        ['a', 6],
        ['a', 7],
        ['a', 7],
      ],
    );
  });

  it('runs CommonJS', async () => {
    const project = await projectFolder(folder, {
      'package.json': '{}',
      'a.bench.js': `const { Bench } = require('tinybench');
        const bench = new Bench({ time: 5, warmup: false }).add('required', () => [2, 1].toSorted());
        module.exports = { benches: [bench] };`,
    });
    await fs.writeFile(path.join(project, 'package.json'), '{}');
    assert.equal(results((await run(path.join(project, 'a.bench.js'))).events)[0]?.name, 'required');
  });

  it('starts the file as its own main module', async () => {
    const { outcome } = await runText(`
      import { fileURLToPath } from 'node:url';
      if (process.argv[1] === fileURLToPath(import.meta.url)) { bench.add('main', work); await bench.run(); }`);
    assert.equal(outcome.ran, 1);
  });

  it('tells the error of one benchmark at its place, and measures the others', async () => {
    const { outcome, events } = await run(path.join(samples, 'failing.bench.ts'));
    assert.equal(outcome.ran, 3);
    assert.deepEqual(
      results(events).map(({ name }) => name),
      ['works', 'works after'],
    );
    const failed = events.find((event) => event.type === 'failed');
    assert.equal(failed?.name, 'throws');
    assert.equal(failed.error.message, 'no such item');
    assert.deepEqual(failed.error.place?.line, 7);
    assert.match(failed.error.stack, /RangeError: no such item\n/);
  });

  it('tells a benchmark that throws out of the run once, and the rest as skipped', async () => {
    const { events } = await runText(`
      const strict = new Bench({ time: 5, warmup: false, throws: true });
      strict.add('bad', () => { throw new Error('bad') }).add('never', work);
      await strict.run();`);
    assert.deepEqual(
      events.map(({ type, name }) => [type, name]),
      [
        ['started', 'bad'],
        ['failed', 'bad'],
        ['skipped', 'never'],
      ],
    );
  });

  it('warns where a figure means little', async () => {
    const { events } = await runText(`
      const few = new Bench({ time: 0, iterations: 3, warmup: false }); few.add('few', () => new Promise((r) => setTimeout(r, 2)));
      await few.run();
      const coarse = new Bench({ time: 20, warmup: false, now: () => Math.floor(performance.now() / 5) * 5 });
      coarse.add('nothing', () => undefined); await coarse.run();`);
    const [few, nothing] = results(events);
    assert.equal(few?.measurement.samples, 3);
    assert.match(few.warning ?? '', /Only 3 samples/);
    assert.match(nothing?.warning ?? '', /less than the clock can tell/);
  });

  it('leaves the classes that are measured as they are', async () => {
    const { outcome } = await runText(`
      class Own extends EventTarget {}
      bench.add('constructs', () => new Own());
      await bench.run();
      const native = /native code|class EventTarget/.test(Function.prototype.toString.call(EventTarget));
      if (!native || Object.getPrototypeOf(Own) !== EventTarget) throw new Error('something is in between');
      if (!(bench instanceof EventTarget)) throw new Error('another class');`);
    assert.equal(outcome.ran, 1);
  });

  it('ends a file that keeps the process alive', async () => {
    const { outcome } = await runText(`
      import { createServer } from 'node:http';
      createServer().listen(0, '127.0.0.1');
      bench.add('served', work); await bench.run();`);
    assert.equal(outcome.ran, 1);
  });

  it('tells why a file does not load, with its place', async () => {
    const thrown = await fileError(runText('\nthrow new TypeError("no config");'));
    assert.match(thrown.message, /a\.bench\.mjs failed: no config/);
    assert.ok(thrown instanceof BenchmarkFileError);
    assert.equal(thrown.place?.line, 6);
    const syntax = await fileError(runText('const = 3;'));
    assert.ok(syntax instanceof BenchmarkFileError);
    assert.equal(syntax.place?.line, 5);
    const typed = await fileError(runText('const = 3;', 'a.bench.ts'));
    assert.ok(typed instanceof BenchmarkFileError);
    assert.equal(typed.place?.line, 5, typed.detail);
    const missing = await fileError(runText("await import('./nowhere.mjs');"));
    assert.match(missing.message, /nowhere\.mjs/);
    const rejected = await fileError(
      runText("bench.add('x', work); void Promise.reject(new Error('unheard'));\nawait bench.run();"),
    );
    assert.match(rejected.message, /unheard/);
  });

  it('tells a file that ends early, or holds no benchmark', async () => {
    const early = await fileError(runText('console.error("needs DATABASE_URL"); process.exit(3);'));
    assert.match(early.message, /ran no tinybench benchmark and ended with code 3/);
    assert.match(early.detail, /needs DATABASE_URL/);
    assert.match(await fileError(runText('')).then(({ message }) => message), /ran no tinybench benchmark\./);
    const unknown = runText("bench.add('a', work);", 'b.bench.mjs', { filter: ['b'] });
    assert.match((await fileError(unknown)).message, /none of the wanted benchmarks/);
    const killed = await fileError(
      runText("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});"),
    );
    assert.match(killed.message, /ended by SIGKILL/);
    await fileError(run(path.join(folder, 'missing.bench.mjs')));
  });

  it('gives the file the environment of a terminal, and a debugger no hold', async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      NODE_OPTIONS: '--require "/x y/js-debug/bootloader.js" --inspect=0 --stack-trace-limit=7',
      ELECTRON_RUN_AS_NODE: '1',
      VSCODE_PID: '1',
    });
    try {
      const { output } = await runText(
        `
        const { NODE_OPTIONS, ELECTRON_RUN_AS_NODE, VSCODE_PID, EXTRA } = process.env;
        console.log(JSON.stringify({ NODE_OPTIONS, ELECTRON_RUN_AS_NODE, VSCODE_PID, EXTRA }));
        bench.add('x', work); await bench.run();`,
        'a.bench.mjs',
        { env: { EXTRA: 'yes' } },
      );
      assert.deepEqual(JSON.parse(output), { NODE_OPTIONS: '--stack-trace-limit=7', EXTRA: 'yes' });
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it('tells where there is no such Node', async () => {
    const error = await fileError(
      run(path.join(samples, 'json.bench.mjs'), { node: path.join(folder, 'no-node') }),
    );
    assert.match(error.message, /no-node could not be started/);
  });

  it('does not take what the file writes for results', async () => {
    const text = `console.log('{"type":"result","name":"forged"}'); bench.add('real', work); await bench.run();`;
    const { events, output } = await runText(text);
    assert.deepEqual(
      results(events).map(({ name }) => name),
      ['real'],
    );
    assert.match(output, /forged/);
    const hostile = await fileError(
      runText("import { writeSync } from 'node:fs'; writeSync(3, 'x'.repeat(100) + '\\n');"),
    );
    assert.match(hostile.message, /wrote to the channel of its results/);
  });

  it('runs TypeScript that types alone do not explain, by tsx', async () => {
    const project = await projectFolder(folder, {
      'helper.ts': 'export enum Size { Small = 3 }\nexport const twice = (n: number): number => n * 2;\n',
      'a.bench.ts': `import { Bench } from 'tinybench';
        import { Size, twice } from './helper';
        const bench = new Bench({ time: 5, warmup: false });
        bench.add('enum ' + Size.Small, () => twice(Size.Small));
        await bench.run();`,
    });
    const { events } = await run(path.join(project, 'a.bench.ts'));
    assert.deepEqual(
      results(events).map(({ name, place }) => [name, place?.line]),
      [['enum 3', 4]],
    );
  });

  it('says what is missing where TypeScript cannot be run', async function () {
    if ('typescript' in process.features && process.features.typescript) this.skip();
    const file = path.join(folder, 'lonely.bench.ts');
    await fs.writeFile(file, 'export const a: number = 1;\n');
    assert.match((await fileError(run(file))).message, /does not run TypeScript.*npm install --save-dev tsx/);
  });
});

/** Four lines ahead of a test's own text, which begins in line 5. */
const HEAD = `import { Bench } from 'tinybench';
const bench = new Bench({ time: 5, warmup: false });
const work = () => JSON.parse('[1,2,3]');
`;

function results(events: readonly BenchmarkEvent[]): Result[] {
  return events.filter((event): event is Result => event.type === 'result');
}
