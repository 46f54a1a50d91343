import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { FRAME_KINDS, FRAME_TIERS, type StackProfile } from '../../../src/engine/model/stackProfile';
import { bytesAsSource } from '../../../src/engine/profile/import/source';
import { decodeV8Log, importV8Log, type V8LogOptions } from '../../../src/engine/profile/import/v8log';

const FOLDER = path.resolve(__dirname, '../../profiles/v8log');
const EXPECTED = JSON.parse(fs.readFileSync(path.join(FOLDER, 'expected.json'), 'utf8')) as Record<
  string,
  Record<string, number>
>;
/** The logs are of seconds on a shared machine, and do not change. */
const TOLERANCE = 0.04;

describe('V8 logs', () => {
  for (const [name, truth] of Object.entries(EXPECTED)) {
    describe(name, () => {
      let profile: StackProfile;
      before(() => {
        profile = decode(read(name));
      });

      it('has the time of each plant on its line of the source', () => {
        const found = linesOfSource(profile, name);
        const all = Object.values(truth).reduce((sum, micros) => sum + micros, 0);
        const active = all / profile.threads[0]!.total;
        assert.ok(active > 0.6, `the plants are most of the log: ${active}`);
        for (const plant of ['mix', 'spin']) {
          const share = (found.get(plantLine(plant)) ?? 0) / all;
          const planted = truth[plant]! / all;
          assert.ok(
            Math.abs(share - planted) < TOLERANCE,
            `${plant}: planted ${planted}, found ${share}; ${JSON.stringify([...found])}`,
          );
        }
      });

      it('tells what was inlined, and what a regular expression took', () => {
        const micros = { inlined: 0, regexp: 0 };
        profile.tree.self.forEach((self, node) => {
          if (FRAME_TIERS[profile.tree.tier![node]!] === 'inlined') micros.inlined += self;
          if (FRAME_KINDS[profile.frames.kinds[profile.tree.frame[node]!]!] === 'regexp')
            micros.regexp += self;
        });
        const { total } = profile.threads[0]!;
        const own = (truth['mix']! + truth['spin']!) / total;
        assert.ok(micros.inlined / total > own * 0.7, `inlined: ${micros.inlined / total} of ${own}`);
        assert.ok(
          Math.abs(micros.regexp - truth['scan']!) / total < TOLERANCE,
          `regexp: ${micros.regexp / total}`,
        );
      });

      it('is whole: parents before children, sums that agree, segments that follow each other', () => {
        checkWhole(profile);
      });

      it('is cut to a window of the monotonic clock', () => {
        const began = monotonicStart(name);
        const from = began + 500_000;
        const cut = decode(read(name), { window: { startMicros: from, endMicros: from + 200_000 } });
        const { total, endMicros } = cut.threads[0]!;
        assert.equal(Math.round(endMicros), 200_000);
        assert.ok(Math.abs(total + cut.idle - 200_000) < 1, `${total} and ${cut.idle} idle`);
        checkWhole(cut);
      });
    });
  }

  it('say when they began', () => {
    const { startedAtMs } = decode(read('node22-minified'));
    assert.ok(
      startedAtMs !== undefined && startedAtMs > Date.UTC(2020, 0) && startedAtMs < Date.UTC(2100, 0),
    );
  });

  it('refuse a window where they do not tell their clock', () => {
    const bytes = Buffer.from(JSON.stringify(SMALL));
    const window = { startMicros: 0, endMicros: 1e9 };
    assert.throws(() => decode(bytes, { window }), isBadProfile(/does not tell when it began/u));
  });
});

/**
 * `outer` calls `middle` on line 2, which was inlined, and `middle` calls `inner` on line 5, which was inlined into it;
 * both are in other places of the text: 0-based offsets 10, 30 and 50 lie on lines 2, 5 and 8.
 */
const TEXT = Array.from({ length: 10 }, (_, i) => `line ${i}`).join('\n');
const SMALL = {
  code: [
    { name: '/usr/bin/node', type: 'SHARED_LIB' },
    {
      name: 'outer /app/a.js:1:3',
      type: 'JS',
      kind: 'Opt',
      func: 0,
      source: {
        script: 0,
        start: 0,
        end: 60,
        positions: 'C0O10C8O50I1C16O30I0C24O10',
        inlined: 'F0O10F1O30I0',
        fns: [1, 2],
      },
    },
    { name: 'LoadIC', type: 'CODE', kind: 'Builtin' },
    { name: 'middle /app/a.js:4:3', type: 'JS', kind: 'Sparkplug', func: 1, source: bare(0) },
    {
      name: 'inner /app/node_modules/@acme/b/lib.js:7:3',
      type: 'JS',
      kind: 'Maglev',
      func: 2,
      source: bare(0),
    },
    { name: 'ab+c', type: 'CODE', kind: 'RegExp' },
    { name: 'v8::internal::Runtime_Grow(int)', type: 'CPP' },
  ],
  functions: [
    { name: 'outer /app/a.js:1:3', codes: [1] },
    { name: 'middle /app/a.js:4:3', codes: [3] },
    { name: 'inner /app/node_modules/@acme/b/lib.js:7:3', codes: [4] },
  ],
  ticks: [
    tick(1000, 0, [1, 9]), // in inner, inlined in middle, inlined in outer
    tick(2000, 0, [1, 17]), // in middle
    tick(3000, 0, [5, 0, 1, 24]), // a regular expression, called where the code before offset 24 is: in middle
    tick(4000, 0, [2, 5, 1, 30]), // V8's helper counts as outer's own
    tick(5000, 1, [0, 0]), // collecting garbage
    tick(6000, 8, [0, 0]), // idle, and then nothing until it works again
    tick(96_000, 0, [6, 0, 4, 1]), // C++ of V8, called by inner itself
    tick(97_000, 4, [0, 0, 3, 1]), // compiling for middle
    tick(98_000, 0, [-1, 12_345]), // unknown
    tick(99_000, 0, []),
  ],
  scripts: [{ url: '/app/a.js', source: TEXT }, null],
};

describe('a small V8 log', () => {
  it('is the tree that it was made of', () => {
    assert.deepEqual(drawing(decode(Buffer.from(JSON.stringify(SMALL)))), [
      'outer optimised 1 @2:4',
      '  middle inlined 1 @5:3',
      '    inner inlined 1 @8:2',
      '    /ab+c/ unknown 1',
      '(garbage collector) unknown 1',
      'inner maglev 0',
      '  v8::internal::Runtime_Grow(int) unknown 1',
      'middle baseline 0',
      '  (compiler) unknown 1',
      '(native code) unknown 1',
      '(program) unknown 1',
    ]);
  });

  it('tells where calls are made: inlined ones, and others by the address that they return to', () => {
    const { tree, frames } = decode(Buffer.from(JSON.stringify(SMALL)));
    const calls = [...tree.frame.keys()]
      .filter((node) => tree.callLine![node]! > 0)
      .map((node) => `${frames.names[tree.frame[node]!]} ${tree.callLine![node]}:${tree.callColumn![node]}`);
    assert.deepEqual(calls, ['middle 2:4', 'inner 5:3', '/ab+c/ 5:3']);
  });

  it('counts what follows an idle tick as idle, up to the next one', () => {
    const profile = decode(Buffer.from(JSON.stringify(SMALL)));
    // Half of a usual gap on either side of the idle time is of the working ticks.
    assert.equal(profile.idle, 90_000);
    assert.equal(profile.threads[0]!.total, 8000);
  });

  it('tells whose code a function is', () => {
    const { frames } = decode(Buffer.from(JSON.stringify(SMALL)));
    const of = (name: string) => {
      const id = frames.names.indexOf(name);
      return [FRAME_KINDS[frames.kinds[id]!], frames.packages[frames.packageOf[id]!], frames.lines[id]];
    };
    assert.deepEqual(of('outer'), ['app', undefined, 1]);
    assert.deepEqual(of('inner'), ['dependency', '@acme/b', 7]);
    assert.deepEqual(of('/ab+c/'), ['regexp', undefined, 0]);
    assert.deepEqual(of('v8::internal::Runtime_Grow(int)'), ['v8', undefined, 0]);
  });

  const bad: Record<string, readonly [unknown, RegExp]> = {
    'an empty file': ['', /not a processed V8 log|cut off/u],
    'a file cut off in a tick': [JSON.stringify(SMALL).replace(/("ticks":.{90}).*/u, '$1'), /cut off/u],
    'a raw log': [
      'v8-version,12,4,254,21,-node.57,0\ntick,0x1,2,0,0x0,0\n',
      /is raw: run "node --prof-process/u,
    ],
    'a tick without a time': [{ ...SMALL, ticks: [{ s: [1, 2] }] }, /bad entry ticks\[0\]/u],
    'a tick with a text for an address': [
      { ...SMALL, ticks: [{ tm: 1, vm: 0, s: ['x'] }] },
      /bad entry ticks\[0\]/u,
    ],
    'a log without ticks': [{ ...SMALL, ticks: [] }, /no samples/u],
    'ticks that are no list': [{ ...SMALL, ticks: 5 }, /no list of ticks/u],
    'ticks before the functions': [
      { ticks: SMALL.ticks, functions: [], code: [] },
      /not a processed V8 log/u,
    ],
    'another object': [{ nodes: [] }, /not a processed V8 log/u],
    'broken JSON': ['{"code": [{"name" 1}], "functions": [], "ticks": []}', /not JSON/u],
  };
  for (const [what, [content, message]] of Object.entries(bad)) {
    it(`refuses ${what}`, () => {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      assert.throws(() => decode(Buffer.from(text)), isBadProfile(message));
    });
  }

  it('survives inlinings that contain themselves and references to nothing', () => {
    const positions = 'C0O10I0C8O9999999I1C16O3I77';
    const source = { script: 0, start: 0, end: 9, positions, inlined: 'F0O1I0F9O2I1', fns: [1, null, 7] };
    const code = SMALL.code.map((entry, i) => (i === 1 ? { ...entry, source } : entry));
    const ticks = [
      tick(1, 0, [1, 4]),
      tick(2, 0, [1, 9]),
      tick(3, 99, [1, 20, 400, 3, 1]),
      tick(2, 0, [1, 4]),
    ];
    checkWhole(decode(Buffer.from(JSON.stringify({ ...SMALL, code, ticks }))));
  });

  it('is read the same whatever pieces the file comes in', () => {
    const text = Buffer.from(JSON.stringify({ more: 'a "quoted\\\\" name ü', ...SMALL, rest: [[1], '}'] }));
    const whole = bytesAsSource(text, 'whole');
    const pieces = {
      ...whole,
      read: (into: Uint8Array, position: number) => whole.read(into.subarray(0, 7), position),
    };
    const [one, other] = [whole, pieces].map((source) => importV8Log(source, {}).profiles[0]!);
    assert.deepEqual(drawing(one!), drawing(other!));
    assert.deepEqual(one!.timeline, other!.timeline);
  });
});

function bare(script: number) {
  return { script, start: 0, end: 9, positions: '', inlined: '', fns: [] };
}

function tick(tm: number, vm: number, s: readonly number[]) {
  return { tm, vm, s };
}

function decode(bytes: Uint8Array, options: V8LogOptions = {}): StackProfile {
  return decodeV8Log(bytesAsSource(bytes, 'test.json'), options);
}

function read(name: string): Buffer {
  return gunzipSync(fs.readFileSync(path.join(FOLDER, `${name}.v8log.json.gz`)));
}

/** Of the log's clock in microseconds of the monotonic one, by the mark in it. */
function monotonicStart(name: string): number {
  const { code } = JSON.parse(read(name).toString('utf8')) as { code: { name: string; tm?: number }[] };
  const mark = code.find((entry) => entry.name.includes('throughline-clock:'))!;
  return Number(/clock:(\d+):/u.exec(mark.name)![1]) - mark.tm!;
}

function plantLine(plant: string): string {
  const file = plant === 'scan' ? 'main.ts' : 'mixing.ts';
  const lines = fs.readFileSync(path.join(FOLDER, 'app', file), 'utf8').split('\n');
  return `${file}:${lines.findIndex((line) => line.endsWith(`// plant: ${plant}`)) + 1}`;
}

/** Own time and that of V8's builtins called there, in microseconds by `file:line` of the sources. */
function linesOfSource(profile: StackProfile, name: string): Map<string, number> {
  const maps = new Map((profile.scripts ?? []).map(({ url, text }) => [url, mapOf(text, name)]));
  const { frames, tree } = profile;
  const lines = profile.lines!;
  const found = new Map<string, number>();
  const add = (frame: number, line: number, column: number, micros: number) => {
    const map = maps.get(frames.urls[frames.urlOf[frame] ?? -1] ?? '');
    if (!map || line === 0) return;
    const at = originalPositionFor(map, { line, column: column - 1 });
    if (at.source === null) return;
    const key = `${path.basename(at.source)}:${at.line}`;
    found.set(key, (found.get(key) ?? 0) + micros);
  };
  lines.node.forEach((node, i) => add(tree.frame[node]!, lines.line[i]!, lines.column![i]!, lines.value[i]!));
  tree.self.forEach((micros, node) => {
    if (node === 0 || FRAME_KINDS[frames.kinds[tree.frame[node]!]!] !== 'v8') return;
    add(tree.frame[tree.parent[node]!] ?? -1, tree.callLine![node]!, tree.callColumn![node]!, micros);
  });
  return found;
}

function mapOf(text: string, name: string): TraceMap | undefined {
  const inline = /\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)/u.exec(text)?.[1];
  if (inline !== undefined) return new TraceMap(Buffer.from(inline, 'base64').toString('utf8'));
  if (!name.endsWith('minified')) return undefined;
  return new TraceMap(fs.readFileSync(path.join(FOLDER, 'bundle.cjs.map'), 'utf8'));
}

function checkWhole({ tree, lines, timeline, threads, frames }: StackProfile): void {
  const [thread] = threads;
  assert.equal(tree.parent[0], -1);
  for (let node = 1; node < tree.parent.length; node++) {
    assert.ok(tree.parent[node]! >= 0 && tree.parent[node]! < node);
    // Depth first: a node's parent is the one before it or above that one.
    let above = node - 1;
    while (above > tree.parent[node]!) above = tree.parent[above]!;
    assert.equal(above, tree.parent[node]);
    assert.ok(tree.frame[node]! >= 0 && tree.frame[node]! < frames.names.length);
  }
  const sum = (values: Float64Array | Int32Array) => {
    let total = 0;
    for (const value of values) total += value;
    return total;
  };
  assert.ok(Math.abs(sum(tree.self) - thread!.total) < 1);
  assert.equal(sum(tree.samples), thread!.samples);
  for (let i = 1; i < lines!.node.length; i++) assert.ok(lines!.node[i]! >= lines!.node[i - 1]!);
  const ofNode = new Float64Array(tree.self.length);
  lines!.node.forEach((node, i) => (ofNode[node]! += lines!.value[i]!));
  ofNode.forEach((value, node) => assert.ok(value <= tree.self[node]! + 1e-6));
  assert.equal(timeline!.start[0], 0);
  for (let i = 1; i < timeline!.start.length; i++) assert.ok(timeline!.start[i]! >= timeline!.start[i - 1]!);
  assert.ok(timeline!.start.at(-1)! <= thread!.endMicros);
}

/** One line a node, depth first: name, tier, own samples and the place of its own time. */
function drawing({ tree, frames, lines }: StackProfile): string[] {
  const drawn: string[] = [];
  const draw = (node: number, indent: string) => {
    if (node > 0) {
      const at = lines!.node.indexOf(node);
      const place = at < 0 ? '' : ` @${lines!.line[at]}:${lines!.column![at]}`;
      const tier = FRAME_TIERS[tree.tier![node]!];
      drawn.push(`${indent}${frames.names[tree.frame[node]!]} ${tier} ${tree.samples[node]}${place}`);
    }
    tree.parent.forEach((parent, child) => parent === node && draw(child, node > 0 ? `${indent}  ` : ''));
  };
  draw(0, '');
  return drawn;
}

function isBadProfile(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof ThroughlineError, String(error));
    assert.equal(error.code, 'BAD_PROFILE');
    assert.match(error.message, message);
    return true;
  };
}
