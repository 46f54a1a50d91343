import type { LoadTestResult, LoadTimeline } from '../model/loadTestResult';
import { formatSecond } from '../model/loadFigures';
import { TIME_CHARTS, type TimeChart } from '../model/timeCharts';
import { extent, groups, unmeasuredStretches } from '../model/timelineParts';
import { linearAxis, timeAxis } from './axes';
import { paragraph, type Band, type Chart, type Section, type Table } from './document';

const MOST_ROWS = 40;

/** The charts over time, one below the other, with the worst window pointed out. */
export function overTime({ timeline, worstWindow }: LoadTestResult): Section {
  const title = 'Over time';
  if (timeline.endMicros.length === 0) return { title, blocks: [paragraph('This run has no timeline.')] };
  const inSeconds = (micros: number) => (micros - timeline.startMicros) / 1e6;
  const bands: Band[] = worstWindow
    ? [
        {
          from: inSeconds(worstWindow.startMicros),
          to: inSeconds(worstWindow.endMicros),
          colour: 'yellow',
          label: 'worst window',
        },
      ]
    : [];
  const charts = TIME_CHARTS.filter(
    ({ always, lines }) => always || lines.some(({ column }) => hasValues(timeline, column)),
  ).map((chart) => timeChart(chart, timeline, bands));
  return { title, blocks: [{ type: 'charts', charts, isWide: true }] };
}

export function secondsOf({ endMicros }: LoadTimeline): number[] {
  return endMicros.map((micros) => micros / 1e6);
}

function timeChart(chart: TimeChart, timeline: LoadTimeline, bands: readonly Band[]): Chart {
  const seconds = secondsOf(timeline);
  const lines = chart.lines.filter(({ column }) => hasValues(timeline, column));
  const isResponseTime = lines.some(({ column }) => column === 'p99Micros');
  const unmeasured = isResponseTime ? unmeasuredStretches(seconds, timeline.rate, timeline.p99Micros) : [];
  return {
    title: chart.title,
    summary: summaryOf(chart, timeline),
    table: timeTable(
      chart.title,
      seconds,
      lines.map(({ label, column }) => ({ label, values: timeline[column] })),
      chart.format,
      chart.worst,
    ),
    height: chart.height,
    x: timeAxis(seconds.at(-1) ?? 0),
    y: linearAxis(joined(lines.map(({ column }) => timeline[column])), chart.axis, chart.top),
    series: lines.map(({ column, filled, ...line }) => ({
      ...line,
      ...(filled !== undefined && { isFilled: filled }),
      as: 'line',
      xs: seconds,
      ys: timeline[column],
    })),
    bands: [
      ...bands,
      ...unmeasured.map(({ from, to }) => ({ from, to, colour: 'hatch', label: 'not measured' }) as const),
    ],
    rules: [],
  };
}

/** Several points are told by their worst, else by their mean. */
export function timeTable(
  title: string,
  seconds: readonly number[],
  lines: readonly { readonly label: string; readonly values: readonly (number | null)[] }[],
  format: (value: number) => string,
  isWorst = false,
): Table {
  return {
    caption: `${title} over time`,
    head: ['Until', ...lines.map(({ label }) => label)],
    rows: groups(seconds.length, MOST_ROWS).map(([from, to]) => [
      formatSecond(seconds[to - 1]!),
      ...lines.map(({ values }) => {
        const part = extent(values.slice(from, to));
        return part ? format(isWorst ? part.high : part.mean) : 'not measured';
      }),
    ]),
  };
}

function summaryOf({ title, lines, format }: TimeChart, timeline: LoadTimeline): string {
  const told = lines.flatMap(({ column, label }) => {
    const all = extent(timeline[column]);
    return all ? [`${label} ${format(all.low)} to ${format(all.high)}, on average ${format(all.mean)}`] : [];
  });
  if (told.length === 0) return `${title}: nothing was measured.`;
  return `${title} over ${formatSecond(secondsOf(timeline).at(-1) ?? 0)}: ${told.join('; ')}.`;
}

function hasValues(timeline: LoadTimeline, column: TimeChart['lines'][number]['column']): boolean {
  return timeline[column].some((value) => value !== null);
}

function* joined(columns: readonly (readonly (number | null)[])[]): Generator<number | null> {
  for (const column of columns) yield* column;
}
