import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { analyse } from '../../../src/engine/profile/analyse';
import { Workspace } from './captures';
import { drawProfile } from './drawing';

const CODE = 'function work(n) {\n  return n * 2;\n}\n';
const MARKUP = '<img src=x onerror="alert(1)">\u202e`${process.exit()}`\u0000';

describe('Hostile captures', () => {
  let workspace: Workspace;
  let reads: string[];
  const original = fs.readFileSync;
  beforeEach(() => {
    workspace = new Workspace();
    reads = [];
    // Watches, and reads all the same.
    fs.readFileSync = ((file: fs.PathOrFileDescriptor, ...rest: []) => {
      reads.push(String(file));
      return original(file, ...rest);
    }) as typeof fs.readFileSync;
  });
  afterEach(() => {
    fs.readFileSync = original;
    workspace.dispose();
  });

  const capture = (profile: unknown, scripts?: unknown) => {
    const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
    workspace.write('capture/profile.cpuprofile', text(profile));
    if (scripts !== undefined) workspace.write('capture/scripts.json', text(scripts));
    return analyse({
      captures: [{ folder: path.join(workspace.folder, 'capture'), pid: 1, thread: 'main' }],
      appFolder: workspace.app,
      treeFile: '',
    });
  };
  const readOutside = () =>
    reads.filter(
      (file) => !file.startsWith(workspace.app) && !file.startsWith(path.join(workspace.folder, 'capture')),
    );
  const drawn = drawProfile('main > work:12 x3\nmain x2');
  const [root, main, work] = drawn.nodes;

  describe('are refused with a sentence', () => {
    const refused: readonly [string, unknown, unknown, RegExp][] = [
      ['an empty profile', '', undefined, /is empty/],
      ['a truncated profile', JSON.stringify(drawn).slice(0, 200), undefined, /is cut off/],
      ['a profile that is not JSON', '<!doctype html>', undefined, /is not JSON/],
      ['binary', '\u0000\u0001\ufffd', undefined, /is not JSON/],
      ['a profile without samples', drawProfile(''), undefined, /no samples/],
      [
        'a cycle',
        { ...drawn, nodes: [root, { ...main, children: [3] }, { ...work, children: [2] }] },
        undefined,
        /two parents|cycle/,
      ],
      ['a node that is its own child', { ...drawn, nodes: [{ ...root, children: [1] }] }, undefined, /cycle/],
      ['two equal ids', { ...drawn, nodes: [root, main, { ...work, id: 2 }] }, undefined, /two nodes/],
      ['nodes nested without end', '{"nodes":'.repeat(100_000), undefined, /is (cut off|not JSON)/],
      ['lists nested without end', `{"nodes":${'['.repeat(100_000)}`, undefined, /is (cut off|not JSON)/],
      ['a hit count that is text', { ...drawn, nodes: [{ ...root, hitCount: 'x' }] }, undefined, /./],
      ['an empty list of scripts', drawn, '', /list of scripts .* is not JSON/],
      ['a truncated list of scripts', drawn, '[{"scriptId":"1"', /list of scripts .* is not JSON/],
      ['a list of scripts of other things', drawn, [{ scriptId: 1, url: {} }], /is not as expected/],
    ];
    for (const [what, profile, scripts, message] of refused) {
      it(what, () => {
        assert.throws(
          () => capture(profile, scripts),
          (error) =>
            error instanceof ThroughlineError &&
            error.code === 'BAD_PROFILE' &&
            message.test(error.message) &&
            error.message.length < 500,
        );
      });
    }
  });

  it('with negative times lose no figure and gain none', () => {
    const deltas = drawn.timeDeltas.map((delta, i) => (i === 2 ? -delta : delta));
    const { profile } = capture({ ...drawn, timeDeltas: deltas });
    assert.ok(profile.totals.sampledMicros >= 0 && profile.totals.sampledMicros <= 5000);
    for (const fn of profile.functions)
      assert.ok(fn.selfMicros >= 0 && fn.totalMicros <= profile.totals.sampledMicros);
  });

  it('with stacks of 100,000 functions are summed up', () => {
    const count = 100_000;
    const nodes = Array.from({ length: count }, (_, i) => ({
      id: i + 1,
      callFrame: { functionName: `f${i}`, scriptId: '1', url: '', lineNumber: i, columnNumber: 0 },
      hitCount: i === count - 1 ? 2 : 0,
      children: i === count - 1 ? [] : [i + 2],
    }));
    const samples = [count, count];
    const { profile, tree } = capture({ nodes, samples, timeDeltas: [1, 1], startTime: 0, endTime: 2 });
    assert.equal(tree.parent.length, count);
    assert.equal(profile.functions.length, count - 1);
  });

  it('with names and addresses of markup and control characters keep them as text', () => {
    const url = `https://example.invalid/${MARKUP}`;
    const named = (node: typeof main) => ({
      ...node,
      callFrame: { ...node!.callFrame, functionName: MARKUP, url, scriptId: '7' },
    });
    const { profile } = capture({ ...drawn, nodes: [root, named(main), named(work)] }, [
      { scriptId: '7', url, sourceMapUrl: `data:${MARKUP}`, sourceFile: '../../../etc/passwd' },
    ]);
    const frame = profile.frames.find((item) => item.generated.url === url);
    assert.equal(frame?.functionName, MARKUP);
    assert.equal(frame?.source, undefined);
    assert.deepEqual(profile.lines, []);
    assert.deepEqual(readOutside(), []);
  });

  it('with lines and columns beyond any file paint nothing there', () => {
    const url = workspace.write('app/work.js', CODE);
    const far = { ...work!.callFrame, url, scriptId: '7', lineNumber: 0x7ffffff0, columnNumber: 0x7ffffff0 };
    workspace.write('capture/7.js', CODE);
    const ticks = [{ line: 0x7fffffff, ticks: 3 }];
    const nodes = [root, main, { ...work, callFrame: far, positionTicks: ticks }];
    const { profile } = capture({ ...drawn, nodes }, [{ scriptId: '7', url, sourceFile: '7.js' }]);
    assert.ok(profile.lines.every(({ line }) => line <= 4));
  });

  describe('that name files outside the workspace', () => {
    const outside = (scripts: (secret: string) => { url: string; text: string; sourceMapUrl?: string }) => {
      workspace.write('other/package.json', '{ "name": "secret-package" }');
      const secret = workspace.write('other/secret.js', CODE);
      reads = [];
      const script = scripts(secret);
      return { secret, found: workspace.analyse('work@s.js:2 x10', [{ file: 's.js', ...script }]) };
    };
    const map = (source: string) =>
      JSON.stringify({ version: 3, names: [], sources: [source], mappings: 'AAAA;AACA;AACA' });

    it("by a script's own address: the frame keeps its name, and nothing is read, hashed or painted", () => {
      for (const address of [(file: string) => file, (file: string) => `file://${file}`]) {
        const { found, secret } = outside((file) => ({ url: address(file), text: CODE }));
        const frame = found.frameNamed('work');
        assert.deepEqual(found.functions(), { work: '10/10' });
        assert.deepEqual(found.profile.files, []);
        assert.deepEqual(found.profile.lines, []);
        assert.deepEqual([frame.source, frame.kind, frame.packageName], [undefined, 'dependency', 'other']);
        assert.ok(!readOutside().includes(secret) && !readOutside().some((file) => file.includes('other')));
      }
    });

    it('by the sources, the map and the chain of maps of a script in the workspace', () => {
      const inline = (file: string) => `data:application/json,${encodeURIComponent(map(file))}`;
      const url = path.join(workspace.app, 's.js');
      workspace.write('app/s.js', CODE);
      const between = workspace.write('app/between.js', `${CODE}//# sourceMappingURL=../other/secret.js.map`);
      const asked: ((secret: string) => string)[] = [
        (secret) => inline(secret),
        (secret) => inline(`file://${secret}`),
        () => inline('../../../../../../../../etc/passwd'),
        (secret) => `${secret}.map`,
        () => inline(between),
        () => inline('file:///dev/zero'),
        () => '/dev/zero',
        () => 'file:///proc/self/environ',
      ];
      for (const sourceMapUrl of asked) {
        const { found } = outside((secret) => {
          workspace.write('other/secret.js.map', map(secret));
          return { url, text: CODE, sourceMapUrl: sourceMapUrl(secret) };
        });
        assert.deepEqual(
          readOutside().filter((file) => !file.startsWith(path.join(workspace.folder, 'capture'))),
          [],
        );
        assert.ok(found.profile.files.every(({ file }) => file.startsWith(workspace.app)));
        assert.equal(found.profile.mapping.failures.length, 1);
        assert.match(found.profile.mapping.failures[0]!.reason, /outside the workspace/);
      }
    });

    it('by a link in the workspace', () => {
      workspace.write('other/package.json', '{}');
      const secret = workspace.write('other/secret.js', CODE);
      fs.symlinkSync(secret, path.join(workspace.app, 'link.js'));
      const found = workspace.analyse('work@link.js:2 x10', [{ file: 'link.js', text: CODE }]);
      assert.deepEqual(found.profile.files, []);
      assert.deepEqual(readOutside(), []);
    });
  });

  it('with a line of ten megabytes, in the script and in its map', () => {
    const padding = `var pad="${'x'.repeat(10_000_000)}";`;
    const text = `${padding}function work(n){return n*2}`;
    const url = workspace.write('app/s.js', text);
    const mappings = `${'AAAA,'.repeat(2_000_000)}AAAA`;
    workspace.write('app/s.ts', CODE);
    workspace.write('app/s.js.map', JSON.stringify({ version: 3, names: [], sources: ['s.ts'], mappings }));
    const plain = workspace.analyse('work@s.js:1 x10', [{ file: 's.js', text, url }]);
    assert.deepEqual(plain.functions(), { work: '10/10' });
    assert.deepEqual(plain.lines(), { 's.js:1': '10/10' });
    const mapped = workspace.analyse('work@s.js:1 x10', [
      { file: 's.js', text, url, sourceMapUrl: 's.js.map' },
    ]);
    assert.deepEqual(mapped.functions(), { work: '10/10' });
    assert.deepEqual(mapped.lines(), { 's.ts:1': '10/10' });
  });

  it('with maps of nonsense: a reason, and no crash', () => {
    workspace.write('app/s.js', CODE);
    const bad = [
      { version: 3, names: [], sources: [null], mappings: 'AAAA;AACA' },
      { version: 3, names: [], sources: [], mappings: 'AAAA;AACA' },
      { version: 3, names: [], sources: ['a.ts'], mappings: 'A~~~;;;\u0000' },
      { version: 3, names: 7, sources: ['a.ts'], sourcesContent: { 0: 1 }, mappings: 'AAAAA;AACAA' },
      { version: 3, names: [], sources: ['\u0000'], mappings: 'AAAA;AACA' },
      { version: 3, names: [], sources: [`file:///${'a/'.repeat(5000)}`], mappings: 'AAAA;AACA' },
      { version: 3, sections: [{ offset: { line: -1, column: -1 }, map: null }] },
    ];
    for (const value of bad) {
      const sourceMapUrl = `data:application/json,${encodeURIComponent(JSON.stringify(value))}`;
      const found = workspace.analyse('work@s.js:2 x10', [{ file: 's.js', text: CODE, sourceMapUrl }]);
      assert.equal(Object.values(found.functions())[0], '10/10', JSON.stringify(value));
      assert.ok(found.profile.files.every(({ file }) => file.startsWith(workspace.app)));
    }
  });
});
