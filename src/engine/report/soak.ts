import { formatMicrosShort, formatSigned } from '../model/loadFigures';
import type { Drift, LeakSuspect, LoadTimeline, SoakResult } from '../model/loadTestResult';
import type { RunTarget } from '../model/run';
import { formatCount } from '../model/text';
import { formatBytes, formatMicros, formatShare } from '../model/units';
import { linearAxis, timeAxis } from './axes';
import { paragraph, type Block, type Chart, type Section } from './document';
import { secondsOf, timeTable } from './overTime';
import { placeNames } from './places';

/** What drifted over the test, and what stayed in memory. */
export function soakSection(
  { latency, memory, leaks }: SoakResult,
  timeline: LoadTimeline,
  target: RunTarget,
): Section {
  const title = 'Drift';
  const rows = [
    ...(latency ? [driftRow('Response time', latency, formatMicros)] : []),
    ...(memory ? [driftRow('Heap after major collections', memory, formatBytes)] : []),
  ];
  if (rows.length === 0) return { title, blocks: [paragraph('The test was too short to tell a drift.')] };
  const charts = [
    ...(latency ? [driftChart(LATENCY, latency, timeline)] : []),
    ...(memory ? [driftChart(MEMORY, memory, timeline)] : []),
  ].filter((chart) => chart !== undefined);
  return {
    title,
    blocks: [
      {
        type: 'table',
        table: {
          caption: 'Drift over the test',
          head: ['What', 'Verdict', 'Per hour', '95 % between', 'At the begin', 'p-value', 'Points'],
          texts: [1],
          rows,
        },
      },
      ...(charts.length > 0 ? [{ type: 'charts', charts, isWide: true } as const] : []),
      ...(memory?.drifts ? leakBlocks(leaks, target) : []),
    ],
  };
}

function driftRow(what: string, drift: Drift, format: (value: number) => string): string[] {
  return [
    what,
    drift.drifts ? 'drifts' : 'steady',
    formatSigned(drift.slopePerHour, format),
    `${formatSigned(drift.low, format)} and ${formatSigned(drift.high, format)}`,
    format(drift.start),
    drift.pValue < 0.001 ? '<0.001' : drift.pValue.toFixed(3),
    formatCount(drift.points),
  ];
}

interface Watched {
  readonly title: string;
  readonly label: string;
  readonly column: 'p95Micros' | 'heapUsedBytes';
  readonly colour: 'blue' | 'green';
  readonly format: (value: number) => string;
  readonly axis: (value: number) => string;
}

const LATENCY: Watched = {
  title: 'Response time with its trend',
  label: 'p95',
  column: 'p95Micros',
  colour: 'blue',
  format: formatMicros,
  axis: formatMicrosShort,
};

const MEMORY: Watched = {
  title: 'Heap in use with its trend',
  label: 'in use',
  column: 'heapUsedBytes',
  colour: 'green',
  format: formatBytes,
  axis: formatBytes,
};

function driftChart(
  { title, label, column, colour, format, axis }: Watched,
  drift: Drift,
  timeline: LoadTimeline,
): Chart | undefined {
  const values = timeline[column];
  if (!values.some((value) => value !== null)) return undefined;
  const seconds = secondsOf(timeline);
  const trend = seconds.map((second) => Math.max(0, drift.start + (drift.slopePerHour * second) / 3600));
  return {
    title,
    summary: `${title}: ${formatSigned(drift.slopePerHour, format)} per hour, ${drift.drifts ? 'it drifts' : 'steady'}.`,
    table: timeTable(
      title,
      seconds,
      [
        { label, values },
        { label: 'trend', values: trend },
      ],
      format,
    ),
    height: 160,
    x: timeAxis(seconds.at(-1) ?? 0),
    y: linearAxis([...values, ...trend], axis),
    series: [
      { label, colour, as: 'line', xs: seconds, ys: values },
      { label: 'trend', colour: 'red', as: 'line', dash: [7, 3], width: 2, xs: seconds, ys: trend },
    ],
    bands: [],
    rules: [],
  };
}

function leakBlocks(leaks: readonly LeakSuspect[], target: RunTarget): Block[] {
  if (leaks.length === 0)
    return [paragraph('What stayed in memory is not known: allocations were not sampled.')];
  const place = placeNames(target);
  return [
    {
      type: 'table',
      table: {
        caption: 'Where the objects that stayed in memory were allocated',
        head: ['Function', 'Place', 'Stayed', 'Share'],
        texts: [1],
        rows: leaks.map((leak) => [
          { code: leak.functionName },
          leak.place ? { code: place(leak.place) } : '–',
          formatBytes(leak.bytes),
          formatShare(leak.share),
        ]),
      },
    },
  ];
}
