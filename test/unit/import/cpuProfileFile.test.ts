import assert from 'node:assert/strict';
import { ThroughlineError } from '../../../src/engine/model/errors';
import type { CpuProfile } from '../../../src/engine/profile/cpuProfile';
import { readCpuProfile } from '../../../src/engine/profile/import/cpuProfileFile';
import { cpuProfileToStacks } from '../../../src/engine/profile/import/cpuProfileStacks';
import { bytesAsSource } from '../../../src/engine/profile/import/source';
import { weighSamples } from '../../../src/engine/profile/weights';
import { drawProfile } from '../profile/drawing';
import { randomFrom, randomProfile, writeOddly, type RawProfile } from './randomProfiles';

const read = (text: string | Uint8Array, windowBytes?: number) =>
  readCpuProfile(bytesAsSource(typeof text === 'string' ? Buffer.from(text) : text, 'p'), {
    ...(windowBytes !== undefined && { windowBytes }),
  });

/** The same, told without ids and without an order of nodes. */
function told(stacks: readonly string[], of: { samples: string[]; times: number[]; counts: string[] }) {
  return { nodes: [...stacks].sort(), ...of, counts: [...of.counts].sort() };
}

function toldOfRead(profile: CpuProfile) {
  const stacks: string[] = [];
  profile.parent.forEach((parent, node) => {
    const { functionName, scriptId, url, line, column } = profile.callFrames[profile.callFrame[node]!]!;
    stacks.push(
      `${parent < 0 ? '' : stacks[parent]!}>${[functionName, scriptId, url, line, column].join('|')}`,
    );
  });
  const counts = stacks.map((stack, node) => `${stack} hits ${profile.hitCount[node]!}`);
  profile.tickNode.forEach((node, i) => {
    counts.push(`${stacks[node]!} line ${profile.tickLine[i]!}: ${profile.tickCount[i]!}`);
  });
  const samples = Array.from(profile.samples, (node) => stacks[node]!);
  return told(stacks, { samples, times: [...profile.times], counts });
}

/** By JSON.parse and objects. */
function toldOfParsed(text: string) {
  const profile = JSON.parse(text.replace(/^\ufeff/u, '')) as RawProfile;
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) {
    if (node.parent !== undefined) parents.set(node.id, node.parent);
    for (const child of node.children ?? []) parents.set(child, node.id);
  }
  const stackOf = (id: number): string => {
    const { functionName, scriptId, url, lineNumber, columnNumber } = byId.get(id)!.callFrame;
    const own = `>${[functionName, scriptId, url, lineNumber, columnNumber].join('|')}`;
    return parents.has(id) ? stackOf(parents.get(id)!) + own : own;
  };
  const counts: string[] = [];
  for (const { id, hitCount = -1, positionTicks = [] } of profile.nodes) {
    counts.push(`${stackOf(id)} hits ${hitCount}`);
    const lines = new Map<number, number>();
    for (const { line, ticks } of positionTicks) lines.set(line, (lines.get(line) ?? 0) + ticks);
    for (const [line, ticks] of lines) if (ticks > 0) counts.push(`${stackOf(id)} line ${line}: ${ticks}`);
  }
  let time = profile.startTime;
  const sampled = profile.samples.map((id, i) => ({ id, time: (time += profile.timeDeltas[i]!) }));
  sampled.sort((a, b) => a.time - b.time);
  return told(
    profile.nodes.map(({ id }) => stackOf(id)),
    { samples: sampled.map(({ id }) => stackOf(id)), times: sampled.map((sample) => sample.time), counts },
  );
}

describe('Streaming a CPU profile', () => {
  it('reads what JSON.parse reads, at every boundary of the window', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed);
      const text = writeOddly(randomProfile(random, 1 + Math.floor(random() * 40)), random);
      const expected = toldOfParsed(text);
      for (const windowBytes of [1, 2, 3, 7, 13, 31, 127, 400, 1021, 4096, undefined]) {
        assert.deepEqual(
          toldOfRead(read(text, windowBytes)),
          expected,
          `seed ${seed}, window ${windowBytes}`,
        );
      }
    }
  });

  it('refuses every beginning of a file as cut off, wherever the window ends', () => {
    const random = randomFrom(5);
    const text = Buffer.from(writeOddly(randomProfile(random, 6), random).trim());
    for (let length = 1; length < text.length; length++) {
      for (const windowBytes of [5, 97, undefined]) {
        assert.throws(
          () => read(text.subarray(0, length), windowBytes),
          (error) => error instanceof ThroughlineError && /is cut off/.test(error.message),
          `${length} of ${text.length}`,
        );
      }
    }
  });

  it('finds the profile inside of what the inspector and its clients save', () => {
    const drawn = drawProfile('main > work x3');
    for (const wrapped of [{ profile: drawn }, { id: 3, result: { profile: drawn } }]) {
      assert.equal(read(JSON.stringify(wrapped)).samples.length, 3);
    }
  });

  it('keeps one frame for calls that are the same, and cuts names of megabytes', () => {
    const drawn = drawProfile('main > work x2\nmain > other > work');
    const long = { ...drawn.nodes[2]!.callFrame, functionName: 'é'.repeat(3_000_000) };
    const nodes = drawn.nodes.map((node) =>
      node.callFrame.functionName === 'work' ? { ...node, callFrame: long } : node,
    );
    for (const windowBytes of [1000, undefined]) {
      const { callFrames } = read(JSON.stringify({ ...drawn, nodes }), windowBytes);
      assert.equal(callFrames.length, 4);
      const cut = callFrames.find(({ functionName }) => functionName.startsWith('é'))!.functionName;
      assert.match(cut, /^é{2048}…$/u);
    }
  });

  const drawn = drawProfile('main > work x3\nmain x2');
  const numbers: readonly [string, string, string, RegExp][] = [
    ['NaN', '"endTime":', '"endTime":NaN,"x":', /is not JSON: it has an unexpected "NaN/],
    ['a number beyond doubles', '"startTime":', '"startTime":1e400,"x":', /no number at startTime/],
    ['a number with leading zeros', '"samples":[', '"samples":[007,', /malformed number at byte \d+/],
    [
      'a number without end',
      '"endTime":',
      `"endTime":${'9'.repeat(5000)},"x":`,
      /number without end at byte/,
    ],
    ['a comma too many', '"samples":[', '"samples":[,', /is not JSON: it has an unexpected ","/],
    ['brackets that do not match', '"samples":[', '"x":[{]},"samples":[', /unexpected "]"/],
    ['an unknown escape', '"functionName":"main', String.raw`"functionName":"\x41`, /unknown escape/],
    ['a control character', '"functionName":"main', '"functionName":"\n', /unexpected byte 10/],
    ['an id beyond all whole numbers', '"id":2', '"id":1e300', /no whole number at nodes\[1\]\.id/],
  ];
  for (const [what, from, to, message] of numbers) {
    it(`refuses ${what}, with its place`, () => {
      const text = JSON.stringify(drawn);
      assert.ok(text.includes(from));
      for (const windowBytes of [16, undefined]) {
        assert.throws(
          () =>
            read(
              text.replace(from, () => to),
              windowBytes,
            ),
          (error) => error instanceof ThroughlineError && message.test(error.message),
        );
      }
    });
  }

  it('refuses what goes on behind its end', () => {
    assert.throws(() => read(`${JSON.stringify(drawn)}{}`), /unexpected "\{" at byte \d+/);
  });

  it('skips values of any depth that it does not know', () => {
    const deep = '['.repeat(300_000) + ']'.repeat(300_000);
    const text = JSON.stringify(drawn).replace('{', `{"x":${deep},`);
    assert.equal(read(text).samples.length, 5);
  });

  it('tells how far it is', () => {
    const told: number[] = [];
    const text = JSON.stringify(drawn).replace('{', `{"x":"${' '.repeat(20_000_000)}",`);
    readCpuProfile(bytesAsSource(Buffer.from(text), 'p'), { onProgress: (done, of) => told.push(done / of) });
    assert.ok(
      told.length >= 2 && told.every((part, i) => part > (told[i - 1] ?? 0) && part <= 1),
      String(told),
    );
  });
});

describe('Stacks of a CPU profile', () => {
  const stacksOf = (profile: unknown) => cpuProfileToStacks(read(JSON.stringify(profile)));
  const paths = ({ tree, frames }: ReturnType<typeof stacksOf>) => {
    const names: string[] = [];
    tree.parent.forEach((parent, node) => {
      const own = node === 0 ? '' : frames.names[tree.frame[node]!]!;
      names.push(parent <= 0 ? own : `${names[parent]!} > ${own}`);
    });
    return names;
  };

  it('leave idle time out of the tree, and show it in time as what it is', () => {
    const stacks = stacksOf(drawProfile('main > work:7 x3\n(idle) x2\nmain x1'));
    assert.deepEqual(paths(stacks), ['', 'main', 'main > work']);
    assert.deepEqual([...stacks.tree.self], [0, 1000, 3000]);
    assert.deepEqual([...stacks.tree.samples], [0, 1, 3]);
    assert.equal(stacks.idle, 2000);
    assert.deepEqual([...stacks.timeline!.node], [2, 2, 2, -1, -1, 1]);
    assert.deepEqual([...stacks.timeline!.start], [0, 1000, 2000, 3000, 4000, 5000]);
    assert.deepEqual(stacks.threads, [
      { name: 'main', from: 0, to: 6, endMicros: 6000, samples: 4, total: 4000 },
    ]);
    assert.deepEqual([...stacks.lines!.line, ...stacks.lines!.value], [7, 3000]);
  });

  it('are the same in the profile’s own arrays', () => {
    const text = JSON.stringify(drawProfile('main > work:7 x3\n(idle) x2\nmain x1\n(program) x2'));
    assert.deepEqual(cpuProfileToStacks(read(text), { consume: true }), cpuProfileToStacks(read(text)));
  });

  it('know whose code a function is', () => {
    const { frames } = stacksOf(
      drawProfile(`
      read@node:fs:3:1:3
      a@file:///app/src/a.js:1:1:1
      b@file:///app/node_modules/@scope/pkg/b.js:4:1:4
      c@evalmachine.<anonymous>:1:1:1
      (garbage collector)
      (program)`),
    );
    const of = (name: string) => {
      const at = frames.names.indexOf(name);
      return [frames.kinds[at], frames.packages[frames.packageOf[at]!]];
    };
    assert.deepEqual(of('read'), [2, undefined]);
    assert.deepEqual(of('a'), [0, undefined]);
    assert.deepEqual(of('b'), [1, '@scope/pkg']);
    assert.deepEqual(of('c'), [1, 'generated code']);
    assert.deepEqual(of('(garbage collector)'), [3, undefined]);
    assert.deepEqual(of('(program)'), [3, undefined]);
    assert.deepEqual(frames.lines[frames.names.indexOf('b')], 4);
  });

  it('merge calls of a script that was loaded twice, with their lines', () => {
    const drawn = drawProfile('main > work@a.js:5:1:7 x3\nmain > twin@a.js:5:1:7 x2');
    for (const node of drawn.nodes) {
      if (node.callFrame.functionName === 'twin')
        Object.assign(node.callFrame, { functionName: 'work', scriptId: '9' });
    }
    const stacks = stacksOf(drawn);
    assert.deepEqual(paths(stacks), ['', 'main', 'main > work']);
    assert.deepEqual([...stacks.tree.samples], [0, 0, 5]);
    assert.deepEqual([...stacks.lines!.line, ...stacks.lines!.samples], [7, 5]);
  });

  it('of a profile without samples count hits', () => {
    const { samples: _, timeDeltas: __, ...counted } = drawProfile('main > work x3\nmain x2');
    const stacks = stacksOf(counted);
    assert.equal(stacks.unit, 'samples');
    assert.deepEqual([...stacks.tree.self], [0, 2, 3]);
    assert.equal(stacks.timeline, undefined);
    assert.equal(stacks.warnings.length, 1);
  });

  it('take a stack of 100,000 frames', () => {
    const count = 100_000;
    const nodes = Array.from({ length: count }, (_, i) => ({
      id: i + 1,
      callFrame: { functionName: `f${i}`, scriptId: '1', url: 'a.js', lineNumber: i, columnNumber: 0 },
      children: i === count - 1 ? [] : [i + 2],
    }));
    const stacks = stacksOf({ nodes, samples: [count], timeDeltas: [1000], startTime: 0, endTime: 2000 });
    assert.equal(stacks.tree.parent.length, count);
  });
});

describe('Weighing many samples', () => {
  const profile = (times: Float64Array, samples: Int32Array, hitCount: number[]): CpuProfile => ({
    callFrames: [],
    parent: Int32Array.from(hitCount, (_, i) => i - 1),
    callFrame: new Int32Array(hitCount.length),
    hitCount: Int32Array.from(hitCount),
    samples,
    times,
    startMicros: 0,
    endMicros: times.at(-1)! + 1000,
    tickNode: new Int32Array(0),
    tickLine: new Int32Array(0),
    tickCount: new Float64Array(0),
  });

  it('finds the usual interval by counting as by sorting', () => {
    // A pause counts as one usual interval: 200,000 intervals of 700 to 1300 µs, whose median is 1000.
    const count = 200_000;
    const times = new Float64Array(count);
    for (let i = 1; i < count; i++) times[i] = times[i - 1]! + 700 + ((i * 7919) % 601);
    const even = weighSamples(profile(times, new Int32Array(count), [-1]));
    const paused = times.map((time, i) => (i >= 1000 ? time + 60_000_000 : time));
    const found = weighSamples(profile(paused, new Int32Array(count), [-1]));
    const replaced = times[1000]! - times[999]!;
    assert.equal(found.sampledMicros, even.sampledMicros - replaced + 1000);
    assert.equal(found.segments.node.indexOf(-1), 1000);
  });

  it('leaves out the samples that stand closest where a node has too many, of equal ones the earlier', () => {
    const times = Float64Array.from([1000, 1100, 2000, 3000, 3100, 3200, 4000, 5000]);
    const samples = Int32Array.from([1, 1, 0, 1, 1, 0, 1, 0]);
    // Node 1 was hit three times in five samples: the rooms of its samples are 1100, 1000, 1100, 200 and 1800.
    const { segments, selfSamples } = weighSamples(profile(times, samples, [-1, 3]));
    assert.deepEqual([...selfSamples], [3, 3]);
    assert.deepEqual([...segments.node], [1, 0, 1, 0, 1, 0]);
  });
});
