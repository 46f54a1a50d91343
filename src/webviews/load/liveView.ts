import { LATE_MICROS } from '../../engine/model/loadWindow';
import { formatMicros } from '../../engine/model/units';
import type { FromLoad, LiveTest, ToLoad } from '../../protocol/load';
import { button, h } from '../ui/dom';
import { displayName, formatCount, plural } from '../ui/text';
import { chartControls, type ChartControls } from './chartControls';
import { PointStore } from './columns';
import { formatClock, formatMicrosShort, formatRate } from './figures';
import { nothing, section, tiles, warning } from './parts';
import type { Preferences } from './preferences';
import { dataTable } from './table';
import { Timeline } from './timeline';
import { trialSentence, trialTable } from './trials';
import { KIND_NAMES, STAGE_NAMES } from './words';

export interface LiveServices {
  readonly preferences: Preferences;
  readonly post: (message: FromLoad) => void;
  /** Read out by screen readers. */
  readonly say: (text: string) => void;
}

/** A test while it runs. Messages change it in place; a frame draws at most one of them. */
export class LiveView {
  readonly element: HTMLElement;
  testId: number | undefined;
  private readonly stage = h('span', { class: 'stage' });
  private readonly message = h('span', { class: 'dim name' });
  private readonly clock = h('span', { class: 'figure dim' });
  private readonly bar = h('progress', { 'aria-label': 'Elapsed', max: 1, hidden: true });
  private readonly title = h('h1', { class: 'name' });
  private readonly kind = h('span', { class: 'dim name' });
  private readonly figures = h('div', {});
  private readonly warnings = h('div', { class: 'warnings' });
  private readonly trials = h('div', { class: 'live-trials', hidden: true });
  private readonly joined = h('p', { class: 'dim', hidden: true });
  private readonly stop: HTMLButtonElement;
  private readonly controls: ChartControls;
  private readonly points = new PointStore();
  private readonly timeline: Timeline;
  private readonly ticker: ReturnType<typeof setInterval>;
  private shown: { readonly test: LiveTest; readonly at: number } | undefined;
  private frame = 0;
  private saidStage = '';
  private saidTrials = 0;

  constructor(private readonly services: LiveServices) {
    const { preferences, post } = services;
    this.stop = button('Stop', () => post({ type: 'stop' }), { class: 'primary' });
    this.timeline = new Timeline({
      points: this.points,
      isLogarithmic: preferences.isLogarithmic,
      asTables: preferences.asTables,
      onZoom: (range) => this.controls?.setZoomed(range !== undefined),
    });
    this.controls = chartControls(
      preferences,
      {
        tables: (asTables) => this.timeline.showTables(asTables),
        logarithmic: (isLogarithmic) => this.timeline.setLogarithmic(isLogarithmic),
        zoomOut: () => this.timeline.zoom(undefined),
      },
      'Hatched: not measured.',
    );
    this.element = h(
      'div',
      { class: 'page' },
      h(
        'header',
        { class: 'top' },
        h('div', { class: 'titles' }, this.title, this.kind),
        h('div', { class: 'actions' }, this.stop),
        h(
          'div',
          { class: 'progress' },
          h('span', { class: 'pulse', 'aria-hidden': 'true' }),
          this.stage,
          this.clock,
          this.bar,
          this.message,
        ),
      ),
      this.warnings,
      this.figures,
      this.trials,
      this.controls.element,
      this.joined,
      this.timeline.element,
    );
    this.ticker = setInterval(() => this.showClock(), 500);
  }

  /** False where points are missing. */
  show({ test, points }: Extract<ToLoad, { type: 'live' }>): boolean {
    this.testId = test.id;
    this.shown = { test, at: performance.now() };
    if (!this.points.take(points)) return false;
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
    return true;
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    clearInterval(this.ticker);
    this.timeline.destroy();
  }

  private draw(): void {
    this.frame = 0;
    const test = this.shown?.test;
    if (!test) return;
    this.title.textContent = displayName(test.title);
    this.kind.textContent = [
      test.kind === undefined ? '' : KIND_NAMES[test.kind],
      test.file === undefined ? '' : displayName(test.file),
    ]
      .filter(Boolean)
      .join(' · ');
    const stage = test.stopping ? 'Stopping' : STAGE_NAMES[test.stage];
    this.stage.textContent = stage;
    this.message.textContent = displayName(test.message, 300);
    this.stop.disabled = test.stopping;
    this.showClock();
    this.figures.replaceChildren(figuresOf(test));
    this.showWarnings(test);
    this.showTrials(test);
    this.joined.hidden = this.points.joined === 1;
    this.joined.textContent = `Each point joins ${this.points.joined} intervals; of response times it shows the worst.`;
    this.timeline.update();
    if (stage !== this.saidStage) this.services.say(stage);
    this.saidStage = stage;
  }

  private showClock(): void {
    if (!this.shown) return;
    const { test, at } = this.shown;
    const since = (performance.now() - at) / 1000;
    const { expectedSeconds, loadSeconds } = test;
    // Starting the app is no part of what the test says it takes.
    const sent = loadSeconds === undefined ? 0 : loadSeconds + since;
    const left =
      expectedSeconds === undefined ? '' : `, ${formatClock(Math.max(0, expectedSeconds - sent))} left`;
    const text = `${formatClock(test.elapsedSeconds + since)}${left}`;
    if (this.clock.textContent !== text) this.clock.textContent = text;
    this.bar.hidden = expectedSeconds === undefined;
    if (expectedSeconds !== undefined) this.bar.value = Math.min(1, sent / Math.max(expectedSeconds, 1));
  }

  private showWarnings({ warnings }: LiveTest): void {
    if (this.warnings.childElementCount === warnings.length) return;
    this.warnings.replaceChildren(...warnings.map((sentence) => warning(sentence)));
  }

  private showTrials({ trials, kind }: LiveTest): void {
    const isSearch = kind === 'stress' || kind === 'capacity' || trials.length > 0;
    this.trials.hidden = !isSearch;
    if (!isSearch || (this.trials.childElementCount > 0 && trials.length === this.saidTrials)) return;
    this.trials.replaceChildren(
      section(
        'Trials',
        trials.length > 0
          ? dataTable(trialTable({ trials: [...trials].reverse() }))
          : nothing('No level has been decided yet.'),
      ),
    );
    const last = trials.at(-1);
    if (last && trials.length > this.saidTrials) this.services.say(trialSentence(last));
    this.saidTrials = trials.length;
  }
}

function figuresOf({ figures, totals }: LiveTest): HTMLElement {
  const isOpen = figures?.intendedRate !== undefined || totals.unstarted > 0;
  return tiles([
    {
      name: 'Throughput',
      value: figures ? formatRate(figures.rate) : '–',
      note:
        figures?.intendedRate === undefined ? '' : `${formatRate(figures.intendedRate)} iterations intended`,
    },
    {
      name: 'p99',
      value: !figures?.p99 ? '–' : figures.p99.measured ? formatMicros(figures.p99.micros) : 'not measured',
      ...(figures?.p99?.measured === false && { note: `at least ${formatMicros(figures.p99.micros)}` }),
    },
    {
      name: 'Failed',
      value: formatCount(totals.failed),
      note: totals.requests === undefined ? '' : `of ${plural(totals.requests, 'request')}`,
      bad: totals.failed > 0,
    },
    ...(figures?.vus === undefined
      ? []
      : [{ name: 'Virtual users in use', value: formatCount(figures.vus) }]),
    ...(isOpen
      ? [
          {
            name: 'Unstarted',
            value: formatCount(totals.unstarted),
            note: 'no user was free',
            bad: totals.unstarted > 0,
          },
          {
            name: 'Late',
            value: formatCount(totals.late),
            note: `over ${formatMicrosShort(LATE_MICROS)}`,
            bad: totals.late > 0,
          },
        ]
      : []),
    ...(isOpen && figures?.lagP99Micros !== undefined
      ? [{ name: 'Schedule lag p99', value: formatMicros(figures.lagP99Micros) }]
      : []),
  ]);
}
