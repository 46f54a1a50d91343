import { formatMicros, formatShare } from '../../engine/model/units';
import { isMeasured, quantileName } from '../../engine/model/percentiles';
import type { LatencySummary } from '../../engine/model/load';
import { formatCount } from '../ui/text';
import type { Distribution, Point } from './distribution';
import { formatMicrosShort } from './figures';
import { drawHatch } from './marks';
import { Plot } from './plot';

const HEIGHT = 220;

/** How many requests took how long, by the logarithm of the time. */
export function histogramChart({ bins, total }: Distribution): Plot {
  const mode = bins.reduce((most, bin) => (bin.count > most.count ? bin : most));
  const text = (micros: number) => formatMicros(micros);
  const plot = new Plot({
    title: 'Histogram',
    height: HEIGHT,
    lines: [{ label: 'requests', colour: 'blue', as: 'bars', format: (count) => formatCount(count) }],
    x: {
      name: 'Response time',
      format: (at) => text(10 ** at),
      axis: (at) => formatMicrosShort(10 ** at),
      splits: logSplits,
      pad: bins.length > 0 ? Math.log10(bins[0]!.toMicros / bins[0]!.fromMicros) / 2 : 0,
    },
    y: { format: (count) => formatCount(count) },
    table: () => ({
      caption: 'Requests by response time',
      head: ['From', 'To', 'Requests', 'Share'],
      rows: bins
        .filter(({ count }) => count > 0)
        .map(({ fromMicros, toMicros, count }) => ({
          cells: [text(fromMicros), text(toMicros), formatCount(count), formatShare(count / total)],
        })),
    }),
    summary: () =>
      `Histogram of ${formatCount(total)} response times from ${text(bins[0]!.fromMicros)} to ` +
      `${text(bins.at(-1)!.toMicros)}, most of them between ${text(mode.fromMicros)} and ${text(mode.toMicros)}`,
    resting: 'none',
  });
  plot.setData(
    bins.map(({ fromMicros, toMicros }) => Math.log10(Math.sqrt(fromMicros * toMicros))),
    [bins.map(({ count }) => count)],
  );
  return plot;
}

/** As HdrHistogram draws it: each step to the right is ten times rarer. Ends where nothing was measured. */
export function percentileChart({ curve, spoken }: Distribution, latency: LatencySummary): Plot {
  const end = nines(curve.at(-1)?.quantile ?? 0.9);
  const measured = curve.map(({ quantile, micros }) => (isMeasured(latency, quantile) ? micros : null));
  const limit = latency.measuredTo;
  const plot = new Plot({
    title: 'Percentiles',
    height: HEIGHT,
    lines: [{ label: 'response time', colour: 'yellow', width: 2, format: (micros) => formatMicros(micros) }],
    x: {
      name: 'Percentile',
      format: (at) => quantileName(1 - 10 ** -at),
      axis: (at) => quantileName(1 - 10 ** -at),
      splits: (_, max) => [Math.log10(2), ...[1, 2, 3, 4, 5, 6, 7].filter((nine) => nine <= max)],
    },
    y: { format: formatMicrosShort, log: true },
    under: (chart, colours) => {
      if (limit !== undefined && limit < 1) drawHatch(chart, nines(limit), end, colours.dim);
    },
    table: () => ({
      caption: 'Response time by percentile',
      head: ['Percentile', 'Response time'],
      rows: spoken.map((point) => ({ cells: [quantileName(point.quantile), told(point, latency)] })),
    }),
    summary: () =>
      `Percentiles of response time: ${spoken
        .map((point) => `${quantileName(point.quantile)} ${told(point, latency)}`)
        .join(', ')}`,
    resting: 'none',
  });
  plot.setData(
    curve.map(({ quantile }) => nines(quantile)),
    [measured],
  );
  return plot;
}

/** 0 of 0, 1 of 0.9, 2 of 0.99. */
function nines(quantile: number): number {
  return -Math.log10(1 - Math.min(quantile, 1 - 1e-9));
}

function told({ quantile, micros }: Point, latency: LatencySummary): string {
  return isMeasured(latency, quantile) ? formatMicros(micros) : 'not measured';
}

/** Whole powers of ten; with few of them, also their double and fivefold. */
function logSplits(min: number, max: number): number[] {
  const steps = max - min < 2.5 ? [1, 2, 5] : [1];
  const found: number[] = [];
  for (let power = Math.floor(min); power <= Math.ceil(max); power++) {
    for (const step of steps) {
      const at = power + Math.log10(step);
      if (at >= min && at <= max) found.push(at);
    }
  }
  return found;
}
