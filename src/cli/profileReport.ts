import {
  appLines,
  type Cost,
  type LineCost,
  type MappingReport,
  type Profile,
} from '../engine/model/profile';
import type { ProfileFormat } from '../engine/model/stackProfile';
import { costFigures, formatShare, formatValue, type CostBasis } from '../engine/model/units';
import type { OpenedFile } from './openedFile';
import { relativeTo } from './relativeTo';
import { sourceReader } from './sourceCode';
import { approximately, heading, painter, plainText, table, type Paint } from './table';

const HOT_FUNCTIONS = 15;
const HOT_LINES = 10;
const REASONS = 8;

/** What a format is called. */
const FORMAT_NAMES: Record<ProfileFormat, string> = {
  run: 'run',
  cpuprofile: 'V8 CPU profile',
  heapprofile: 'V8 allocation profile',
  chromeTrace: 'Chrome trace',
  '0x': '0x flamegraph',
  v8log: 'V8 log',
  perfScript: 'perf script',
  collapsed: 'collapsed stacks',
  pprof: 'pprof',
  speedscope: 'speedscope',
};

/** The result for a terminal: what was opened, hottest functions and lines, how much could be placed, warnings. */
export function profileReport(file: OpenedFile, color: boolean): string {
  const paint = painter(color);
  const { opened, costs } = file;
  return [
    summary(file, paint),
    functionsSection(file, paint),
    linesSection(file, paint),
    mappingSection(opened.profile.mapping, paint),
    warningsSection([...opened.profile.warnings, ...uncertain(costs.profile)], paint),
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

function summary({ file, opened, costs }: OpenedFile, paint: Paint): string {
  const { profile, profiles, active } = opened;
  const { totals } = costs.profile;
  const name = profiles.length > 1 ? ` "${profile.name}"` : '';
  const facts = [
    `${formatValue(totals.activeMicros, costs.basis)}${profile.unit === 'micros' ? ' of CPU time' : ''}`,
    ...(costs.basis.sampled === false || profile.unit === 'samples' ? [] : [`${totals.samples} samples`]),
    ...(profile.idle > 0 ? [`${formatValue(profile.idle, costs.basis)} idle`] : []),
    ...(profile.threads.length > 1 ? [`${profile.threads.length} threads`] : []),
  ];
  const others = profiles.map((other, i) => `${i + 1} ${other}`).join(', ');
  return [
    heading(plainText(`${FORMAT_NAMES[profile.format]}${name}  ${file}`), paint),
    facts.join('   '),
    ...(profiles.length > 1 ? [plainText(`with --profile: ${others} (shown: ${active + 1})`)] : []),
  ].join('\n');
}

function functionsSection({ costs: { profile, basis }, folder }: OpenedFile, paint: Paint): string {
  const relative = relativeTo(folder);
  const rows = profile.functions.slice(0, HOT_FUNCTIONS).map((cost) => {
    const frame = profile.frames[cost.frame]!;
    const file = frame.source ? relative(frame.source.file) : frame.generated.url;
    const line = frame.source?.line ?? frame.generated.line;
    return [
      ...figureCells(cost, basis),
      frame.functionName,
      frame.packageName ?? frame.kind,
      file === '' ? '' : line > 0 ? `${file}:${line}` : file,
    ];
  });
  if (rows.length === 0) return `${heading('Hottest functions', paint)}\nthe profile holds no stacks`;
  const head = [...figureHead(basis), 'function', 'of', 'place'];
  return [heading('Hottest functions', paint), table([head, ...rows], paint, head.length - 3)].join('\n');
}

function linesSection({ costs: { profile, basis }, folder }: OpenedFile, paint: Paint): string {
  const relative = relativeTo(folder);
  const code = sourceReader(profile);
  const lines = hottestLines(profile);
  if (lines.length === 0) return '';
  const rows = lines.map((line) => [
    ...figureCells(line, basis),
    `${relative(line.file)}:${line.line}`,
    profile.frames[line.frame]?.functionName ?? '',
    code(line.file, line.line)?.trim().slice(0, 72) ?? '(changed since it was recorded)',
  ]);
  const head = [...figureHead(basis), 'place', 'function', 'code'];
  return [heading('Hottest lines', paint), table([head, ...rows], paint, head.length - 3)].join('\n');
}

/** The app's own; of a profile that has none, all. */
function hottestLines(profile: Profile): readonly LineCost[] {
  const own = appLines(profile);
  return (own.length > 0 ? own : profile.lines).slice(0, HOT_LINES);
}

function figureHead(basis: CostBasis): string[] {
  return ['self', 'total', 'self', 'total', ...(basis.sampled === false ? [] : ['samples'])];
}

function figureCells(cost: Cost, basis: CostBasis): string[] {
  const figures = costFigures(cost, basis);
  const sampled = basis.sampled !== false;
  const self = sampled ? approximately(cost.selfSamples) : '';
  const total = sampled ? approximately(cost.totalSamples) : '';
  return [
    self + formatShare(figures.selfShare),
    total + formatShare(figures.totalShare),
    self + formatValue(cost.selfMicros, basis),
    total + formatValue(cost.totalMicros, basis),
    ...(sampled ? [String(cost.selfSamples)] : []),
  ];
}

function mappingSection(mapping: MappingReport | undefined, paint: Paint): string {
  if (mapping === undefined || mapping.framesWithMap === 0) return '';
  const files = new Map<string, string[]>();
  for (const { url, reason } of mapping.failures) files.set(reason, [...(files.get(reason) ?? []), url]);
  const reasons = [...files].sort((a, b) => b[1].length - a[1].length);
  return [
    heading('Sources', paint),
    `mapped ${mapping.framesMapped} of ${mapping.framesWithMap} functions that name a file`,
    ...reasons
      .slice(0, REASONS)
      .map(([reason, urls]) =>
        plainText(
          `- ${reason}: ${urls.slice(0, 3).join(', ')}${urls.length > 3 ? ` and ${urls.length - 3} more` : ''}`,
        ),
      ),
    ...(reasons.length > REASONS ? [`- and ${reasons.length - REASONS} other reasons`] : []),
  ].join('\n');
}

function uncertain({ totals }: Profile): string[] {
  const few = totals.samples > 0 && totals.samples < 100;
  return few ? [`The profile holds only ${totals.samples} samples: small differences are chance.`] : [];
}

function warningsSection(warnings: readonly string[], paint: Paint): string {
  if (warnings.length === 0) return '';
  return [heading('Read with care', paint), ...warnings.map((warning) => plainText(`- ${warning}`))].join(
    '\n',
  );
}
