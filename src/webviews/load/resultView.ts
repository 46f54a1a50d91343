import type { FromLoad, LoadAction, ShownResult } from '../../protocol/load';
import { button, h } from '../ui/dom';
import { displayName } from '../ui/text';
import { chartControls, type ChartControls } from './chartControls';
import { PointStore } from './columns';
import { readDistribution, type Distribution } from './distribution';
import { histogramChart, percentileChart } from './distributionCharts';
import { formatSecond } from './figures';
import { kindSections } from './kindSections';
import {
  checks,
  errors,
  generator,
  headline,
  percentiles,
  requests,
  schedule,
  thresholds,
} from './loadSections';
import { nothing, section, stateIcon, warning } from './parts';
import type { Plot } from './plot';
import type { Preferences } from './preferences';
import { Timeline } from './timeline';
import { KIND_NAMES, STATE_NAMES } from './words';

export interface ResultServices {
  readonly preferences: Preferences;
  readonly post: (message: FromLoad) => void;
}

const ACTION_NAMES: Readonly<Record<LoadAction, string>> = {
  runAgain: 'Run Again',
  openFile: 'Open Scenario File',
  compare: 'Compare…',
  exportTest: 'Export to k6, JMeter…',
  exportHtml: 'Export HTML',
  exportMarkdown: 'Export Markdown',
};

/** A stored load test: the verdict first, then what it rests on. */
export class ResultView {
  readonly element: HTMLElement;
  private readonly plots: Plot[] = [];
  private readonly timeline: Timeline | undefined;
  private readonly controls: ChartControls;

  constructor(
    private readonly result: ShownResult,
    private readonly services: ResultServices,
  ) {
    const { preferences } = services;
    const points = PointStore.of(result.timeline);
    const worst = result.test.worstWindow;
    this.controls = chartControls(
      preferences,
      {
        tables: (asTables) => this.showTables(asTables),
        logarithmic: (isLogarithmic) => this.timeline?.setLogarithmic(isLogarithmic),
        zoomOut: () => this.timeline?.zoom(undefined),
      },
      'Drag over a chart to zoom in. Hatched: not measured.' +
        (worst
          ? ` Shaded: the worst window, ${formatSecond(worst.startMicros / 1e6)} to ${formatSecond(worst.endMicros / 1e6)}.`
          : ''),
    );
    if (points.length > 0) {
      this.timeline = new Timeline({
        points,
        isLogarithmic: preferences.isLogarithmic,
        asTables: preferences.asTables,
        ...(worst && { marked: { min: worst.startMicros / 1e6, max: worst.endMicros / 1e6 } }),
        onZoom: (range) => this.controls.setZoomed(range !== undefined),
      });
    }
    const { test, load } = result;
    this.element = h(
      'div',
      { class: 'page' },
      this.header(),
      this.verdict(),
      ...(test.abortedBy === undefined
        ? []
        : [warning(`The threshold ${test.abortedBy} ended the test early.`)]),
      headline(load),
      thresholds(test.thresholds),
      this.misleading(),
      ...kindSections(test, points, (plot) => this.kept(plot)),
      this.latency(),
      requests(load.routes),
      checks(test.checks),
      errors(load),
      ...(load.schedule ? [schedule(load.schedule)] : []),
      generator(load),
      this.overTime(),
    );
    if (preferences.asTables) for (const plot of this.plots) plot.showTable(true);
  }

  destroy(): void {
    this.timeline?.destroy();
    for (const plot of this.plots) plot.destroy();
  }

  private kept(plot: Plot): HTMLElement {
    this.plots.push(plot);
    return plot.element;
  }

  private showTables(asTables: boolean): void {
    this.timeline?.showTables(asTables);
    for (const plot of this.plots) plot.showTable(asTables);
  }

  private header(): HTMLElement {
    const { title, createdAt, test, load, actions } = this.result;
    const when = new Date(createdAt);
    const facts = [
      KIND_NAMES[test.kind],
      test.file === undefined ? '' : displayName(test.file),
      Number.isNaN(when.getTime()) ? '' : when.toLocaleString(),
      displayName(load.origin),
      test.importedFrom === undefined ? '' : `measured by ${displayName(test.importedFrom)}`,
    ];
    return h(
      'header',
      { class: 'top' },
      h(
        'div',
        { class: 'titles' },
        h('h1', { class: 'name' }, displayName(title)),
        h('span', { class: 'dim name' }, facts.filter(Boolean).join(' · ')),
      ),
      h(
        'div',
        { class: 'actions' },
        ...this.flamegraph(),
        ...(Object.keys(ACTION_NAMES) as LoadAction[])
          .filter((action) => actions.includes(action))
          .map((action) =>
            button(ACTION_NAMES[action], () => this.services.post({ type: 'action', action })),
          ),
      ),
    );
  }

  private flamegraph(): HTMLElement[] {
    const { profile, test } = this.result;
    if (profile.state !== 'ok') return [];
    const text = test.worstWindow?.profiled ? 'Open Flamegraph of the Worst Window' : 'Open Flamegraph';
    return [button(text, () => this.services.post({ type: 'showFlamegraph' }), { class: 'primary' })];
  }

  private verdict(): HTMLElement {
    const { state, sentence, evidence } = this.result.test.verdict;
    return h(
      'section',
      { class: `verdict ${state}`, 'aria-label': 'Verdict' },
      h(
        'p',
        { class: 'verdict-line' },
        stateIcon(state),
        !sentence.startsWith(STATE_NAMES[state]) && h('strong', {}, STATE_NAMES[state]),
        h('span', { class: 'name' }, displayName(sentence, 600)),
      ),
      evidence.length > 0 &&
        h('ul', {}, ...evidence.map((line) => h('li', { class: 'name' }, displayName(line, 600)))),
    );
  }

  private misleading(): HTMLElement {
    const { misleading } = this.result.test;
    return section(
      'How this may mislead',
      misleading.length > 0
        ? h('ul', { class: 'plain' }, ...misleading.map((line) => h('li', {}, warning(line))))
        : nothing('Nothing was found that would make these figures mislead.'),
    );
  }

  private latency(): HTMLElement {
    const { load } = this.result;
    let distribution: Distribution | undefined;
    try {
      distribution = readDistribution(load.histogram);
    } catch (error) {
      console.warn(error);
      return section(
        'Response time',
        percentiles(load.latency),
        nothing('The histogram of this run cannot be read.'),
      );
    }
    if (!distribution) {
      return section('Response time', percentiles(load.latency), nothing('This run has no histogram.'));
    }
    return section(
      'Response time',
      percentiles(load.latency),
      h(
        'div',
        { class: 'side-by-side' },
        this.kept(histogramChart(distribution)),
        this.kept(percentileChart(distribution, load.latency)),
      ),
    );
  }

  private overTime(): HTMLElement {
    if (!this.timeline) return section('Over time', nothing('This run has no timeline.'));
    return section('Over time', this.controls.element, this.timeline.element);
  }
}
