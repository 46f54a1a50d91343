import { along } from './axes';
import type { Axis, Band, Chart, Rule, Series } from './document';
import { el, shown, type Content, type Markup } from './markup';

/** Of the box that lines are drawn in, which is stretched to the chart. */
const BOX = 1000;

/**
 * A chart as wide as its place. Only the lines are stretched: all else is placed by percents, so that labels and marks
 * keep their size on any screen and on paper.
 */
export function chartSvg({ summary, height, x, y, series, bands, rules }: Chart): Markup {
  return el(
    'svg',
    { class: 'chart', width: '100%', height, role: 'img', 'aria-label': shown(summary) },
    ...bands.map((band) => bandRect(band, x)),
    ...y.ticks.map(({ at, label }) => yTick(percent(1 - along(y, at)), label)),
    ...x.ticks.map(({ at, label }) => xTick(percent(along(x, at)), label)),
    x.name !== undefined &&
      el('text', { class: 'name', x: '100%', y: '100%', dy: 32, 'text-anchor': 'end' }, x.name),
    ...series.filter(({ as }) => as === 'bars').flatMap((each) => bars(each, x, y)),
    el(
      'svg',
      { viewBox: `0 0 ${BOX} ${BOX}`, preserveAspectRatio: 'none', width: '100%', height: '100%' },
      ...series.filter(({ as }) => as === 'line').flatMap((each) => line(each, x, y)),
    ),
    ...rules.map((rule) => ruleLine(rule, x, y)),
    ...series.filter(({ as }) => as !== 'line' && as !== 'bars').flatMap((each) => marks(each, x, y)),
  );
}

/** The pattern of stretches that were not measured; once a page. */
export function hatchPattern(): Markup {
  return el(
    'svg',
    { width: 0, height: 0, class: 'defs', 'aria-hidden': 'true' },
    el(
      'defs',
      {},
      el(
        'pattern',
        {
          id: 'hatch',
          width: 7,
          height: 7,
          patternUnits: 'userSpaceOnUse',
          patternTransform: 'rotate(45)',
        },
        el('line', { class: 'hatch', x1: 0, y1: 0, x2: 0, y2: 7 }),
      ),
    ),
  );
}

/** What a line or mark looks like, for the legend. */
export function swatch({ as, colour, dash, width }: Omit<Series, 'xs' | 'ys' | 'label'>): Markup {
  const content: Content =
    as === 'line'
      ? el('path', {
          class: `line c-${colour}`,
          d: 'M1 6H23',
          'stroke-dasharray': dash?.join(' '),
          'stroke-width': width,
        })
      : as === 'bars'
        ? el('rect', { class: `bar c-${colour}`, x: 4, y: 2, width: 16, height: 8 })
        : el('g', { transform: 'translate(12 6)' }, markShape(as, colour));
  return el('svg', { width: 24, height: 12, 'aria-hidden': 'true' }, content);
}

export function bandSwatch({ colour }: Band): Markup {
  const place = { x: 2, y: 1, width: 20, height: 10 };
  return el(
    'svg',
    { width: 24, height: 12, 'aria-hidden': 'true' },
    colour === 'hatch'
      ? el('rect', { ...place, fill: 'url(#hatch)' })
      : el('rect', { ...place, class: `band c-${colour}` }),
  );
}

function bandRect({ from, to, colour }: Band, x: Axis): Markup {
  const [left, right] = [along(x, from), along(x, to)];
  const place = { x: percent(left), y: 0, width: percent(Math.max(right - left, 0)), height: '100%' };
  return colour === 'hatch'
    ? el('rect', { ...place, fill: 'url(#hatch)' })
    : el('rect', { ...place, class: `band c-${colour}` });
}

function yTick(at: string, label: string): Markup {
  return el(
    'g',
    {},
    el('line', { class: 'grid', x1: 0, x2: '100%', y1: at, y2: at }),
    el('text', { x: 0, y: at, dx: -7, dy: 4, 'text-anchor': 'end' }, label),
  );
}

function xTick(at: string, label: string): Markup {
  return el(
    'g',
    {},
    el('line', { class: 'grid', x1: at, x2: at, y1: 0, y2: '100%' }),
    el('text', { x: at, y: '100%', dy: 16, 'text-anchor': 'middle' }, label),
  );
}

function bars({ xs, ends = [], ys, colour }: Series, x: Axis, y: Axis): Markup[] {
  return xs.flatMap((from, index) => {
    const value = ys[index] ?? 0;
    if (value <= 0) return [];
    const [left, right, top] = [along(x, from), along(x, ends[index] ?? from), along(y, value)];
    return el('rect', {
      class: `bar c-${colour}`,
      x: percent(left),
      y: percent(1 - top),
      width: percent(Math.max(right - left, 0.001)),
      height: percent(top),
    });
  });
}

function line({ xs, ys, colour, dash, width, isFilled }: Series, x: Axis, y: Axis): Markup[] {
  const runs = stretches(ys);
  const point = (index: number) =>
    `${rounded(along(x, xs[index]!) * BOX)} ${rounded((1 - along(y, ys[index]!)) * BOX)}`;
  const pointsOf = ([from, to]: readonly [number, number]) =>
    Array.from({ length: to - from }, (_, offset) => point(from + offset));
  // A stretch of one point is a line of no length, which round caps make a dot.
  const path = runs
    .map((each) => `M${pointsOf(each).join('L')}${each[1] - each[0] === 1 ? 'h0' : ''}`)
    .join('');
  if (path === '') return [];
  const area = runs
    .map((each) => {
      const [from, to] = [along(x, xs[each[0]]!) * BOX, along(x, xs[each[1] - 1]!) * BOX];
      return `M${rounded(from)} ${BOX}L${pointsOf(each).join('L')}L${rounded(to)} ${BOX}Z`;
    })
    .join('');
  return [
    ...(isFilled ? [el('path', { class: `area c-${colour}`, d: area })] : []),
    el('path', {
      class: `line c-${colour}`,
      d: path,
      'stroke-dasharray': dash?.join(' '),
      'stroke-width': width,
    }),
  ];
}

/** Where there are values, the end exclusive. */
function stretches(ys: readonly (number | null)[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const [index, value] of ys.entries()) {
    if (value === null) continue;
    const last = found.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else found.push([index, index + 1]);
  }
  return found;
}

function marks({ xs, ys, as, colour }: Series, x: Axis, y: Axis): Markup[] {
  return xs.flatMap((at, index) => {
    const value = ys[index];
    if (value == null) return [];
    const place = { x: percent(along(x, at)), y: percent(1 - along(y, value)), overflow: 'visible' };
    return el('svg', place, markShape(as, colour));
  });
}

function markShape(as: Series['as'], colour: Series['colour']): Markup {
  switch (as) {
    case 'cross':
      return el('path', { class: `line c-${colour}`, d: 'M-4-4 4 4M4-4-4 4', 'stroke-width': 2 });
    case 'diamond':
      return el('path', { class: `mark c-${colour}`, d: 'M0-5 5 0 0 5-5 0Z' });
    default:
      return el('circle', { class: `mark c-${colour}`, r: 4 });
  }
}

function ruleLine({ axis, at, label }: Rule, x: Axis, y: Axis): Markup {
  if (axis === 'y') {
    const place = percent(1 - along(y, at));
    return el(
      'g',
      {},
      el('line', { class: 'rule', x1: 0, x2: '100%', y1: place, y2: place }),
      el('text', { class: 'rule-label', x: 0, y: place, dx: 4, dy: -4 }, label),
    );
  }
  const share = along(x, at);
  const isLate = share > 0.6;
  return el(
    'g',
    {},
    el('line', { class: 'rule', x1: percent(share), x2: percent(share), y1: 0, y2: '100%' }),
    el(
      'text',
      {
        class: 'rule-label',
        x: percent(share),
        y: 0,
        dx: isLate ? -5 : 5,
        dy: 11,
        'text-anchor': isLate ? 'end' : 'start',
      },
      label,
    ),
  );
}

function percent(share: number): string {
  return `${rounded(share * 100, 2)}%`;
}

function rounded(value: number, digits = 1): string {
  return String(Number(value.toFixed(digits)));
}
