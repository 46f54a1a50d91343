import { errorCount, type LatencySummary, type RouteResult } from '../engine/model/load';
import type { TestKind } from '../engine/model/loadTest';
import type { LoadTestResult, StressResult, Verdict } from '../engine/model/loadTestResult';
import { formatPercentile, longest, percentile, QUANTILES, quantileName } from '../engine/model/percentiles';
import type { Run } from '../engine/model/run';
import type { ThresholdResult } from '../engine/model/thresholds';
import { formatMicros, formatMs, formatShare } from '../engine/model/units';
import {
  errorsText,
  hintsSection,
  heapSection,
  linesSection,
  metricsSection,
  warningsSection,
} from './report';
import { heading, painter, plainText, table, type Paint } from './table';

/** A load test for a terminal: verdict, thresholds, checks, figures, schedule, hottest lines, what may mislead. */
export function loadTestReport(run: Run, folder: string, color: boolean): string {
  const paint = painter(color);
  const { loadTest } = run;
  if (!loadTest) throw new TypeError('The run is of no load test.');
  const isProfiled = run.capture?.cpu === true;
  return [
    verdictSection(loadTest, paint),
    outputSection(loadTest, paint),
    thresholdsSection(loadTest, paint),
    checksSection(loadTest, paint),
    trialsSection(loadTest, paint),
    loadSection(run, paint),
    scheduleSection(run, paint),
    metricsSection(run, paint),
    isProfiled ? linesSection(run, folder, paint) : '',
    heapSection(run, folder, paint),
    run.hints.length > 0 ? hintsSection(run, folder, paint) : '',
    misleadingSection(loadTest, paint),
    warningsSection(run, paint),
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

const MARKS = { pass: '✓', fail: '✗', inconclusive: '?' } as const;
const COLOURS = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;

function mark(state: Verdict['state'], paint: Paint): string {
  return paint(COLOURS[state], MARKS[state]);
}

function verdictSection({ name, kind, verdict, abortedBy, lost }: LoadTestResult, paint: Paint): string {
  const title = `${mark(verdict.state, paint)} ${paint(['bold', COLOURS[verdict.state]], verdict.state)}`;
  return [
    `${title}  ${paint('bold', plainText(verdict.sentence))}`,
    ...(abortedBy === undefined ? [] : [`  Ended early: ${plainText(abortedBy)} was broken.`]),
    // Of tests by thresholds the evidence is what follows, but for how much of them there was.
    ...verdict.evidence
      .slice(0, BY_THRESHOLDS.has(kind) ? (lost ? 1 : 0) : undefined)
      .map((sentence) => `  ${plainText(sentence)}`),
    paint('dim', `  ${kind} test "${plainText(name)}"`),
  ].join('\n');
}

/** What an app printed before it ended under load. */
function outputSection({ lost }: LoadTestResult, paint: Paint): string {
  if (lost?.output === undefined) return '';
  const lines = lost.output.split('\n').map((line) => `  ${plainText(line)}`);
  return [heading('Last output', paint), ...lines].join('\n');
}

const BY_THRESHOLDS: ReadonlySet<TestKind> = new Set(['smoke', 'load']);

function thresholdsSection({ thresholds }: LoadTestResult, paint: Paint): string {
  if (thresholds.length === 0) return '';
  const lines = thresholds.map((result) => {
    const observed = result.observed === undefined ? '' : `  ${observedText(result)}`;
    const reason = result.reason === undefined ? '' : paint('dim', `  ${result.reason}`);
    return `  ${mark(result.state, paint)} ${result.metric}  ${plainText(result.expression)}${observed}${reason}`;
  });
  return [heading('Thresholds', paint), ...lines].join('\n');
}

function observedText({ metric, observed = 0 }: ThresholdResult): string {
  switch (metric) {
    case 'http_req_duration':
      // Of one that was not measured the reason says on which side of this it lies.
      return formatMs(observed);
    case 'http_req_failed':
    case 'checks':
      return formatShare(observed);
    case 'http_reqs':
      return Number.isInteger(observed) ? String(observed) : observed.toFixed(1);
  }
}

function checksSection({ checks }: LoadTestResult, paint: Paint): string {
  if (checks.length === 0) return '';
  const lines = checks.map(({ name, passes, fails }) => {
    const all = passes + fails;
    const share = all === 0 ? 'never made' : formatShare(passes / all);
    const state = all === 0 ? 'inconclusive' : fails === 0 ? 'pass' : 'fail';
    return `  ${mark(state, paint)} ${plainText(name)}  ${share}  ${passes} of ${all}`;
  });
  return [heading('Checks', paint), ...lines].join('\n');
}

function trialsSection({ stress, capacity }: LoadTestResult, paint: Paint): string {
  const found: Pick<StressResult, 'trials' | 'objective'> | undefined = stress ?? capacity;
  if (!found || found.trials.length === 0) return '';
  const head = [
    'model',
    'level',
    'req/s',
    quantileName(found.objective.quantile),
    'failed',
    'windows',
    'decision',
  ];
  const rows = found.trials.map((trial) => [
    trial.model,
    trial.model === 'open' ? `${trial.level.toFixed(0)}/s` : `${trial.level} VUs`,
    trial.throughput.toFixed(0),
    formatMicros(trial.latencyMicros),
    formatShare(trial.errorRate),
    `${trial.windows - trial.discarded} of ${trial.windows}`,
    trial.decision,
  ]);
  return [heading('Trials', paint), table([head, ...rows], paint, 6)].join('\n');
}

function loadSection({ load }: Run, paint: Paint): string {
  const seconds = (load.endMicros - load.startMicros) / 1e6;
  const head = ['', 'requests', 'req/s', ...QUANTILES.map(quantileName), 'max', 'failed'];
  const row = (name: string, requests: number, latency: LatencySummary, failed: string) => [
    name,
    String(requests),
    (requests / seconds).toFixed(seconds > 0 && requests / seconds < 10 ? 1 : 0),
    ...QUANTILES.map((quantile) => formatPercentile(percentile(latency, quantile))),
    formatPercentile(longest(latency)),
    failed,
  ];
  // The same requests as those of the routes: what was completed in the window is told beside them.
  const all = errorCount(load.errors);
  const rows = [row('all', load.latency.count, load.latency, String(all))];
  if (load.routes.length > 1 || load.routes.some(({ name }) => name !== undefined)) {
    for (const route of load.routes)
      rows.push(row(nameOf(route), route.requests, route.latency, String(route.failed ?? '-')));
  }
  const errors = errorsText(load.errors);
  return [
    heading(
      `Load  ${load.model} model, ${seconds.toFixed(1)} s on ${load.origin}, at most ${load.connections} connections (${load.engine})`,
      paint,
    ),
    table([head, ...rows], paint),
    ...(load.model === 'open'
      ? [
          `The requests above were due in this time. Completed in it: ${load.requests}, ${load.throughput.mean.toFixed(1)} requests/s.`,
        ]
      : []),
    `errors: ${errors === '' ? 'none' : paint('red', errors)}   Apdex(${load.apdex.targetMs} ms): ${load.apdex.score.toFixed(2)}`,
  ].join('\n');
}

function nameOf({ name, method, path }: RouteResult): string {
  return name ?? `${method} ${path}`;
}

function scheduleSection({ load: { schedule } }: Run, paint: Paint): string {
  if (!schedule) return '';
  const { intended, started, unstarted, late, interrupted } = schedule;
  const count = (value: number, what: string) =>
    value > 0 ? paint('yellow', `${value} ${what}`) : `0 ${what}`;
  return [
    heading('Schedule', paint),
    [
      `${intended} iterations intended`,
      `${started} started`,
      count(unstarted, 'unstarted'),
      count(late, 'late'),
      count(interrupted, 'cut off'),
      `lag p99 ${formatMicros(schedule.lagP99Micros)}, max ${formatMicros(schedule.lagMaxMicros)}`,
    ].join('   '),
  ].join('\n');
}

function misleadingSection({ misleading }: LoadTestResult, paint: Paint): string {
  if (misleading.length === 0) return '';
  return [
    heading('How this may mislead', paint),
    ...misleading.map((sentence) => `- ${plainText(sentence)}`),
  ].join('\n');
}
