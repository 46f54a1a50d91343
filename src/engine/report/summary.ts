import { errorCount, type LoadErrors } from '../model/load';
import { executorText } from '../model/executorText';
import {
  formatMicrosShort,
  formatNumber,
  formatObserved,
  formatRate,
  formatSecond,
} from '../model/loadFigures';
import { KIND_NAMES, STATE_NAMES } from '../model/loadWords';
import type { LoadTestResult } from '../model/loadTestResult';
import { formatPercentile, longest, percentile, quantileName, QUANTILES } from '../model/percentiles';
import type { Run } from '../model/run';
import { scheduleFigures } from '../model/scheduleFigures';
import { formatCount, plural } from '../model/text';
import { formatBytes, formatMicros, formatMs, formatShare } from '../model/units';
import { paragraph, type Block, type Figure, type Inline, type Section, type Text } from './document';
import { baseName } from './places';

/** What was run, with what, when and where. */
export function whatWasRun(run: Run, test: LoadTestResult): Section {
  const { load, target, environment: machine } = run;
  const seconds = (load.endMicros - load.startMicros) / 1e6;
  const { worstWindow: worst, timeline } = test;
  const sinceStart = (micros: number) => formatSecond((micros - timeline.startMicros) / 1e6);
  const rows: (readonly [string, Text])[] = [
    ['Test', `${test.name} (${KIND_NAMES[test.kind].toLowerCase()})`],
    ...(test.file === undefined ? [] : [['File', { code: test.file }] as const]),
    ...(test.executor ? [['Load', loadText(test.executor)] as const] : []),
    ['Engine', engineText(run, test)],
    ['Target', [{ code: load.origin }, ...startedBy(run)]],
    ['Measured', `${formatSecond(seconds)} from ${formatTime(run.createdAt)}`],
    ...(worst
      ? [
          [
            'Worst window',
            `${sinceStart(worst.startMicros)} to ${sinceStart(worst.endMicros)} of the test, p99 ${formatMicros(worst.p99Micros)}`,
          ] as const,
        ]
      : []),
    [
      'Machine',
      `${machine.cpuModel}, ${plural(machine.cores, 'core')}, ${formatBytes(machine.memoryBytes)}, ${machine.platform} ${machine.arch}`,
    ],
    ...(target.nodeVersion === undefined ? [] : [['Node.js', target.nodeVersion] as const]),
    ['Run', { code: run.id }],
  ];
  return { title: 'What was run', blocks: [{ type: 'facts', rows }] };
}

function loadText(executor: NonNullable<LoadTestResult['executor']>): Text {
  return [{ code: executor.executor }, `: ${executorText(executor)}`];
}

function engineText({ load }: Run, { importedFrom }: LoadTestResult): string {
  const model = load.model === 'open' ? 'open model' : 'closed model';
  const by = importedFrom === undefined ? load.engine : `measured by ${importedFrom}, imported`;
  return `${by}, ${model}, at most ${plural(load.connections, 'connection')}`;
}

function startedBy({ target }: Run): Inline[] {
  if (target.label === target.origin) return [];
  const folder = target.folder === undefined ? '' : ` in ${baseName(target.folder)}`;
  return [', ', { code: target.label }, folder];
}

/** `2026-11-21 08:15 UTC`: a report is read in other time zones than it was made in. */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The figures that are asked for first. */
export function headline({ load }: Run): Section {
  const failed = errorCount(load.errors);
  // Those without a reply have no response time.
  const sent = load.latency.count + load.errors.timeouts + load.errors.connection;
  const figures: Figure[] = [
    {
      name: 'Throughput',
      value: formatRate(load.throughput.mean),
      note: plural(load.requests, 'request'),
    },
    { name: 'p50', value: formatPercentile(percentile(load.latency, 0.5)) },
    { name: 'p99', value: formatPercentile(percentile(load.latency, 0.99)) },
    {
      name: 'Failed',
      value: sent > 0 ? formatShare(failed / sent) : '–',
      note: plural(failed, 'request'),
      isBad: failed > 0,
    },
    {
      name: 'Apdex',
      value: load.apdex.score.toFixed(2),
      note: `target ${formatMicrosShort(load.apdex.targetMs * 1000)}`,
    },
    { name: 'Received', value: formatBytes(load.bytes) },
  ];
  return { title: 'In short', blocks: [{ type: 'figures', figures }] };
}

export function thresholds({ thresholds: results }: LoadTestResult): Section {
  const title = 'Thresholds';
  if (results.length === 0) return { title, blocks: [paragraph('The test sets no thresholds.')] };
  return {
    title,
    blocks: [
      {
        type: 'table',
        table: {
          caption: 'Conditions that the test sets',
          head: ['Metric', 'Condition', 'Observed', 'Result'],
          texts: [1, 3],
          rows: results.map((result) => [
            { code: result.metric },
            { code: result.expression },
            formatObserved(result),
            [
              { state: result.state, text: STATE_NAMES[result.state] },
              result.reason === undefined ? '' : `: ${result.reason}`,
            ],
          ]),
        },
      },
    ],
  };
}

/** What the test itself found, and what the run did. */
export function misleading({ warnings }: Run, { misleading: sentences, abortedBy }: LoadTestResult): Section {
  const items = [
    ...(abortedBy === undefined ? [] : [`The threshold ${abortedBy} ended the test early.`]),
    ...new Set([...sentences, ...warnings]),
  ];
  return {
    title: 'How this may mislead',
    blocks: [
      items.length > 0
        ? { type: 'list', items, isWarning: true }
        : paragraph('Nothing was found that would make these figures mislead.'),
    ],
  };
}

export function requests({ load: { routes } }: Run): Section {
  const title = 'Requests';
  if (routes.length === 0) {
    return { title, blocks: [paragraph('No request was told apart from the others.')] };
  }
  const all = routes.reduce((sum, route) => sum + route.requests, 0);
  const knowsFailed = routes.some(({ failed }) => failed !== undefined);
  return {
    title,
    blocks: [
      {
        type: 'table',
        table: {
          caption: 'Requests by name',
          head: [
            'Request',
            'Requests',
            'Share',
            ...(knowsFailed ? ['Failed'] : []),
            ...QUANTILES.map(quantileName),
            'Longest',
          ],
          rows: routes.map(({ name, method, path, requests: count, failed, latency }) => [
            name ?? { code: `${method} ${path}` },
            formatCount(count),
            formatShare(all > 0 ? count / all : 0),
            ...(knowsFailed ? [failed === undefined ? 'not known' : formatCount(failed)] : []),
            ...QUANTILES.map((quantile) => formatPercentile(percentile(latency, quantile))),
            formatPercentile(longest(latency)),
          ]),
        },
      },
    ],
  };
}

export function checks({ checks: results }: LoadTestResult): Section {
  const title = 'Checks';
  if (results.length === 0) return { title, blocks: [paragraph('The test checks no replies.')] };
  return {
    title,
    blocks: [
      {
        type: 'table',
        table: {
          caption: 'Checks of replies',
          head: ['Check', 'Result', 'Passed', 'Failed', 'Share passed'],
          texts: [1],
          rows: results.map(({ name, passes, fails }) => {
            const made = passes + fails;
            const state = fails === 0 ? 'pass' : 'fail';
            return [
              name,
              made === 0 ? 'never made' : { state, text: STATE_NAMES[state] },
              formatCount(passes),
              formatCount(fails),
              made === 0 ? '–' : formatShare(passes / made),
            ];
          }),
        },
      },
    ],
  };
}

export function errors({ load }: Run): Section {
  const title = 'Errors';
  const refused = load.redirectsRefused ?? 0;
  const redirects: Block[] =
    refused > 0
      ? [
          paragraph(
            `${plural(refused, 'redirect')} not followed: to another origin, or more than were allowed.`,
          ),
        ]
      : [];
  const rows = errorRows(load.errors);
  if (rows.length === 0) return { title, blocks: [paragraph('No request failed.'), ...redirects] };
  const table = { caption: 'Errors by kind', head: ['Kind', 'Requests'], rows };
  return { title, blocks: [...redirects, { type: 'table', table }] };
}

function errorRows({ byStatus, timeouts, connection }: LoadErrors): string[][] {
  return [
    ...Object.entries(byStatus).map(([status, count]) => [`status ${status}`, formatCount(count)]),
    ...(timeouts > 0 ? [['timeouts', formatCount(timeouts)]] : []),
    ...(connection > 0 ? [['connections', formatCount(connection)]] : []),
  ];
}

/** Whether the load that was asked for is the load that was sent; undefined of closed models. */
export function schedule({ load: { schedule: of } }: Run): Section | undefined {
  if (!of) return undefined;
  const figures = scheduleFigures(of).map((figure) =>
    figure.name === 'Intended' ? { ...figure, note: 'iterations' } : figure,
  );
  return { title: 'Schedule', blocks: [{ type: 'figures', figures }] };
}

/** Of the machine that sent the load, and of the app as the agent saw it. */
export function health({ load: { generator: of }, metrics }: Run): Section[] {
  const generator: Section = {
    title: 'Load generator',
    blocks: [
      ...(of.saturated
        ? [
            {
              type: 'list',
              items: ['The generator was the bottleneck: the app may be faster than measured.'],
              isWarning: true,
            } as const,
          ]
        : []),
      {
        type: 'figures',
        figures: [
          { name: 'CPU', value: formatShare(of.cpuShare), note: 'of a core', isBad: of.saturated },
          { name: 'Event loop', value: formatShare(of.eventLoopUtilization), note: 'in use' },
          { name: 'Event loop delay p99', value: formatMs(of.eventLoopDelayP99Ms) },
        ],
      },
    ],
  };
  if (!metrics) return [generator];
  const app = metrics.summary;
  const figures: Figure[] = [
    {
      name: 'CPU',
      value: `${formatNumber(app.cpuCores)} ${app.cpuCores === 1 ? 'core' : 'cores'}`,
      note: `of ${app.coresAvailable}`,
    },
    {
      name: 'Event loop',
      value: formatShare(app.eventLoopUtilization),
      note: `delay p99 ${formatMs(app.eventLoopDelayP99Ms)}`,
    },
    {
      name: 'Garbage collection',
      value: formatShare(app.gcShare),
      note: `${formatCount(app.gcMajorCount)} major`,
    },
    { name: 'Heap in use', value: formatBytes(app.heapUsedMaxBytes), note: 'at most' },
    { name: 'Resident memory', value: formatBytes(app.rssMaxBytes), note: 'at most' },
  ];
  return [{ title: 'App', blocks: [{ type: 'figures', figures }] }, generator];
}
