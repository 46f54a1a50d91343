import { KIND_NAMES } from '../../model/profile';
import { FRAME_KINDS, type StackProfile, type StackTree } from '../../model/stackProfile';
import {
  type CostBasis,
  formatCounted,
  formatMicros,
  formatShare,
  formatValue,
  valueName,
} from '../../model/units';
import type { ExportedLine, ExportedView } from './exportProfile';
import { framePlace, oneLine } from './framePlace';
import { functionValues, heaviestPath, recordedLines, type FunctionValues } from './summaryTables';

const MOST_FUNCTIONS = 20;
const MOST_LINES = 20;
const MOST_PACKAGES = 10;
const MOST_THREADS = 20;
const LONGEST_PATH = 30;
const LONGEST_TEXT = 200;

/** A summary in Markdown for people and language models: totals, functions, lines, the heaviest stack, and warnings. */
export function markdownSummary(profile: StackProfile, tree: StackTree, view: ExportedView = {}): string {
  const values = functionValues(profile, tree, view.inverted === true);
  const { total } = values;
  const basis: CostBasis = {
    activeMicros: total,
    cpuScale: profile.cpuScale,
    requests: profile.requests ?? 0,
    unit: profile.unit,
    ...(profile.unitName !== undefined && { unitName: profile.unitName }),
  };
  const told: Told = { profile, basis, share: (value) => formatShare(total > 0 ? value / total : 0) };
  const isWhole = tree.self === profile.tree.self;
  const lines = view.lines ?? (isWhole ? recordedLines(profile, MOST_LINES) : []);
  return [
    `# Profile ${code(view.title ?? profile.name)}`.trimEnd(),
    overview(told, values, tree),
    ...(profile.warnings.length > 0 ? ['## Warnings', list(profile.warnings.map(plain))] : []),
    `## Functions by own ${plain(valueName(basis))}`,
    functionTable(told, values, values.self),
    `## Functions by ${plain(valueName(basis))} with all they call`,
    functionTable(told, values, values.withCallees),
    ...(lines.length > 0 ? ['## Lines', lineTable(told, lines)] : []),
    ...packages(told, values),
    '## Heaviest stack',
    path(told, tree, view.inverted === true),
    '',
  ].join('\n\n');
}

interface Told {
  readonly profile: StackProfile;
  readonly basis: CostBasis;
  readonly share: (value: number) => string;
}

function overview({ profile, basis }: Told, { total, samples }: FunctionValues, tree: StackTree): string {
  const { threads, mapping } = profile;
  const end = threads.reduce((latest, { endMicros }) => Math.max(latest, endMicros), 0);
  const facts = [
    `Format: ${profile.format}${profile.name === '' ? '' : `, ${code(profile.name)}`}`,
    `Total ${plain(valueName(basis))}: ${plain(formatValue(total, basis))}`,
    ...(profile.idle > 0 ? [`Idle, not part of the total: ${plain(formatValue(profile.idle, basis))}`] : []),
    ...(samples > 0 ? [`Samples: ${formatCounted(samples, '')}`] : []),
    ...(end > 0 && profile.timeline ? [`Duration: ${formatMicros(end)}`] : []),
    ...(profile.requests !== undefined ? [`Requests: ${formatCounted(profile.requests, '')}`] : []),
    ...(profile.startedAtMs !== undefined ? dateOf(profile.startedAtMs) : []),
    `Functions: ${formatCounted(profile.frames.names.length, '')}; distinct stacks: ${formatCounted(tree.parent.length - 1, '')}`,
    ...(threads.length > 1
      ? [
          `Threads: ${threads
            .slice(0, MOST_THREADS)
            .map((thread) => `${code(thread.name)} ${plain(formatValue(thread.total, basis))}`)
            .join(', ')}${threads.length > MOST_THREADS ? ', …' : ''}`,
        ]
      : []),
    ...(mapping
      ? [`Mapped ${mapping.framesMapped} of ${mapping.framesWithMap} functions that name a file to sources`]
      : []),
  ];
  return list(facts);
}

function dateOf(ms: number): string[] {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? [] : [`Recorded: ${date.toISOString()}`];
}

function functionTable(told: Told, values: FunctionValues, by: Float64Array): string {
  const { profile, basis, share } = told;
  const frames = values.frames
    .filter((frame) => by[frame]! > 0)
    .sort((a, b) => by[b]! - by[a]! || a - b)
    .slice(0, MOST_FUNCTIONS);
  if (frames.length === 0) return 'None.';
  const hasSamples = values.samples > 0;
  const rows = [...frames].map((frame) => [
    share(values.self[frame]!),
    plain(formatValue(values.self[frame]!, basis)),
    share(values.withCallees[frame]!),
    ...(hasSamples ? [formatCounted(values.selfSamples[frame]!, '')] : []),
    code(profile.frames.names[frame] ?? ''),
    kindOf(profile, frame),
    placeOf(profile, frame),
  ]);
  return table(
    ['Self', 'Self value', 'Total', ...(hasSamples ? ['Self samples'] : []), 'Function', 'Kind', 'Place'],
    rows,
  );
}

function lineTable({ basis, share }: Told, lines: readonly ExportedLine[]): string {
  return table(
    ['Self', 'Self value', 'Samples', 'Line', 'Function'],
    lines
      .slice(0, MOST_LINES)
      .map(({ file, line, name, value, samples }) => [
        ...[share(value), plain(formatValue(value, basis)), formatCounted(Math.round(samples), '')],
        ...[code(`${file}:${line}`), code(name)],
      ]),
  );
}

function packages({ profile, basis, share }: Told, { self }: FunctionValues): string[] {
  const sums = new Map<string, number>();
  for (let frame = 0; frame < self.length; frame++) {
    const owner = kindOf(profile, frame);
    if (self[frame]! > 0) sums.set(owner, (sums.get(owner) ?? 0) + self[frame]!);
  }
  const rows = [...sums].sort((a, b) => b[1] - a[1]).slice(0, MOST_PACKAGES);
  if (rows.length < 2) return [];
  return [
    '## By owner of the code',
    table(
      ['Self', 'Self value', 'Owner'],
      rows.map(([owner, value]) => [share(value), plain(formatValue(value, basis)), owner]),
    ),
  ];
}

function path({ profile, share }: Told, tree: StackTree, inverted: boolean): string {
  const steps = heaviestPath(tree);
  if (steps.length === 0) return 'None.';
  const shown = steps
    .slice(0, LONGEST_PATH)
    .map(({ frame, total }, at) => `${at + 1}. ${share(total)} ${code(profile.frames.names[frame] ?? '')}`);
  const order = inverted
    ? 'From the function that ran to its callers'
    : 'From the outermost function inwards';
  const more = steps.length > LONGEST_PATH ? `\n\n${steps.length - LONGEST_PATH} more.` : '';
  return `${order}, always to the one of the largest share:\n\n${shown.join('\n')}${more}`;
}

function kindOf({ frames }: StackProfile, frame: number): string {
  const kind = KIND_NAMES[FRAME_KINDS[frames.kinds[frame]!] ?? 'native'];
  const packageName = frames.packages[frames.packageOf[frame]!];
  return packageName === undefined ? kind : code(packageName);
}

function placeOf({ frames }: StackProfile, frame: number): string {
  const place = framePlace(frames, frame);
  if (!place) return '';
  return code(`${place.file}${place.line > 0 ? `:${place.line}` : ''}`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** Text of a profile as a code span, in which nothing is markup; a bar would end a table's cell. */
function code(text: string): string {
  const line = cut(oneLine(text)).replaceAll('`', "'").replaceAll('|', '\\|').trim();
  return line === '' ? '' : `\`${line}\``;
}

function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|#~&!]/gu, '\\$&');
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
