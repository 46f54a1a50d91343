import type { Run } from '../model/run';
import { displayName } from '../model/text';
import { reportDocument } from './content';
import type { Block, Chart, Figure, Inline, Table, Text } from './document';
import { inlines, MAX_TEXT, STATE_MARKS, stateWord } from './inline';

/**
 * A load test as GitHub-flavoured Markdown. Charts are sentences, with their tables folded away below them. Names of the
 * app are escaped: none of them is markup. Throws `TypeError` of runs that are of no load test.
 */
export function reportMarkdown(run: Run): string {
  const { title, facts, verdict, sections, footer } = reportDocument(run);
  const word = stateWord(verdict);
  const parts = [
    `# ${escaped(title)}`,
    facts.map((fact) => line(fact)).join(' · '),
    `${STATE_MARKS[verdict.state]} ${word === undefined ? '' : `**${word}** `}**${escaped(verdict.sentence)}**`,
    list(verdict.evidence),
    ...sections.flatMap(({ title: heading, blocks }) => [`## ${escaped(heading)}`, ...blocks.map(block)]),
    `---\n\n${escaped(footer)}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function block(of: Block): string {
  switch (of.type) {
    case 'paragraph':
      return line(of.text);
    case 'list':
      return list(of.items);
    case 'facts':
      return of.rows.map(([name, value]) => `- **${escaped(name)}:** ${line(value)}`).join('\n');
    case 'figures':
      return figures(of.figures);
    case 'table':
      return table(of.table);
    case 'charts':
      return of.charts.map(chart).join('\n\n');
  }
}

function list(items: readonly Text[]): string {
  return items.map((item) => `- ${line(item)}`).join('\n');
}

function figures(all: readonly Figure[]): string {
  return rows(
    all.map(({ name }) => escaped(name)),
    all.map(() => '---:'),
    [all.map(({ value, note }) => escaped(note === undefined ? value : `${value} (${note})`))],
  );
}

function table({ head, rows: body, texts = [] }: Table): string {
  return rows(
    head.map(escaped),
    head.map((_, column) => (column === 0 || texts.includes(column) ? '---' : '---:')),
    body.map((cells) => cells.map(cell)),
  );
}

function rows(
  head: readonly string[],
  rule: readonly string[],
  body: readonly (readonly string[])[],
): string {
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function chart({ title, summary, table: of }: Chart): string {
  const told = summary.startsWith(title) ? escaped(summary) : `**${escaped(title)}:** ${escaped(summary)}`;
  if (!of) return told;
  return [
    told,
    '',
    '<details>',
    `<summary>${escaped(of.caption)}</summary>`,
    '',
    table(of),
    '',
    '</details>',
  ].join('\n');
}

/** On one line that begins as no list, heading or quotation. */
function line(text: Text): string {
  return inlines(text).map(inline).join('');
}

/** GitHub ends a cell at any bar that is not escaped, also in code. */
function cell(text: Text): string {
  return inlines(text)
    .map((part) =>
      typeof part === 'object' && 'code' in part ? inline(part).replaceAll('|', '\\|') : inline(part),
    )
    .join('');
}

function inline(part: Inline): string {
  if (typeof part === 'string') return escaped(part);
  if ('code' in part) return code(part.code);
  if ('strong' in part) return `**${escaped(part.strong)}**`;
  return `${STATE_MARKS[part.state]} ${escaped(part.text)}`;
}

/** Fenced by more backticks than the text has in a row. */
function code(text: string): string {
  const shown = displayName(text, MAX_TEXT);
  if (shown.trim() === '') return '';
  const longest = Math.max(0, ...[...shown.matchAll(/`+/gu)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const room = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${room}${shown}${room}${fence}`;
}

/** What Markdown reads as markup stands for itself; an `@` mentions nobody. */
function escaped(text: string): string {
  return displayName(text, MAX_TEXT)
    .replace(/[\\`*_{}[\]<>|~$&#!]/gu, '\\$&')
    .replace(/^(\s*)([-+](?=\s|$)|[-=](?=[-=\s]*$))/u, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/u, '$1\\$2')
    .replace(/@(?=\w)/gu, '@\u2060')
    .replace(/(https?|ftp):\/\//giu, '$1:\u2060//')
    .replace(/\bwww\./giu, 'www\u2060.');
}
