import assert from 'node:assert/strict';
import { FRAME_TIERS } from '../../../../src/engine/model/stackProfile';
import { fixture, importOne, importText, kindOf, selfByName } from './fixtures';
import { frameTexts, stacksOf } from './stacks';

describe('perf script', () => {
  it('of Node with its map: the planted functions with places and tiers, native code by its library', () => {
    const profile = importOne(fixture('shop.perf.txt.gz'));
    assert.equal(profile.unit, 'micros');
    assert.equal(profile.name, 'cpu-clock');
    const planted = profile.frames.names.indexOf('checksum');
    assert.equal(profile.frames.urls[profile.frames.urlOf[planted]!], '/srv/shop/app.js');
    assert.equal(profile.frames.lines[planted], 4);
    assert.equal(profile.frames.columns[planted], 18);
    assert.ok(selfByName(profile).get('checksum')! > 5 * 2004, 'planted in the fixture');
    assert.equal(kindOf(profile, 'node::Start'), 'native node');
    const tiers = new Set<string>();
    profile.tree.frame.forEach((frame, node) => {
      if (frame === planted) tiers.add(FRAME_TIERS[profile.tree.tier![node]!]!);
    });
    assert.deepEqual([...tiers], ['optimised']);
    assert.ok(profile.threads.length > 1, 'also the threads of V8 were sampled');
    const main = profile.threads[0]!;
    assert.ok(main.endMicros > 600_000 && main.endMicros < 3_000_000, `${main.endMicros} µs`);
    const [first, last] = [profile.timeline!.start[main.from]!, profile.timeline!.start[main.to - 1]!];
    assert.equal(first, 0);
    assert.ok(last <= main.endMicros);
  });

  const FRAMES = [
    '\t          3f2a1c mix+0x1f (/usr/bin/server)',
    '\t          3f2000 std::function<void (int)>::operator() const+0x2 (/usr/lib/lib with (x).so.1 (deleted))',
    '\tffffffff810001 do_syscall_64+0x5b ([kernel.kallsyms])',
    '\t              10 [unknown] (/usr/lib/libc.so.6)',
  ].join('\n');
  const STACKS = ['[libc.so.6];do_syscall_64;std::function<void (int)>::operator() const;mix'];

  it('with headers of any fields', () => {
    const headers: [string, Record<string, unknown>][] = [
      [
        'server 12/13 [001] 5678.123456:     250000 cpu-clock:pppH: ',
        { unit: 'micros', total: 250, pid: 12 },
      ],
      ['server 12 5678.123456: cycles: ', { unit: 'samples', total: 1, pid: 12 }],
      ['server  12 [000] d..1.  5678.123456:       9000 cycles:u: ', { unit: 'count', total: 9000, pid: 12 }],
      [
        'my server 1.2  12/13  5678.123456:          1 sched:sched_switch: prev_comm=x ==> next 12 7',
        { unit: 'count', total: 1, pid: 12 },
      ],
      ['server 12 cpu/cycles,name=x/P: ', { unit: 'samples', total: 1, pid: 12 }],
      ['server    12 ', { unit: 'samples', total: 1, pid: 12 }],
    ];
    for (const [header, expected] of headers) {
      const more = `other 99 1.000000: 1 cpu-clock:\n\t 1 a (b)\n\n`;
      const { profiles } = importText(`${header}\n${FRAMES}\n\n${more.repeat(2)}`);
      const profile = profiles[0]!;
      const total = profile.threads[0]!.total;
      assert.deepEqual({ unit: profile.unit, total, pid: profile.threads[0]!.pid }, expected, header);
      assert.ok(
        stacksOf(profile).some((stack) => stack.startsWith(`${STACKS[0]} `)),
        header,
      );
    }
  });

  it('without headers, and of single frames', () => {
    const bare = importOne(`${FRAMES}\n\n${FRAMES}\n`);
    assert.deepEqual(stacksOf(bare), [`${STACKS[0]} 2`]);
    const single = importOne(
      'sh 7 1.5:  10000 cpu-clock:  7f2a main+0x1 (/bin/sh)\nsh 7 1.6:  10000 cpu-clock:  7f2a main+0x2 (/bin/sh)\n',
    );
    assert.deepEqual(stacksOf(single), ['main 20']);
  });

  it('with kernel, inlined and V8’s frames, and the lines of a build', () => {
    const profile = importOne(
      [
        'node 12/12 1.000000: 1000000 cpu-clock: ',
        '\t   10 inner (inlined)',
        '  store.c:33',
        '\t   10 outer+0x3 (/srv/app/store.so)',
        '  store.c:99',
        '\t   20 JS:^sum file:///srv/app/cart.mjs:4:7 (/tmp/perf-12.map)',
        "\t   21 JS:+'each /srv/app/cart.js:9:7 (/tmp/perf-12.map)",
        '\t   22 JS:~ /srv/app/cart.js:1:1 (/tmp/perf-12.map)',
        '\t   23 LazyCompile:*load node:internal/modules/cjs/loader:950 (/tmp/perf-12.map)',
        '\t   24 RegExp:^a+$ (/tmp/perf-12.map)',
        '\t   25 Builtin:ArrayPrototypeMap (/tmp/perf-12.map)',
        '\t   26 Builtins_InterpreterEntryTrampoline+0x8 (/usr/bin/node)',
        '\t   27 v8::internal::Execution::Call (/usr/bin/node)',
        '\tff 28 entry_SYSCALL_64 ([kernel.kallsyms])',
        '',
      ].join('\n'),
    );
    assert.deepEqual(frameTexts(profile).slice(1), [
      'v8::internal::Execution::Call (/usr/bin/node)',
      'Builtins_InterpreterEntryTrampoline (/usr/bin/node)',
      'ArrayPrototypeMap',
      '/^a+$/',
      'load (node:internal/modules/cjs/loader:950)',
      '(anonymous) (/srv/app/cart.js:1)',
      'each (/srv/app/cart.js:9)',
      'sum (file:///srv/app/cart.mjs:4)',
      'outer (store.c)',
      'inner (store.c)',
    ]);
    assert.deepEqual(
      [...profile.tree.tier!].slice(-6).map((tier) => FRAME_TIERS[tier]),
      ['optimised', 'interpreted', 'maglev', 'baseline', 'unknown', 'inlined'],
    );
    assert.deepEqual([...profile.lines!.line], [33]);
    assert.equal(kindOf(profile, 'load'), 'init');
    assert.equal(kindOf(profile, 'sum'), 'app');
    assert.equal(kindOf(profile, '/^a+$/'), 'regexp');
    assert.equal(kindOf(profile, 'Builtins_InterpreterEntryTrampoline'), 'v8');
    assert.equal(kindOf(profile, 'outer'), 'native store.so');
  });

  it('gives each event a profile, each thread its order of time, and the idle processor its own place', () => {
    const sample = (thread: string, seconds: number, event: string, name: string) =>
      `${thread} ${seconds.toFixed(6)}: 1000000 ${event}: \n\t 1 ${name} (/bin/x)\n\n`;
    const { profiles, active } = importText(
      sample('a 1', 10, 'page-faults', 'f') +
        sample('a 1', 10.001, 'cpu-clock', 'f') +
        sample('b 2', 10.0015, 'cpu-clock', 'g') +
        sample('a 1', 10.002, 'cpu-clock', 'g') +
        sample('a 1', 10.052, 'cpu-clock', 'f') +
        sample('swapper 0', 10.06, 'cpu-clock', 'idle'),
    );
    assert.deepEqual([profiles.map(({ name }) => name), active], [['page-faults', 'cpu-clock'], 1]);
    const clock = profiles[1]!;
    assert.deepEqual(stacksOf(clock), ['f 2000', 'g 2000']);
    assert.equal(clock.idle, 1000);
    const round = (value: number) => Math.round(value);
    assert.deepEqual(
      clock.threads.map(({ name, from, to, endMicros }) => [name, from, to, round(endMicros)]),
      [
        ['a 1', 0, 4, 52_000],
        ['b 2', 4, 5, 1500],
      ],
    );
    // Sampled every millisecond, a thread without a sample for 49 ms was idle.
    assert.deepEqual([...clock.timeline!.start].map(round), [0, 1000, 2000, 51_000, 500]);
    assert.deepEqual([...clock.timeline!.node], [1, 2, -1, 1, 2]);
  });

  it('lets a clock’s sample last no longer than the time it stands for', () => {
    const sample = (seconds: number, nanos: number, name: string) =>
      `a 1 ${seconds.toFixed(6)}: ${nanos} cpu-clock: \n\t 1 ${name} (/bin/x)\n\n`;
    // Waits for a millisecond of each two: too short to be seen by the gaps alone.
    const { profiles } = importText(
      [0, 1, 2, 3].map((i) => sample(10 + i * 0.002, 1_000_000, i % 2 ? 'g' : 'f')).join(''),
    );
    const { timeline, threads } = profiles[0]!;
    assert.deepEqual([...timeline!.node], [1, -1, 2, -1, 1, -1, 2]);
    assert.deepEqual(
      [...timeline!.start].map((start) => Math.round(start)),
      [0, 1000, 2000, 3000, 4000, 5000, 6000],
    );
    assert.equal(Math.round(threads[0]!.endMicros), 7000);
  });
});
