import { formatMs, formatPerRequest, formatShare, formatValue } from '../engine/model/units';
import type { Difference, FunctionDifference, LineDifference } from '../engine/runs/compare';
import type { Comparison, Side } from './diffSides';
import { heading, painter, plainText, table, type Paint } from './table';

const ROWS = 12;

/** The comparison for a terminal: both sides, then what grew and shrank most. */
export function diffReport(compared: Comparison, color: boolean): string {
  const paint = painter(color);
  return [
    sides(compared, paint),
    section('Functions that changed', compared.functions, compared, paint, (item) => [
      item.functionName,
      item.file === '' ? '' : item.line > 0 ? `${item.file}:${item.line}` : item.file,
    ]),
    section('Lines that changed', compared.lines, compared, paint, (item) => [`${item.file}:${item.line}`]),
    nothingChanged(compared),
    changedFiles(compared, paint),
    warnings(compared, paint),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function sides(compared: Comparison, paint: Paint): string {
  const row = (title: string, { name, profile, basis }: Side) => [
    title,
    formatValue(profile.totals.activeMicros, basis),
    formatPerRequest(profile.totals.activeMicros, basis) ?? '-',
    String(profile.totals.samples),
    name,
  ];
  const how = compared.per === 'request' ? 'per request' : 'as shares of each whole';
  return [
    heading(`${compared.unit}, compared ${how}`, paint),
    table(
      [
        ['', 'in all', 'per request', 'samples', 'profile'],
        row('before', compared.before),
        row('after', compared.after),
      ],
      paint,
      4,
    ),
  ].join('\n');
}

function section<T extends FunctionDifference | LineDifference>(
  title: string,
  all: readonly T[],
  compared: Comparison,
  paint: Paint,
  place: (item: T) => string[],
): string {
  const changed = all.filter(({ change }) => change !== 0).slice(0, ROWS);
  if (changed.length === 0) return '';
  const rows = changed.map((item) => {
    const mark = item.uncertain ? '~' : '';
    return [
      mark + amount(item.before, compared),
      mark + amount(item.after, compared),
      mark + changeText(item, compared),
      item.ratio === undefined ? 'new' : item.after === 0 ? 'gone' : `${item.ratio.toFixed(2)}x`,
      `${item.samplesBefore}/${item.samplesAfter}`,
      ...place(item),
    ];
  });
  const head = ['before', 'after', 'change', 'ratio', 'samples', 'place'];
  return [heading(title, paint), table([head, ...rows], paint, 5)].join('\n');
}

function nothingChanged({ functions, lines }: Comparison): string {
  const hasChanged = [...functions, ...lines].some(({ change }) => change !== 0);
  return hasChanged ? '' : 'No function and no line changed.';
}

function changeText({ change }: Difference, compared: Comparison): string {
  return `${change < 0 ? '-' : '+'}${amount(Math.abs(change), compared)}`;
}

/** @param value as `compareProfiles` gives it. */
function amount(value: number, { per, unit, after }: Comparison): string {
  if (per === 'share') return formatShare(value);
  return unit === 'CPU time' ? formatMs(value) : formatValue(value, after.basis);
}

function changedFiles({ changedFiles: files }: Comparison, paint: Paint): string {
  if (files.length === 0) return '';
  const more = files.length > 10 ? ` and ${files.length - 10} more` : '';
  return [
    heading('Changed files', paint),
    plainText(`their lines are not compared: ${files.slice(0, 10).join(', ')}${more}`),
  ].join('\n');
}

function warnings({ before, after }: Comparison, paint: Paint): string {
  const all = [
    ...before.warnings.map((warning) => `- before: ${warning}`),
    ...after.warnings.map((warning) => `- after: ${warning}`),
  ];
  return all.length === 0 ? '' : [heading('Read with care', paint), ...all.map(plainText)].join('\n');
}
