import assert from 'node:assert/strict';
import { layoutFlame } from '../../../src/engine/profile/flameLayout';
import type { FlameFrames } from '../../../src/protocol/flamegraph';
import { matchBoxes, matchFrames, parseQuery, stepMatch } from '../../../src/webviews/flamegraph/search';
import { treeOf } from './trees';

function searched(folded: readonly string[], input: string) {
  const { tree, frames, names } = treeOf(folded);
  const columns = layoutFlame(tree, frames);
  const query = parseQuery(input);
  assert.equal(query.state, 'ok');
  return { columns, names, matches: matchBoxes(columns, matchFrames(framesOf(names), query.test)) };
}

function framesOf(
  names: readonly string[],
  files: readonly string[] = [],
  packages: readonly string[] = [],
): FlameFrames {
  const none = () => new Int32Array(names.length).fill(-1);
  return {
    names,
    kinds: new Uint8Array(names.length),
    files,
    fileOf: files.length > 0 ? Int32Array.from(names, (_, index) => index % files.length) : none(),
    lines: new Int32Array(names.length),
    hotLines: new Int32Array(names.length),
    packages,
    packageOf: packages.length > 0 ? Int32Array.from(names, (_, index) => index % packages.length) : none(),
    openable: new Uint8Array(names.length),
  };
}

describe('flamegraph search', () => {
  it('counts a match within a match once', () => {
    const { matches, columns } = searched(
      ['main;parse;parseItem 30', 'main;parse 10', 'main;render 40', 'parseAll 20'],
      'parse',
    );
    assert.equal(matches.micros, 60_000);
    assert.equal(matches.samples, 60);
    assert.equal(matches.boxes.length, 2);
    assert.ok(matches.micros <= columns.totalMicros[0]!);
  });

  it('never finds more than everything, even when every frame matches', () => {
    const { matches, columns } = searched(['a;a;a 5', 'a;b;a 5', 'b;a 7'], '/./');
    assert.equal(matches.micros, columns.totalMicros[0]);
  });

  it('leads through the matches widest first, around the ends', () => {
    const { matches, columns, names } = searched(['x1 5', 'x2 50', 'y;x3 20'], 'x');
    const found = Array.from(matches.boxes, (box) => names[columns.frame[box]!]);
    assert.deepEqual(found, ['x2', 'x3', 'x1']);
    assert.deepEqual(
      [stepMatch(matches, -1, 1), stepMatch(matches, 2, 1), stepMatch(matches, -1, -1)],
      [0, 0, 2],
    );
    assert.equal(stepMatch(matches, 0, -1), 2);
    assert.equal(stepMatch(searched(['a 1'], 'zzz').matches, -1, 1), -1);
  });

  it('searches names, files and packages, in any case', () => {
    const test = (input: string) => {
      const query = parseQuery(input);
      assert.equal(query.state, 'ok');
      return [
        ...matchFrames(
          framesOf(['Alpha', 'beta'], ['src/one.ts', 'src/two.ts'], ['fastify', '@x/y']),
          query.test,
        ),
      ];
    };
    assert.deepEqual(test('alpha'), [1, 0]);
    assert.deepEqual(test('TWO.ts'), [0, 1]);
    assert.deepEqual(test('fastify'), [1, 0]);
    assert.deepEqual(test('src/'), [1, 1]);
    assert.deepEqual(test('/^beta$/'), [0, 1]);
    assert.deepEqual(test('/^BETA$/'), [0, 0]);
    assert.deepEqual(test('/^BETA$/i'), [0, 1]);
    assert.deepEqual(test('a.pha'), [0, 0]);
  });

  it('tells text, nothing and a broken expression apart', () => {
    assert.equal(parseQuery('  ').state, 'none');
    assert.equal(parseQuery('/[/').state, 'bad');
    assert.equal(parseQuery('/a').state, 'ok');
  });
});
