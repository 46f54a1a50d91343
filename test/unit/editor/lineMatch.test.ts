import assert from 'node:assert/strict';
import { matchLines } from '../../../src/editor/annotations/lineMatch';

describe('matching lines of two versions', () => {
  const match = (before: string, after: string) => [...matchLines(before.split('\n'), after.split('\n'))];

  it('maps each line onto itself where nothing changed', () => {
    assert.deepEqual(match('a\nb\nb\nc', 'a\nb\nb\nc'), [0, 1, 2, 3]);
  });

  it('shifts lines below an insertion and a deletion', () => {
    assert.deepEqual(match('a\nb\nc', 'new\na\nb\nc'), [1, 2, 3]);
    assert.deepEqual(match('a\nb\nc\nd', 'a\nd'), [0, -1, -1, 1]);
  });

  it('drops the edited line alone', () => {
    assert.deepEqual(match('a\nb\nc', 'a\nB\nc'), [0, -1, 2]);
  });

  it('follows several edits at once', () => {
    assert.deepEqual(match('a\nb\nc\nd\ne\nf', 'x\na\nb\nC\nd\ny\ne\nf'), [1, 2, -1, 4, 6, 7]);
  });

  it('takes a line that is only indented anew for the same line', () => {
    assert.deepEqual(match('if (x)\nrun();\nend();', 'try {\n  if (x)\n  run();\n}\nend();'), [1, 2, 4]);
  });

  it('never maps two lines onto one, nor against their order', () => {
    const random = mulberry(7);
    for (let round = 0; round < 300; round++) {
      const line = () => 'abcdef'[Math.floor(random() * 6)] ?? 'a';
      const before = Array.from({ length: Math.floor(random() * 12) }, line);
      const after = Array.from({ length: Math.floor(random() * 12) }, line);
      const found = [...matchLines(before, after)];
      found.forEach((to, from) => to >= 0 && assert.equal(after[to], before[from]));
      const kept = found.filter((to) => to >= 0);
      assert.deepEqual(
        kept,
        [...new Set(kept)].sort((a, b) => a - b),
        `${before.join('')} > ${after.join('')}`,
      );
    }
  });

  it('handles texts of many equal lines, and a moved half of a large file', () => {
    const equal = new Array<string>(20_000).fill('}');
    assert.equal(matchLines(equal, ['x', ...equal, 'y']).length, equal.length);
    const numbered = Array.from({ length: 20_000 }, (_, i) => `line ${i}`);
    const moved = [...numbered.slice(10_000), ...numbered.slice(0, 10_000)];
    assert.equal(matchLines(numbered, moved).filter((to) => to >= 0).length, 10_000);
  });
});

/** A small seeded generator, so that a failing round can be had again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
