import assert from 'node:assert/strict';
import type { Page, ViewSpec } from '../../../src/engine/model/view';
import { BadMessage } from '../../../src/protocol/guards';
import { parseFromProfile, parseToProfile } from '../../../src/protocol/profileMessages';
import { changeCategory, colouringOf } from '../../../src/webviews/profile/colouring';
import { contrast, parseColour } from '../../../src/webviews/profile/colours';
import { amountText, changeText, relativeText, valueText } from '../../../src/webviews/profile/figures';
import {
  change,
  redo,
  startHistory,
  toggled,
  undo,
  withoutTransform,
  withRange,
  withTransform,
} from '../../../src/webviews/profile/history';
import { gapBeside, step, widestBoxOf } from '../../../src/webviews/profile/navigate';
import { covers, needOf, suffices } from '../../../src/webviews/profile/paging';
import { parseSavedState } from '../../../src/webviews/profile/savedState';
import { rulerStep, slowestSecond } from '../../../src/webviews/profile/timeRange';
import { transformOf } from '../../../src/webviews/profile/transforms';
import { clampViewport, viewportToRead, zoomAt } from '../../../src/webviews/profile/viewport';
import { boxAt, BoxBuffer, collectRow } from '../../../src/webviews/profile/visible';
import { latencyOf, ProfileHost, stackProfileOf, WHOLE } from './profileHost';
import { shopStacks } from './stacks';

const host = new ProfileHost(stackProfileOf(shopStacks()));
const { opened } = host;
const { boxes } = opened.page;

describe('messages of the profile', () => {
  /** A message that differs from a good one in one place. */
  function changed(path: readonly string[], value: unknown): unknown {
    const copy = structuredClone(opened) as unknown as Record<string, unknown>;
    let at = copy;
    for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
    at[path.at(-1)!] = value;
    return copy;
  }

  it('are taken as they were sent', () => {
    assert.deepEqual(parseToProfile(structuredClone(opened)), opened);
  });

  const BAD: readonly (readonly [string, readonly string[], unknown])[] = [
    ['a page without boxes', ['page', 'boxes'], undefined],
    ['columns of different length', ['page', 'boxes', 'total'], new Float64Array(3)],
    ['a column of another type', ['page', 'boxes', 'start'], new Float32Array(boxes.start.length)],
    ['an array in place of a column', ['page', 'boxes', 'start'], Array.from(boxes.start)],
    ['a position that is no number', ['page', 'boxes', 'start'], boxes.start.map(() => NaN)],
    ['a width that is infinite', ['page', 'boxes', 'total'], boxes.total.map(() => Infinity)],
    ['a function that is not there', ['page', 'boxes', 'frame'], boxes.frame.map(() => 1000)],
    ['a parent behind its child', ['page', 'boxes', 'parent'], boxes.parent.map((_, box) => box)],
    ['a subtree that ends before it begins', ['page', 'boxes', 'subtreeEnd'], boxes.subtreeEnd.map(() => 1)],
    ['a depth beyond the rows', ['page', 'boxes', 'depth'], boxes.depth.map(() => 99)],
    ['rows that go back', ['page', 'boxes', 'rowStart'], boxes.rowStart.map((_, row) => (row === 1 ? 9 : 1))],
    ['a kind that is none', ['frames', 'kinds'], opened.frames.kinds.map(() => 200)],
    ['a file that is not there', ['frames', 'fileOf'], opened.frames.fileOf.map(() => 4000)],
    ['names that are no texts', ['frames', 'names'], opened.frames.names.map(() => 7)],
    ['a unit that is none', ['basis', 'unit'], 'parsecs'],
    ['a transform that is none', ['spec', 'transforms'], [{ type: 'explode' }]],
    ['a path that is no list', ['spec', 'transforms'], [{ type: 'focusSubtree', path: 'x' }]],
    ['a range that ends before it begins', ['spec', 'range'], { startMicros: 2, endMicros: 1 }],
    ['a format that is none', ['info', 'format'], 'exe'],
    ['latency of no interval', ['latency'], { ...latencyOf(1e6, 1e5), intervalMicros: 0 }],
  ];
  for (const [what, path, value] of BAD) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => parseToProfile(changed(path, value)), BadMessage);
    });
  }

  it('of the webview are checked as well', () => {
    const query = (body: unknown) => ({ type: 'query', request: 1, profileId: 'p', query: body });
    const page = { type: 'page', request: { spec: WHOLE, mode: 'merged', min: 0 } };
    assert.deepEqual(parseFromProfile(query(page)), query(page));
    const bad: readonly unknown[] = [
      null,
      'ready',
      { type: 'nothing' },
      query({ type: 'page', request: { spec: WHOLE, mode: 'sideways', min: 0 } }),
      query({ type: 'page', request: { spec: WHOLE, mode: 'merged', min: -1 } }),
      query({ type: 'page', request: { spec: WHOLE, mode: 'merged', min: 0, from: NaN } }),
      query({
        type: 'table',
        request: { spec: WHOLE, sortBy: 'self', descending: true, query: '', offset: 0, limit: 1_000_001 },
      }),
      query({ type: 'activity', buckets: 1e9 }),
      { type: 'openSource', request: 1, profileId: 'p', frame: -1, focus: false },
      { type: 'exportPng', request: 1, profileId: 'p', png: 'data:' },
      { type: 'export', request: 1, profileId: 'p', format: 'exe', spec: WHOLE },
    ];
    for (const message of bad) assert.throws(() => parseFromProfile(message), BadMessage);
  });
});

describe('pages of the profile view', () => {
  const page = (change: Partial<Page>): Page => ({ ...opened.page, ...change });
  const total = boxes.total[0]!;

  it('suffice where they hold all boxes, at whatever zoom', () => {
    assert.ok(suffices(page({ min: 0, from: 0, to: total }), { start: 0, end: total / 1e6 }, 1000));
  });

  it('do not suffice where they are coarser than a pixel, or lie elsewhere', () => {
    const whole = page({ min: total / 1000, from: 0, to: total });
    assert.ok(suffices(whole, { start: 0, end: total }, 1000));
    assert.ok(!suffices(whole, { start: 0, end: total / 2 }, 1000));
    const part = page({ min: 1, from: total * 0.2, to: total * 0.4 });
    assert.ok(suffices(part, { start: total * 0.25, end: total * 0.35 }, 1000));
    assert.ok(!covers(part, { start: total * 0.35, end: total * 0.45 }));
  });

  it('are asked for with room on either side, so that they suffice for what was asked', () => {
    for (const view of [
      { start: 0, end: total },
      { start: total * 0.4, end: total * 0.41 },
      { start: 0, end: total * 0.1 },
    ]) {
      const need = needOf(view, 1000, total);
      const answer = page({ min: need.min, from: need.from ?? 0, to: need.to ?? total });
      assert.ok(suffices(answer, view, 1000));
      const span = view.end - view.start;
      const panned = clampViewport({ start: view.start + span * 0.4, end: view.end + span * 0.4 }, total);
      assert.ok(suffices(answer, panned, 1000));
    }
  });
});

describe('changes of what is shown', () => {
  const focus = { type: 'focusFunction', frame: 3 } as const;
  const hide = { type: 'dropFunction', frame: 4 } as const;

  it('are taken back and done again in order', () => {
    let history = startHistory(WHOLE);
    history = change(history, withTransform(history.present, focus));
    history = change(history, withTransform(history.present, hide));
    assert.deepEqual(history.present.transforms, [focus, hide]);
    history = undo(undo(history));
    assert.deepEqual(history.present, WHOLE);
    assert.equal(undo(history), history);
    history = redo(history);
    assert.deepEqual(history.present.transforms, [focus]);
    history = change(history, withRange(history.present, { startMicros: 1, endMicros: 2 }));
    assert.deepEqual(history.future, []);
    assert.equal(redo(history), history);
  });

  it('that change nothing leave no trace', () => {
    const history = startHistory({ transforms: [focus] });
    assert.equal(change(history, { transforms: [{ ...focus }] }), history);
  });

  it('are switched on and off, and taken from the middle', () => {
    const spec: ViewSpec = { transforms: [focus, { type: 'invert' }, hide] };
    assert.deepEqual(toggled(spec, 'invert').transforms, [focus, hide]);
    assert.deepEqual(toggled(toggled(spec, 'appOnly'), 'appOnly'), spec);
    assert.deepEqual(withoutTransform(spec, 0).transforms, [{ type: 'invert' }, hide]);
  });

  it('are offered only where they have something to work on', () => {
    const frames = { ...opened.frames, threadNames: ['main'] };
    const app = host.frame('checkout');
    const dependency = host.frame('handle');
    assert.equal(transformOf('collapsePackage', app, [], frames), undefined);
    assert.deepEqual(transformOf('collapsePackage', dependency, [], frames), {
      type: 'collapsePackage',
      packageName: 'fastify',
    });
    assert.equal(transformOf('focusSubtree', app, [], frames), undefined);
    // A thread's own box is no function.
    assert.deepEqual(transformOf('focusSubtree', app, [-2, 0, app], frames), {
      type: 'focusSubtree',
      path: [0, app],
    });
    assert.equal(transformOf('focusFunction', -2, [-2], frames), undefined);
  });
});

describe('boxes of the profile view', () => {
  it('are found under the pointer, narrow ones also beside it', () => {
    const view = { start: 0, end: boxes.total[0]! };
    const row = boxes.depth[widestBoxOf(boxes, host.frame('audit'))]!;
    const audit = widestBoxOf(boxes, host.frame('audit'));
    const x = (boxes.start[audit]! / view.end) * 400;
    assert.equal(boxAt(boxes, row, x + 0.1, view, 400), audit);
    assert.equal(boxAt(boxes, row, x + 3, view, 400), audit);
    assert.equal(boxAt(boxes, 99, x, view, 400), -1);
    // Beyond the end of a wide box is beyond it.
    const wide = widestBoxOf(boxes, host.frame('checkout'));
    const end = ((boxes.start[wide]! + boxes.total[wide]!) / view.end) * 400;
    assert.notEqual(boxAt(boxes, boxes.depth[wide]!, end + 1, view, 400), wide);
  });

  it('are drawn in the number of pixels, however many there are', () => {
    const many = Array.from({ length: 5000 }, (_, at) => `app|f${at}|a.ts 1`);
    const page = new ProfileHost(stackProfileOf(many)).opened.page.boxes;
    const buffer = new BoxBuffer();
    collectRow(page, 1, { start: 0, end: page.total[0]! }, 500, buffer);
    assert.ok(buffer.length <= 1001);
    const covered = buffer.width.subarray(0, buffer.length).reduce((sum, width) => sum + width, 0);
    assert.ok(Math.abs(covered - 500) < 1);
  });

  it('are stepped through; what the page left out is a gap to look into', () => {
    const walk = widestBoxOf(boxes, host.frame('walk'));
    assert.equal(boxes.frame[step(boxes, walk, 'child')], host.frame('walk'));
    assert.equal(boxes.frame[step(boxes, walk, 'parent')], host.frame('listProducts'));
    assert.equal(gapBeside(boxes, walk, 'right'), undefined);
    const coarse = new ProfileHost(stackProfileOf(['app|a|a 50', 'app|b|a 3', 'app|c|a 2']), { min: 10_000 });
    const page = coarse.opened.page.boxes;
    assert.deepEqual(gapBeside(page, 1, 'right'), { start: 50_000, end: 55_000 });
    assert.equal(gapBeside(page, 1, 'left'), undefined);
  });

  it('are brought where they can be read', () => {
    const full = { start: 0, end: 1000 };
    assert.equal(viewportToRead(100, 200, full, 1000), full);
    const narrow = viewportToRead(500, 1, full, 1000);
    assert.ok(narrow.start < 500 && narrow.end > 501 && narrow.end - narrow.start <= 8);
    assert.deepEqual(zoomAt(full, 2, 0, 1000), { start: 0, end: 500 });
  });
});

describe('figures of the profile view', () => {
  const micros = { unit: 'micros', total: 2_000_000, cpuScale: 0.5, requests: 100 } as const;

  it('are in the unit of the profile', () => {
    assert.equal(valueText(340_000, micros), '170 ms');
    assert.equal(valueText(1_200_000, { ...micros, unit: 'bytes' }), '1.20 MB');
    assert.equal(valueText(1, { ...micros, unit: 'count', unitName: 'goroutines' }), '1 goroutines');
    const amount = { self: 0, total: 20_000, selfSamples: 0, totalSamples: 5 };
    assert.equal(amountText(amount, micros).total, '~1.0 % · ~10.0 ms · ~100 µs/request');
    assert.match(amountText(amount, micros).uncertain, /fewer than/);
    // Formats that know no samples say nothing of them.
    const counted = amountText({ ...amount, totalSamples: 0 }, micros);
    assert.deepEqual([counted.samples, counted.uncertain], ['', '']);
  });

  it('tell a change by sign, size and relation', () => {
    assert.equal(changeText(300_000, 100_000, micros), '+1.00 ms/request (3.0×)');
    assert.equal(changeText(100_000, 110_000, { ...micros, requests: 0 }), '−0.5 % of the whole (−9.1 %)');
    assert.deepEqual(
      [relativeText(1, 0), relativeText(0, 1), relativeText(5, 5), relativeText(110, 100)],
      ['new', 'gone', 'unchanged', '+10 %'],
    );
  });

  it('colour changes alike in both directions', () => {
    for (const [a, b] of [
      [100, 100],
      [100, 104],
      [100, 115],
      [100, 160],
      [100, 300],
      [100, 0],
    ] as const) {
      assert.equal(changeCategory(a, b) + changeCategory(b, a), 6);
    }
  });

  it('rank packages by own value; code of no package goes by its kind', () => {
    const colouring = colouringOf('package', opened.frames, undefined);
    assert.ok(colouring.labels.includes('App') && colouring.labels.includes('fastify'));
  });

  it('read colours in every form that a theme resolves to', () => {
    assert.ok(contrast(parseColour('#000'), parseColour('rgb(255 255 255 / 50%)')) > 20);
    assert.deepEqual(parseColour('nonsense'), [128, 128, 128]);
  });
});

describe('time of the profile view', () => {
  it('finds the slowest second, within the profile', () => {
    assert.deepEqual(slowestSecond(latencyOf(5e6, 2_000_000), 5e6), {
      startMicros: 1_450_000,
      endMicros: 2_450_000,
    });
    assert.equal(slowestSecond(latencyOf(5e6, 100_000), 5e6)!.startMicros, 0);
    const silent = latencyOf(1e6, 1e5);
    assert.equal(slowestSecond({ ...silent, p99Micros: silent.p99Micros.map(() => NaN) }, 1e6), undefined);
  });

  it('is marked at round distances', () => {
    assert.equal(rulerStep(5_310_000, 12), 500_000);
    assert.equal(rulerStep(900, 10), 100);
    assert.equal(rulerStep(0, 10), 1);
  });
});

describe('saved state of the profile view', () => {
  const state = {
    profileId: 'p',
    view: 'flame',
    spec: WHOLE,
    viewport: { start: 0, end: 5 },
    selected: 2,
    search: '',
    colours: 'kind',
    dimmed: [1],
    flipped: false,
    order: { by: 'self', descending: true },
  };

  it('is taken of the same profile alone, and only whole', () => {
    assert.deepEqual(parseSavedState(structuredClone(state), 'p', 10), state);
    const bad: readonly unknown[] = [
      undefined,
      'x',
      { ...state, profileId: 'q' },
      { ...state, view: 'pie' },
      { ...state, viewport: { start: 5, end: 0 } },
      { ...state, selected: 10 },
      { ...state, spec: { transforms: [{ type: 'focusFunction', frame: 10 }] } },
      { ...state, spec: { transforms: [{ type: 'explode' }] } },
      { ...state, order: { by: 'colour', descending: true } },
    ];
    for (const value of bad) assert.equal(parseSavedState(value, 'p', 10), undefined);
  });
});
