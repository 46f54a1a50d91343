import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import {
  Function as PprofFunction,
  Line,
  Location,
  Mapping,
  Profile,
  Sample,
  StringTable,
  ValueType,
} from 'pprof-format';
import { FRAME_TIERS } from '../../../../src/engine/model/stackProfile';
import { importOne, importText, kindOf } from './fixtures';
import { frameTexts, stacksOf } from './stacks';

/** A profile of Go: three stacks, of which one has an inlined function. */
function goProfile(): Profile {
  const strings = new StringTable();
  const text = (value: string) => strings.dedup(value);
  const types = [
    new ValueType({ type: text('samples'), unit: text('count') }),
    new ValueType({ type: text('cpu'), unit: text('nanoseconds') }),
  ];
  const fn = (id: number, name: string, filename: string, startLine = 0) =>
    new PprofFunction({ id, name: text(name), systemName: text(name), filename: text(filename), startLine });
  const at = (id: number, address: number, mappingId: number, ...lines: readonly [number, number][]) =>
    new Location({
      ...{ id, address, mappingId },
      line: lines.map(([functionId, line]) => new Line({ functionId, line })),
    });
  return new Profile({
    sampleType: types,
    sample: [
      new Sample({ locationId: [2, 1], value: [3, 30_000_000] }),
      new Sample({ locationId: [3, 2, 1], value: [1, 10_000_000] }),
      new Sample({ locationId: [4, 1], value: [2, 20_000_000] }),
    ],
    mapping: [
      new Mapping({ id: 1, filename: text('/srv/shop/server') }),
      new Mapping({ id: 2, filename: text('/usr/lib/libc.so.6') }),
    ],
    location: [
      at(1, 0x10, 1, [1, 12]),
      // Innermost first: price was inlined into handle.
      at(2, 0x20, 1, [3, 41], [2, 25]),
      at(3, 0x30, 1, [4, 120]),
      at(4, 0x40, 2),
    ],
    function: [
      fn(1, 'main.main', '/srv/shop/main.go', 10),
      fn(2, 'main.handle', '/srv/shop/handle.go', 20),
      fn(3, 'main.price', '/srv/shop/price.go', 40),
      fn(
        4,
        'github.com/gorilla/mux.(*Router).Match',
        '/root/go/pkg/mod/github.com/gorilla/mux@v1.8.0/mux.go',
        100,
      ),
    ],
    stringTable: strings,
    timeNanos: 1_700_000_000_000_000_000n,
    periodType: types[1]!,
    period: 10_000_000,
  });
}

describe('pprof', () => {
  it('of Go: places, inlined functions, and each type of value as a profile', () => {
    const { profiles, active } = importText(goProfile().encode());
    assert.deepEqual([profiles.map(({ name }) => name), active], [['samples', 'cpu'], 1]);
    const cpu = profiles[1]!;
    assert.equal(cpu.unit, 'micros');
    assert.deepEqual(stacksOf(cpu), [
      'main.main;main.handle;main.price 30000',
      'main.main;main.handle;main.price;github.com/gorilla/mux.(*Router).Match 10000',
      'main.main;[libc.so.6] 20000',
    ]);
    assert.deepEqual(frameTexts(cpu), [
      'main.main (/srv/shop/main.go:10)',
      'main.handle (/srv/shop/handle.go:20)',
      'main.price (/srv/shop/price.go:40)',
      'github.com/gorilla/mux.(*Router).Match (/root/go/pkg/mod/github.com/gorilla/mux@v1.8.0/mux.go:100)',
      '[libc.so.6] (/usr/lib/libc.so.6)',
    ]);
    assert.deepEqual([...cpu.lines!.line], [41, 120]);
    assert.deepEqual([...cpu.lines!.value], [30_000, 10_000]);
    assert.deepEqual([...cpu.lines!.samples], [3, 1]);
    assert.equal(cpu.threads[0]!.samples, 6);
    assert.equal(cpu.startedAtMs, 1_700_000_000_000);
    assert.equal(kindOf(cpu, 'main.handle'), 'app');
    assert.equal(kindOf(cpu, '[libc.so.6]'), 'native libc.so.6');
    assert.equal(kindOf(cpu, 'github.com/gorilla/mux.(*Router).Match'), 'dependency github.com/gorilla/mux');
    assert.equal(FRAME_TIERS[cpu.tree.tier![3]!], 'inlined');
    assert.equal(profiles[0]!.unit, 'samples');
  });

  it('shows memory in use first, and counts by their names', () => {
    const profile = goProfile();
    const strings = profile.stringTable;
    const type = (name: string, unit: string) =>
      new ValueType({ type: strings.dedup(name), unit: strings.dedup(unit) });
    profile.sampleType = [
      type('alloc_objects', 'count'),
      type('alloc_space', 'bytes'),
      type('inuse_objects', 'count'),
      type('inuse_space', 'bytes'),
    ];
    profile.sample = [
      new Sample({ locationId: [2, 1], value: [5, 500, 0, 0] }),
      new Sample({ locationId: [1], value: [1, 64, 1, 64] }),
    ];
    const { profiles, active } = importText(profile.encode());
    assert.equal(active, 3);
    assert.deepEqual(
      profiles.map(({ name, unit, unitName }) => [name, unit, unitName]),
      [
        ['alloc_objects', 'count', 'alloc_objects'],
        ['alloc_space', 'bytes', undefined],
        ['inuse_objects', 'count', 'inuse_objects'],
        ['inuse_space', 'bytes', undefined],
      ],
    );
    assert.deepEqual(stacksOf(profiles[3]!), ['main.main 64']);
    assert.equal(profiles[3]!.tree.parent.length, 2, 'stacks without a value are left out');
    assert.equal(profiles[1]!.threads[0]!.samples, 0, 'allocations are no samples');
    profile.defaultSampleType = strings.dedup('alloc_space');
    assert.equal(importText(profile.encode()).active, 1);
  });

  it('with ids of 64 bits, negative values, and ids and texts that are not there', () => {
    const profile = goProfile();
    profile.location[0]!.id = 0xffff_ffff_ffff_fff0n;
    profile.location[1]!.id = 0xffff_ffff_ffff_fff1n;
    profile.function[1]!.name = 4_000_000_000;
    profile.function[1]!.systemName = 4_000_000_000;
    profile.function[2]!.filename = 77_777;
    profile.sample = [
      new Sample({ locationId: [0xffff_ffff_ffff_fff1n, 0xffff_ffff_ffff_fff0n, 99], value: [1, 1000] }),
      new Sample({ locationId: [3], value: [1, -5] }),
    ];
    const cpu = importText(profile.encode()).profiles[1]!;
    assert.deepEqual(stacksOf(cpu), ['main.main;[server];main.price 1']);
    assert.match(cpu.warnings.join('\n'), /1 frames have no location/u);
    assert.match(cpu.warnings.join('\n'), /1 values were negative/u);
  });

  it('refuses what is cut off or holds nothing, in a sentence', () => {
    const bytes = goProfile().encode();
    assert.throws(
      () => importText(bytes.subarray(0, bytes.length - 30)),
      /no whole pprof profile|no profile that can be opened/u,
    );
    const empty = goProfile();
    empty.sample = [];
    assert.throws(() => importText(empty.encode()), /holds no samples/u);
    assert.throws(() => importText(gzipSync(bytes)), /compressed with gzip/u);
  });

  it('a location that many samples share is read once', () => {
    const profile = goProfile();
    profile.sample = Array.from(
      { length: 100_000 },
      (_, i) => new Sample({ locationId: [3, 2, 1], value: [1, i] }),
    );
    const cpu = importOne(profile.encode());
    assert.equal(cpu.tree.parent.length, 5);
    assert.equal(Math.round(cpu.threads[0]!.total * 1000), (100_000 * 99_999) / 2);
  });
});
