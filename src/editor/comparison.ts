import path from 'node:path';
import type { LatencySummary } from '../engine/model/load';
import { formatPercentile, isMeasured, percentileOf } from '../engine/model/percentiles';
import type { Run } from '../engine/model/run';
import { costBasis, costFigures, formatMicros, formatMs, formatShare } from '../engine/model/units';
import type { Difference, LatencyFigure, RunComparison } from '../engine/runs/compare';
import { appLines } from '../engine/model/profile';
import { runTitle } from '../engine/model/runTitle';

const SHOWN = 15;
const PERCENTILES: readonly [string, keyof LatencySummary & LatencyFigure, number][] = [
  ['p50', 'p50Micros', 0.5],
  ['p90', 'p90Micros', 0.9],
  ['p95', 'p95Micros', 0.95],
  ['p99', 'p99Micros', 0.99],
  ['p99.9', 'p999Micros', 0.999],
  ['max', 'maxMicros', 1],
];

/** Two runs side by side, for a Markdown preview. Facts only: one pair of runs cannot tell a change from chance. */
export function comparisonMarkdown(comparison: RunComparison, before: Run, after: Run): string {
  const figures = [
    row('Throughput (requests/s)', comparison.throughput, (value) => value.toFixed(0)),
    ...PERCENTILES.map(([name, figure, quantile]) =>
      percentileRow(`Latency ${name}`, comparison.latency[figure], quantile, before, after),
    ),
    row('Failed requests', comparison.errors, (value) => value.toFixed(0)),
    ...(comparison.cpuMsPerRequest ? [row('CPU per request', comparison.cpuMsPerRequest, formatMs)] : []),
  ];
  const functions = comparison.functions.slice(0, SHOWN).map((each) => {
    const name = `${code(each.functionName)} ${code(`${each.file}:${each.line}`)}${each.uncertain ? ' (few samples)' : ''}`;
    return row(name, each, formatMs);
  });
  return [
    `# ${escape(title(before))} → ${escape(title(after))}`,
    comparison.unlike.length > 0
      ? `**These runs are not alike**, so a difference may have other causes than the code:\n\n${comparison.unlike.map((reason) => `- ${escape(reason)}`).join('\n')}`
      : 'Same machine, scenario and Node version. One pair of runs cannot tell a small change from chance.',
    table(DIFFERENCE_HEAD, figures),
    ...(functions.length > 0
      ? ['## Own CPU per request, largest change first', table(DIFFERENCE_HEAD, functions)]
      : []),
    ...(comparison.changedFiles.length > 0
      ? [`Changed between the runs: ${comparison.changedFiles.map(code).join(', ')}`]
      : []),
  ].join('\n\n');
}

/** A run's result in short, for a pull request or a chat. */
export function resultMarkdown(run: Run): string {
  const { load } = run;
  const seconds = (load.endMicros - load.startMicros) / 1e6;
  const parts = [
    `**${escape(title(run))}**: ${load.throughput.mean.toFixed(0)} requests/s over ${seconds.toFixed(0)} s with ${load.connections} connections`,
    table(
      ['', ...PERCENTILES.map(([name]) => name)],
      [
        [
          'latency',
          ...PERCENTILES.map(([, figure, quantile]) =>
            formatPercentile(percentileOf(load.latency, quantile, load.latency[figure])),
          ),
        ],
      ],
    ),
  ];
  if (run.profile.state === 'ok') {
    const { profile } = run.profile;
    const basis = costBasis(run);
    const lines = appLines(profile).slice(0, 5);
    const rows = lines.map((line) => {
      const figures = costFigures(line, basis);
      const file = run.target.folder ? path.relative(run.target.folder, line.file) : line.file;
      return [
        code(`${file}:${line.line}`),
        formatShare(figures.selfShare),
        figures.selfMsPerRequest === undefined ? '' : formatMs(figures.selfMsPerRequest),
        String(line.selfSamples),
      ];
    });
    if (rows.length > 0) parts.push(table(['hottest lines', 'self', 'self per request', 'samples'], rows));
  }
  return `${parts.join('\n\n')}\n`;
}

function title(run: Run): string {
  return run.name ?? `${runTitle(run)}, ${run.createdAt.slice(0, 16).replace('T', ' ')} UTC`;
}

const DIFFERENCE_HEAD = ['', 'before', 'after', 'change', 'ratio'];

function row(name: string, difference: Difference, format: (value: number) => string): string[] {
  const sign = difference.change < 0 ? '−' : '+';
  return [
    name,
    format(difference.before),
    format(difference.after),
    difference.change === 0 ? '0' : `${sign}${format(Math.abs(difference.change))}`,
    difference.ratio === undefined ? '' : `${difference.ratio.toFixed(2)}x`,
  ];
}

/** What one of the runs could not measure has neither a change nor a ratio. */
function percentileRow(name: string, found: Difference, quantile: number, before: Run, after: Run): string[] {
  const [first, second] = [before.load.latency, after.load.latency];
  if (isMeasured(first, quantile) && isMeasured(second, quantile)) return row(name, found, formatMicros);
  const text = (latency: LatencySummary, micros: number) =>
    formatPercentile(percentileOf(latency, quantile, micros));
  return [name, text(first, found.before), text(second, found.after), '', ''];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, i) => (i === 0 ? '---' : '---:')));
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** Names come from the measured code: nothing in them may become markup. */
function escape(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '')
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&');
}

function code(text: string): string {
  return `\`${text.replace(/[`|\r\n]+/g, ' ')}\``;
}
