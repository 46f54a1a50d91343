import uPlot from 'uplot';
import { h } from '../ui/dom';
import { onThemeChange } from '../ui/theme';
import { readColours, type ColourName, type Colours } from './colours';
import { drawMarks, type Mark } from './marks';
import { dataTable, type TableData } from './table';

export type Column = readonly (number | null)[];

export interface PlotLine {
  readonly label: string;
  readonly colour: ColourName;
  /** Lines are told apart without their colours as well. */
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly filled?: boolean;
  readonly as?: 'line' | 'bars' | Mark;
  /** Where it is not that of the axis. */
  readonly format?: (value: number) => string;
}

export interface PlotSpec {
  readonly title: string;
  readonly height: number;
  readonly lines: readonly PlotLine[];
  readonly x: {
    readonly name: string;
    readonly format: (value: number) => string;
    /** Labels of the axis; `format` where absent. */
    readonly axis?: (value: number) => string;
    readonly splits?: (min: number, max: number) => number[];
    readonly incrs?: readonly number[];
    /** Where the axis begins, if not at the first value. */
    readonly from?: number;
    /** Room beside the first and the last value, for what is wider than a line. */
    readonly pad?: number;
  };
  readonly y: {
    readonly format: (value: number) => string;
    readonly log?: boolean;
    /** Value at the top, where the range has a natural end; higher values raise it. */
    readonly top?: number;
  };
  /** Charts of one key move their cursors together. */
  readonly sync?: string;
  readonly onZoom?: (range: Range) => void;
  readonly onZoomOut?: () => void;
  /** Drawn below the lines, in canvas pixels. */
  readonly under?: (plot: uPlot, colours: Colours) => void;
  /** Drawn over the lines. */
  readonly over?: (plot: uPlot, colours: Colours) => void;
  /** In place of the picture, for whoever reads tables. */
  readonly table: () => TableData;
  /** What the whole says, for whoever hears it. */
  readonly summary: () => string;
  /** Says which values the readouts show while the cursor is elsewhere. */
  readonly resting: 'latest' | 'none';
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** All at the same place, so that charts above each other share their axis. */
const AXIS_WIDTH = 66;
const AXIS_HEIGHT = 24;
const TABLE_INTERVAL_MS = 2000;

const plots = new Set<Plot>();
let colours: Colours | undefined;

/** Redraws every chart in the colours of the theme; called once. */
export function followTheme(): void {
  onThemeChange(() => {
    colours = readColours();
    for (const plot of plots) plot.redraw();
  });
}

/** A chart with its readouts, and the table that tells the same. `destroy` it when it leaves the page. */
export class Plot {
  readonly element: HTMLElement;
  private readonly frame: HTMLElement;
  private readonly readouts: readonly HTMLElement[];
  private readonly at: HTMLElement;
  private readonly tableHolder = h('div', { class: 'plot-table' });
  private readonly observer: ResizeObserver;
  private readonly sight: IntersectionObserver;
  private isSeen = true;
  /** The data have changed since they were drawn. */
  private isStale = false;
  private chart: uPlot | undefined;
  private x: readonly number[] = [];
  private columns: readonly Column[] = [];
  private zoomed: Range | undefined;
  private isTable = false;
  private tableDrawn = 0;
  private tableTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly spec: PlotSpec) {
    colours ??= readColours();
    this.readouts = spec.lines.map(() => h('span', { class: 'figure' }));
    this.at = h('span', { class: 'dim figure' });
    this.frame = h('div', { class: 'plot-frame', role: 'img', tabindex: 0 });
    this.frame.addEventListener('keydown', (event) => this.pressed(event));
    this.frame.addEventListener('blur', () => this.moveCursor(-10));
    this.element = h(
      'figure',
      { class: 'plot' },
      h(
        'figcaption',
        {},
        h('span', { class: 'plot-title' }, spec.title),
        ...spec.lines.map((line, index) =>
          h(
            'span',
            { class: 'key' },
            h('span', { class: `swatch ${line.colour} ${lineClass(line)}`, 'aria-hidden': 'true' }),
            h('span', { class: 'dim' }, line.label),
            this.readouts[index],
          ),
        ),
        this.at,
      ),
      this.frame,
      this.tableHolder,
    );
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.frame);
    this.sight = new IntersectionObserver((entries) => this.seen(entries.at(-1)?.isIntersecting ?? true), {
      rootMargin: '200px',
    });
    this.sight.observe(this.frame);
    plots.add(this);
  }

  /** The columns are those of the lines, as long as `x`, which ascends. */
  setData(x: readonly number[], columns: readonly Column[]): void {
    this.x = x;
    this.columns = columns;
    if (this.isSeen) this.drawData();
    else this.isStale = true;
    this.frame.setAttribute('aria-label', this.spec.summary());
    this.showReadouts();
    if (this.isTable) this.scheduleTable();
  }

  zoom(range: Range | undefined): void {
    this.zoomed = range;
    this.chart?.setScale('x', this.range());
  }

  showTable(isTable: boolean): void {
    this.isTable = isTable;
    this.frame.hidden = isTable;
    this.tableHolder.hidden = !isTable;
    if (isTable) this.drawTable();
    else this.resize();
  }

  redraw(): void {
    this.chart?.redraw(false, true);
  }

  destroy(): void {
    plots.delete(this);
    this.observer.disconnect();
    this.sight.disconnect();
    clearTimeout(this.tableTimer);
    this.chart?.destroy();
    this.chart = undefined;
  }

  private drawData(): void {
    this.isStale = false;
    this.chart?.batch(() => {
      this.chart!.setData(this.data(), false);
      this.chart!.setScale('x', this.range());
    });
  }

  /** What is scrolled away is drawn when it comes back. */
  private seen(isSeen: boolean): void {
    this.isSeen = isSeen;
    if (isSeen && this.isStale) this.drawData();
  }

  private data(): uPlot.AlignedData {
    return [this.x as number[], ...(this.columns as (number | null)[][])];
  }

  /** Of the x axis. */
  private range(): { min: number; max: number } {
    if (this.zoomed) return { ...this.zoomed };
    const { from, pad = 0 } = this.spec.x;
    const min = from ?? (this.x[0] ?? 0) - pad;
    const max = (this.x.at(-1) ?? 1) + pad;
    return max > min ? { min, max } : { min: min - 0.5, max: min + 0.5 };
  }

  private resize(): void {
    const width = Math.floor(this.frame.clientWidth);
    if (width < 40) return;
    if (!this.chart) {
      this.chart = new uPlot(this.options(width), this.data(), this.frame);
      this.chart.setScale('x', this.range());
    } else if (this.chart.width !== width) {
      this.chart.setSize({ width, height: this.spec.height });
    }
  }

  private options(width: number): uPlot.Options {
    const { spec } = this;
    const { x, y } = spec;
    const grid = { stroke: () => colours!.grid, width: 1 };
    const axis = {
      font: colours!.font,
      stroke: () => colours!.dim,
      grid,
      ticks: { show: false },
      border: { show: false },
    };
    return {
      width,
      height: spec.height,
      padding: [8, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: false },
        y: y.log
          ? { distr: 3, range: (_, min, max) => logRange(min, max) }
          : { range: (_, __, max) => [0, Math.max((max ?? 0) * 1.06, y.top ?? 0) || 1] },
      },
      axes: [
        {
          ...axis,
          size: AXIS_HEIGHT,
          gap: 4,
          space: 64,
          values: (_, splits) => splits.map((split) => (x.axis ?? x.format)(split)),
          ...(x.incrs && { incrs: [...x.incrs] }),
          ...(x.splits && { splits: (_, __, min, max) => x.splits!(min, max) }),
        },
        {
          ...axis,
          size: AXIS_WIDTH,
          gap: 6,
          space: y.log ? 18 : 26,
          values: (_, splits) => splits.map((split) => (split === null ? null : y.format(split))),
        },
      ],
      series: [{}, ...spec.lines.map((line) => seriesOf(line))],
      cursor: {
        y: false,
        points: { size: 6, width: 2, show: true, fill: (_, at) => colours![spec.lines[at - 1]!.colour] },
        drag: { x: spec.onZoom !== undefined, y: false, setScale: false, dist: 4 },
        ...(spec.sync !== undefined && {
          sync: { key: spec.sync, setSeries: false, scales: ['x', null] as [string, null] },
        }),
        bind: {
          dblclick: () => () => {
            spec.onZoomOut?.();
            return null;
          },
        },
      },
      hooks: {
        setCursor: [() => this.showReadouts()],
        setSelect: [(plot) => this.selected(plot)],
        drawAxes: [(plot) => spec.under?.(plot, colours!)],
        draw: [
          (plot) => {
            spec.lines.forEach((line, index) => {
              if (line.as !== undefined && line.as !== 'line' && line.as !== 'bars')
                drawMarks(plot, index + 1, line.as, colours![line.colour]);
            });
            spec.over?.(plot, colours!);
          },
        ],
      },
    };
  }

  private selected(plot: uPlot): void {
    const { left, width } = plot.select;
    if (!(width > 0)) return;
    const range = { min: plot.posToVal(left, 'x'), max: plot.posToVal(left + width, 'x') };
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    // Charts that move together select together; each tells the same range.
    this.spec.onZoom?.(range);
  }

  private showReadouts(): void {
    const at = this.chart?.cursor.idx;
    const isInside = (this.chart?.cursor.left ?? -1) >= 0 && at != null;
    const index = isInside ? at : this.spec.resting === 'latest' ? this.x.length - 1 : -1;
    this.spec.lines.forEach((line, position) => {
      const value = this.columns[position]?.[index];
      const format = line.format ?? this.spec.y.format;
      setText(this.readouts[position]!, index < 0 ? '' : value == null ? '–' : format(value));
    });
    setText(this.at, isInside ? this.spec.x.format(this.x[at] ?? 0) : '');
  }

  private pressed(event: KeyboardEvent): void {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
    const ends = { Home: 0, End: this.x.length - 1 }[event.key];
    if (event.key === 'Escape') {
      this.spec.onZoomOut?.();
      return;
    }
    if ((steps === undefined && ends === undefined) || !this.chart || this.x.length === 0) return;
    event.preventDefault();
    const last = this.x.length - 1;
    const isInside = (this.chart.cursor.left ?? -1) >= 0;
    const from = isInside
      ? (this.chart.cursor.idx ?? last)
      : steps === undefined || steps < 0
        ? last + 1
        : -1;
    const index = Math.min(Math.max(ends ?? from + (steps ?? 0), 0), last);
    this.moveCursor(this.chart.valToPos(this.x[index]!, 'x'));
    this.frame.dispatchEvent(new CustomEvent('plotcursor', { bubbles: true, detail: this.spoken(index) }));
  }

  /** Of the charts that move together, which are of one width and one scale. @param left CSS pixels; negative: away */
  private moveCursor(left: number): void {
    const { sync } = this.spec;
    const moved = sync === undefined ? [this.chart] : uPlot.sync(sync).plots;
    for (const chart of moved) chart?.setCursor({ left, top: left < 0 ? left : chart.over.clientHeight / 2 });
  }

  private spoken(index: number): string {
    const values = this.spec.lines.map((line, position) => {
      const value = this.columns[position]?.[index];
      return `${line.label} ${value == null ? 'not known' : (line.format ?? this.spec.y.format)(value)}`;
    });
    return `${this.spec.x.format(this.x[index] ?? 0)}: ${values.join(', ')}`;
  }

  /** A table that changes while it is read is of no use: seldom, and in place. */
  private scheduleTable(): void {
    if (this.tableTimer !== undefined) return;
    const wait = Math.max(0, this.tableDrawn + TABLE_INTERVAL_MS - performance.now());
    this.tableTimer = setTimeout(() => this.drawTable(), wait);
  }

  private drawTable(): void {
    clearTimeout(this.tableTimer);
    this.tableTimer = undefined;
    this.tableDrawn = performance.now();
    this.tableHolder.replaceChildren(dataTable(this.spec.table()));
  }
}

function seriesOf(line: PlotLine): uPlot.Series {
  const stroke = () => colours![line.colour];
  if (line.as === 'bars') {
    return {
      stroke,
      fill: stroke,
      width: 0,
      paths: uPlot.paths.bars!({ size: [0.9, 100] }),
      points: { show: false },
    };
  }
  if (line.as !== undefined && line.as !== 'line') {
    return { stroke, paths: () => null, points: { show: false } };
  }
  return {
    stroke,
    width: line.width ?? 1.5,
    ...(line.dash && { dash: [...line.dash] }),
    ...(line.filled && { fill: () => translucent(colours![line.colour]) }),
    points: { size: 4, fill: stroke },
  };
}

/** The colour at a seventh of its strength; what is no hex code is left out. */
export function translucent(colour: string): string {
  const hex = /^#([0-9a-f]{6})/iu.exec(colour)?.[1];
  return hex === undefined ? 'transparent' : `#${hex}24`;
}

function lineClass({ dash, as }: PlotLine): string {
  if (as !== undefined && as !== 'line') return as;
  return dash === undefined ? 'solid' : (dash[0] ?? 0) < 4 ? 'dotted' : 'dashed';
}

function logRange(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !(max > 0)) return [1, 1000];
  const low = 10 ** Math.floor(Math.log10(Math.max(min, 1)));
  return [low, Math.max(10 ** Math.ceil(Math.log10(max * 1.05)), low * 10)];
}

/** Untouched text costs no layout. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
