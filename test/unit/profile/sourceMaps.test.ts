import type { BuildOptions } from 'esbuild';
import { buildSync, transformSync } from 'esbuild';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import type { Analysed } from './captures';
import { Workspace } from './captures';

const SOURCE = `interface Item {
  readonly size: number;
}

export function hotSum(items: readonly Item[]): number {
  let sum = 0;
  for (const item of items) {
    sum += item.size * 2;
  }
  return sum;
}
`;

/** The generated line (1-based) that holds the text. */
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

describe('Source maps', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.dispose());

  const compiled = (options: ts.CompilerOptions = {}) =>
    ts.transpileModule(SOURCE, {
      fileName: 'hot.ts',
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.CommonJS,
        sourceMap: true,
        ...options,
      },
    });

  /** Ten samples on the line of the multiplication in the generated text. */
  const analyse = (text: string, sourceMapUrl?: string, url?: string): Analysed => {
    workspace.write('app/dist/hot.js', text);
    const script = { file: 'dist/hot.js', text, ...(sourceMapUrl && { sourceMapUrl }), ...(url && { url }) };
    return workspace.analyse(`hotSum@dist/hot.js:${lineOf(text, 'item.size')} x10`, [script]);
  };

  const assertMapped = (found: Analysed) => {
    assert.deepEqual(found.lines(), { 'src/hot.ts:8': '10/10' });
    const frame = found.frameNamed('hotSum');
    assert.deepEqual(frame.source, { file: path.join(workspace.app, 'src/hot.ts'), line: 5, column: 17 });
    assert.equal(frame.endLine, 11);
    assert.equal(frame.kind, 'app');
    assert.deepEqual(found.profile.mapping.failures, []);
    assert.equal(found.profile.mapping.framesMapped, 1);
    assert.equal(found.profile.files[0]?.file, path.join(workspace.app, 'src/hot.ts'));
  };

  const external = (change: (map: Record<string, unknown>) => unknown = (map) => map) => {
    const { outputText, sourceMapText } = compiled();
    const map = JSON.parse(sourceMapText!) as Record<string, unknown>;
    workspace.write('app/dist/hot.js.map', JSON.stringify(change({ ...map, sources: ['../src/hot.ts'] })));
    return outputText;
  };

  beforeEach(() => workspace.age(workspace.write('app/src/hot.ts', SOURCE), 60));

  it('beside the script, as tsc writes them', () => assertMapped(analyse(external())));

  it('inline', () => {
    const { outputText, sourceMapText } = compiled();
    const map = { ...(JSON.parse(sourceMapText!) as object), sources: ['../src/hot.ts'] };
    const body = outputText.replace(/\/\/# sourceMappingURL.*/u, '');
    const base64 = Buffer.from(JSON.stringify(map)).toString('base64');
    assertMapped(
      analyse(`${body}//# sourceMappingURL=data:application/json;charset=utf-8;base64,${base64}\n`),
    );
    assertMapped(analyse(body, `data:application/json,${encodeURIComponent(JSON.stringify(map))}`));
  });

  it('indexed', () => {
    assertMapped(
      analyse(external((map) => ({ version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] }))),
    );
  });

  it("of a bundler's scheme, where the file exists in the app", () => {
    assertMapped(analyse(external((map) => ({ ...map, sources: ['webpack://shop/./src/hot.ts'] }))));
  });

  it('of a loader that appends a query to the URL', () => {
    const { outputText, sourceMapText } = compiled();
    const file = path.join(workspace.app, 'src/hot.ts');
    const map = { ...(JSON.parse(sourceMapText!) as object), sources: [file] };
    const base64 = Buffer.from(JSON.stringify(map)).toString('base64');
    const text = outputText.replace(/\/\/# sourceMappingURL.*/u, '');
    const found = analyse(
      `${text}//# sourceMappingURL=data:application/json;base64,${base64}`,
      undefined,
      `${file}?namespace=17`,
    );
    assertMapped(found);
  });

  it('of a source that has a map itself', () => {
    const first = ts.transpileModule(SOURCE, {
      fileName: 'hot.ts',
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, sourceMap: true },
    });
    const map = JSON.parse(first.sourceMapText!) as object;
    const middle = workspace.write('app/lib/hot.js', first.outputText);
    workspace.write('app/lib/hot.js.map', JSON.stringify({ ...map, sources: ['../src/hot.ts'] }));
    const second = transformSync(fs.readFileSync(middle, 'utf8'), {
      sourcemap: true,
      sourcefile: '../lib/hot.js',
      format: 'cjs',
    });
    workspace.write('app/dist/hot.js.map', second.map);
    const found = analyse(`${second.code}//# sourceMappingURL=hot.js.map\n`);
    assert.deepEqual(found.lines(), { 'src/hot.ts:8': '10/10' });
  });

  const bundle = (main: string, options: BuildOptions = {}) => {
    workspace.write('app/src/main.ts', main);
    const outfile = path.join(workspace.app, 'dist/hot.js');
    const entryPoints = [path.join(workspace.app, 'src/main.ts')];
    buildSync({ entryPoints, bundle: true, sourcemap: true, platform: 'node', outfile, ...options });
    return fs.readFileSync(outfile, 'utf8');
  };
  const mangledName = (text: string) => /function (\w+)\(/u.exec(text)![1]!;

  it('give a minified function its name and place back; lines that one line holds are painted on none', () => {
    const text = bundle("import { hotSum } from './hot';\nconsole.log(hotSum([{ size: 1 }]), hotSum);\n", {
      minify: true,
    });
    const mangled = mangledName(text);
    assert.notEqual(mangled, 'hotSum');
    const found = workspace.analyse(`@dist/hot.js > ${mangled}@dist/hot.js:1 x10`, [
      { file: 'dist/hot.js', text },
    ]);
    assert.equal(found.functions()['hotSum'], '10/10');
    const { source, endLine } = found.frameNamed('hotSum');
    assert.deepEqual([source?.line, endLine], [5, 11]);
    assert.equal(found.lines()['src/hot.ts:8'], undefined);
    assert.match(found.profile.mapping.failures[0]?.reason ?? '', /one generated line/);
  });

  it('paint a line of a one-line bundle where all of the work is on it', () => {
    workspace.write(
      'app/src/hot.ts',
      'export function hotSum(n: number): number {\n  for (let i = 0; i < 9; i++) n = (n * 33 + i) | 0;\n  return n;\n}\n',
    );
    const text = bundle("import { hotSum } from './hot';\nconsole.log(hotSum(1), hotSum);\n", {
      minify: true,
    });
    const found = workspace.analyse(`${mangledName(text)}@dist/hot.js:1 x10`, [
      { file: 'dist/hot.js', text },
    ]);
    assert.deepEqual(found.lines(), { 'src/hot.ts:2': '10/10' });
    assert.deepEqual(found.profile.mapping.failures, []);
  });

  it('paint no line of a one-line bundle that an inlined function may have taken', () => {
    workspace.write(
      'app/src/hot.ts',
      'export const double = (n: number): number =>\n  n * 2;\nexport function hotSum(n: number): number {\n  return double(n);\n}\n',
    );
    const main = "import { double, hotSum } from './hot';\nconsole.log(hotSum(1), hotSum, double);\n";
    const text = bundle(main, { minifyWhitespace: true });
    const drawn = [{ file: 'dist/hot.js', text }];
    const hidden = workspace.analyse('hotSum@dist/hot.js:1 x10', drawn);
    assert.deepEqual(hidden.lines(), {});
    assert.deepEqual(hidden.functions(), { hotSum: '10/10' });
    const shown = workspace.analyse(
      'hotSum@dist/hot.js:1 x10\nhotSum@dist/hot.js > double@dist/hot.js:1 x20',
      drawn,
    );
    assert.deepEqual(shown.lines(), { 'src/hot.ts:2': '20/20', 'src/hot.ts:4': '10/30' });
  });

  it('of a bundle: each file gets its own lines', () => {
    const text = bundle("import { hotSum } from './hot';\nconsole.log(hotSum([]));\n");
    assertMapped(
      workspace.analyse(`hotSum@dist/hot.js:${lineOf(text, 'item.size')} x10`, [
        { file: 'dist/hot.js', text },
      ]),
    );
  });

  const failing: readonly [string, () => string, RegExp][] = [
    ['is missing', () => compiled().outputText, /source map is missing/],
    [
      'is not JSON',
      () => {
        workspace.write('app/dist/hot.js.map', '<html>404</html>');
        return compiled().outputText;
      },
      /is not one/,
    ],
    ['is of another version', () => external(() => ({ version: 2, sources: 3 })), /is not one/],
    [
      'lies outside the workspace',
      () => {
        workspace.write('secret.map', compiled().sourceMapText!);
        return compiled().outputText.replace('hot.js.map', '../../secret.map');
      },
      /outside the workspace/,
    ],
    [
      'is a link to the outside',
      () => {
        const secret = workspace.write('secret.map', compiled().sourceMapText!);
        fs.mkdirSync(path.join(workspace.app, 'dist'), { recursive: true });
        fs.symlinkSync(secret, path.join(workspace.app, 'dist/hot.js.map'));
        return compiled().outputText;
      },
      /outside the workspace/,
    ],
    [
      'is on a server',
      () => compiled().outputText.replace('hot.js.map', 'http://127.0.0.1:9/hot.js.map'),
      /not a file/,
    ],
    [
      'is cut off inline',
      () => compiled().outputText.replace('hot.js.map', 'data:application/json;base64'),
      /cut off/,
    ],
    [
      'is nested without end',
      () => {
        const nested = `{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":`.repeat(20_000);
        workspace.write('app/dist/hot.js.map', nested);
        return compiled().outputText;
      },
      /is not one/,
    ],
  ];
  for (const [what, make, reason] of failing) {
    it(`that ${what}: a reason, and the line of what ran in place of the source's`, () => {
      const text = make();
      const found = analyse(text);
      assert.match(found.profile.mapping.failures[0]?.reason ?? '', reason);
      assert.equal(found.profile.mapping.failures.length, 1);
      assert.equal(found.profile.mapping.framesMapped, 0);
      assertGenerated(found, text);
    });
  }

  const assertGenerated = (found: Analysed, text: string) => {
    const line = lineOf(text, 'item.size');
    assert.deepEqual(found.lines(), { [`dist/hot.js:${line}`]: '10/10' });
    assert.deepEqual(found.functions(), { hotSum: '10/10' });
    const file = path.join(workspace.app, 'dist/hot.js');
    assert.equal(found.frameNamed('hotSum').source?.file, file);
    assert.deepEqual(
      found.profile.files.map((item) => item.file),
      [file],
    );
  };

  it('that names a source outside the workspace: it is neither read nor painted', () => {
    const secret = workspace.write('secret.ts', SOURCE);
    const text = external((map) => ({ ...map, sources: ['../../secret.ts'] }));
    const found = analyse(text);
    assert.match(found.profile.mapping.failures[0]!.reason, /names a source outside the workspace/);
    assertGenerated(found, text);
    assert.ok(!JSON.stringify(found.profile.frames).includes(`"file":"${secret}"`));
  });

  it('that names sources that are gone: what ran is painted, and one reason given', () => {
    const text = external((map) => ({ ...map, sources: ['../src/gone.ts'] }));
    const found = analyse(text);
    assertGenerated(found, text);
    assert.equal(found.profile.mapping.failures.length, 1);
    assert.match(found.profile.mapping.failures[0]!.reason, /source that is missing: .*gone\.ts$/);
  });

  it("of a loader that built in memory: without its source no line of the source's name is painted", () => {
    const { outputText } = compiled();
    const url = path.join(workspace.app, 'src/hot.ts');
    const found = analyse(outputText.replace('hot.js.map', 'data:application/json;base64'), undefined, url);
    assert.deepEqual(found.lines(), {});
    assert.equal(found.frameNamed('hotSum').source, undefined);
    assert.deepEqual(found.functions(), { hotSum: '10/10' });
  });

  it('of a source whose own source is gone: the file between is painted', () => {
    const middle = SOURCE.replaceAll(/: readonly Item\[\]|: number|export /gu, '');
    workspace.write('app/lib/hot.js', `${middle}//# sourceMappingURL=hot.js.map`);
    const map = JSON.parse(compiled().sourceMapText!) as object;
    workspace.write('app/lib/hot.js.map', JSON.stringify({ ...map, sources: ['../src/gone.ts'] }));
    const found = analyse(external((outer) => ({ ...outer, sources: ['../lib/hot.js'] })));
    assert.deepEqual(found.lines(), { 'lib/hot.js:8': '10/10' });
    assert.match(found.profile.mapping.failures[0]!.reason, /missing: .*gone\.ts$/);
  });

  it('in a loop end, and say so', () => {
    const text = external((map) => ({ ...map, sources: ['hot.js'] }));
    assert.deepEqual(Object.values(analyse(text).functions()), ['10/10']);
    const other = external((map) => ({ ...map, sources: ['../lib/other.js'] }));
    workspace.write('app/lib/other.js', `${compiled().outputText.replace('hot.js.map', 'other.js.map')}`);
    workspace.write(
      'app/lib/other.js.map',
      JSON.stringify({ ...(JSON.parse(compiled().sourceMapText!) as object), sources: ['../dist/hot.js'] }),
    );
    const found = analyse(other);
    assert.deepEqual(Object.values(found.functions()), ['10/10']);
    assert.ok(found.profile.mapping.failures.some(({ reason }) => reason.includes('form a loop')));
  });

  it('read the map of a source only where samples lead there', () => {
    workspace.write('app/lib/idle.js', '//# sourceMappingURL=http://127.0.0.1:9/idle.js.map');
    const text = external((map) => ({ ...map, sources: ['../src/hot.ts', '../lib/idle.js'] }));
    assertMapped(analyse(text));
  });

  it('do not trip over a line of ten megabytes', () => {
    const padding = `var pad = "${'x'.repeat(10_000_000)}";`;
    const text = `${padding}function hotSum(items) { return items.length; }`;
    workspace.write('app/dist/hot.js', text);
    const found = workspace.analyse('hotSum@dist/hot.js:1 x10', [{ file: 'dist/hot.js', text }]);
    assert.deepEqual(found.functions(), { hotSum: '10/10' });
  });
});
