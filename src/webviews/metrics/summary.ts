import { formatPercentile, percentileOf } from '../../engine/model/percentiles';
import { formatBytes, formatMs, formatShare } from '../../engine/model/units';
import type { RunFigures } from '../../protocol/metrics';
import { h, icon } from '../ui/dom';
import { displayName, formatCount, plural } from '../ui/text';

/** The first things to read of a finished run: what it was, how much it served, and what may mislead. */
export function headline(figures: RunFigures): HTMLElement[] {
  return [header(figures), load(figures), ...warnings(figures)];
}

/** What a finished run measured, in sections. */
export function sections(figures: RunFigures): HTMLElement[] {
  return [
    latency(figures),
    ...(figures.errors.length > 0 ? [errors(figures)] : []),
    ...app(figures),
    generator(figures),
  ];
}

function header({ title, createdAt }: RunFigures): HTMLElement {
  const when = new Date(createdAt);
  return h(
    'header',
    {},
    h('h1', { class: 'name' }, displayName(title)),
    h('div', { class: 'dim' }, Number.isNaN(when.getTime()) ? '' : when.toLocaleString()),
  );
}

function warnings(figures: RunFigures): HTMLElement[] {
  return figures.warnings.map((text) =>
    h(
      'p',
      { class: 'warning', role: 'note' },
      icon('warning'),
      h('span', { class: 'name' }, displayName(text, 600)),
    ),
  );
}

function load({ throughput, requests, connections, errors: failed, apdex }: RunFigures): HTMLElement {
  const errorCount = failed.reduce((sum, { count }) => sum + count, 0);
  return h(
    'div',
    { class: 'headline' },
    big('Throughput', formatCount(throughput), 'req/s'),
    big('Apdex', apdex.score.toFixed(2), `T ${formatMs(apdex.targetMs)}`),
    h(
      'p',
      { class: 'dim figure' },
      [
        plural(requests, 'request'),
        plural(connections, 'connection'),
        errorCount > 0 ? plural(errorCount, 'error') : 'no errors',
      ].join(' · '),
    ),
  );
}

function big(title: string, value: string, unit: string): HTMLElement {
  return h(
    'div',
    {},
    h('h2', { class: 'dim' }, title),
    h(
      'div',
      { class: 'now' },
      h('span', { class: 'value figure' }, value),
      ' ',
      h('span', { class: 'unit dim' }, unit),
    ),
  );
}

/** Bars to the scale of the slowest reply, so that a long tail shows as one. */
function latency({ latency: of }: RunFigures): HTMLElement {
  const rows: readonly (readonly [string, number, number])[] = [
    ['p50', of.p50Micros, 0.5],
    ['p90', of.p90Micros, 0.9],
    ['p95', of.p95Micros, 0.95],
    ['p99', of.p99Micros, 0.99],
    ['p99.9', of.p999Micros, 0.999],
    ['max', of.maxMicros, 1],
  ];
  return section(
    'Latency',
    h(
      'table',
      { class: 'bars' },
      h('caption', { class: 'visually-hidden' }, 'Response time by percentile'),
      h(
        'tbody',
        {},
        ...rows.map(([name, micros, quantile]) => {
          const bar = h('div', { class: 'bar' });
          const at = percentileOf(of, quantile, micros);
          const known = of.maxMicros > 0 && at.state === 'measured';
          bar.style.width = `${known ? Math.max((micros / of.maxMicros) * 100, 0.5) : 0}%`;
          return h(
            'tr',
            {},
            h('th', { scope: 'row', class: 'dim' }, name),
            h('td', { class: 'figure' }, formatPercentile(at)),
            h('td', { class: 'track', 'aria-hidden': 'true' }, bar),
          );
        }),
      ),
    ),
  );
}

function errors({ errors: kinds }: RunFigures): HTMLElement {
  return section('Errors', list(kinds.map(({ kind, count }) => [displayName(kind), formatCount(count)])));
}

function app({ process }: RunFigures): HTMLElement[] {
  if (!process) return [];
  return [
    section(
      'App',
      list([
        ['CPU', `${process.cpuCores.toFixed(2)} of ${process.coresAvailable} cores`],
        ['Event loop', `${formatShare(process.eventLoopUtilization)} used`],
        ['Loop delay p99', formatMs(process.eventLoopDelayP99Ms)],
        ['GC', formatShare(process.gcShare)],
        ['Memory peak', formatBytes(process.rssMaxBytes)],
        ['Heap peak', formatBytes(process.heapUsedMaxBytes)],
        ...(process.processes > 1 ? [['Processes', formatCount(process.processes)] as const] : []),
      ]),
    ),
  ];
}

function generator({ generator: of }: RunFigures): HTMLElement {
  return section(
    'Load generator',
    of.saturated &&
      h(
        'p',
        { class: 'warning', role: 'note' },
        icon('warning'),
        h('span', {}, 'The generator was the bottleneck: the app may be faster than measured.'),
      ),
    list([
      ['CPU', `${formatShare(of.cpuShare)} of a core`],
      ['Event loop', `${formatShare(of.eventLoopUtilization)} used`],
      ['Loop delay p99', formatMs(of.eventLoopDelayP99Ms)],
    ]),
  );
}

function section(title: string, ...content: readonly (Node | false)[]): HTMLElement {
  return h('section', { 'aria-label': title }, h('h2', { class: 'section-title' }, title), ...content);
}

function list(rows: readonly (readonly [string, string])[]): HTMLElement {
  return h(
    'dl',
    {},
    ...rows.flatMap(([name, value]) => [
      h('dt', { class: 'dim' }, name),
      h('dd', { class: 'figure' }, value),
    ]),
  );
}
