import './metrics.css';
import type { FromMetrics, MetricsState, ToMetrics } from '../../protocol/metrics';
import { parseToMetrics } from '../../protocol/metrics';
import { button, h, icon } from '../ui/dom';
import { connect } from '../ui/host';
import { displayName, plural } from '../ui/text';
import { Cards } from './cards';
import { headline, sections } from './summary';

const STAGE_NAMES: Readonly<Record<Extract<MetricsState, { phase: 'live' }>['stage'], string>> = {
  start: 'Starting',
  probe: 'Probing',
  warmup: 'Warming up',
  measure: 'Measuring',
  analyse: 'Analysing',
  save: 'Saving',
};

const host = connect<ToMetrics, FromMetrics>(
  parseToMetrics,
  ({ state }) => show(state),
  (reason) => {
    live = undefined;
    showIdle(`The metrics cannot be shown: ${reason}`);
  },
);
/** Says when a phase begins or ends; the figures themselves change too often to be read out. */
const status = h('div', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
const content = h('main', {});
document.body.replaceChildren(content, status);

let live: { readonly cards: Cards; readonly stage: HTMLElement; readonly errors: HTMLElement } | undefined;
let said = '';

host.post({ type: 'ready' });

function show(state: MetricsState): void {
  if (state.phase === 'live') {
    showLive(state);
    return;
  }
  live = undefined;
  if (state.phase === 'idle') showIdle(state.notice);
  else showFinished(state);
}

function showLive(state: Extract<MetricsState, { phase: 'live' }>): void {
  if (!live) {
    live = { cards: new Cards(), stage: h('span', { class: 'stage' }), errors: h('p', { class: 'errors' }) };
    content.replaceChildren(
      h(
        'header',
        {},
        h('h1', { class: 'name' }, displayName(state.label)),
        h('div', { class: 'dim' }, h('span', { class: 'pulse', 'aria-hidden': 'true' }), live.stage),
      ),
      live.errors,
      live.cards.element,
    );
  }
  live.stage.textContent = STAGE_NAMES[state.stage];
  live.stage.title = displayName(state.message);
  live.errors.textContent = state.errors > 0 ? plural(state.errors, 'failed request') : '';
  live.cards.show(state.series, 'latest');
  say(STAGE_NAMES[state.stage]);
}

function showFinished(state: Extract<MetricsState, { phase: 'finished' }>): void {
  const cards = new Cards();
  cards.show(state.series, 'mean');
  const actions = state.figures.hasProfile
    ? [
        h(
          'div',
          { class: 'actions' },
          button('Open Flamegraph', () => host.post({ type: 'showFlamegraph' })),
        ),
      ]
    : [];
  content.replaceChildren(
    ...notices(state.notice),
    ...headline(state.figures),
    ...actions,
    ...sections(state.figures),
    h('h2', { class: 'section-title' }, 'Means of the steady window'),
    cards.element,
  );
  say(`Results of ${displayName(state.figures.title)}`);
}

function showIdle(notice: string | undefined): void {
  content.replaceChildren(
    ...notices(notice),
    h(
      'div',
      { class: 'notice' },
      icon('flame'),
      h('p', {}, 'Throughput, latency, CPU, event loop and memory appear here while your app is under load.'),
      button('Load Test and Profile App', () => host.post({ type: 'measure' }), { class: 'primary' }),
    ),
  );
  if (notice) say(notice);
}

function notices(notice: string | undefined): HTMLElement[] {
  return notice === undefined ? [] : [h('p', { class: 'warning' }, icon('warning'), h('span', {}, notice))];
}

function say(text: string): void {
  if (text === said) return;
  said = text;
  status.textContent = text;
}
