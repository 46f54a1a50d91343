import path from 'node:path';
import type { LatencySummary, LoadErrors } from '../engine/model/load';
import { appLines, KIND_NAMES, type Profile } from '../engine/model/profile';
import type { Run } from '../engine/model/run';
import {
  costBasis,
  costFigures,
  formatBytes,
  formatMicros,
  formatMs,
  formatShare,
  profiledRequests,
} from '../engine/model/units';
import { sourceReader } from './sourceCode';
import { approximately, heading, painter, table, type Paint } from './table';

const HOT_LINES = 10;

/** The result for a terminal: load table, hottest lines with their code, hints, warnings. */
export function textReport(run: Run, folder: string, color: boolean): string {
  const paint = painter(color);
  return [
    loadSection(run, paint),
    metricsSection(run, paint),
    linesSection(run, folder, paint),
    heapSection(run, folder, paint),
    hintsSection(run, folder, paint),
    warningsSection(run, paint),
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

function loadSection(run: Run, paint: Paint): string {
  const { load } = run;
  const head = ['', 'requests', 'req/s', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'];
  const seconds = (load.endMicros - load.startMicros) / 1e6;
  const row = (name: string, requests: number, latency: LatencySummary) => [
    name,
    String(requests),
    (requests / seconds).toFixed(0),
    ...[
      latency.p50Micros,
      latency.p90Micros,
      latency.p95Micros,
      latency.p99Micros,
      latency.p999Micros,
      latency.maxMicros,
    ].map(formatMicros),
  ];
  const rows = [row('all', load.requests, load.latency)];
  if (load.routes.length > 1) {
    for (const route of load.routes)
      rows.push(row(`${route.method} ${route.path}`, route.requests, route.latency));
  }
  const errors = errorsText(load.errors);
  return [
    heading(`Load  ${load.connections} connections for ${seconds.toFixed(1)} s on ${load.origin}`, paint),
    table([head, ...rows], paint),
    `errors: ${errors === '' ? 'none' : paint('red', errors)}   Apdex(${load.apdex.targetMs} ms): ${load.apdex.score.toFixed(2)}`,
  ].join('\n');
}

/** Empty where there are none. */
export function errorsText({ byStatus, timeouts, connection }: LoadErrors): string {
  return [
    ...Object.entries(byStatus).map(([status, count]) => `${count} x status ${status}`),
    ...(timeouts > 0 ? [`${timeouts} timeouts`] : []),
    ...(connection > 0 ? [`${connection} connection errors`] : []),
  ].join(', ');
}

export function metricsSection(run: Run, paint: Paint): string {
  const summary = run.metrics?.summary;
  if (!summary) return '';
  return [
    heading('App', paint),
    [
      `CPU ${(summary.cpuCores * 100).toFixed(0)} % of a core`,
      `event loop ${formatShare(summary.eventLoopUtilization)} busy, delay p99 ${formatMs(summary.eventLoopDelayP99Ms)}`,
      `GC ${formatShare(summary.gcShare)}`,
      `heap ${formatBytes(summary.heapUsedMaxBytes)}`,
      `RSS ${formatBytes(summary.rssMaxBytes)}`,
    ].join('   '),
  ].join('\n');
}

export function linesSection(run: Run, folder: string, paint: Paint): string {
  if (run.profile.state !== 'ok') return `${heading('Lines', paint)}\nno profile: ${run.profile.reason}`;
  const { profile } = run.profile;
  const basis = costBasis(run);
  const code = sourceReader(profile);
  const own = appLines(profile).slice(0, HOT_LINES);
  if (own.length === 0 && profile.lines.length === 0 && profile.functions.length > 0) {
    return functionsSection(run, profile, folder, paint);
  }
  if (own.length === 0) {
    return `${heading('Hottest lines', paint)}\nno line of the app's own code was sampled: it spends its time in its dependencies, in Node or waiting`;
  }
  const rows = own.map((line) => {
    const figures = costFigures(line, basis);
    const self = approximately(line.selfSamples);
    return [
      self + formatShare(figures.selfShare),
      approximately(line.totalSamples) + formatShare(figures.totalShare),
      figures.selfMsPerRequest === undefined ? '-' : self + formatMs(figures.selfMsPerRequest),
      String(line.selfSamples),
      `${path.relative(folder, line.file)}:${line.line}`,
      profile.frames[line.frame]?.functionName ?? '',
      code(line.file, line.line)?.trim().slice(0, 72) ?? '(changed since it was measured)',
    ];
  });
  const uncertain =
    profile.totals.uncertainMicros / Math.max(1, profile.totals.activeMicros) >= 0.01
      ? `\n${formatShare(profile.totals.uncertainMicros / profile.totals.activeMicros)} of the time belongs to inlined code whose place is uncertain; it is on no line.`
      : '';
  return [
    heading('Hottest lines', paint),
    table([['self', 'total', 'self/req', 'samples', 'place', 'function', 'code'], ...rows], paint, 4),
    uncertain,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Of captures that know functions, but no lines. */
function functionsSection(run: Run, profile: Profile, folder: string, paint: Paint): string {
  const basis = costBasis(run);
  const rows = profile.functions.slice(0, HOT_LINES).map((cost) => {
    const figures = costFigures(cost, basis);
    const self = approximately(cost.selfSamples);
    const { functionName, kind, source } = profile.frames[cost.frame]!;
    return [
      self + formatShare(figures.selfShare),
      approximately(cost.totalSamples) + formatShare(figures.totalShare),
      figures.selfMsPerRequest === undefined ? '-' : self + formatMs(figures.selfMsPerRequest),
      String(cost.selfSamples),
      functionName,
      source ? `${path.relative(folder, source.file)}:${source.line}` : KIND_NAMES[kind],
    ];
  });
  return [
    heading('Hottest functions', paint),
    table([['self', 'total', 'self/req', 'samples', 'function', 'place'], ...rows], paint, 4),
  ].join('\n');
}

/** Where the app allocates, where that was sampled. */
export function heapSection(run: Run, folder: string, paint: Paint): string {
  const { heap } = run;
  if (!heap) return '';
  const title = heading('Allocations', paint);
  if (heap.state === 'none') return `${title}\nnone recorded: ${heap.reason}`;
  const { profile } = heap;
  const all = Math.max(1, profile.totals.activeMicros);
  const requests = profiledRequests(run);
  const rows = appLines(profile)
    .filter(({ selfMicros }) => selfMicros > 0)
    .slice(0, HOT_LINES)
    .map((line) => [
      approximately(line.selfSamples) + formatShare(line.selfMicros / all),
      requests > 0 ? formatBytes(line.selfMicros / requests) : '-',
      String(line.selfSamples),
      `${path.relative(folder, line.file)}:${line.line}`,
      profile.frames[line.frame]?.functionName ?? '',
    ]);
  if (rows.length === 0) return `${title}\nno allocation by the app's own code was sampled`;
  return [title, table([['self', 'bytes/req', 'samples', 'place', 'function'], ...rows], paint, 3)].join(
    '\n',
  );
}

export function hintsSection(run: Run, folder: string, paint: Paint): string {
  if (run.hints.length === 0)
    return `${heading('Hints', paint)}\nnone: no rule found anything worth acting on`;
  const lines = run.hints.flatMap((hint) => {
    const place = hint.place ? `  ${path.relative(folder, hint.place.file)}:${hint.place.line}` : '';
    return [
      `${paint(hint.severity === 'info' ? 'cyan' : 'yellow', hint.rule)}  ${paint('bold', hint.title)}${paint('dim', place)}`,
      `  ${hint.message}`,
      `  ${paint('dim', 'next:')} ${hint.nextStep}`,
    ];
  });
  return [heading('Hints', paint), ...lines].join('\n');
}

export function warningsSection(run: Run, paint: Paint): string {
  if (run.warnings.length === 0) return '';
  return [heading('Read with care', paint), ...run.warnings.map((warning) => `- ${warning}`)].join('\n');
}
