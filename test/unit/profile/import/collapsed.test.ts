import assert from 'node:assert/strict';
import { FRAME_TIERS } from '../../../../src/engine/model/stackProfile';
import { collapsePerf, fixture, importOne, importText, kindOf, selfByName } from './fixtures';
import { frameTexts, stacksOf } from './stacks';

describe('Collapsed stacks', () => {
  it('of perf, collapsed: the same samples on the same functions as the output itself', () => {
    const text = fixture('shop.perf.txt.gz').toString();
    const direct = importOne(text);
    const collapsed = importOne(collapsePerf(text));
    assert.equal(collapsed.unit, 'samples');
    const samples = selfByName({
      ...direct,
      tree: { ...direct.tree, self: Float64Array.from(direct.tree.samples) },
    });
    const names = selfByName(collapsed);
    for (const name of ['handle', 'checksum']) assert.equal(names.get(name), samples.get(name), name);
    assert.ok(names.get('checksum')! > 5, 'the fixture samples its planted function');
    assert.equal(kindOf(collapsed, 'checksum'), 'app');
    const planted = collapsed.frames.names.indexOf('checksum');
    assert.equal(collapsed.frames.lines[planted], 4);
    const tiers = [...collapsed.tree.frame.entries()]
      .filter(([, frame]) => frame === planted)
      .map(([node]) => FRAME_TIERS[collapsed.tree.tier![node]!]);
    assert.ok(tiers.includes('optimised'));
  });

  it('of py-spy, with lines that ran', () => {
    const profile = importOne(
      [
        'MainThread;<module> (app.py:40);serve (/srv/app/server.py:12);<lambda> (/srv/app/my views.py:3) 7',
        'MainThread;<module> (app.py:40);serve (/srv/app/server.py:14) 2',
        'MainThread;<module> (app.py:40);dumps (/usr/lib/python3.11/json/__init__.py:231) 1',
      ].join('\n'),
    );
    assert.deepEqual(stacksOf(profile), [
      'MainThread;<module>;serve 2',
      'MainThread;<module>;serve;<lambda> 7',
      'MainThread;<module>;dumps 1',
    ]);
    assert.deepEqual(frameTexts(profile).slice(1, 4), [
      '<module> (app.py)',
      'serve (/srv/app/server.py)',
      '<lambda> (/srv/app/my views.py)',
    ]);
    assert.deepEqual([...profile.lines!.line], [14, 3, 231]);
    assert.deepEqual([...profile.lines!.value], [2, 7, 1]);
    assert.equal(kindOf(profile, 'dumps'), 'dependency python');
    assert.equal(profile.threads[0]!.samples, 10);
  });

  it('of rbspy and of phpspy', () => {
    const profile = importOne(
      'block in call - /srv/app/shop.rb:12;sleep [c function] - (unknown):0 3\n<main> /srv/app/index.php:1;App::run /srv/app/App.php:77 4\n',
    );
    assert.deepEqual(frameTexts(profile), [
      'block in call (/srv/app/shop.rb)',
      'sleep [c function]',
      '<main> (/srv/app/index.php)',
      'App::run (/srv/app/App.php)',
    ]);
    assert.deepEqual([...profile.lines!.line], [77]);
  });

  it('of async-profiler and bpftrace, with tiers and kinds by their suffixes', () => {
    const profile = importOne(
      'java/lang/Thread.run_[1];com/shop/Cart.sum_[j];java/util/HashMap.get_[i] 4\njava/lang/Thread.run_[0];do_syscall_64_[k] 1\nnginx;libc.so.6`malloc+0x12 2\n',
    );
    assert.deepEqual(stacksOf(profile), [
      'java/lang/Thread.run;com/shop/Cart.sum;java/util/HashMap.get 4',
      'java/lang/Thread.run;do_syscall_64 1',
      'nginx;malloc 2',
    ]);
    assert.equal(kindOf(profile, 'do_syscall_64'), 'kernel');
    assert.equal(kindOf(profile, 'malloc'), 'native libc.so.6');
    assert.equal(kindOf(profile, 'java/util/HashMap.get'), 'dependency java');
    assert.deepEqual(
      [...profile.tree.tier!].map((tier) => FRAME_TIERS[tier]),
      ['unknown', 'interpreted', 'optimised', 'inlined', 'unknown', 'unknown', 'unknown'],
    );
  });

  it('of Austin: microseconds, threads and their order of time', () => {
    const profile = importOne(
      [
        '# austin: 3.6.0',
        '# interval: 100',
        '# mode: wall',
        'P12;T0x7f01;/srv/app/a.py:<module>:9;/srv/app/a.py:f:3 100',
        'P12;T0x7f02;/srv/app/a.py:g:20 100',
        'P12;T0x7f01;/srv/app/a.py:<module>:9;/srv/app/a.py:f:4 150',
      ].join('\n'),
    );
    assert.equal(profile.unit, 'micros');
    assert.deepEqual(stacksOf(profile), ['<module>;f 250', 'g 100']);
    assert.deepEqual([...profile.lines!.line], [3, 4, 20]);
    assert.deepEqual(
      profile.threads.map(({ name, pid, total, samples, endMicros }) => [
        name,
        pid,
        total,
        samples,
        endMicros,
      ]),
      [
        ['12 thread 0x7f01', 12, 250, 2, 250],
        ['12 thread 0x7f02', 12, 100, 1, 100],
      ],
    );
    assert.deepEqual([...profile.timeline!.start], [0, 100, 0]);
    assert.equal(importOne('# austin: 3.6.0\n# mode: memory\nP1;T1;a.py:f:3 4096\n').unit, 'bytes');
  });

  it('of values that are no counts, of names with spaces, of lines that end in any way', () => {
    const profile = importOne(
      '\ufeffmain;std::map<int, int>::at(int) const 1.5\r\nmain;operator new\t0.25\r\n\r\n',
    );
    assert.equal(profile.unit, 'count');
    assert.deepEqual(stacksOf(profile), [
      'main;std::map<int, int>::at(int) const 1.5',
      'main;operator new 0.25',
    ]);
    assert.equal(profile.threads[0]!.samples, 0);
  });

  it('tells of lines that are left out, and refuses a text that has no others', () => {
    const profile = importOne('a;b 3\nnot a stack\na;c 4\na;d -5\n'.repeat(5) + 'a;b 3\n'.repeat(40));
    assert.match(profile.warnings.join('\n'), /5 lines are no stacks/u);
    assert.match(profile.warnings.join('\n'), /5 values were negative/u);
    assert.throws(() => importText('a story without any end\n'), /is no profile that can be opened/u);
  });

  it('streams, keeping distinct stacks alone', () => {
    const line = `${Array.from({ length: 60 }, (_, i) => `function number ${i}`).join(';')} 2\n`;
    const profile = importOne(line.repeat(20_000));
    assert.equal(profile.tree.parent.length, 61);
    assert.equal(profile.threads[0]!.total, 40_000);
  });
});
