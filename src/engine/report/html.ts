import { createHash } from 'node:crypto';
import type { Verdict } from '../model/loadTestResult';
import type { Run } from '../model/run';
import { reportDocument } from './content';
import type { Block, Chart, Figure, Inline, Section, Table, Text } from './document';
import { inlines, STATE_MARKS, stateWord } from './inline';
import { el, shown, type Content, type Markup } from './markup';
import { STYLE } from './style';
import { bandSwatch, chartSvg, hatchPattern, swatch } from './svg';

/**
 * A load test as one page: no script, and nothing from the network, which its content security policy holds it to.
 * Names of the app are escaped. Throws `TypeError` of runs that are of no load test.
 */
export function reportHtml(run: Run): string {
  const { title, facts, verdict, sections, footer } = reportDocument(run);
  const page = el(
    'html',
    { lang: 'en' },
    el(
      'head',
      {},
      el('meta', { charset: 'utf-8' }),
      el('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('meta', { name: 'color-scheme', content: 'light dark' }),
      el('meta', { name: 'referrer', content: 'no-referrer' }),
      // A page without one is asked for by browsers at the server that the report may lie on.
      el('link', { rel: 'icon', href: 'data:,' }),
      el('title', {}, shown(title)),
      el('style', {}, { markup: STYLE }),
    ),
    el(
      'body',
      {},
      hatchPattern(),
      el(
        'main',
        {},
        el('header', {}, el('h1', {}, shown(title)), el('p', { class: 'facts' }, ...separated(facts))),
        verdictSection(verdict),
        ...sections.map(section),
        el('footer', {}, shown(footer)),
      ),
    ),
  );
  return `<!doctype html>\n${page.markup}\n`;
}

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function verdictSection(verdict: Verdict): Markup {
  const { state, sentence, evidence } = verdict;
  const word = stateWord(verdict);
  return el(
    'section',
    { class: `verdict ${state}`, 'aria-label': 'Verdict' },
    el(
      'p',
      {},
      el('span', { class: `state ${state}` }, stateMark(state), word === undefined ? ' ' : ` ${word}`),
      word === undefined ? '' : ' ',
      el('strong', {}, shown(sentence)),
    ),
    evidence.length > 0 && list(evidence),
  );
}

function section({ title, blocks }: Section): Markup {
  return el('section', { 'aria-label': title }, el('h2', {}, title), ...blocks.map(block));
}

function block(of: Block): Markup {
  switch (of.type) {
    case 'paragraph':
      return el('p', { class: 'facts' }, ...text(of.text));
    case 'list':
      return list(of.items, of.isWarning);
    case 'facts':
      return el(
        'dl',
        { class: 'pairs' },
        ...of.rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, ...text(value))]),
      );
    case 'figures':
      return el('dl', { class: 'figures' }, ...of.figures.map(figure));
    case 'table':
      return table(of.table);
    case 'charts':
      return el('div', { class: of.isWide ? 'charts wide' : 'charts' }, ...of.charts.map(chart));
  }
}

function list(items: readonly Text[], isWarning = false): Markup {
  return el('ul', { class: isWarning && 'warnings' }, ...items.map((item) => el('li', {}, ...text(item))));
}

function figure({ name, value, note, isBad }: Figure): Markup {
  return el(
    'div',
    { class: isBad && 'bad' },
    el('dt', {}, name),
    el('dd', { class: 'value' }, value),
    note !== undefined && el('dd', { class: 'note' }, note),
  );
}

/** Wide ones are scrolled within the page, also by keys. */
function table({ caption, head, rows, texts = [] }: Table): Markup {
  const kind = (column: number) => (column === 0 || texts.includes(column) ? 'text' : 'figure');
  return el(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', {}, caption),
      el(
        'thead',
        {},
        el('tr', {}, ...head.map((name, column) => el('th', { scope: 'col', class: kind(column) }, name))),
      ),
      el(
        'tbody',
        {},
        ...rows.map((cells) =>
          el('tr', {}, ...cells.map((cell, column) => tableCell(cell, column, kind(column)))),
        ),
      ),
    ),
  );
}

function tableCell(cell: Text, column: number, kind: string): Markup {
  return column === 0
    ? el('th', { scope: 'row', class: kind }, ...text(cell))
    : el('td', { class: kind }, ...text(cell));
}

function chart(of: Chart): Markup {
  const { title, series, bands } = of;
  const legend = [
    ...(series.length > 1 || bands.length > 0 ? series.map((each) => entry(swatch(each), each.label)) : []),
    ...bands
      .filter((band, index) => bands.findIndex(({ label }) => label === band.label) === index)
      .map((band) => entry(bandSwatch(band), band.label)),
  ];
  return el(
    'figure',
    {},
    el('figcaption', {}, el('strong', {}, title), ...legend),
    el('div', { class: of.x.name === undefined ? 'plot' : 'plot named' }, chartSvg(of)),
    of.table && el('details', {}, el('summary', {}, `${title} as a table`), table(of.table)),
  );
}

function entry(sample: Markup, label: string): Markup {
  return el('span', { class: 'legend' }, sample, label);
}

function text(of: Text): Content[] {
  return inlines(of).map(inline);
}

function inline(part: Inline): Content {
  if (typeof part === 'string') return shown(part);
  if ('code' in part) return el('code', {}, shown(part.code));
  if ('strong' in part) return el('strong', {}, shown(part.strong));
  return el('span', { class: `state ${part.state}` }, stateMark(part.state), ` ${shown(part.text)}`);
}

/** The word beside it says the same. */
function stateMark(state: Verdict['state']): Markup {
  return el('span', { 'aria-hidden': 'true' }, STATE_MARKS[state]);
}

function separated(facts: readonly Text[]): Content[] {
  return facts.flatMap((fact, index) => (index === 0 ? text(fact) : [' · ', ...text(fact)]));
}
