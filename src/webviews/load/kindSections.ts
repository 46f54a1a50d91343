import type {
  CapacityResult,
  Drift,
  LeakSuspect,
  SoakResult,
  SpikeResult,
  StressResult,
} from '../../engine/model/loadTestResult';
import type { Objective } from '../../engine/model/objective';
import { quantileName } from '../../engine/model/percentiles';
import { spikeStretch as findSpike, type Stretch } from '../../engine/model/timelineParts';
import { formatBytes, formatMicros, formatShare } from '../../engine/model/units';
import type { ShownResult } from '../../protocol/load';
import { h } from '../ui/dom';
import { formatCount, plural } from '../ui/text';
import type { Cell, PointStore } from './columns';
import {
  formatClock,
  formatMicrosShort,
  formatNumber,
  formatRate,
  formatSecond,
  formatSigned,
  objectiveText,
} from './figures';
import { drawBand, drawRule } from './marks';
import { nothing, section, tiles } from './parts';
import { Plot, translucent, type PlotSpec } from './plot';
import { dataTable, type TableData } from './table';
import { TIME_STEPS } from './timeCharts';
import { trialChart, trialTable, type TrialsShown } from './trials';

type Keep = (plot: Plot) => HTMLElement;

/** What the kind of the test asked for. */
export function kindSections(test: ShownResult['test'], points: PointStore, keep: Keep): HTMLElement[] {
  const { stress, capacity, spike, soak } = test;
  return [
    ...(stress ? [stressSection(stress, keep)] : []),
    ...(capacity ? [capacitySection(capacity, keep)] : []),
    ...(spike ? [spikeSection(spike, points, keep)] : []),
    ...(soak ? [soakSection(soak, points, keep)] : []),
  ];
}

function stressSection(result: StressResult, keep: Keep): HTMLElement {
  const { objective, breakingPoint: point, ceiling, discardedWindows, seconds } = result;
  return section(
    'Breaking point',
    h('p', { class: 'dim' }, objectiveText(objective)),
    tiles([
      {
        name: 'Most load that holds',
        value: point ? formatRate(point.rate) : 'not confirmed',
        note: point?.rejectedAt === undefined ? '' : `breaks at ${formatRate(point.rejectedAt)}`,
      },
      ...(point
        ? [
            {
              name: quantileName(objective.quantile),
              value: formatMicros(point.latencyMicros),
              note: 'over all windows',
            },
            { name: 'Requests at once', value: formatNumber(point.concurrency), note: 'by Little’s law' },
          ]
        : []),
      ...(ceiling
        ? [
            {
              name: 'Ceiling',
              value: formatRate(ceiling.throughput),
              note: `with ${plural(ceiling.vus, 'user')}`,
            },
          ]
        : []),
      {
        name: 'Search',
        value: formatSecond(seconds),
        note: `${formatCount(discardedWindows)} windows discarded`,
      },
    ]),
    ...trialParts(result, objective, point, keep),
  );
}

function capacitySection(result: CapacityResult, keep: Keep): HTMLElement {
  const { objective, expectedRate, holds, headroom, mostHeldRate } = result;
  return section(
    'Capacity',
    h('p', { class: 'dim' }, objectiveText(objective)),
    tiles([
      { name: 'Expected peak', value: formatRate(expectedRate) },
      {
        name: 'Holds it',
        value: holds === undefined ? 'undecided' : holds ? 'yes' : 'no',
        bad: holds === false,
      },
      { name: 'Headroom', value: headroom === undefined ? 'not found' : formatShare(headroom) },
      { name: 'Most load held', value: mostHeldRate === undefined ? 'not found' : formatRate(mostHeldRate) },
    ]),
    ...trialParts(result, objective, mostHeldRate === undefined ? undefined : { rate: mostHeldRate }, keep),
  );
}

function trialParts(
  shown: TrialsShown,
  objective: Objective,
  breaking: { readonly rate: number; readonly rejectedAt?: number } | undefined,
  keep: Keep,
): HTMLElement[] {
  if (shown.trials.length === 0) return [nothing('The search decided no level.')];
  return [keep(trialChart(shown, objective, breaking)), dataTable(trialTable(shown, objective))];
}

function spikeSection(result: SpikeResult, points: PointStore, keep: Keep): HTMLElement {
  const {
    baselineRate,
    spikeRate,
    baselineLatencyMicros,
    spikeLatencyMicros,
    spikeErrorRate,
    recoverySeconds,
  } = result;
  const spike = spikeStretch(points, baselineRate, spikeRate);
  return section(
    'Spike',
    tiles([
      { name: 'Before', value: formatMicros(baselineLatencyMicros), note: `at ${formatRate(baselineRate)}` },
      { name: 'In the spike', value: formatMicros(spikeLatencyMicros), note: `at ${formatRate(spikeRate)}` },
      { name: 'Failed in the spike', value: formatShare(spikeErrorRate), bad: spikeErrorRate > 0 },
      {
        name: 'Recovery',
        value: recoverySeconds === undefined ? 'not within the test' : formatSecond(recoverySeconds),
        bad: recoverySeconds === undefined,
      },
    ]),
    points.length === 0
      ? nothing('This run has no timeline to draw the recovery from.')
      : keep(recoveryChart(points, result, spike)),
  );
}

/** See the model's `spikeStretch`. */
export function spikeStretch(
  points: PointStore,
  baselineRate: number,
  spikeRate: number,
): Stretch | undefined {
  const { seconds } = points;
  return findSpike(
    { seconds, intended: points.column('intendedRate'), rate: points.column('rate') },
    { baselineRate, spikeRate },
  );
}

function recoveryChart(
  points: PointStore,
  { baselineLatencyMicros, recoverySeconds }: SpikeResult,
  spike: { readonly from: number; readonly to: number } | undefined,
): Plot {
  const p99 = points.column('p99Micros');
  const told = spike
    ? `spike from ${formatSecond(spike.from)} to ${formatSecond(spike.to)}, ` +
      (recoverySeconds === undefined
        ? 'no recovery within the test'
        : `recovered ${formatSecond(recoverySeconds)} after it`)
    : 'the spike is not in the timeline';
  const plot = new Plot({
    ...overTime('Recovery', [['p99', p99]], points, formatMicros, formatMicrosShort),
    height: 180,
    lines: [{ label: 'p99', colour: 'yellow', width: 2, format: formatMicros }],
    under: (chart, colours) => {
      if (!spike) return;
      drawBand(chart, spike.from, spike.to, translucent(colours.red));
      if (recoverySeconds !== undefined && recoverySeconds > 0) {
        drawBand(chart, spike.to, spike.to + recoverySeconds, translucent(colours.yellow));
      }
    },
    over: (chart, colours) => {
      drawRule(chart, 'y', baselineLatencyMicros, colours.dim, 'before the spike', colours.font);
      if (spike && recoverySeconds !== undefined) {
        drawRule(chart, 'x', spike.to + recoverySeconds, colours.text, 'recovered', colours.font);
      }
    },
    summary: () => `p99 over time: ${told}`,
  });
  plot.setData(points.seconds, [p99]);
  return plot;
}

function soakSection({ latency, memory, leaks }: SoakResult, points: PointStore, keep: Keep): HTMLElement {
  const rows = [
    latency && driftRow('Response time', latency, formatMicros),
    memory && driftRow('Heap after major collections', memory, formatBytes),
  ].filter((row) => row !== undefined);
  return section(
    'Drift',
    rows.length === 0
      ? nothing('The test was too short to tell a drift.')
      : dataTable({
          caption: 'Drift over the test',
          head: ['What', 'Verdict', 'Per hour', '95 % between', 'At the begin', 'p-value', 'Points'],
          texts: [1],
          rows,
        }),
    ...(latency && points.has('p95Micros')
      ? [
          keep(
            driftChart(
              'Response time with its trend',
              'p95',
              'p95Micros',
              latency,
              points,
              formatMicros,
              formatMicrosShort,
            ),
          ),
        ]
      : []),
    ...(memory && points.has('heapUsedBytes')
      ? [
          keep(
            driftChart(
              'Heap in use with its trend',
              'in use',
              'heapUsedBytes',
              memory,
              points,
              formatBytes,
              formatBytes,
            ),
          ),
        ]
      : []),
    ...(memory?.drifts ? [h('h3', {}, 'What stayed in memory'), leakTable(leaks)] : []),
  );
}

function driftRow(what: string, drift: Drift, format: (value: number) => string): TableData['rows'][number] {
  return {
    cells: [
      what,
      drift.drifts ? 'drifts' : 'steady',
      formatSigned(drift.slopePerHour, format),
      `${formatSigned(drift.low, format)} and ${formatSigned(drift.high, format)}`,
      format(drift.start),
      drift.pValue < 0.001 ? '<0.001' : drift.pValue.toFixed(3),
      formatCount(drift.points),
    ],
  };
}

function driftChart(
  title: string,
  label: string,
  column: 'p95Micros' | 'heapUsedBytes',
  drift: Drift,
  points: PointStore,
  format: (value: number) => string,
  axis: (value: number) => string,
): Plot {
  const values = points.column(column);
  const trend = points.seconds.map((seconds) => drift.start + (drift.slopePerHour * seconds) / 3600);
  const lines = [
    [label, values],
    ['trend', trend],
  ] as const;
  const plot = new Plot({
    ...overTime(title, lines, points, format, axis),
    height: 160,
    lines: [
      { label, colour: column === 'heapUsedBytes' ? 'green' : 'blue', format },
      { label: 'trend', colour: 'red', dash: [7, 3], width: 2, format },
    ],
    summary: () =>
      `${title}: ${formatSigned(drift.slopePerHour, format)} per hour, ${drift.drifts ? 'it drifts' : 'steady'}`,
  });
  plot.setData(points.seconds, [values, trend]);
  return plot;
}

function leakTable(leaks: readonly LeakSuspect[]): HTMLElement {
  if (leaks.length === 0)
    return nothing('Allocations were not sampled: turn on "throughline.capture.heap" to see them.');
  return dataTable({
    caption: 'Where the objects that stayed were allocated',
    head: ['Function', 'Place', 'Stayed', 'Share'],
    texts: [1],
    rows: leaks.map(({ functionName, place, bytes, share }) => ({
      cells: [
        functionName,
        place ? `${place.file.replace(/^.*[\\/]/u, '')}:${place.line}` : '–',
        formatBytes(bytes),
        formatShare(share),
      ],
    })),
  });
}

function overTime(
  title: string,
  lines: readonly (readonly [string, readonly Cell[]])[],
  points: PointStore,
  format: (value: number) => string,
  axis: (value: number) => string,
): Pick<PlotSpec, 'title' | 'x' | 'y' | 'table' | 'resting'> {
  return {
    title,
    x: { name: 'Time', format: formatSecond, axis: formatClock, incrs: TIME_STEPS, from: 0 },
    y: { format: axis },
    table: () => {
      const step = Math.max(1, Math.ceil(points.length / 40));
      const shown = points.seconds.map((_, index) => index).filter((index) => index % step === 0);
      return {
        caption: `${title} over time`,
        head: ['At', ...lines.map(([label]) => label)],
        rows: shown.map((index) => ({
          cells: [
            formatSecond(points.seconds[index]!),
            ...lines.map(([, values]) => {
              const value = values[index];
              return value == null ? 'not measured' : format(value);
            }),
          ],
        })),
      };
    },
    resting: 'none',
  };
}
