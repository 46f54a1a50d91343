import { decodeFromCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { readDistribution, type Distribution, type Point } from '../model/distribution';
import type { LatencySummary } from '../model/load';
import { formatMicrosShort } from '../model/loadFigures';
import {
  formatPercentile,
  isMeasured,
  longest,
  percentile,
  quantileName,
  QUANTILES,
  unmeasuredText,
} from '../model/percentiles';
import type { Run } from '../model/run';
import { formatCount } from '../model/text';
import { formatMicros, formatShare } from '../model/units';
import { linearAxis, logAxis } from './axes';
import { paragraph, type Block, type Chart, type Section } from './document';

const HEIGHT = 210;

/** Percentiles, histogram and percentile curve. */
export function responseTimes({ load }: Run): Section {
  const { latency } = load;
  const rows = [
    ...QUANTILES.map((quantile) => [quantileName(quantile), formatPercentile(percentile(latency, quantile))]),
    ['longest', formatPercentile(longest(latency))],
  ];
  const table = {
    caption: 'Response time by percentile',
    head: ['Percentile', 'Response time'],
    rows,
  };
  return {
    title: 'Response time',
    blocks: [
      { type: 'table', table },
      ...(isMeasured(latency, 1) ? [] : [paragraph(unmeasuredText(latency))]),
      distributionBlock(load.histogram, latency),
    ],
  };
}

function distributionBlock(histogram: string, latency: LatencySummary): Block {
  let distribution: Distribution | undefined;
  try {
    distribution = readDistribution(
      histogram,
      (base64) => decodeFromCompressedBase64(base64, 32, false) as JsHistogram,
    );
  } catch {
    return paragraph('The histogram of this run cannot be read.');
  }
  if (!distribution) return paragraph('This run has no histogram.');
  return { type: 'charts', charts: [histogramChart(distribution), curveChart(distribution, latency)] };
}

function histogramChart({ bins, total }: Distribution): Chart {
  const mode = bins.reduce((most, bin) => (bin.count > most.count ? bin : most));
  const x = logAxis(
    bins.flatMap(({ fromMicros, toMicros }) => [fromMicros, toMicros]),
    formatMicrosShort,
    1.02,
  );
  return {
    title: 'Histogram',
    summary:
      `Histogram of ${formatCount(total)} response times from ${formatMicros(bins[0]!.fromMicros)} to ` +
      `${formatMicros(bins.at(-1)!.toMicros)}, most of them between ${formatMicros(mode.fromMicros)} and ${formatMicros(mode.toMicros)}.`,
    table: {
      caption: 'Requests by response time',
      head: ['From', 'To', 'Requests', 'Share'],
      rows: bins
        .filter(({ count }) => count > 0)
        .map(({ fromMicros, toMicros, count }) => [
          formatMicros(fromMicros),
          formatMicros(toMicros),
          formatCount(count),
          formatShare(count / total),
        ]),
    },
    height: HEIGHT,
    x: { ...x, name: 'Response time' },
    y: linearAxis(
      bins.map(({ count }) => count),
      formatCount,
    ),
    series: [
      {
        ...{ label: 'requests', colour: 'blue', as: 'bars' },
        xs: bins.map(({ fromMicros }) => fromMicros),
        ends: bins.map(({ toMicros }) => toMicros),
        ys: bins.map(({ count }) => count),
      },
    ],
    bands: [],
    rules: [],
  };
}

/** As HdrHistogram draws it: each step to the right is ten times rarer. Ends where nothing was measured. */
function curveChart({ curve, spoken }: Distribution, latency: LatencySummary): Chart {
  const end = Math.max(1, nines(curve.at(-1)?.quantile ?? 0.9));
  const measured = curve.map(({ quantile, micros }) => (isMeasured(latency, quantile) ? micros : null));
  const limit = latency.measuredTo;
  const told = ({ quantile, micros }: Point) =>
    isMeasured(latency, quantile) ? formatMicros(micros) : 'not measured';
  return {
    title: 'Percentiles',
    summary: `Percentiles of response time: ${spoken
      .map((point) => `${quantileName(point.quantile)} ${told(point)}`)
      .join(', ')}.`,
    table: {
      caption: 'Response time by percentile, finer',
      head: ['Percentile', 'Response time'],
      rows: spoken.map((point) => [quantileName(point.quantile), told(point)]),
    },
    height: HEIGHT,
    x: {
      ...{ name: 'Percentile', min: 0, max: end, isLog: false },
      ticks: [Math.log10(2), 1, 2, 3, 4, 5, 6, 7]
        .filter((at) => at <= end)
        .map((at) => ({ at, label: quantileName(1 - 10 ** -at) })),
    },
    y: logAxis(measured, formatMicrosShort),
    series: [
      {
        ...{ label: 'response time', colour: 'yellow', as: 'line', width: 2 },
        xs: curve.map(({ quantile }) => nines(quantile)),
        ys: measured,
      },
    ],
    bands:
      limit !== undefined && limit < 1
        ? [{ from: Math.min(nines(limit), end), to: end, colour: 'hatch', label: 'not measured' }]
        : [],
    rules: [],
  };
}

/** 0 of 0, 1 of 0.9, 2 of 0.99. */
function nines(quantile: number): number {
  return -Math.log10(1 - Math.min(quantile, 1 - 1e-9));
}
