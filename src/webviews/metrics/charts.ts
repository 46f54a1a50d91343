import { formatBytes, formatMicros, formatMs } from '../../engine/model/units';
import type { MetricSeries } from '../../protocol/metrics';
import { largest, latest, mean } from '../ui/sparkline';
import { formatCount } from '../ui/text';

export interface ChartCard {
  readonly title: string;
  /** The figure in large type. */
  readonly value: string;
  readonly unit: string;
  /** Small text below the figure. */
  readonly note: string;
  readonly seconds: Float64Array;
  readonly values: Float64Array;
  /** Value at the top of the chart, where the range has a natural end. */
  readonly top?: number;
  /** What a screen reader hears for the chart. */
  readonly label: string;
}

export const CHART_TITLES = ['Throughput', 'Latency p99', 'CPU', 'Event loop', 'Memory'] as const;

const UNKNOWN = '–';

/**
 * The five charts of the series, in the order of `CHART_TITLES`. While a run is live their figures are the latest;
 * of a finished one they are the means, but for memory, where the end tells more.
 */
export function chartCards(series: MetricSeries, figures: 'latest' | 'mean'): readonly ChartCard[] {
  const { load, process } = series;
  const figure = figures === 'latest' ? latest : mean;
  const throughput = figure(load.requestsPerSecond);
  const p99 = figure(load.p99Micros);
  const cpu = figure(process.cpuCores);
  const utilization = figure(process.eventLoopUtilization);
  const delay = figure(process.eventLoopDelayP99Ms);
  const rss = latest(process.rssBytes);
  const heap = latest(process.heapUsedBytes);
  const p99Text = split(p99, formatMicros);
  const rssText = split(rss, formatBytes);
  const peak = (values: Float64Array, format: (value: number) => string) =>
    largest(values) > 0 ? `peak ${format(largest(values))}` : '';
  const cards: Omit<ChartCard, 'label'>[] = [
    {
      title: CHART_TITLES[0],
      value: known(throughput, formatCount),
      unit: 'req/s',
      note: peak(load.requestsPerSecond, (value) => `${formatCount(value)} req/s`),
      seconds: load.seconds,
      values: load.requestsPerSecond,
    },
    {
      title: CHART_TITLES[1],
      ...p99Text,
      note: peak(load.p99Micros, formatMicros),
      seconds: load.seconds,
      values: load.p99Micros,
    },
    {
      title: CHART_TITLES[2],
      value: known(cpu, (cores) => (cores * 100).toFixed(0)),
      unit: '% of a core',
      note: peak(process.cpuCores, (cores) => `${(cores * 100).toFixed(0)} %`),
      seconds: process.seconds,
      values: process.cpuCores,
      top: 1,
    },
    {
      title: CHART_TITLES[3],
      value: known(utilization, (share) => (share * 100).toFixed(0)),
      unit: '% used',
      note: Number.isFinite(delay) ? `delay p99 ${formatMs(delay)}` : '',
      seconds: process.seconds,
      values: process.eventLoopUtilization,
      top: 1,
    },
    {
      title: CHART_TITLES[4],
      ...rssText,
      note: Number.isFinite(heap) ? `heap ${formatBytes(heap)}` : '',
      seconds: process.seconds,
      values: process.rssBytes,
    },
  ];
  return cards.map((card) => ({ ...card, label: spoken(card) }));
}

function spoken({ title, value, unit, note }: Omit<ChartCard, 'label'>): string {
  if (value === UNKNOWN) return `${title}: not known yet`;
  return [`${title}: ${value} ${unit}`.trim(), ...(note ? [note] : [])].join(', ');
}

function known(value: number, format: (value: number) => string): string {
  return Number.isFinite(value) ? format(value) : UNKNOWN;
}

/** `12.4 ms` as figure and unit. */
function split(value: number, format: (value: number) => string): { value: string; unit: string } {
  if (!Number.isFinite(value)) return { value: UNKNOWN, unit: '' };
  const [figure = '', unit = ''] = format(value).split(' ');
  return { value: figure, unit };
}
