// The built command on profiles, as a user's shell would run it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { DiffDocument } from '../../src/cli/diffDocument';
import type { ProfileDocument } from '../../src/cli/profileDocument';
import { RunStore } from '../../src/engine/runs/store';
import { sampleRun } from '../unit/runs/sampleRun';
import { Disk, goProfile } from '../unit/profile/open/opening';
import { run } from './run';

const profiles = path.resolve(__dirname, '../profiles');
/** Profiles of tools as they wrote them; what else is there belongs to how they were made. */
const PROFILE =
  /\.(?:cpuprofile|heapprofile|collapsed|pprof|pb|html|txt|(?:trace|speedscope|v8log|0x-ticks)\.json)(?:\.gz)?$/u;
const PYTHON =
  'def price(items):\n    total = 0\n    for item in items:\n        total += item\n    return total\n';

describe('throughline profile', function () {
  this.timeout(60_000);
  let disk: Disk;
  beforeEach(() => (disk = new Disk()));
  afterEach(() => disk.dispose());

  const json = async (...args: string[]) => {
    const ended = await run(['profile', ...args, '--json'], { cwd: disk.workspace });
    assert.equal(ended.code, 0, ended.stderr);
    return JSON.parse(ended.stdout) as ProfileDocument;
  };

  it('prints the tables with code, and how much was mapped', async () => {
    disk.write('checkout/shop/prices.py', PYTHON);
    const file = disk.write(
      'checkout/stacks.txt',
      'main (shop/prices.py:5);price (shop/prices.py:4) 60\nmain (shop/prices.py:5);gone (/ci/lost.py:3) 20\n',
    );
    const ended = await run(['profile', file], { cwd: disk.workspace });
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /Hottest functions.*75\.0 %.*price .*shop\/prices\.py/s);
    assert.match(ended.stdout, /Hottest lines.*75\.0 %.*60 .*shop\/prices\.py:4 .*total \+= item/s);
    assert.match(ended.stdout, /~25\.0 %/);
    assert.match(ended.stdout, /mapped 2 of 3 functions.*no such file here: \/ci\/lost\.py/s);
  });

  it('prints one document', async () => {
    disk.write('checkout/shop/prices.py', PYTHON);
    disk.write('checkout/stacks.txt.gz', gzipSync('main (shop/prices.py:5);price (shop/prices.py:4) 60\n'));
    const document = await json('stacks.txt.gz');
    assert.equal(document.version, 1);
    assert.equal(document.format, 'collapsed');
    assert.equal(document.unit, 'samples');
    assert.equal(document.total, 60);
    assert.deepEqual(
      document.hotLines.map(({ file, line, function: name, self, selfShare, samples }) => ({
        ...{ file, line, name, self, selfShare, samples },
      })),
      [{ file: 'shop/prices.py', line: 4, name: 'price', self: 60, selfShare: 1, samples: 60 }],
    );
    assert.equal(document.hotLines[0]!.selfMs, null);
    assert.deepEqual(
      document.hotFunctions.map(({ function: name, total }) => [name, total]),
      [
        ['price', 60],
        ['main', 60],
      ],
    );
  });

  it('shows another of a file’s profiles, and finds sources in a folder that is named', async () => {
    disk.write('elsewhere/app/main.go', 'package main\n\nfunc hot() {\n}\n');
    const frames = [{ name: 'main.hot', file: '/ci/app/main.go', startLine: 3, line: 3 }];
    disk.write('checkout/cpu.pprof', goProfile([{ frames, values: [40, 400_000_000] }]));
    const named = path.join(disk.folder, 'elsewhere');
    const first = await json('cpu.pprof', '--profile', '1', '--source-folder', named);
    const second = await json('cpu.pprof', '--profile', '2', '--source-folder', named);
    assert.deepEqual([first.total, second.total], [40, 400_000]);
    assert.equal(second.hotLines[0]!.file, path.join(named, 'app/main.go'));
    assert.equal(second.hotLines[0]!.selfMs, 400);
    const missing = await run(['profile', 'cpu.pprof', '--profile', '3'], { cwd: disk.workspace });
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /2 profiles/);
  });

  it('opens every profile that is kept with the tests', async () => {
    const files = fs.readdirSync(profiles, { recursive: true, encoding: 'utf8' });
    const formats = new Set<string>();
    for (const name of files.filter((file) => PROFILE.test(file) && !file.includes('.capture.'))) {
      const document = await json(path.join(profiles, name));
      assert.ok(document.total > 0, name);
      assert.ok(document.hotFunctions.length > 0, name);
      assert.ok(document.hotFunctions[0]!.self >= (document.hotFunctions[1]?.self ?? 0), name);
      formats.add(document.format);
    }
    for (const format of ['cpuprofile', 'heapprofile', 'chromeTrace', '0x', 'v8log', 'perfScript'] as const)
      assert.ok(formats.has(format), `no ${format} is kept with the tests`);
  });

  it('lets no name steer the terminal', async () => {
    const names = JSON.stringify([{ name: '\u001b]0;owned\u0007evil\u202egnp' }]);
    const file = disk.write(
      'checkout/hostile.speedscope.json',
      `{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":${names}},"profiles":[` +
        '{"type":"sampled","name":"x","unit":"none","startValue":0,"endValue":60,"samples":[[0]],"weights":[60]}]}',
    );
    const ended = await run(['profile', file], { cwd: disk.workspace });
    assert.equal(ended.code, 0, ended.stderr);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(ended.stdout, /[\u0000-\u0009\u000b-\u001f\u007f\u202e]/u);
    assert.match(ended.stdout, /owned.*evil/);
  });

  it('tells bad usage from a file that cannot be read by the exit code', async () => {
    const help = await run(['profile', '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /throughline profile <file>/);
    const usage = await run(['profile']);
    assert.equal(usage.code, 2);
    const missing = await run(['profile', path.join(disk.folder, 'nowhere')]);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /no file/);
    const bad = disk.write('prose.txt', 'This is no profile.\n');
    const ended = await run(['profile', bad]);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /prose\.txt/);
    assert.equal(ended.stdout, '');
  });
});

describe('throughline diff', function () {
  this.timeout(60_000);
  let disk: Disk;
  beforeEach(() => (disk = new Disk()));
  afterEach(() => disk.dispose());

  it('tells what grew and shrank, as shares where no requests are known', async () => {
    disk.write('checkout/shop/prices.py', PYTHON);
    disk.write(
      'checkout/before.txt',
      'main (shop/prices.py:5);price (shop/prices.py:4) 50\nmain (shop/prices.py:5);tax (shop/prices.py:3) 50\n',
    );
    disk.write(
      'checkout/after.txt',
      'main (shop/prices.py:5);price (shop/prices.py:4) 150\nmain (shop/prices.py:5);tax (shop/prices.py:3) 40\nmain (shop/prices.py:5);new (shop/prices.py:2) 10\n',
    );
    const ended = await run(['diff', 'before.txt', 'after.txt', '--json'], { cwd: disk.workspace });
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout) as DiffDocument;
    assert.equal(document.per, 'share');
    assert.equal(document.unit, 'samples');
    const functions = document.functions.map(({ functionName, change, seen, uncertain }) => ({
      ...{ functionName, change: Number(change.toFixed(4)), seen, uncertain },
    }));
    assert.deepEqual(functions, [
      { functionName: 'tax', change: -0.3, seen: 'both', uncertain: false },
      { functionName: 'price', change: 0.25, seen: 'both', uncertain: false },
      { functionName: 'new', change: 0.05, seen: 'after', uncertain: true },
      { functionName: 'main', change: 0, seen: 'both', uncertain: true },
    ]);
    assert.deepEqual(
      document.lines.map(({ file, line, samplesBefore, samplesAfter }) => [
        `${file}:${line}`,
        samplesBefore,
        samplesAfter,
      ]),
      [
        ['shop/prices.py:3', 50, 40],
        ['shop/prices.py:4', 50, 150],
        ['shop/prices.py:2', 0, 10],
      ],
    );
    const text = await run(['diff', 'before.txt', 'after.txt'], { cwd: disk.workspace });
    const same = await run(['diff', 'before.txt', 'before.txt'], { cwd: disk.workspace });
    assert.match(same.stdout, /No function and no line changed\./u);
    assert.doesNotMatch(same.stdout, /Functions that changed/u);
    assert.match(text.stdout, /Functions that changed.*-30\.0 %.*0\.40x.*50\/40.*tax.*~\+5\.0 %.*new/s);
  });

  it('compares two runs per request, by id and by folder', async () => {
    const store = new RunStore(disk.workspace);
    const save = async (run: ReturnType<typeof sampleRun>) => (await (await store.begin()).commit(run)).id;
    const before = sampleRun();
    assert.ok(before.profile.state === 'ok');
    const { profile } = before.profile;
    const after = {
      ...before,
      profile: {
        ...before.profile,
        profile: {
          ...profile,
          functions: profile.functions.map((fn) => (fn.frame === 0 ? { ...fn, selfMicros: 6_000_000 } : fn)),
        },
      },
    };
    const ids = [await save(before), await save(after)] as const;
    const folder = path.join(disk.workspace, '.throughline/runs', ids[1]);
    const ended = await run(['diff', ids[0], folder, '--json'], { cwd: disk.workspace });
    assert.equal(ended.code, 0, ended.stderr);
    const document = JSON.parse(ended.stdout) as DiffDocument;
    assert.deepEqual([document.per, document.unit, document.before.requests], ['request', 'CPU time', 1000]);
    const [hash] = document.functions;
    assert.deepEqual(
      [hash!.functionName, hash!.file, hash!.before, hash!.after, hash!.ratio],
      ['hash', 'src/hash.ts', 3, 6, 2],
    );
    const text = await run(['diff', ...ids], { cwd: disk.workspace });
    assert.match(text.stdout, /3\.00 ms +6\.00 ms +\+3\.00 ms +2\.00x .*hash +src\/hash\.ts:10/);
    const unknown = await run(['diff', ids[0], ids[0].replace(/.$/u, 'x')], { cwd: disk.workspace });
    assert.notEqual(unknown.code, 0);
  });

  it('compares samples with time as shares, as the editor does', async () => {
    disk.write('checkout/before.txt', 'all;main.hot (/ci/app/main.go:3) 30\nall;other 30\n');
    const frames = [{ name: 'main.hot', file: '/ci/app/main.go', startLine: 3, line: 3 }];
    disk.write('checkout/cpu.pprof', goProfile([{ frames, values: [40, 400_000_000] }]));
    const ended = await run(['diff', 'before.txt', 'cpu.pprof', '--json'], { cwd: disk.workspace });
    assert.equal(ended.code, 0, ended.stderr);
    const { per, unit, before, after, functions } = JSON.parse(ended.stdout) as DiffDocument;
    assert.deepEqual([per, unit, before.total, after.total], ['share', 'samples and CPU time', 60, 400]);
    assert.deepEqual(
      functions
        .filter(({ functionName }) => functionName !== 'all')
        .map((each) => [each.functionName, each.before, each.after])
        .sort(),
      [
        ['main.hot', 0.5, 1],
        ['other', 0.5, 0],
      ],
    );
  });

  it('does not compare what cannot be compared', async () => {
    const frames = [{ name: 'main.hot', file: '/ci/app/main.go', startLine: 3, line: 3 }];
    disk.write('checkout/cpu.pprof', goProfile([{ frames, values: [40, 400_000_000] }]));
    fs.copyFileSync(
      path.join(import.meta.dirname, '../profiles/shop.heapprofile'),
      path.join(disk.workspace, 'a.heapprofile'),
    );
    const ended = await run(['diff', 'a.heapprofile', 'cpu.pprof'], { cwd: disk.workspace });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /cannot be compared/);
    const folder = await run(['diff', '.', 'cpu.pprof'], { cwd: disk.workspace });
    assert.equal(folder.code, 2);
    assert.match(folder.stderr, /not that of a run/);
  });
});
