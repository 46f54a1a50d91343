import type { LatencySummary, RouteResult } from '../../engine/model/load';
import type { CheckResult } from '../../engine/model/loadTestResult';
import type { ScheduleResult } from '../../engine/model/loadWindow';
import {
  formatPercentile,
  isMeasured,
  longest,
  percentile,
  quantileName,
  QUANTILES,
  unmeasuredText,
  type Percentile,
} from '../../engine/model/percentiles';
import { scheduleFigures } from '../../engine/model/scheduleFigures';
import type { ThresholdResult } from '../../engine/model/thresholds';
import { formatBytes, formatMs, formatShare } from '../../engine/model/units';
import type { LoadFigures } from '../../protocol/load';
import { h } from '../ui/dom';
import { displayName, formatCount, plural } from '../ui/text';
import { formatMicrosShort, formatNumber, formatObserved, formatRate, formatSecond } from './figures';
import { badge, nothing, section, tiles, warning } from './parts';
import { dataTable } from './table';

/** The figures that are asked for first. */
export function headline({
  throughput,
  requests,
  latency,
  errors,
  apdex,
  seconds,
  bytes,
}: LoadFigures): HTMLElement {
  const failed = errors.reduce((sum, { count }) => sum + count, 0);
  // Those without a reply have no response time.
  const unanswered = errors.filter(({ kind }) => !kind.startsWith('status'));
  const sent = latency.count + unanswered.reduce((sum, { count }) => sum + count, 0);
  return tiles([
    {
      name: 'Throughput',
      value: formatRate(throughput),
      note: `${plural(requests, 'request')} in ${formatSecond(seconds)}`,
    },
    { name: 'p50', value: formatPercentile(percentile(latency, 0.5)) },
    { name: 'p99', value: formatPercentile(percentile(latency, 0.99)) },
    {
      name: 'Failed',
      value: sent > 0 ? formatShare(failed / sent) : '–',
      note: plural(failed, 'request'),
      bad: failed > 0,
    },
    {
      name: 'Apdex',
      value: apdex.score.toFixed(2),
      note: `target ${formatMicrosShort(apdex.targetMs * 1000)}`,
    },
    { name: 'Received', value: formatBytes(bytes) },
  ]);
}

export function thresholds(results: readonly ThresholdResult[]): HTMLElement {
  if (results.length === 0) return section('Thresholds', nothing('The test sets no thresholds.'));
  return section(
    'Thresholds',
    dataTable({
      caption: 'Thresholds',
      head: ['Metric', 'Condition', 'Observed', 'Result'],
      texts: [0, 1, 3],
      rows: results.map((result) => ({
        cells: [
          result.metric,
          h('code', {}, result.expression),
          formatObserved(result),
          h(
            'span',
            { class: 'with-reason' },
            badge(result.state),
            result.reason !== undefined && h('span', { class: 'dim name' }, displayName(result.reason, 300)),
          ),
        ],
      })),
    }),
  );
}

/** With bars to the scale of the longest, so that a long tail shows as one. */
export function percentiles(latency: LatencySummary): HTMLElement {
  const rows: readonly (readonly [string, Percentile])[] = [
    ...QUANTILES.map((quantile) => [quantileName(quantile), percentile(latency, quantile)] as const),
    ['longest', longest(latency)],
  ];
  const most = Math.max(...rows.map(([, of]) => (of.state === 'measured' ? of.micros : 0)));
  const isCut = !isMeasured(latency, 1);
  return h(
    'div',
    {},
    h(
      'table',
      { class: 'bars' },
      h('caption', { class: 'visually-hidden' }, 'Response time by percentile'),
      h(
        'tbody',
        {},
        ...rows.map(([name, of]) => {
          const bar = h('div', { class: of.state === 'notMeasured' ? 'bar hatched' : 'bar' });
          const share =
            of.state === 'measured' && most > 0 ? of.micros / most : of.state === 'notMeasured' ? 1 : 0;
          bar.style.width = `${Math.max(share * 100, share > 0 ? 0.5 : 0)}%`;
          return h(
            'tr',
            {},
            h('th', { scope: 'row', class: 'dim' }, name),
            h('td', { class: 'figure' }, formatPercentile(of)),
            h('td', { class: 'track', 'aria-hidden': 'true' }, bar),
          );
        }),
      ),
    ),
    isCut && h('p', { class: 'dim' }, unmeasuredText(latency)),
  );
}

export function requests(routes: readonly RouteResult[]): HTMLElement {
  if (routes.length === 0) return section('Requests', nothing('No request was told apart from the others.'));
  const all = routes.reduce((sum, route) => sum + route.requests, 0);
  const knowsFailed = routes.some(({ failed }) => failed !== undefined);
  return section(
    'Requests',
    dataTable({
      caption: 'Requests by name; a heading sorts',
      head: [
        'Request',
        'Requests',
        'Share',
        ...(knowsFailed ? ['Failed'] : []),
        ...QUANTILES.map(quantileName),
        'Longest',
      ],
      sortable: true,
      rows: routes.map((route) => {
        const name = route.name ?? `${route.method} ${route.path}`;
        const times = [
          ...QUANTILES.map((quantile) => percentile(route.latency, quantile)),
          longest(route.latency),
        ];
        const failed = route.failed ?? 0;
        return {
          cells: [
            name,
            formatCount(route.requests),
            formatShare(all > 0 ? route.requests / all : 0),
            ...(knowsFailed
              ? [
                  failed === 0
                    ? '0'
                    : `${formatCount(failed)} (${formatShare(failed / Math.max(route.requests, failed))})`,
                ]
              : []),
            ...times.map(formatPercentile),
          ],
          order: [
            name,
            route.requests,
            route.requests,
            ...(knowsFailed ? [failed] : []),
            // Beyond what was measured is longer than all that was.
            ...times.map((of) => (of.state === 'none' ? -1 : of.state === 'measured' ? of.micros : Infinity)),
          ],
        };
      }),
    }),
  );
}

export function checks(results: readonly CheckResult[]): HTMLElement {
  if (results.length === 0) return section('Checks', nothing('The test checks no replies.'));
  return section(
    'Checks',
    dataTable({
      caption: 'Checks of replies',
      head: ['Check', 'Result', 'Passed', 'Failed', 'Share passed'],
      texts: [1],
      rows: results.map(({ name, passes, fails }) => ({
        cells: [
          name,
          passes + fails === 0 ? 'never made' : badge(fails === 0 ? 'pass' : 'fail'),
          formatCount(passes),
          formatCount(fails),
          passes + fails > 0 ? formatShare(passes / (passes + fails)) : '–',
        ],
      })),
    }),
  );
}

export function errors({ errors: kinds, redirectsRefused = 0 }: LoadFigures): HTMLElement {
  const redirects =
    redirectsRefused > 0 &&
    nothing(
      `${plural(redirectsRefused, 'redirect')} not followed: to another origin, or more than were allowed.`,
    );
  if (kinds.length === 0) return section('Errors', nothing('No request failed.'), redirects);
  return section(
    'Errors',
    redirects,
    dataTable({
      caption: 'Errors by kind',
      head: ['Kind', 'Requests'],
      rows: kinds.map(({ kind, count }) => ({ cells: [kind, formatCount(count)] })),
    }),
  );
}

/** Whether the load that was asked for is the load that was sent. */
export function schedule(of: ScheduleResult): HTMLElement {
  return section(
    'Schedule',
    tiles(
      scheduleFigures(of).map(({ isBad, ...figure }) => ({
        ...figure,
        ...(isBad !== undefined && { bad: isBad }),
      })),
    ),
  );
}

export function generator({ generator: of, engine, model, connections }: LoadFigures): HTMLElement {
  return section(
    'Load generator',
    of.saturated && warning('The generator was the bottleneck: the app may be faster than measured.'),
    tiles([
      { name: 'Engine', value: engine, note: model === 'open' ? 'open model' : 'closed model' },
      { name: 'Connections', value: formatNumber(connections), note: 'at most' },
      { name: 'CPU', value: formatShare(of.cpuShare), note: 'of a core', bad: of.saturated },
      {
        name: 'Event loop',
        value: formatShare(of.eventLoopUtilization),
        note: `delay p99 ${formatMs(of.eventLoopDelayP99Ms)}`,
      },
    ]),
  );
}
