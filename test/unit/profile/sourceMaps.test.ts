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

  beforeEach(() => void workspace.write('app/src/hot.ts', SOURCE));

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

  it('give a minified function of a one-line bundle its name, its place and its line back', () => {
    workspace.write(
      'app/src/main.ts',
      "import { hotSum } from './hot';\nconsole.log(hotSum([{ size: 1 }]), hotSum);\n",
    );
    buildSync({
      entryPoints: [path.join(workspace.app, 'src/main.ts')],
      bundle: true,
      minify: true,
      sourcemap: true,
      platform: 'node',
      outfile: path.join(workspace.app, 'dist/hot.js'),
    });
    const text = fs.readFileSync(path.join(workspace.app, 'dist/hot.js'), 'utf8');
    const mangled = /function (\w+)\(/u.exec(text)![1]!;
    assert.notEqual(mangled, 'hotSum');
    assertMapped(workspace.analyse(`${mangled}@dist/hot.js:1 x10`, [{ file: 'dist/hot.js', text }]));
  });

  it('of a bundle: each file gets its own lines', () => {
    workspace.write('app/src/main.ts', "import { hotSum } from './hot';\nconsole.log(hotSum([]));\n");
    buildSync({
      entryPoints: [path.join(workspace.app, 'src/main.ts')],
      bundle: true,
      sourcemap: true,
      platform: 'node',
      outfile: path.join(workspace.app, 'dist/hot.js'),
    });
    const text = fs.readFileSync(path.join(workspace.app, 'dist/hot.js'), 'utf8');
    const found = workspace.analyse(`hotSum@dist/hot.js:${lineOf(text, 'item.size')} x10`, [
      { file: 'dist/hot.js', text },
    ]);
    assertMapped(found);
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
    it(`that ${what}: a reason, and no line is painted`, () => {
      const found = analyse(make());
      assert.match(found.profile.mapping.failures[0]?.reason ?? '', reason);
      assert.equal(found.profile.mapping.framesMapped, 0);
      assert.deepEqual(found.lines(), {});
      assert.deepEqual(found.functions(), { hotSum: '10/10' }, 'the time is kept');
    });
  }

  it('that names a source outside the workspace: it is neither read nor painted', () => {
    const secret = workspace.write('secret.ts', SOURCE);
    const found = analyse(external((map) => ({ ...map, sources: ['../../secret.ts'] })));
    assert.match(found.profile.mapping.failures[0]!.reason, /names a source outside the workspace/);
    assert.deepEqual(found.profile.files, []);
    assert.ok(!JSON.stringify(found.profile.frames).includes(`"file":"${secret}"`));
  });

  it('in a loop end', () => {
    const text = external((map) => ({ ...map, sources: ['hot.js'] }));
    const found = analyse(text);
    assert.deepEqual(Object.values(found.functions()), ['10/10']);
    const other = external((map) => ({ ...map, sources: ['../lib/other.js'] }));
    workspace.write('app/lib/other.js', `${compiled().outputText.replace('hot.js.map', 'other.js.map')}`);
    workspace.write(
      'app/lib/other.js.map',
      JSON.stringify({ ...(JSON.parse(compiled().sourceMapText!) as object), sources: ['../dist/hot.js'] }),
    );
    assert.deepEqual(Object.values(analyse(other).functions()), ['10/10']);
  });

  it('leave a source that is gone unpainted, but placed', () => {
    const found = analyse(external((map) => ({ ...map, sources: ['../src/gone.ts'] })));
    assert.deepEqual(found.lines(), {});
    assert.equal(found.frameNamed('hotSum').source?.file, path.join(workspace.app, 'src/gone.ts'));
  });

  it('do not trip over a line of ten megabytes', () => {
    const padding = `var pad = "${'x'.repeat(10_000_000)}";`;
    const text = `${padding}function hotSum(items) { return items.length; }`;
    workspace.write('app/dist/hot.js', text);
    const found = workspace.analyse('hotSum@dist/hot.js:1 x10', [{ file: 'dist/hot.js', text }]);
    assert.deepEqual(found.functions(), { hotSum: '10/10' });
  });
});
