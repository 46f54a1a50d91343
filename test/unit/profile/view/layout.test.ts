import assert from 'node:assert/strict';
import { type FlameBoxes, MAX_DEPTH } from '../../../../src/engine/model/flame';
import { cutLimited, cutPage, layoutFlame, layoutTree } from '../../../../src/engine/profile/view/layout';
import { assertBoxes, boxTexts } from './boxes';
import { drawStacks, randomProfile, seeded } from './stacks';

describe('The layout of a merged view', () => {
  it('puts the widest child first and a box’s own value at its right', () => {
    const profile = drawStacks('a > b x1\na > c x3\na x2\nd x8');
    const boxes = layoutFlame(profile.tree);
    assert.deepEqual(boxTexts(profile, boxes), [
      '(root) 0+14 self 0',
      ' d 0+8 self 8',
      ' a 8+6 self 2',
      '  c 8+3 self 3',
      '  b 11+1 self 1',
    ]);
    assert.deepEqual([...boxes.totalSamples], [14, 8, 6, 3, 1]);
    assertBoxes(boxes);
  });

  it('leaves out what is narrower, or outside', () => {
    const profile = drawStacks('a > b x1\na > c x3\na x2\nd x8');
    const names = (boxes: FlameBoxes) => boxTexts(profile, boxes).map((text) => text.trim().split(' ')[0]);
    assert.deepEqual(names(layoutFlame(profile.tree, { min: 2000 })), ['(root)', 'd', 'a', 'c']);
    assert.deepEqual(names(layoutFlame(profile.tree, { from: 0, to: 8000 })), ['(root)', 'd']);
    assert.deepEqual(names(layoutFlame(profile.tree, { from: 11_500, to: 12_000 })), ['(root)', 'a', 'b']);
  });

  it('draws no box without a width, and an empty tree as its root', () => {
    const { tree } = drawStacks('a > b x1\nc x1');
    const boxes = layoutFlame({ ...tree, self: Float64Array.of(0, 0, 0, 7) });
    assert.deepEqual([...boxes.node], [0, 3]);
    assert.deepEqual([...layoutFlame(drawStacks('').tree).total], [0]);
  });

  it('pages are the cut of the full layout, on random trees', () => {
    for (let seed = 1; seed <= 80; seed++) {
      const { tree } = randomProfile(seed);
      const layout = layoutTree(tree);
      const full = cutPage(layout, tree);
      assertBoxes(full);
      assert.equal(full.node.length, layout.boxCount);
      const random = seeded(seed);
      for (let page = 0; page < 5; page++) {
        const from = random() * full.total[0]!;
        const to = from + random() * (full.total[0]! - from);
        const min = random() < 0.3 ? 0 : random() ** 3 * full.total[0]!;
        const cut = cutPage(layout, tree, { from, to, min });
        assertBoxes(cut);
        const expected = [...full.node.keys()].filter(
          (box) =>
            box === 0 ||
            (full.total[box]! >= min && full.start[box]! < to && full.start[box]! + full.total[box]! > from),
        );
        assert.deepEqual(
          [...cut.node],
          expected.map((box) => full.node[box]!),
        );
        for (const column of [
          'start',
          'total',
          'self',
          'totalSamples',
          'selfSamples',
          'depth',
          'frame',
        ] as const) {
          assert.deepEqual(
            [...cut[column]],
            expected.map((box) => full[column][box]!),
            column,
          );
        }
      }
    }
  });

  it('raises the least width until the boxes are few enough', () => {
    const { tree } = randomProfile(5);
    const layout = layoutTree(tree);
    const { boxes, min } = cutLimited(layout, tree, {}, 12);
    assert.ok(boxes.node.length <= 13 && boxes.node.length > 1 && min > 0);
    assert.deepEqual(boxes, cutPage(layout, tree, { min }));
  });

  it('cuts stacks that are deeper than anyone follows', () => {
    const count = 10_000;
    const tree = {
      parent: Int32Array.from({ length: count }, (_, node) => node - 1),
      frame: Int32Array.from({ length: count }, (_, node) => node - 1),
      self: new Float64Array(count).fill(1),
      samples: new Int32Array(count).fill(1),
    };
    const boxes = layoutFlame(tree);
    assert.equal(boxes.node.length, MAX_DEPTH);
    assert.equal(boxes.total[0], count);
    assertBoxes(boxes);
  });
});
