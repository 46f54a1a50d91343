import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ThroughlineError } from '../../../../src/engine/model/errors';
import { openProfile } from '../../../../src/engine/profile/open/openProfile';
import type { OpenProgress, OpenRequest } from '../../../../src/engine/profile/sessionMessages';
import { Disk, goProfile, linesOf, placesOf } from './opening';

const GO = `package main

func hot(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += i * i
	}
	return sum
}

func main() {
	hot(1000)
}
`;

const PYTHON = `import json

def price(items):
    return sum(item * 1.2 for item in items)

def handle(request):
    return price(request)
`;

describe('a profile of another language or machine', () => {
  let disk: Disk;
  beforeEach(() => (disk = new Disk()));
  afterEach(() => disk.dispose());

  const open = (file: string, request: Partial<OpenRequest> = {}, onProgress?: (p: OpenProgress) => void) =>
    openProfile({ origin: { kind: 'file', file }, folders: [disk.workspace], ...request }, onProgress);

  const goFile = (recorded: string) =>
    disk.write(
      'cpu.pprof.gz',
      gzipSync(
        goProfile([
          {
            frames: [
              { name: 'main.hot', file: recorded, startLine: 3, line: 6 },
              { name: 'main.main', file: recorded, startLine: 11, line: 12 },
              { name: 'runtime.main', file: '/usr/local/go/src/runtime/proc.go', startLine: 1, line: 2 },
            ],
            values: [40, 400_000_000],
          },
          {
            frames: [
              { name: 'main.hot', file: recorded, startLine: 3, line: 5 },
              { name: 'main.main', file: recorded, startLine: 11, line: 12 },
              { name: 'runtime.main', file: '/usr/local/go/src/runtime/proc.go', startLine: 1, line: 2 },
            ],
            values: [10, 100_000_000],
          },
        ]),
      ),
    );

  it('of Go heats the lines of the checkout, packed or not', async () => {
    const source = disk.write('checkout/app/main.go', GO);
    const opened = await open(goFile('/home/ci/app/main.go'));
    assert.equal(opened.profile.format, 'pprof');
    assert.equal(opened.profile.unit, 'micros');
    const costs = opened.costs();
    const lines = linesOf(costs, disk.workspace);
    assert.match(lines['app/main.go:6']!, /^400000\//);
    assert.match(lines['app/main.go:5']!, /^100000\//);
    assert.equal(placesOf(costs, disk.workspace)['main.hot'], 'app/main.go:3');
    const hot = costs.profile.functions.find(
      ({ frame }) => costs.profile.frames[frame]!.functionName === 'main.hot',
    )!;
    assert.deepEqual([hot.selfMicros, hot.totalMicros, hot.selfSamples], [500_000, 500_000, 50]);
    assert.equal(costs.profile.frames[hot.callers[0]!.frame]!.functionName, 'main.main');
    assert.deepEqual(costs.profile.files, [
      {
        file: source,
        kind: 'app',
        sha256: createHash('sha256').update(fs.readFileSync(source)).digest('hex'),
      },
    ]);
    assert.equal(costs.basis.activeMicros, 500_000);
    assert.deepEqual(opened.profile.mapping!.failures, [
      { url: '/usr/local/go/src/runtime/proc.go', reason: 'outside the workspace' },
    ]);
    assert.deepEqual([opened.profile.mapping!.framesMapped, opened.profile.mapping!.framesWithMap], [2, 3]);
  });

  it('of Go shows another of its values when asked to, in that value’s unit', async () => {
    disk.write('checkout/app/main.go', GO);
    const file = goFile('/home/ci/app/main.go');
    const { profiles, active } = await open(file);
    assert.equal(profiles.length, 2);
    const other = await open(file, { profile: 1 - active });
    const { basis, profile } = other.costs();
    assert.equal(profile.totals.activeMicros, 50);
    assert.ok(basis.unit === 'samples' || basis.unit === 'count', basis.unit);
    await assert.rejects(open(file, { profile: 2 }), (error: ThroughlineError) => {
      assert.equal(error.code, 'BAD_PROFILE');
      assert.match(error.message, /2 profiles.*number 3/);
      return true;
    });
  });

  it('of Windows finds the checkout by the end of its paths', async () => {
    disk.write('checkout/app/main.go', GO);
    const opened = await open(goFile('C:\\build\\app\\main.go'));
    assert.equal(placesOf(opened.costs(), disk.workspace)['main.main'], 'app/main.go:11');
  });

  it('leaves open which of two files it is', async () => {
    disk.write('checkout/a/app/main.go', GO);
    disk.write('checkout/b/app/main.go', GO);
    const opened = await open(goFile('/home/ci/app/main.go'));
    assert.deepEqual(linesOf(opened.costs(), disk.workspace), {});
    assert.ok(
      opened.profile.mapping!.failures.some(
        ({ reason }) => reason === 'two files match: a/app/main.go, b/app/main.go',
      ),
    );
  });

  it('is sought in a folder that the user names', async () => {
    disk.write('elsewhere/app/main.go', GO);
    const file = goFile('/home/ci/app/main.go');
    assert.deepEqual(linesOf((await open(file)).costs(), disk.folder), {});
    const opened = await open(file, { sourceFolder: path.join(disk.folder, 'elsewhere') });
    assert.match(linesOf(opened.costs(), disk.folder)['elsewhere/app/main.go:6']!, /^400000\//);
  });

  it('of py-spy heats the lines that ran', async () => {
    disk.write('checkout/shop/prices.py', PYTHON);
    const file = disk.write(
      'pyspy.txt',
      [
        '<module> (shop/prices.py:7);handle (shop/prices.py:7);price (shop/prices.py:4) 30',
        '<module> (shop/prices.py:7);handle (shop/prices.py:7) 10',
        '<module> (shop/prices.py:7);handle (shop/prices.py:7);loads (/usr/lib/python3.11/json/__init__.py:346) 5',
      ].join('\n'),
    );
    const opened = await open(file);
    assert.equal(opened.profile.unit, 'samples');
    const costs = opened.costs();
    const lines = linesOf(costs, disk.workspace);
    assert.match(lines['shop/prices.py:4']!, /^30\//);
    assert.match(lines['shop/prices.py:7']!, /^10\//);
    assert.equal(Object.keys(lines).length, 2);
    assert.equal(costs.basis.unit, 'samples');
    assert.equal(costs.basis.activeMicros, 45);
  });

  it('paints no line behind a file’s end', async () => {
    disk.write('checkout/shop/prices.py', 'one line\n');
    const file = disk.write('pyspy.txt', 'handle (shop/prices.py:7);price (shop/prices.py:400) 30\n');
    assert.deepEqual(linesOf((await open(file)).costs(), disk.workspace), {});
  });

  it('tells when a source is newer than the profile', async () => {
    disk.write('checkout/shop/prices.py', PYTHON);
    const file = disk.write('pyspy.txt', 'handle (shop/prices.py:7);price (shop/prices.py:4) 30\n');
    disk.age('pyspy.txt', 0);
    disk.age('checkout/shop/prices.py', 60);
    assert.deepEqual((await open(file)).profile.warnings, []);
    disk.age('pyspy.txt', 120);
    assert.match((await open(file)).profile.warnings.join(), /changed since.*prices\.py/);
  });

  it('is opened without places where no folder is open', async () => {
    disk.write('checkout/shop/prices.py', PYTHON);
    const file = disk.write('pyspy.txt', 'handle (shop/prices.py:7);price (shop/prices.py:4) 30\n');
    const opened = await open(file, { folders: [] });
    const { profile } = opened.costs();
    assert.equal(profile.lines.length, 0);
    assert.equal(profile.functions.length, 2);
    assert.ok(profile.frames.every(({ source }) => source === undefined));
  });

  it('ends in a clear error where it is none', async () => {
    const cases: [string, string | Uint8Array][] = [
      ['empty', ''],
      ['prose.txt', 'This is no profile.\nNor is this.'],
      ['cut.cpuprofile', '{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"'],
      ['broken.gz', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3)],
    ];
    for (const [name, content] of cases) {
      const file = disk.write(name, content);
      await assert.rejects(open(file), (error: unknown) => {
        assert.ok(error instanceof ThroughlineError, name);
        assert.equal(error.code, 'BAD_PROFILE');
        assert.ok(error.message.includes(name), error.message);
        return true;
      });
    }
    await assert.rejects(open(path.join(disk.folder, 'missing')), { code: 'BAD_PROFILE' });
  });

  it('reads nothing outside of the folders', async () => {
    disk.write('secret/app/main.go', GO);
    disk.write('secret/app/main.js', 'function hot() {}\n//# sourceMappingURL=../../secret/map.json\n');
    disk.write('checkout/app/keep.go', GO);
    fs.symlinkSync(path.join(disk.folder, 'secret'), path.join(disk.workspace, 'linked'));
    const read: string[] = [];
    const spied = ['readFileSync', 'openSync', 'readdirSync'] as const;
    const originals = spied.map((name) => fs[name]);
    for (const [i, name] of spied.entries()) {
      (fs as unknown as Record<string, unknown>)[name] = (file: unknown, ...rest: unknown[]) => {
        read.push(String(file));
        return (originals[i] as (...args: unknown[]) => unknown)(file, ...rest);
      };
    }
    try {
      const file = goFile(path.join(disk.folder, 'secret/app/main.go'));
      const linked = disk.write(
        'stacks.txt',
        [
          `hot (${path.join(disk.workspace, 'linked/app/main.go')}:6) 10`,
          `hot (${path.join(disk.folder, 'secret/app/main.js')}:1) 10`,
          'hot (../secret/app/main.go:6) 10',
          'hot (/etc/passwd:1);next (file:///etc/hosts:1) 10',
        ].join('\n'),
      );
      for (const profile of [file, linked]) {
        const costs = (await open(profile)).costs();
        assert.deepEqual(linesOf(costs, disk.folder), {});
        assert.deepEqual(placesOf(costs, disk.folder), {});
      }
    } finally {
      for (const [i, name] of spied.entries())
        (fs as unknown as Record<string, unknown>)[name] = originals[i];
    }
    const outside = read.filter((file) => /secret|linked|\/etc\//u.test(file));
    assert.deepEqual(outside, []);
    assert.ok(
      read.some((file) => file.startsWith(disk.workspace)),
      'the workspace was not searched',
    );
  });
});
