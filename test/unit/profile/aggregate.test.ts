import assert from 'node:assert/strict';
import { aggregateFunctions, aggregateLines } from '../../../src/engine/profile/aggregate';
import { SampleTreeBuilder } from '../../../src/engine/profile/sampleTree';
import { drawTree } from './drawing';

const ms = (micros: number) => micros / 1000;

describe('Summing up functions', () => {
  const figures = (drawing: string) => {
    const { tree, names } = drawTree(drawing);
    const functions = aggregateFunctions(tree, names.length);
    return {
      cost: Object.fromEntries(
        functions.map((fn) => [names[fn.frame], [ms(fn.selfMicros), ms(fn.totalMicros), fn.totalSamples]]),
      ),
      edges: (name: string, list: 'callers' | 'callees') => {
        const fn = functions.find((item) => names[item.frame] === name)!;
        return fn[list].map((edge) => `${names[edge.frame]} ${ms(edge.totalMicros)}`);
      },
    };
  };

  it('tells self from total', () => {
    const { cost } = figures(`
      main > parse 10
      main > render > parse 5
      main > render 3
      main 1`);
    assert.deepEqual(cost, { main: [1, 19, 19], parse: [15, 15, 15], render: [3, 8, 8] });
  });

  it('counts a recursive function once a sample, also where the recursion goes through others', () => {
    const { cost } = figures(`
      main > walk > walk > walk 4
      main > walk > visit > walk 2
      main > walk 1`);
    assert.deepEqual(cost['walk'], [7, 7, 7]);
    assert.deepEqual(cost['visit'], [0, 2, 2]);
    assert.deepEqual(cost['main'], [0, 7, 7]);
  });

  it('lists callers and callees by the time along the edge, recursion counted once', () => {
    const { edges } = figures(`
      main > walk > walk > walk > leaf 4
      main > walk 1
      other > leaf 6
      main > leaf 1`);
    assert.deepEqual(edges('leaf', 'callers'), ['other 6', 'walk 4', 'main 1']);
    assert.deepEqual(edges('walk', 'callees'), ['walk 4', 'leaf 4']);
    assert.deepEqual(edges('walk', 'callers'), ['main 5', 'walk 4']);
  });

  it('lists at most eight edges, the dearest', () => {
    const { edges } = figures(Array.from({ length: 12 }, (_, i) => `main > f${i} ${i + 1}`).join('\n'));
    assert.equal(edges('main', 'callees').length, 8);
    assert.equal(edges('main', 'callees')[0], 'f11 12');
  });

  it('takes a stack of 200,000 frames of the same function', () => {
    const builder = new SampleTreeBuilder();
    let node = 0;
    for (let depth = 0; depth < 200_000; depth++) node = builder.child(node, 0);
    builder.addSelf(node, 1000, 1);
    const [fn] = aggregateFunctions(builder.build(), 1);
    assert.equal(fn?.totalMicros, 1000);
  });
});

describe('Summing up lines', () => {
  it('adds the calls made on a line to its total, each sample once', () => {
    const builder = new SampleTreeBuilder();
    const [main, walk] = [0, 1];
    const inMain = builder.child(0, main);
    const outer = builder.child(inMain, walk);
    const inner = builder.child(outer, walk);
    builder.addSelf(outer, 3000, 3);
    builder.addTick(outer, 11, 3000, 3);
    builder.addSelf(inner, 4000, 4);
    builder.addTick(inner, 11, 3000, 3);
    builder.addTick(inner, 12, 1000, 1);
    const tree = builder.build();
    // main calls walk on its line 2; walk calls itself on line 11.
    const lines = aggregateLines(tree, {
      lines: [
        { file: 'a', line: 2 },
        { file: 'a', line: 11 },
        { file: 'a', line: 12 },
      ],
      ofTick: Int32Array.from(tree.tickLine, (line) => (line === 11 ? 1 : 2)),
      ofCall: Int32Array.from([-1, -1, 0, 1]),
    });
    const found = Object.fromEntries(
      lines.map((line) => [
        line.line,
        [ms(line.selfMicros), ms(line.totalMicros), line.totalSamples, line.frame],
      ]),
    );
    assert.deepEqual(found, { 2: [0, 7, 7, main], 11: [6, 7, 7, walk], 12: [1, 1, 1, walk] });
  });
});
