import assert from 'node:assert/strict';
import { discoverBenchmarks } from '../../../src/engine/bench/discover';

const at = (source: string) =>
  discoverBenchmarks(source).map(({ name, line, column }) => [name, line, column]);
const names = (source: string) => discoverBenchmarks(source).map(({ name }) => name);

describe('discoverBenchmarks', () => {
  it('finds names and places', () => {
    const source = [
      "import { Bench } from 'tinybench';",
      'const bench = new Bench({ time: 100 });',
      'bench',
      "  .add('first', () => 1)",
      '  .add("second", async () => {',
      '    await 2;',
      '  });',
      'bench.add(`third`, f);',
      'await bench.run();',
    ].join('\n');
    assert.deepEqual(at(source), [
      ['first', 4, 8],
      ['second', 5, 8],
      ['third', 8, 11],
    ]);
    const [, second] = discoverBenchmarks(source);
    assert.deepEqual([second?.endLine, second?.endColumn], [7, 5]);
    assert.deepEqual(at(source.replaceAll('\n', '\r\n')), at(source));
  });

  it('knows a bench by how it is made or typed, whatever its name', () => {
    assert.deepEqual(names("const b = new Bench(); b.add('x', f)"), ['x']);
    assert.deepEqual(names("const b = withPlugin(new Bench()); b.add('x', f)"), ['x']);
    assert.deepEqual(names("const b = await plugin.wrap(new tinybench.Bench()); b.add('x', f)"), ['x']);
    assert.deepEqual(names("new Bench().add('x', f).add('y', g)"), ['x', 'y']);
    assert.deepEqual(
      names("import { Bench as B } from 'tinybench'; const q = new B; const r = new B(); r.add('x', f)"),
      ['x'],
    );
    assert.deepEqual(names("const { Bench: B } = require('tinybench'); const r = new B(); r.add('x', f)"), [
      'x',
    ]);
    assert.deepEqual(names("export function fill(b: Bench) { b.add('x', f) }"), ['x']);
    assert.deepEqual(names("import { jsonBench } from './shared'; jsonBench.add('x', f)"), ['x']);
    assert.deepEqual(names("let b: Bench | undefined; b?.add('x', f)"), ['x']);
  });

  it('does not take other calls for benchmarks', () => {
    for (const source of [
      "const set = new Set(); set.add('x', f)",
      "const b = new Bench(); b.remove('x', f); b.add('x'); b.add(name, f)",
      "const b = new Bench(); add('x', f); b['add']('x', f)",
      'const b = new Bench(); b.add(`x ${1}`, f)',
      "// bench.add('x', f)",
      "/* bench.add('x', f) */",
      'const s = "bench.add(\'x\', f)"',
      "const s = `bench.add('x', f)`",
      "const r = /bench.add('x', f)/",
    ]) {
      assert.deepEqual(names(source), [], source);
    }
  });

  it('reads code in substitutions, and names after them', () => {
    assert.deepEqual(names("const s = `a ${bench.add('x', f)} b ${`c ${1}`} `; bench.add('y', g)"), [
      'x',
      'y',
    ]);
    assert.deepEqual(names("const s = `${{ a: { b: '}' } }}`; bench.add('y', g)"), ['y']);
  });

  it('tells division from regular expressions', () => {
    assert.deepEqual(names("const a = b / c; bench.add('x', f); const d = e / g"), ['x']);
    assert.deepEqual(names("const a = (b) / c; bench.add('x', f); // '"), ['x']);
    assert.deepEqual(names("const a = /['\"`]/g; bench.add('x', f)"), ['x']);
    assert.deepEqual(names("f(/[/']/); bench.add('x', f)"), ['x']);
    assert.deepEqual(names("return /'/.test(a) / 2; bench.add('x', f)"), ['x']);
  });

  it('reads escapes as the runtime does', () => {
    assert.deepEqual(names(String.raw`bench.add('it\'s \u0041\x42\u{43}\n', f)`), ["it's ABC\n"]);
    assert.deepEqual(names('bench.add("größe 😀", f)'), ['größe 😀']);
  });

  it('passes over types, decorators and generics', () => {
    const source = `
      import { Bench, type Task } from 'tinybench';
      enum Size { Small = 1 }
      abstract class A<T extends object = {}> { @log private readonly b!: Map<string, T>; }
      const bench: Bench = new Bench({ name: <string>'x' } satisfies object);
      for (const size of [Size.Small] as const) bench.add('a', (): void => work<number>(size!));
      function setup(this: Task, b?: Bench): asserts b is Bench { b!.add('b', function* () {}) }`;
    assert.deepEqual(names(source), ['a', 'b']);
  });

  it('finds what it can in a file with mistakes, and never throws', () => {
    assert.deepEqual(names("const s = 'open\nbench.add('x', f)"), ['x']);
    assert.deepEqual(names("bench.add('x', f"), []);
    assert.deepEqual(names("bench.add('x', f) }}}} ))) bench.add('y', f)"), ['x', 'y']);
    const source =
      "#!/usr/bin/env node\nimport { Bench } from 'tinybench'; `${a + `b`}` / /x'/; bench.add('x', () => {})";
    for (let length = 0; length <= source.length; length++) discoverBenchmarks(source.slice(0, length));
    for (const part of ['`', '${', '\\', '/', "'", '/*', '\u0000', '(', '\ud83d'])
      discoverBenchmarks(part.repeat(2000));
    assert.deepEqual(names(source), ['x']);
  });

  it('is quick on a large file', () => {
    const source = "bench.add('x', () => { const a = `t ${1 / 2}`; });\n".repeat(20_000);
    assert.equal(discoverBenchmarks(source).length, 20_000);
  });
});
