import assert from 'node:assert/strict';
import { FrameInterner } from '../../../../src/engine/profile/import/frameInterner';
import { StackBuilder } from '../../../../src/engine/profile/import/stackBuilder';
import { MAX_DEPTH } from '../../../../src/engine/model/flame';
import { FRAME_TIERS, MAX_FRAMES } from '../../../../src/engine/model/stackProfile';
import { checkStackProfile } from '../../../helpers/checkStackProfile';
import { stacksOf } from './stacks';

const HEAD = { format: 'collapsed', unit: 'samples', hasSamples: true } as const;

describe('Stacks merged into a tree', () => {
  it('sums values, lines, tiers and threads, and leaves out what has no value', () => {
    const builder = new StackBuilder('file');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => builder.frames.id({ name, url: '/app/x.py', line: 1 }));
    const main = builder.thread('main', 7);
    const worker = builder.thread('worker');
    const ab = builder.child(builder.child(0, a!), b!);
    const abc = builder.child(ab, c!);
    builder.child(abc, a!);
    builder.add(ab, 2, 1, 0, main);
    builder.add(abc, 3, 2, 0, worker);
    builder.add(builder.child(builder.child(0, a!), b!), 5, 1, 0, main);
    builder.addLine(ab, 9, 5);
    builder.addLine(ab, 4, 1.5);
    builder.addLine(ab, 9, 0.5);
    builder.addTier(ab, FRAME_TIERS.indexOf('optimised'), 2);
    builder.addTier(ab, FRAME_TIERS.indexOf('interpreted'), 1);
    const profile = builder.build(HEAD);
    checkStackProfile(profile);
    assert.deepEqual(stacksOf(profile), ['a;b 7', 'a;b;c 3']);
    assert.deepEqual([...profile.lines!.line], [4, 9]);
    assert.deepEqual([...profile.lines!.value], [1.5, 5.5]);
    assert.deepEqual(
      profile.threads.map(({ name, total, samples }) => [name, total, samples]),
      [
        ['main', 7, 2],
        ['worker', 3, 2],
      ],
    );
    assert.deepEqual(
      [...profile.tree.tier!].map((tier) => FRAME_TIERS[tier]),
      ['unknown', 'unknown', 'optimised', 'unknown'],
    );
    assert.deepEqual(profile.warnings, []);
  });

  it('makes a profile of each column, of the stacks that have a value in it', () => {
    const builder = new StackBuilder('file', 2);
    const a = builder.child(0, builder.frames.id({ name: 'a' }));
    const b = builder.child(a, builder.frames.id({ name: 'b' }));
    builder.add(a, 1, 0, 0);
    builder.add(b, 10, 0, 1);
    builder.addLine(b, 3, 10, 0, 1);
    const [first, second] = [builder.build(HEAD, 0), builder.build(HEAD, 1)];
    checkStackProfile(first);
    checkStackProfile(second);
    assert.deepEqual(stacksOf(first), ['a 1']);
    assert.deepEqual(stacksOf(second), ['a;b 10']);
    assert.equal(first.lines, undefined);
    assert.deepEqual([...second.lines!.node], [2]);
    assert.equal(second.threads[0]!.total, 10);
  });

  it('keeps each thread’s segments together and in order, also of times that go back', () => {
    const builder = new StackBuilder('file');
    const a = builder.child(0, builder.frames.id({ name: 'a' }));
    const [one, two] = [builder.thread('one'), builder.thread('two')];
    builder.segment(one, 10, a);
    builder.segment(two, 5, -1);
    builder.segment(one, 4, a);
    builder.segment(one, NaN, -1);
    builder.endThread(one, 30);
    builder.endThread(two, 1);
    const profile = builder.build(HEAD);
    checkStackProfile(profile);
    assert.deepEqual([...profile.timeline!.start], [10, 10, 10, 5]);
    assert.deepEqual([...profile.timeline!.node], [1, 1, -1, -1]);
    assert.deepEqual(
      profile.threads.map(({ from, to, endMicros }) => [from, to, endMicros]),
      [
        [0, 3, 30],
        [3, 4, 5],
      ],
    );
  });

  it('cuts stacks of 100,000 functions, and says so', () => {
    const builder = new StackBuilder('file');
    const frames = Array.from({ length: 10 }, (_, i) => builder.frames.id({ name: `f${i}` }));
    let node = 0;
    for (let i = 0; i < 100_000; i++) node = builder.child(node, frames[i % 10]!);
    builder.add(node, 1);
    builder.addLine(node, 3, 1);
    const profile = builder.build(HEAD);
    checkStackProfile(profile);
    assert.equal(profile.tree.parent.length, MAX_DEPTH);
    assert.equal(profile.frames.names[profile.tree.frame.at(-1)!], '(truncated)');
    assert.equal(profile.lines, undefined);
    assert.match(profile.warnings.join('\n'), /Stacks of more than 4,094 functions were cut/u);
  });

  it('leaves out values that are none, and says how many', () => {
    const builder = new StackBuilder('file');
    const a = builder.child(0, builder.frames.id({ name: 'a' }));
    for (const value of [1, -1, NaN, Infinity, 1e300]) builder.add(a, value);
    const profile = builder.build(HEAD);
    checkStackProfile(profile);
    assert.deepEqual(stacksOf(profile), ['a 1']);
    assert.match(profile.warnings.join('\n'), /4 values were negative or no numbers/u);
  });

  it('cuts long names, and sums up functions beyond the limit', () => {
    const frames = new FrameInterner();
    for (let i = 0; i < MAX_FRAMES + 5; i++) frames.id({ name: `f${i}`, owner: { kind: 'app' } });
    assert.equal(frames.id({ name: 'one more' }), frames.id({ name: 'another' }));
    frames.id({ name: 'f1', url: 'x'.repeat(5000) });
    const table = frames.build();
    assert.equal(table.names.at(-1), '(other functions)');
    assert.ok(table.names.length <= MAX_FRAMES);
    assert.equal(frames.warnings.length, 2);
    const long = new FrameInterner();
    long.id({ name: '\ud800'.repeat(5000) });
    assert.equal(long.build().names[0]!.length, 4096);
  });

  it('finds every stack again among hundreds of thousands', () => {
    const builder = new StackBuilder('file');
    const frames = Array.from({ length: 700 }, (_, i) => builder.frames.id({ name: `f${i}` }));
    for (let round = 0; round < 2; round++) {
      for (const a of frames) {
        const node = builder.child(0, a);
        for (const b of frames) builder.add(builder.child(node, b), 1);
      }
    }
    assert.equal(builder.nodeCount, 1 + 700 + 490_000);
    const profile = builder.build(HEAD);
    assert.ok(profile.tree.self.every((value) => value === 0 || value === 2));
  });
});
