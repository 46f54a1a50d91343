import assert from 'node:assert/strict';
import { ThroughlineError } from '../../../../src/engine/model/errors';
import type { StackProfile } from '../../../../src/engine/model/stackProfile';
import { differenceOf } from '../../../../src/engine/profile/view/difference';
import { ProfileViews } from '../../../../src/engine/profile/view/profileViews';
import { assertBoxes } from './boxes';
import { drawStacks, frameNamed, randomProfile, showStacks } from './stacks';

const NAMES = { before: 'old.cpuprofile', after: 'new.cpuprofile' };

function functions(before: StackProfile, after: StackProfile): string[] {
  const { profile, selfBefore } = differenceOf(before, after, NAMES);
  const table = new ProfileViews(profile, selfBefore).table({
    ...{ spec: { transforms: [] }, sortBy: 'change', descending: true, query: '', offset: 0, limit: 100 },
  });
  return [...table.frame].map((frame, row) => {
    const figure = (values: Float64Array | undefined) => Math.round(values![row]! * 1000) / 1_000_000;
    return (
      `${profile.frames.names[frame]} self ${figure(table.selfBefore)} > ${figure(table.self)}` +
      ` total ${figure(table.totalBefore)} > ${figure(table.total)}`
    );
  });
}

describe('The difference of two profiles', () => {
  const before = drawStacks(
    'main@m.js > fast@a.js:10 x2\nmain@m.js > slow@a.js:30 x6\nmain@m.js > gone@a.js:50 x2',
    {
      requests: 100,
    },
  );
  const after = drawStacks(
    'main@m.js > fast@a.js:12 x4\nmain@m.js > slow@a.js:35 x4\nmain@m.js > come@a.js:60 x12',
    {
      requests: 200,
    },
  );

  it('is per request where both sides know them', () => {
    const { info } = differenceOf(before, after, NAMES);
    assert.deepEqual(info, { ...NAMES, per: 'request', beforeTotal: 10_000, beforeScale: 2 });
    assert.deepEqual(functions(before, after), [
      'come self 0 > 12 total 0 > 12',
      'main self 0 > 0 total 20 > 20',
      'fast self 4 > 4 total 4 > 4',
      'gone self 4 > 0 total 4 > 0',
      'slow self 12 > 4 total 12 > 4',
    ]);
  });

  it('takes each side’s time on the processor into account', () => {
    const { info } = differenceOf({ ...before, cpuScale: 0.5 }, { ...after, cpuScale: 0.8 }, NAMES);
    assert.equal(info.beforeScale, (200 / 100) * (0.5 / 0.8));
  });

  it('compares shares where a side knows no requests', () => {
    const { requests: _requests, ...unknown } = before;
    const { info, selfBefore } = differenceOf(unknown, after, NAMES);
    assert.deepEqual([info.per, info.beforeScale], ['share', 2]);
    assert.equal(
      selfBefore.reduce((sum, value) => sum + value),
      20_000,
    );
  });

  it('gives boxes the width after and their value before', () => {
    const { profile, selfBefore } = differenceOf(before, after, NAMES);
    const { boxes } = new ProfileViews(profile, selfBefore).page({
      ...{ spec: { transforms: [] }, mode: 'merged', min: 0 },
    });
    assertBoxes(boxes);
    const shown = [...boxes.frame].map((frame, box) => [
      frame < 0 ? '(root)' : profile.frames.names[frame],
      ...[boxes.total[box], boxes.totalBefore![box], boxes.selfBefore![box]],
    ]);
    assert.deepEqual(shown, [
      ['(root)', 20_000, 20_000, 0],
      ['main', 20_000, 20_000, 0],
      ['come', 12_000, 0, 0],
      ['fast', 4000, 4000, 4000],
      ['slow', 4000, 12_000, 12_000],
    ]);
    assert.deepEqual(showStacks(profile, profile.tree), showStacks(after, after.tree));
    assert.equal(profile.timeline, undefined);
  });

  it('follows the transforms, with the values before', () => {
    const { profile, selfBefore } = differenceOf(before, after, NAMES);
    const views = new ProfileViews(profile, selfBefore);
    const main = frameNamed(profile, 'main');
    for (const transforms of [
      [{ type: 'invert' }],
      [{ type: 'mergeFunction', frame: main }],
      [{ type: 'focusFunction', frame: main }],
    ] as const) {
      const { boxes } = views.page({ spec: { transforms }, mode: 'merged', min: 0 });
      assert.equal(boxes.totalBefore![0], 20_000, transforms[0].type);
    }
    const slow = frameNamed(profile, 'slow');
    const { callers } = views.sandwich({ transforms: [] }, slow);
    assert.deepEqual([callers.total[1], callers.totalBefore![1]], [4000, 12_000]);
    // A function that is gone has no box, but its callers are known.
    const gone = views.sandwich({ transforms: [] }, frameNamed(profile, 'gone'));
    assert.deepEqual([gone.callers.total[0], gone.callers.totalBefore![0]], [0, 4000]);
  });

  it('knows functions again by name and file, though lines or folders changed', () => {
    const old = drawStacks(`
      handler@/old/app/src/a.js:10 x1
      handler@/old/app/src/a.js:40 x2
      handler@/old/app/src/b.js:10 x4
      (anonymous)@/old/app/src/a.js:20 x8
      (anonymous)@/old/app/src/a.js:21 x16
      t@/old/dist/min.js:1:100 x32`);
    const renamed = drawStacks(`
      handler@/new/app/src/a.js:12 x1
      handler@/new/app/src/a.js:44 x2
      handler@/new/app/src/b.js:3 x4
      (anonymous)@/new/app/src/a.js:21 x16
      (anonymous)@/new/app/src/a.js:25 x3
      (anonymous)@/new/app/src/a.js:29 x5
      t@/new/dist/min.js:1:100 x32`);
    assert.deepEqual(functions(old, renamed).sort(), [
      '(anonymous) self 0 > 3 total 0 > 3',
      '(anonymous) self 0 > 5 total 0 > 5',
      '(anonymous) self 16 > 16 total 16 > 16',
      '(anonymous) self 8 > 0 total 8 > 0',
      'handler self 1 > 1 total 1 > 1',
      'handler self 2 > 2 total 2 > 2',
      'handler self 4 > 4 total 4 > 4',
      't self 32 > 32 total 32 > 32',
    ]);
  });

  it('refuses to compare different things', () => {
    const bytes: StackProfile = { ...before, unit: 'bytes' };
    assert.throws(
      () => differenceOf(bytes, after, NAMES),
      (error) =>
        error instanceof ThroughlineError &&
        error.code === 'BAD_PROFILE' &&
        /old\.cpuprofile counts bytes, new\.cpuprofile time\.$/.test(error.message),
    );
  });

  it('of a profile with itself changes nothing, on random profiles', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const profile = randomProfile(seed);
      const { profile: united, selfBefore } = differenceOf(profile, profile, NAMES);
      assert.deepEqual(united.tree, profile.tree);
      assert.deepEqual(selfBefore, profile.tree.self);
      assert.deepEqual(united.frames, profile.frames);
    }
  });

  it('keeps the sums of both sides, on random profiles', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const [one, other] = [randomProfile(seed), randomProfile(seed + 1000)];
      const { profile, selfBefore, info } = differenceOf(one, other, NAMES);
      const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
      assert.equal(sum(profile.tree.self), sum(other.tree.self));
      assert.ok(Math.abs(sum(selfBefore) - sum(one.tree.self) * info.beforeScale) < 1e-3);
      assert.deepEqual(showStacks(profile, profile.tree), showStacks(other, other.tree));
      const old = { ...profile.tree, self: selfBefore.map((value) => Math.round(value / info.beforeScale)) };
      assert.deepEqual(showStacks(profile, old), showStacks(one, one.tree));
    }
  });
});
