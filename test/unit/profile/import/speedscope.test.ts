import assert from 'node:assert/strict';
import { importOne, importText, kindOf } from './fixtures';
import { frameTexts, stacksOf } from './stacks';

const SCHEMA = 'https://www.speedscope.app/file-format-schema.json';
const FRAMES = [
  { name: 'main', file: '/srv/app/main.py', line: 3 },
  { name: 'work', file: '/srv/app/work.py', line: 10, col: 5 },
  { name: 'read' },
];
const sampled = (more: Record<string, unknown> = {}) => ({
  ...{ type: 'sampled', name: 'main', unit: 'milliseconds', startValue: 0, endValue: 8 },
  ...{ samples: [[0, 1], [0], [], [0, 1, 2]], weights: [2, 1, 4, 1], ...more },
});
const evented = (more: Record<string, unknown> = {}) => ({
  ...{ type: 'evented', name: 'main', unit: 'microseconds', startValue: 100, endValue: 200 },
  events: [
    { type: 'O', frame: 0, at: 110 },
    { type: 'O', at: 120, frame: 1 },
    { at: 150, frame: 1, type: 'C' },
    { type: 'O', frame: 1, at: 160 },
    { type: 'C', frame: 1, at: 170 },
    { type: 'C', frame: 0, at: 190 },
  ],
  ...more,
});
const file = (profiles: readonly unknown[], more: Record<string, unknown> = {}) =>
  JSON.stringify({ profiles, shared: { frames: FRAMES }, $schema: SCHEMA, ...more });

describe('speedscope', () => {
  it('sampled: weights by their unit, empty stacks are idle, and the order of time', () => {
    const profile = importOne(file([sampled()]));
    assert.equal(profile.unit, 'micros');
    assert.deepEqual(stacksOf(profile), ['main 1000', 'main;work 2000', 'main;work;read 1000'].sort(byDepth));
    assert.equal(profile.idle, 4000);
    assert.deepEqual([...profile.timeline!.start], [0, 2000, 3000, 7000]);
    assert.deepEqual([...profile.timeline!.node], [2, 1, -1, 3]);
    assert.equal(profile.threads[0]!.endMicros, 8000);
    assert.equal(profile.threads[0]!.samples, 3);
    assert.deepEqual(frameTexts(profile), [
      'main (/srv/app/main.py:3)',
      'work (/srv/app/work.py:10)',
      'read',
    ]);
    assert.equal(profile.frames.columns[1], 5);
    assert.equal(kindOf(profile, 'work'), 'app');
  });

  it('evented: own time between the events', () => {
    const profile = importOne(file([evented()]));
    assert.deepEqual(stacksOf(profile), ['main 40', 'main;work 40']);
    assert.equal(profile.idle, 20);
    assert.deepEqual([...profile.timeline!.start], [0, 10, 20, 50, 60, 70, 90]);
    assert.equal(profile.threads[0]!.endMicros, 100);
    assert.equal(profile.threads[0]!.samples, 0);
  });

  it('threads are one profile, measures are several', () => {
    const threads = importText(
      file([sampled({ name: 'Thread 1' }), sampled({ name: 'Thread 2 "MainThread"' })]),
    );
    assert.deepEqual(
      threads.profiles[0]!.threads.map(({ name, total }) => [name, total]),
      [
        ['Thread 1', 4000],
        ['Thread 2 "MainThread"', 4000],
      ],
    );
    const bytes = { name: 'memory', unit: 'bytes' };
    const several = importText(file([sampled({ name: 'time' }), sampled(bytes)], { activeProfileIndex: 1 }));
    assert.deepEqual(
      several.profiles.map(({ name, unit }) => [name, unit]),
      [
        ['time', 'micros'],
        ['memory', 'bytes'],
      ],
    );
    assert.equal(several.active, 1);
    assert.equal(several.profiles[1]!.timeline, undefined, 'bytes take no time');
  });

  it('weights without a unit count samples where they are whole', () => {
    const whole = importOne(file([sampled({ unit: 'none' })]));
    assert.deepEqual([whole.unit, whole.threads[0]!.samples], ['samples', 4]);
    const parts = importOne(file([sampled({ unit: 'none', weights: [0.5, 1, 1, 1] })]));
    assert.deepEqual([parts.unit, parts.threads[0]!.samples], ['count', 0]);
  });

  it('says what is wrong', () => {
    const refuses = (content: string, sentence: RegExp) => assert.throws(() => importText(content), sentence);
    refuses(
      file([sampled({ samples: [[0, 9]], weights: [1] })]),
      /names a frame that it does not have \(9 of 3\)/u,
    );
    refuses(file([sampled({ weights: [1] })]), /4 samples and 1 weights/u);
    refuses(file([sampled({ samples: undefined })]), /without events or samples/u);
    refuses(file([]), /holds no profiles/u);
    refuses(JSON.stringify({ $schema: SCHEMA, profiles: [sampled()] }), /no list of frames/u);
    refuses(file([evented()]).slice(0, -40), /is cut off/u);
    const crossed = [
      { type: 'O', frame: 0, at: 0 },
      { type: 'O', frame: 1, at: 5 },
      { type: 'C', frame: 0, at: 9 },
      { type: 'C', frame: 2, at: 12 },
    ];
    const profile = importOne(file([evented({ startValue: 0, endValue: 0, events: crossed })]));
    assert.deepEqual(stacksOf(profile), ['main 5', 'main;work 4']);
    assert.match(profile.warnings.join('\n'), /2 events close a function that is not on top/u);
  });
});

function byDepth(a: string, b: string): number {
  return a.split(';').length - b.split(';').length;
}
