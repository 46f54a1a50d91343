import assert from 'node:assert/strict';
import type { StackProfile } from '../../../../src/engine/model/stackProfile';
import type { SearchResult, TableRequest, ViewSpec } from '../../../../src/engine/model/view';
import { timelineActivity } from '../../../../src/engine/profile/view/activity';
import { ProfileViews } from '../../../../src/engine/profile/view/profileViews';
import { assertBoxes, boxTexts } from './boxes';
import { drawStacks, frameNamed, randomProfile } from './stacks';

const ALL: ViewSpec = { transforms: [] };
const FIRST: TableRequest = {
  spec: ALL,
  sortBy: 'self',
  descending: true,
  query: '',
  offset: 0,
  limit: 1000,
};

const RECURSIVE = drawStacks(`
  main@src/main.js > f@src/f.js:3 > g@src/g.js x1
  main@src/main.js > f@src/f.js:3 > f@src/f.js:3 > g@src/g.js x2
  main@src/main.js > f@src/f.js:3 > parse@/node_modules/left/index.js > f@src/f.js:3 x4
  other@src/f.js:9 > g@src/g.js x8`);

function rows(profile: StackProfile, request: Partial<TableRequest>): string[] {
  const page = new ProfileViews(profile).table({ ...FIRST, ...request });
  return [...page.frame].map(
    (frame, row) => `${profile.frames.names[frame]} ${page.self[row]! / 1000}/${page.total[row]! / 1000}`,
  );
}

describe('The table of functions', () => {
  it('counts a recursive function once a stack', () => {
    assert.deepEqual(rows(RECURSIVE, {}), ['g 11/11', 'f 4/7', 'main 0/7', 'parse 0/4', 'other 0/8']);
  });

  it('sorts by every column', () => {
    const names = (request: Partial<TableRequest>) =>
      rows(RECURSIVE, request).map((row) => row.split(' ')[0]);
    assert.deepEqual(names({ sortBy: 'total' }), ['g', 'other', 'main', 'f', 'parse']);
    assert.deepEqual(names({ sortBy: 'samples', descending: false }), ['parse', 'main', 'f', 'other', 'g']);
    assert.deepEqual(names({ sortBy: 'name', descending: false }), ['f', 'g', 'main', 'other', 'parse']);
    assert.deepEqual(names({ sortBy: 'file', descending: true }), ['main', 'g', 'other', 'f', 'parse']);
  });

  it('filters and pages', () => {
    assert.deepEqual(rows(RECURSIVE, { query: 'file:f.js' }), ['f 4/7', 'other 0/8']);
    assert.deepEqual(rows(RECURSIVE, { offset: 1, limit: 2 }), ['f 4/7', 'main 0/7']);
    const page = new ProfileViews(RECURSIVE).table({ ...FIRST, offset: 4, limit: 10, query: '' });
    assert.equal(page.count, 5);
    assert.equal(page.frame.length, 1);
    assert.deepEqual(rows(RECURSIVE, { query: '/(/' }), []);
  });

  it('is the same of an inverted view', () => {
    assert.deepEqual(rows(RECURSIVE, { spec: { transforms: [{ type: 'invert' }] } }), rows(RECURSIVE, {}));
  });

  it('is of the callers that are shown where something was focused in an inverted view', () => {
    const f = frameNamed(RECURSIVE, 'f');
    const path = [frameNamed(RECURSIVE, 'g'), f];
    const shown = (...transforms: ViewSpec['transforms']) => rows(RECURSIVE, { spec: { transforms } });
    // Callers of f and of g through f; what f called is not in the picture.
    assert.deepEqual(shown({ type: 'invert' }, { type: 'focusFunction', frame: f }), [
      'f 7/7',
      'main 0/7',
      'parse 0/4',
    ]);
    assert.deepEqual(shown({ type: 'invert' }, { type: 'focusSubtree', path }), ['f 3/3', 'main 0/3']);
    // Inverted twice, a path is one from the root again.
    const twice = [{ type: 'invert' }, { type: 'invert' }] as const;
    const main = { type: 'focusSubtree', path: [frameNamed(RECURSIVE, 'main')] } as const;
    assert.deepEqual(shown(...twice, main), shown(main));
  });

  it('equals brute force over each stack, on random profiles', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const profile = randomProfile(seed);
      const { parent, frame, self, samples } = profile.tree;
      const expected = profile.frames.names.map(() => [0, 0, 0, 0]);
      for (let node = 1; node < parent.length; node++) {
        expected[frame[node]!]![0]! += self[node]!;
        expected[frame[node]!]![2]! += samples[node]!;
        const onStack = new Set<number>();
        for (let at = node; at > 0; at = parent[at]!) onStack.add(frame[at]!);
        for (const id of onStack) {
          expected[id]![1]! += self[node]!;
          expected[id]![3]! += samples[node]!;
        }
      }
      const table = new ProfileViews(profile).table({ ...FIRST, sortBy: 'total' });
      assert.equal(table.count, expected.filter(([, total]) => total! > 0).length);
      table.frame.forEach((id, row) => {
        const figures = [table.self[row], table.total[row], table.selfSamples[row], table.totalSamples[row]];
        assert.deepEqual(figures, expected[id], `seed ${seed}`);
      });
    }
  });
});

describe('The sandwich of a function', () => {
  it('shows its callers and callees, each stack once', () => {
    const f = frameNamed(RECURSIVE, 'f');
    const { callers, callees } = new ProfileViews(RECURSIVE).sandwich(ALL, f);
    assert.deepEqual(boxTexts(RECURSIVE, callees), [
      '(root) 0+7 self 0',
      ' f 0+7 self 0',
      '  parse 0+4 self 0',
      '   f 0+4 self 4',
      '  f 4+2 self 0',
      '   g 4+2 self 2',
      '  g 6+1 self 1',
    ]);
    assert.deepEqual(boxTexts(RECURSIVE, callers), [
      '(root) 0+7 self 0',
      ' f 0+7 self 0',
      '  parse 0+4 self 0',
      '   f 0+4 self 0',
      '    main 0+4 self 4',
      '  f 4+2 self 0',
      '   main 4+2 self 2',
      '  main 6+1 self 1',
    ]);
  });

  it('is as wide as the table’s total, on random profiles', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const views = new ProfileViews(randomProfile(seed));
      const table = views.table(FIRST);
      for (const [row, frame] of table.frame.entries()) {
        const { callers, callees } = views.sandwich(ALL, frame);
        for (const side of [callers, callees]) {
          assertBoxes(side);
          assert.equal(side.total[0], table.total[row]);
          assert.equal(side.total[1], table.total[row]);
          assert.equal(side.frame[1], frame);
          assert.equal(side.totalSamples[1], table.totalSamples[row]);
        }
      }
    }
  });
});

describe('The search', () => {
  const found = (query: string, mode: 'merged' | 'timeOrder' = 'merged'): SearchResult & { state: 'ok' } => {
    const result = new ProfileViews(RECURSIVE).search({ spec: ALL, mode, query });
    assert.equal(result.state, 'ok');
    return result;
  };
  const names = (query: string) =>
    RECURSIVE.frames.names.filter((_, frame) => found(query).frames[frame] === 1);

  it('seeks in names, files and packages, in whatever case', () => {
    assert.deepEqual(names('PARSE'), ['parse']);
    assert.deepEqual(names('left'), ['parse']);
    assert.deepEqual(names('f.js'), ['f', 'other']);
    assert.deepEqual(names('name:f'), ['f']);
    assert.deepEqual(names('file: src/g'), ['g']);
    assert.deepEqual(names('package:left'), ['parse']);
    assert.deepEqual(names('/^(f|g)$/'), ['f', 'g']);
    assert.deepEqual(names('name:/^O/i'), ['other']);
    assert.deepEqual(names(''), []);
    assert.deepEqual(names('  '), []);
  });

  it('tells the share of the stacks that match, topmost matches once', () => {
    assert.deepEqual([found('name:f').value, found('name:f').samples], [7000, 7]);
    assert.equal(found('name:/./').value, 15_000);
    assert.equal(found('parse', 'timeOrder').value, 4000);
  });

  it('tells where the widest matching boxes are', () => {
    const { starts, totals, depths, boxes } = found('name:f');
    assert.deepEqual([...totals], [7000, 4000, 2000]);
    assert.deepEqual([...starts], [8000 + 3500, 8000 + 2000, 8000 + 5000]);
    assert.deepEqual([...depths], [2, 4, 3]);
    assert.equal(boxes.length, 3);
    const inTime = found('other', 'timeOrder');
    assert.deepEqual([...inTime.starts], [7000 + 4000]);
  });

  it('says what is wrong with a pattern, and ends one that would not end', () => {
    const views = new ProfileViews(drawStacks(`${'a'.repeat(60)}! x1`));
    const search = (query: string) => views.search({ spec: ALL, mode: 'merged', query });
    const bad = search('/(/');
    assert.ok(bad.state === 'bad' && /not a regular expression/.test(bad.reason));
    const slow = search('/^(a+)+$/');
    assert.ok(slow.state === 'bad' && /too long/.test(slow.reason));
  });
});

describe('The activity strip', () => {
  it('shares the time of each part among the kinds that ran', () => {
    const profile = drawStacks('a@src/a.js x3\n- x1\n--- worker\nx@node:x x1\n- x3');
    const { bucketMicros, byKind } = timelineActivity(profile, 2)!;
    assert.equal(bucketMicros, 2000);
    const kinds = byKind.length / 2;
    const busy = [...byKind].flatMap((share, at) =>
      share > 0 ? [[Math.floor(at / kinds), at % kinds, share]] : [],
    );
    assert.deepEqual(busy, [
      [0, 0, 0.5],
      [0, 2, 0.25],
      [1, 0, 0.25],
    ]);
    const { timeline: _timeline, ...without } = profile;
    assert.equal(timelineActivity(without, 2), undefined);
  });
});
