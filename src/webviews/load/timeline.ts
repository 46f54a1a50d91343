import { unmeasuredStretches } from '../../engine/model/timelineParts';
import { h } from '../ui/dom';
import { extent, groups, type PointStore } from './columns';
import { formatClock, formatSecond } from './figures';
import { drawBand, drawHatch } from './marks';
import { Plot, translucent, type PlotSpec, type Range } from './plot';
import type { TableData } from './table';
import { TIME_CHARTS, TIME_STEPS, type TimeChart } from './timeCharts';

const MOST_ROWS = 40;
export interface TimelineOptions {
  readonly points: PointStore;
  readonly isLogarithmic: boolean;
  readonly asTables: boolean;
  /** A stretch to point out. */
  readonly marked?: Range;
  readonly onZoom: (range: Range | undefined) => void;
}

let timelines = 0;

/** The charts over time, one below the other, with one axis and one cursor. */
export class Timeline {
  readonly element = h('div', { class: 'timeline' });
  private readonly key = `timeline-${++timelines}`;
  private readonly plots = new Map<TimeChart, Plot>();
  private range: Range | undefined;
  private isLogarithmic: boolean;
  private asTables: boolean;

  constructor(private readonly options: TimelineOptions) {
    this.isLogarithmic = options.isLogarithmic;
    this.asTables = options.asTables;
    this.update();
  }

  /** The points have changed. */
  update(): void {
    const { points } = this.options;
    for (const [index, chart] of TIME_CHARTS.entries()) {
      let plot = this.plots.get(chart);
      if (!plot) {
        if (!chart.always && !chart.lines.some(({ column }) => points.has(column))) continue;
        plot = this.make(chart);
        this.place(plot, index);
      }
      plot.setData(
        points.seconds,
        chart.lines.map(({ column }) => points.column(column)),
      );
    }
  }

  zoom(range: Range | undefined): void {
    this.range = range;
    for (const plot of this.plots.values()) plot.zoom(range);
    this.options.onZoom(range);
  }

  showTables(asTables: boolean): void {
    this.asTables = asTables;
    for (const plot of this.plots.values()) plot.showTable(asTables);
  }

  /** Of the response times' axis, which cannot change in place. */
  setLogarithmic(isLogarithmic: boolean): void {
    this.isLogarithmic = isLogarithmic;
    const index = TIME_CHARTS.findIndex(isLatency);
    const chart = TIME_CHARTS[index]!;
    const old = this.plots.get(chart);
    if (!old) return;
    const plot = this.make(chart);
    old.element.replaceWith(plot.element);
    old.destroy();
    const { points } = this.options;
    plot.setData(
      points.seconds,
      chart.lines.map(({ column }) => points.column(column)),
    );
    plot.zoom(this.range);
  }

  destroy(): void {
    for (const plot of this.plots.values()) plot.destroy();
    this.plots.clear();
  }

  private make(chart: TimeChart): Plot {
    const plot = new Plot(this.specOf(chart));
    plot.element.dataset['chart'] = chart.title;
    plot.showTable(this.asTables);
    plot.zoom(this.range);
    this.plots.set(chart, plot);
    return plot;
  }

  /** In the order of the charts, whenever it comes. */
  private place(plot: Plot, index: number): void {
    const next = TIME_CHARTS.slice(index + 1)
      .map((chart) => this.plots.get(chart)?.element)
      .find((element) => element?.isConnected || element?.parentElement === this.element);
    this.element.insertBefore(plot.element, next ?? null);
  }

  private specOf(chart: TimeChart): PlotSpec {
    const { points, marked } = this.options;
    return {
      title: chart.title,
      height: chart.height,
      lines: chart.lines.map((line) => ({ ...line, format: chart.format })),
      x: { name: 'Time', format: formatSecond, axis: formatClock, incrs: TIME_STEPS, from: 0 },
      y: {
        format: chart.axis,
        ...(isLatency(chart) && { log: this.isLogarithmic }),
        ...(chart.top !== undefined && { top: chart.top }),
      },
      sync: this.key,
      onZoom: (range) => this.zoom(range),
      onZoomOut: () => this.zoom(undefined),
      under: (plot, colours) => {
        if (marked) drawBand(plot, marked.min, marked.max, translucent(colours.yellow));
        if (isLatency(chart)) {
          for (const [from, to] of unmeasured(points)) drawHatch(plot, from, to, colours.dim);
        }
      },
      table: () => tableOf(chart, points),
      summary: () => summaryOf(chart, points),
      resting: 'latest',
    };
  }
}

/** See the model's `unmeasuredStretches`. */
export function unmeasured(points: PointStore): readonly (readonly [number, number])[] {
  const { seconds } = points;
  return unmeasuredStretches(seconds, points.column('rate'), points.column('p99Micros')).map(
    ({ from, to }) => [from, to] as const,
  );
}

function isLatency({ title }: TimeChart): boolean {
  return title === 'Response time';
}

export function tableOf(chart: TimeChart, points: PointStore): TableData {
  const { seconds } = points;
  const isTold = chart.lines.filter(({ column }) => points.has(column));
  return {
    caption: `${chart.title} over time`,
    head: ['Until', ...isTold.map(({ label }) => label)],
    rows: groups(points.length, MOST_ROWS).map(([from, to]) => ({
      cells: [
        formatSecond(seconds[to - 1]!),
        ...isTold.map(({ column }) => {
          const part = extent(points.column(column).slice(from, to));
          return part ? chart.format(chart.worst ? part.high : part.mean) : 'not measured';
        }),
      ],
    })),
  };
}

export function summaryOf(chart: TimeChart, points: PointStore): string {
  const told = chart.lines.flatMap(({ column, label }) => {
    const all = extent(points.column(column));
    if (!all) return [];
    const last = points.column(column).at(-1);
    const now = last == null ? 'not measured' : chart.format(last);
    return [`${label} ${now} at the end, ${chart.format(all.low)} to ${chart.format(all.high)}`];
  });
  if (told.length === 0) return `${chart.title}: nothing measured yet`;
  return `${chart.title} over ${formatSecond(points.seconds.at(-1) ?? 0)}: ${told.join('; ')}`;
}
