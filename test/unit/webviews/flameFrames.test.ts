import assert from 'node:assert/strict';
import { flameFrames, placeOfFrame } from '../../../src/editor/panels/flameFrames';
import type { Frame, LineCost, Profile } from '../../../src/engine/model/profile';
import { parseFromFlamegraph } from '../../../src/protocol/flamegraph';
import { parseSavedState } from '../../../src/webviews/flamegraph/savedState';
import { displayName, formatCount, plural } from '../../../src/webviews/ui/text';
import { profileOf } from './samples';

function frame(file: string | undefined, change: Partial<Frame> = {}): Frame {
  return {
    functionName: 'work',
    kind: 'app',
    ...(file !== undefined && { source: { file, line: 10, column: 3 } }),
    generated: { url: 'file:///app/dist/bundle.js', line: 900, column: 1 },
    ...change,
  };
}

function line(
  file: string,
  at: number,
  index: number,
  totalMicros: number,
  selfMicros = totalMicros,
): LineCost {
  return { file, line: at, frame: index, totalMicros, selfMicros, selfSamples: 1, totalSamples: 1 };
}

function profile(frames: readonly Frame[], lines: readonly LineCost[] = []): Profile {
  return { ...profileOf(['app|work|src/a.ts 1']).profile, frames, lines };
}

describe('frames for the flamegraph', () => {
  it('leads a click to the line of the function that costs most', () => {
    const of = profile(
      [frame('/app/src/a.ts'), frame('/app/src/b.ts')],
      [
        line('/app/src/a.ts', 12, 0, 50),
        line('/app/src/a.ts', 14, 0, 80, 5),
        line('/app/src/a.ts', 16, 0, 80, 80),
        line('/app/src/b.ts', 99, 0, 500),
      ],
    );
    assert.deepEqual(placeOfFrame(of, 1), { file: '/app/src/b.ts', line: 10 });
    // A line of another file never leads away from the function.
    assert.deepEqual(placeOfFrame(of, 0), { file: '/app/src/a.ts', line: 16 });
    assert.equal(placeOfFrame(of, 7), undefined);
  });

  it('opens files of this machine only', () => {
    const nowhere = [
      'node:internal/crypto',
      'https://example.org/a.js',
      'webpack:///src/a.ts',
      'src/relative.ts',
      '//server/share/a.ts',
      '\\\\server\\share\\a.ts',
    ];
    const of = profile([...nowhere.map((file) => frame(file)), frame(undefined), frame('/app/src/a.ts')]);
    assert.deepEqual([...flameFrames(of, '/app').openable], [...nowhere.map(() => 0), 0, 1]);
    nowhere.forEach((_, index) => assert.equal(placeOfFrame(of, index), undefined));
  });

  it('shows files from the folder on, and packages from node_modules on', () => {
    const { files, fileOf, lines } = flameFrames(
      profile([
        frame('/app/src/a.ts'),
        frame('/app/src/a.ts'),
        frame('/repo/node_modules/fastify/lib/route.js'),
        frame('/elsewhere/b.ts'),
        frame(undefined),
        frame(undefined, { generated: { url: '', line: 0, column: 0 } }),
        frame('/app/..hidden/c.ts'),
      ]),
      '/app',
    );
    assert.deepEqual(
      Array.from(fileOf, (index) => files[index]),
      [
        'src/a.ts',
        'src/a.ts',
        'node_modules/fastify/lib/route.js',
        '/elsewhere/b.ts',
        'file:///app/dist/bundle.js',
        '',
        '..hidden/c.ts',
      ].map((file) => file || undefined),
    );
    assert.deepEqual([...lines], [10, 10, 10, 10, 900, 0, 10]);
    assert.equal(files.length, new Set(files).size);
  });
});

describe('messages from the flamegraph', () => {
  it('name a frame by its index, never a path', () => {
    const good = { type: 'openSource', request: 1, profileId: 'a', frame: 3, focus: true };
    assert.deepEqual(parseFromFlamegraph({ ...good, file: '/etc/passwd' }), good);
    for (const change of [
      { frame: '3' },
      { frame: -1 },
      { frame: 1.5 },
      { frame: NaN },
      { focus: 1 },
      { request: null },
    ]) {
      assert.throws(() => parseFromFlamegraph({ ...good, ...change }), /BadMessage/);
    }
    for (const bad of [undefined, 7, [], { type: 'eval' }]) {
      assert.throws(() => parseFromFlamegraph(bad), /BadMessage/);
    }
  });
});

describe('what a webview keeps while it is hidden', () => {
  const state = {
    profileId: 'run',
    viewport: { startMicros: 0, endMicros: 10 },
    selected: 4,
    search: 'x',
    mode: 'table',
    order: { by: 'total', descending: true },
    dimmed: ['v8'],
    scrollTop: 12,
  };

  it('comes back for the same profile', () => {
    assert.deepEqual(parseSavedState(structuredClone(state), 'run', 5), state);
    assert.deepEqual(parseSavedState({ ...state, dimmed: ['v8', 'other', 7] }, 'run', 5)?.dimmed, ['v8']);
  });

  it('is forgotten when it is of another profile or not whole', () => {
    assert.equal(parseSavedState(state, 'other', 5), undefined);
    assert.equal(parseSavedState(state, 'run', 4), undefined);
    for (const change of [
      { viewport: { startMicros: 5, endMicros: 5 } },
      { viewport: { startMicros: '0', endMicros: 5 } },
      { viewport: null },
      { selected: 1.5 },
      { selected: -2 },
      { search: 1 },
      { mode: 'pie' },
      { order: { by: 'size', descending: true } },
      { dimmed: 'v8' },
    ]) {
      assert.equal(parseSavedState({ ...state, ...change }, 'run', 5), undefined, JSON.stringify(change));
    }
    assert.equal(parseSavedState(undefined, 'run', 5), undefined);
  });
});

describe('texts of the webviews', () => {
  it('take away what could mislead, and cut what is too long', () => {
    assert.equal(displayName('a\u202eb\nc\u0000'), 'a·b·c·');
    assert.equal(displayName('x'.repeat(500)).length, 200);
    assert.equal(displayName('عملية'), 'عملية');
  });

  it('group digits', () => {
    assert.equal(formatCount(1234567), '1\u202f234\u202f567');
    assert.equal(formatCount(999.6), '1\u202f000');
    assert.equal(plural(1, 'sample'), '1 sample');
    assert.equal(plural(0, 'match', 'matches'), '0 matches');
  });
});
