import assert from 'node:assert/strict';
import { type FlameBoxes, MAX_DEPTH } from '../../../../src/engine/model/flame';
import type { StackProfile } from '../../../../src/engine/model/stackProfile';
import type { ViewSpec } from '../../../../src/engine/model/view';
import { ProfileViews } from '../../../../src/engine/profile/view/profileViews';
import { restrictTree, sumTimeline } from '../../../../src/engine/profile/view/restrict';
import { indexTime, LONG_SEGMENTS } from '../../../../src/engine/profile/view/timeIndex';
import { cutTimePage, cutTimePageLimited } from '../../../../src/engine/profile/view/timeOrder';
import { assertBoxes, boxTexts } from './boxes';
import { drawStacks, frameNamed, randomProfile, seeded, showStacks } from './stacks';

const ALL: ViewSpec = { transforms: [] };

function inTime(
  profile: StackProfile,
  spec: ViewSpec = ALL,
  bounds: { from?: number; to?: number; min?: number } = {},
) {
  return new ProfileViews(profile).page({ spec, mode: 'timeOrder', min: 0, ...bounds });
}

describe('Time order', () => {
  it('shares boxes between neighbours whose stacks begin alike, and leaves idle time free', () => {
    const profile = drawStacks('a > b x2\na > c x1\na x1\n- x2\na > c x3');
    const page = inTime(profile);
    assert.deepEqual(boxTexts(profile, page.boxes), [
      '(root) 0+9 self 2',
      ' a 0+4 self 1',
      '  b 0+2 self 2',
      '  c 2+1 self 1',
      ' a 6+3 self 0',
      '  c 6+3 self 3',
    ]);
    assert.deepEqual([...page.boxes.totalSamples], [7, 4, 2, 1, 3, 3]);
    assert.deepEqual([...page.boxes.selfSamples], [0, 1, 2, 1, 0, 3]);
    assert.deepEqual(
      [...page.boxes.node],
      [-1, 1, 2, 2 * MAX_DEPTH + 2, 6 * MAX_DEPTH + 1, 6 * MAX_DEPTH + 2],
    );
    assert.equal(page.boxCount, 6);
    assert.equal(page.min, 0);
    assertBoxes(page.boxes);
  });

  it('shows threads one above another, each on a box of its own', () => {
    const profile = drawStacks('a > b x2\na x1\n--- worker 1\n- x1\nw x4');
    assert.deepEqual(boxTexts(profile, inTime(profile).boxes), [
      '(root) 0+5 self 0',
      ' [main] 0+3 self 0',
      '  a 0+3 self 1',
      '   b 0+2 self 2',
      '    [worker 1] 0+5 self 1',
      '     w 1+4 self 4',
    ]);
    assertBoxes(inTime(profile).boxes);
    assert.deepEqual(boxTexts(profile, inTime(profile, { transforms: [], threads: [1] }).boxes), [
      '(root) 0+5 self 1',
      ' w 1+4 self 4',
    ]);
  });

  it('applies transforms to the stacks of each moment, but for the inversion', () => {
    const profile = drawStacks('a > b x2\nc > b x1\na > d x1');
    const frame = frameNamed(profile, 'a');
    const show = (spec: ViewSpec) => boxTexts(profile, inTime(profile, spec).boxes).slice(1);
    assert.deepEqual(show({ transforms: [{ type: 'mergeFunction', frame }, { type: 'invert' }] }), [
      ' b 0+2 self 2',
      ' c 2+1 self 0',
      '  b 2+1 self 1',
      ' d 3+1 self 1',
    ]);
    assert.deepEqual(show({ transforms: [{ type: 'dropFunction', frame }] }), [
      ' c 2+1 self 0',
      '  b 2+1 self 1',
    ]);
  });

  it('begins at a range’s left edge', () => {
    const profile = drawStacks('a > b x4\nc x4');
    const range = { startMicros: 1500, endMicros: 5000 };
    assert.deepEqual(boxTexts(profile, inTime(profile, { transforms: [], range }).boxes), [
      '(root) 0+3.5 self 0',
      ' a 0+2.5 self 0',
      '  b 0+2.5 self 2.5',
      ' c 2.5+1 self 1',
    ]);
  });

  it('shows what most of a moment’s time was spent in where inlined functions were put back', () => {
    const profile = drawStacks('a x1\na > b x1');
    const spread = {
      first: Int32Array.of(0, 1, 3, 4),
      node: Int32Array.of(0, 1, 2, 2),
      part: Float32Array.of(1, 0.25, 0.75, 1),
    };
    const timeline = { ...profile.timeline!, spread };
    assert.deepEqual(boxTexts(profile, inTime({ ...profile, timeline }).boxes), [
      '(root) 0+2 self 0',
      ' a 0+2 self 0',
      '  b 0+2 self 2',
    ]);
    const whole = sumTimeline(timeline, profile.threads, 3);
    assert.deepEqual([...whole.micros], [0, 250, 1750]);
  });

  it('sums to the merged view, on random profiles', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const profile = randomProfile(seed);
      const views = new ProfileViews(profile);
      const transforms = seed % 2 === 0 ? [] : [{ type: 'mergeFunction', frame: 0 } as const];
      const spec = { transforms };
      const { boxes } = views.page({ spec, mode: 'timeOrder', min: 0 });
      assertBoxes(boxes);
      const inOrder = selfByFrame(boxes);
      const merged = selfByFrame(views.page({ spec, mode: 'merged', min: 0 }).boxes);
      for (const [frame, self] of merged)
        if (frame >= 0) assert.equal(inOrder.get(frame) ?? 0, self, `seed ${seed}`);
    }
  });

  it('pages are the cut of the whole, on random profiles', () => {
    for (let seed = 1; seed <= 40; seed++) {
      // Long ones too, whose boxes reach far out of a page.
      const profile = seed > 36 ? longProfile(seed) : randomProfile(seed, 150);
      const views = new ProfileViews(profile);
      const full = views.page({ spec: ALL, mode: 'timeOrder', min: 0 });
      assert.equal(full.boxes.node.length, full.boxCount);
      const random = seeded(seed);
      const length = full.boxes.total[0]!;
      for (let part = 0; part < 6; part++) {
        const from = random() * length;
        const to = from + random() ** 3 * (length - from);
        const min = random() < 0.4 ? 0 : random() ** 4 * length;
        const { boxes } = views.page({ spec: ALL, mode: 'timeOrder', from, to, min });
        assertBoxes(boxes);
        const expected = [...full.boxes.node.keys()].filter(
          (box) =>
            full.boxes.frame[box]! < 0 ||
            (full.boxes.total[box]! >= min &&
              full.boxes.start[box]! < to &&
              full.boxes.start[box]! + full.boxes.total[box]! > from),
        );
        for (const column of [
          'node',
          'start',
          'total',
          'self',
          'totalSamples',
          'selfSamples',
          'depth',
          'frame',
        ] as const) {
          assert.deepEqual(
            [...boxes[column]].filter((_, box) => boxes.sampled?.[box] !== 1),
            expected.map((box) => full.boxes[column][box]!),
            column,
          );
        }
      }
    }
  });
});

describe('Bounds of a page in time order', () => {
  it('raise the least width until the boxes are few enough', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const profile = randomProfile(seed, 200);
      const { timeline } = profile;
      const index = indexTime({ ...profile, timeline: timeline! }, profile.tree, undefined, {});
      const { boxes, min } = cutTimePageLimited(index, {}, 40);
      const exact = boxes.node.filter((_, box) => boxes.sampled?.[box] !== 1);
      assert.ok(exact.length <= 40 && exact.length > profile.threads.length, `${exact.length}`);
      assert.deepEqual(boxes, cutTimePage(index, { min }));
    }
  });
});

describe('Samples of what is too narrow for a page in time order', () => {
  it('show the stack of each part’s middle, on what is wide enough', () => {
    const drawn = 'a > b > c x1\na > d x1\na > b x1\na > e x1\n'.repeat(2) + '- x2\nf x1\n- x5';
    const profile = drawStacks(drawn);
    const { boxes, min, boxCount } = inTime(profile, ALL, { min: 1001 });
    assert.deepEqual(boxTexts(profile, boxes), [
      '(root) 0+16 self 7',
      ' a 0+8 self 0',
      '  b 0+4.004 self 4.004',
      '  b 4.004+3.996 self 3.996',
      ' f 8.008+4.004 self 4.004',
    ]);
    assert.deepEqual([...boxes.sampled!], [0, 0, 1, 1, 1]);
    assert.deepEqual([...boxes.node], [-1, 1, 2 * MAX_DEPTH + 2, 6 * MAX_DEPTH + 2, 10 * MAX_DEPTH + 1]);
    assert.equal(min, 1001);
    assert.equal(boxCount, 13);
    assertBoxes(boxes);
  });

  it('are boxes of the whole that are narrower, on random profiles', () => {
    let sampled = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const profile = randomProfile(seed, 200);
      const views = new ProfileViews(profile);
      const full = views.page({ spec: ALL, mode: 'timeOrder', min: 0 }).boxes;
      assert.equal(full.sampled, undefined);
      const boxOf = new Map([...full.node].map((node, box) => [node, box]));
      const random = seeded(seed);
      for (let part = 0; part < 5; part++) {
        const min = 500 + random() * 20_000;
        const from = (random() * full.total[0]!) / 2;
        const to = from + random() * full.total[0]!;
        const { boxes } = views.page({ spec: ALL, mode: 'timeOrder', from, to, min });
        assertBoxes(boxes);
        boxes.sampled?.forEach((isSampled, box) => {
          if (isSampled === 0) return;
          sampled++;
          const whole = boxOf.get(boxes.node[box]!)!;
          assert.ok(full.total[whole]! < min);
          assert.deepEqual([boxes.frame[box], boxes.depth[box]], [full.frame[whole], full.depth[whole]]);
          assert.ok(boxes.total[box]! > 0 && boxes.total[box]! <= min * 4 + 1e-6);
        });
      }
    }
    assert.ok(sampled > 1000);
  });
});

describe('The search in time order', () => {
  it('finds the boxes of the page that match, on random profiles', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const profile = randomProfile(seed);
      const views = new ProfileViews(profile);
      const spec: ViewSpec = { transforms: seed % 2 === 0 ? [] : [{ type: 'foldFrameworks' }] };
      const { boxes } = views.page({ spec, mode: 'timeOrder', min: 0 });
      const result = views.search({ spec, mode: 'timeOrder', query: 'name:/[1-4]$/' });
      assert.equal(result.state, 'ok');
      if (result.state !== 'ok') return;
      const expected = [...boxes.node.keys()].filter((box) => result.frames[boxes.frame[box]!] === 1);
      const byNode = (a: number, b: number) => a - b;
      assert.deepEqual([...result.boxes].sort(byNode), expected.map((box) => boxes.node[box]!).sort(byNode));
      assert.ok(expected.length > 0);
      result.boxes.forEach((node, at) => {
        const box = boxes.node.indexOf(node);
        assert.equal(result.starts[at], boxes.start[box]! + boxes.total[box]! / 2);
        assert.equal(result.totals[at], boxes.total[box]);
        assert.equal(result.depths[at], boxes.depth[box]);
      });
    }
  });
});

describe('A restriction to a range and to threads', () => {
  const profile = drawStacks('a > b x4\nc x2\n--- worker 1\nc x3\n- x3');
  const whole = sumTimeline(profile.timeline!, profile.threads, profile.tree.parent.length);
  const show = (restriction: Parameters<typeof restrictTree>[3]) =>
    showStacks(profile, restrictTree(profile, profile.tree, whole, restriction));

  it('keeps what ran in it, an overlap by its part', () => {
    assert.deepEqual(show({}), showStacks(profile, profile.tree));
    assert.deepEqual(show({ threads: [0] }), ['a > b x4', 'c x2']);
    assert.deepEqual(show({ threads: [1] }), ['c x3']);
    assert.deepEqual(show({ threads: [] }), []);
    assert.deepEqual(show({ range: { startMicros: 2500, endMicros: 4250 } }), ['a > b x1.5', 'c x0.75']);
    assert.deepEqual(show({ range: { startMicros: 3500, endMicros: 9000 }, threads: [0] }), [
      'a > b x0.5',
      'c x2',
    ]);
    assert.deepEqual(show({ range: { startMicros: 7000, endMicros: 9000 } }), []);
  });

  it('counts samples where they begin', () => {
    const { samples } = restrictTree(profile, profile.tree, whole, {
      range: { startMicros: 2500, endMicros: 4250 },
    });
    assert.deepEqual([...samples], [0, 0, 1, 1]);
  });

  it('keeps values of other units in the proportion of their time', () => {
    const bytes = { ...profile, tree: { ...profile.tree, self: Float64Array.of(0, 0, 800, 50) } };
    const half = restrictTree(bytes, bytes.tree, whole, { range: { startMicros: 0, endMicros: 2000 } });
    assert.deepEqual([...half.self], [0, 0, 400, 20]);
  });

  it('is that of brute force, on random profiles', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const drawn = randomProfile(seed);
      const sums = sumTimeline(drawn.timeline!, drawn.threads, drawn.tree.parent.length);
      const startMicros = random() * 100_000;
      const endMicros = startMicros + random() * 100_000;
      const chosen = drawn.threads.length - 1;
      const { self } = restrictTree(drawn, drawn.tree, sums, {
        range: { startMicros, endMicros },
        threads: [chosen],
      });
      const expected = new Float64Array(self.length);
      const { from, to } = drawn.threads[chosen]!;
      for (let segment = from; segment < to; segment++) {
        const node = drawn.timeline!.node[segment]!;
        const start = drawn.timeline!.start[segment]!;
        if (node < 0) continue;
        expected[node]! += Math.max(0, Math.min(start + 1000, endMicros) - Math.max(start, startMicros));
      }
      self.forEach((value, node) => assert.ok(Math.abs(value - expected[node]!) < 1e-6, `seed ${seed}`));
    }
  });
});

function selfByFrame({ frame, self }: FlameBoxes): Map<number, number> {
  const sums = new Map<number, number>();
  frame.forEach((id, box) => sums.set(id, (sums.get(id) ?? 0) + self[box]!));
  return sums;
}

/** Boxes of more segments than a page looks for around itself, between many of one. */
function longProfile(seed: number): StackProfile {
  const random = seeded(seed);
  const lines: string[] = [];
  for (let line = 0; line < LONG_SEGMENTS; line++) {
    const outer = Math.floor((line / LONG_SEGMENTS) * 2);
    lines.push(
      `main > phase${outer} > f${Math.floor(random() * 5)} > g${Math.floor(random() * 3)} x${1 + Math.floor(random() * 4)}`,
    );
  }
  return drawStacks(lines.join('\n'));
}
