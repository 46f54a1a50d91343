import { formatCores, formatMicrosShort, formatNumber, formatPercent, formatRate } from './loadFigures';
import type { LoadTimeline } from './loadTestResult';
import { formatBytes, formatMicros, formatMs } from './units';

export type ChartColour = 'blue' | 'red' | 'green' | 'purple' | 'yellow' | 'text';

/** Of a `LoadTimeline`, beside its times. */
export type TimelineColumn = Exclude<keyof LoadTimeline, 'startMicros' | 'endMicros'>;

export interface TimeLine {
  readonly column: TimelineColumn;
  readonly label: string;
  readonly colour: ChartColour;
  /** Lines are told apart without their colours as well. */
  readonly dash?: readonly number[];
  readonly width?: number;
  readonly filled?: boolean;
}

export interface TimeChart {
  readonly title: string;
  readonly lines: readonly TimeLine[];
  /** Of values in readouts and tables. */
  readonly format: (value: number) => string;
  /** Of labels at the axis. */
  readonly axis: (value: number) => string;
  readonly top?: number;
  /** In tables and sums several points are told by their worst, else by their mean. */
  readonly worst?: boolean;
  /** Shown from the start; the others when they have a value. */
  readonly always?: boolean;
  readonly height: number;
}

/** Steps of the time axis that people count in. */
export const TIME_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400,
];

/** In the order they are shown; p99 is what an objective is about, so it is the strongest line. */
export const TIME_CHARTS: readonly TimeChart[] = [
  {
    title: 'Throughput',
    lines: [
      { column: 'rate', label: 'requests completed', colour: 'blue', filled: true },
      { column: 'intendedRate', label: 'iterations intended', colour: 'text', dash: [6, 4] },
    ],
    format: formatRate,
    axis: formatNumber,
    always: true,
    height: 150,
  },
  {
    title: 'Response time',
    lines: [
      { column: 'p50Micros', label: 'p50', colour: 'green', dash: [2, 3] },
      { column: 'p95Micros', label: 'p95', colour: 'blue', dash: [7, 3] },
      { column: 'p99Micros', label: 'p99', colour: 'yellow', width: 2 },
    ],
    format: formatMicros,
    axis: formatMicrosShort,
    worst: true,
    always: true,
    height: 170,
  },
  {
    title: 'Failed requests',
    lines: [{ column: 'failedRate', label: 'failed', colour: 'red', filled: true }],
    format: formatRate,
    axis: formatNumber,
    top: 1,
    always: true,
    height: 96,
  },
  {
    title: 'CPU',
    lines: [
      { column: 'targetCpu', label: 'app', colour: 'purple' },
      { column: 'generatorCpu', label: 'generator', colour: 'text', dash: [6, 4] },
    ],
    format: (value) => `${formatCores(value)} cores`,
    axis: formatCores,
    top: 1,
    height: 110,
  },
  {
    title: 'Event loop of the app',
    lines: [{ column: 'eventLoopUtilization', label: 'used', colour: 'purple' }],
    format: formatPercent,
    axis: (value) => `${Math.round(value * 100)} %`,
    top: 1,
    height: 110,
  },
  {
    title: 'Event loop delay',
    lines: [{ column: 'eventLoopDelayP99Ms', label: 'p99', colour: 'purple' }],
    format: formatMs,
    axis: (value) => formatMicrosShort(value * 1000),
    worst: true,
    height: 110,
  },
  {
    title: 'Virtual users in use',
    lines: [{ column: 'vus', label: 'in use', colour: 'blue' }],
    format: formatNumber,
    axis: formatNumber,
    height: 96,
  },
  {
    title: 'Heap of the app',
    lines: [{ column: 'heapUsedBytes', label: 'in use', colour: 'green' }],
    format: formatBytes,
    axis: formatBytes,
    height: 96,
  },
];
