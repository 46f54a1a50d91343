import assert from 'node:assert/strict';
import { ThroughlineError } from '../../../src/engine/model/errors';
import { parseCpuProfile } from '../../../src/engine/profile/cpuProfile';
import { weighSamples } from '../../../src/engine/profile/weights';
import { drawProfile, INTERVAL_MICROS } from './drawing';
import type { RawProfile } from './drawing';

const parse = (value: unknown) =>
  parseCpuProfile(typeof value === 'string' ? value : JSON.stringify(value), 'p');

describe('Reading a CPU profile', () => {
  const drawn = drawProfile(`
    main > work:12 x3
    main > work:14
    (idle) x2`);

  it('puts nodes in an order in which parents come first, with samples and ticks', () => {
    const shuffled = { ...drawn, nodes: drawn.nodes.toReversed() };
    for (const profile of [parse(drawn), parse(shuffled)]) {
      const names = Array.from(profile.callFrame, (frame) => profile.callFrames[frame]!.functionName);
      assert.equal(names[0], '(root)');
      for (let i = 1; i < names.length; i++) assert.ok(profile.parent[i]! < i);
      const work = names.indexOf('work');
      assert.equal(names[profile.parent[work]!], 'main');
      assert.deepEqual([...profile.samples].filter((node) => node === work).length, 4);
      assert.deepEqual([...profile.tickLine], [12, 14]);
      assert.deepEqual([...profile.tickCount], [3, 1]);
    }
  });

  it('accepts parent ids in place of children', () => {
    const nodes = drawn.nodes.map(({ children: _, ...node }) => ({
      ...node,
      parent: drawn.nodes.find((other) => other.children.includes(node.id))?.id,
    }));
    assert.deepEqual(parse({ ...drawn, nodes }).parent, parse(drawn).parent);
  });

  it('sums a line that Node 26 repeats within a node', () => {
    const repeated = drawProfile('work:7 x2');
    repeated.nodes[1]!.positionTicks.push({ line: 7, ticks: 5 });
    assert.deepEqual([...parse(repeated).tickCount], [7]);
  });

  it('sorts samples that overtook each other, as V8 itself writes them', () => {
    const profile = parse({ ...drawn, timeDeltas: [1000, 1000, -500, 1500, 1000, 1000] });
    assert.deepEqual(profile.times, profile.times.toSorted());
    assert.equal(profile.times[0], 5_001_000);
  });

  it('takes a stack of 100,000 frames', () => {
    const count = 100_000;
    const nodes = Array.from({ length: count }, (_, i) => ({
      id: i + 1,
      callFrame: { functionName: `f${i}`, scriptId: '1', url: 'a.js', lineNumber: i, columnNumber: 0 },
      hitCount: i === count - 1 ? 1 : 0,
      children: i === count - 1 ? [] : [i + 2],
    }));
    const profile = parse({ nodes, samples: [count], timeDeltas: [1000], startTime: 0, endTime: 2000 });
    assert.equal(profile.parent.length, count);
    assert.equal(profile.parent[count - 1], count - 2);
  });

  const [first, second] = drawn.nodes;
  const hostile: readonly [string, unknown, RegExp][] = [
    ['an empty file', '', /is empty/],
    ['text', 'hello', /is not JSON/],
    ['a file that was cut off', JSON.stringify(drawn).slice(0, -40), /is cut off/],
    ['null', 'null', /is not a CPU profile/],
    ['a list', '[]', /is not a CPU profile/],
    ['no nodes', { ...drawn, nodes: [] }, /has no nodes/],
    ['nodes of another type', { ...drawn, nodes: { 1: first } }, /no list at nodes/],
    ['a node of another type', { ...drawn, nodes: [null] }, /no object at nodes\[0\]/],
    ['two equal ids', { ...drawn, nodes: [first, first] }, /two nodes with the id 1/],
    [
      'an id that is no number',
      { ...drawn, nodes: [{ ...first, id: '1' }] },
      /no whole number at nodes\[0\]\.id/,
    ],
    ['a missing child', { ...drawn, nodes: [{ ...first, children: [9] }] }, /names a missing node/],
    ['a child of two', withChildren(drawn, [2, 3], [3]), /two parents/],
    ['a cycle at the root', withChildren(drawn, [2, 4], [1, 3]), /form a cycle/],
    ['a cycle aside', cycleAside(drawn), /cycle/],
    ['two roots', withChildren(drawn, [], []), /roots in place of one/],
    [
      'no call frame',
      { ...drawn, nodes: [{ ...first, callFrame: undefined, children: [] }] },
      /no object at nodes\[0\]\.callFrame/,
    ],
    ['a sample of no node', { ...drawn, samples: [99, 2, 2, 2, 2, 2] }, /missing node in samples\[0\]/],
    ['no timeDeltas', { ...drawn, timeDeltas: undefined }, /has no timeDeltas/],
    ['too few timeDeltas', { ...drawn, timeDeltas: [1] }, /6 samples but 1 timeDeltas/],
    ['a time that is text', { ...drawn, timeDeltas: ['1', 1, 1, 1, 1, 1] }, /no number at timeDeltas\[0\]/],
    [
      'an endless time',
      JSON.stringify(drawn).replace('"endTime":', '"endTime":1e999,"x":'),
      /no number at endTime/,
    ],
    ['an end before the start', { ...drawn, endTime: 1 }, /ends before it starts/],
    ['negative ticks', { ...drawn, nodes: withTicks(drawn, -1) }, /negative ticks/],
    [
      'ticks that are no list',
      {
        ...drawn,
        nodes: [{ ...second, id: 1, children: [], positionTicks: 3 }],
        samples: [],
        timeDeltas: [],
      },
      /no list at nodes/,
    ],
  ];
  for (const [what, value, message] of hostile) {
    it(`refuses ${what} with a sentence`, () => {
      assert.throws(
        () => parse(value),
        (error) =>
          error instanceof ThroughlineError && error.code === 'BAD_PROFILE' && message.test(error.message),
      );
    });
  }
});

describe('Weighing samples', () => {
  const micros = (profile: RawProfile, window?: { startMicros: number; endMicros: number }) => {
    const parsed = parse(profile);
    const weights = weighSamples(parsed, window);
    const byName = new Map<string, number>();
    parsed.callFrame.forEach((frame, node) => {
      const name = parsed.callFrames[frame]!.functionName;
      if (weights.selfMicros[node]! > 0)
        byName.set(name, (byName.get(name) ?? 0) + weights.selfMicros[node]!);
    });
    return { byName: Object.fromEntries(byName), ...weights };
  };

  it('gives each sample the time that is nearest to it, and all time to some sample', () => {
    const drawn = { ...drawProfile('a\nb\nc'), timeDeltas: [1000, 3000, 1000], endTime: 5_007_000 };
    // Times 1, 4 and 5 ms; the profile lasts 7 ms.
    assert.deepEqual(micros(drawn).byName, { a: 2500, b: 2000, c: 2500 });
    assert.equal(micros(drawn).sampledMicros, 7000);
  });

  it('counts only the samples and the time of the window', () => {
    const drawn = drawProfile('a x4\nb x4');
    const found = micros(drawn, { startMicros: 5_002_000, endMicros: 5_006_000 });
    assert.equal(found.samples, 4);
    assert.equal(found.sampledMicros, 4000);
    assert.deepEqual(found.byName, { a: 2000, b: 2000 });
  });

  it('counts a gap in which the process stood still as one usual interval', () => {
    const drawn = drawProfile('a x3\nb x3');
    drawn.timeDeltas[3] = 60_000_000;
    const stopped = {
      ...drawn,
      endTime: 5_000_500 + drawn.timeDeltas.reduce((sum, delta) => sum + delta, 0),
    };
    assert.equal(micros(stopped).sampledMicros, 6 * INTERVAL_MICROS);
  });

  it('leaves out samples that V8 took at deoptimisations: they are in no hit count', () => {
    const drawn = drawProfile('a x2\nb x1\na x2\nc x2');
    // Node `b` was sampled once, 100 µs behind a timer sample, without a hit.
    drawn.nodes.find((node) => node.callFrame.functionName === 'b')!.hitCount = 0;
    const found = micros({ ...drawn, timeDeltas: [1000, 1000, 100, 900, 1000, 1000, 1000] });
    assert.equal(found.byName['b'], undefined);
    assert.equal(found.samples, 6);
  });
});

function withChildren(drawn: RawProfile, ofRoot: number[], ofSecond: number[]): unknown {
  const nodes = drawn.nodes.map((node, i) => ({
    ...node,
    children: i === 0 ? ofRoot : i === 1 ? ofSecond : [],
  }));
  return { ...drawn, nodes };
}

function cycleAside(drawn: RawProfile): unknown {
  const [root, ...others] = drawn.nodes;
  const nodes = [
    { ...root, children: [4] },
    { ...others[0], children: [3] },
    { ...others[1], children: [2] },
    others[2],
  ];
  return { ...drawn, nodes };
}

function withTicks(drawn: RawProfile, ticks: number): unknown[] {
  return drawn.nodes.map((node) => ({ ...node, positionTicks: [{ line: 1, ticks }] }));
}
