import { KIND_NAMES } from '../../engine/model/profile';
import type { CallEdge, Cost, Frame } from '../../engine/model/profile';
import { formatShare, valueName } from '../../engine/model/units';
import type { Localize } from '../localize';
import { amountText, costText, fewSamples, samplesText } from './costText';
import type { CostIndex } from './costIndex';

/** Commands that the Markdown of costs may link to. */
export const HOVER_COMMANDS = ['throughline.openHotSpot', 'throughline.openFlamegraph'] as const;

export interface CostSubject {
  /** What the figures are of, e.g. `server.ts:42` or a function's name. */
  readonly title: string;
  readonly cost: Cost;
  /** The function that is meant, or that the line is in. */
  readonly frame: number;
  /** The cost is of one line of the function, not of the whole. */
  readonly isLine?: boolean;
  /** A sentence that warns, e.g. that the file changed. */
  readonly caution?: string;
}

const EDGES_SHOWN = 5;

/** A card on a line or function: figures, callers and callees, as Markdown without HTML. */
export function hoverMarkdown(index: CostIndex, subject: CostSubject, t: Localize): string {
  const { cost } = subject;
  const figures = index.figures(cost);
  const frame = index.frame(subject.frame);
  const blocks = [`**${escapeMarkdown(subject.title)}**${frame ? ` — ${kindText(frame, t)}` : ''}`];
  if (subject.caution !== undefined) blocks.push(`*${escapeMarkdown(subject.caution)}*`);

  const row = (which: 'self' | 'total', name: string) => {
    const ms = which === 'self' ? figures.selfMs : figures.totalMs;
    const perRequest = which === 'self' ? figures.selfMsPerRequest : figures.totalMsPerRequest;
    const samples = which === 'self' ? cost.selfSamples : cost.totalSamples;
    const share = costText(figures, cost, which, 'percent', t);
    return `| ${name} | ${share} | ${amountText(ms, index.basis)} | ${perRequest === undefined ? '–' : amountText(perRequest, index.basis)} | ${samples} |`;
  };
  blocks.push(
    [
      `| | ${valueName(index.basis)} | ${index.source.kind === 'run' ? t('in the window') : t('in the profile')} | ${t('per request')} | ${t('samples')} |`,
      '|:--|--:|--:|--:|--:|',
      row('self', t('self')),
      row('total', t('total')),
    ].join('\n'),
  );
  const few = fewSamples(cost);
  if (few !== undefined) {
    blocks.push(
      t('Only {0}: the figure may be off by a good part. Measure for longer.', samplesText(few, t)),
    );
  }

  if (subject.isLine) {
    blocks.push(t('The total of a line counts the calls that are known to be made on it.'));
  }

  const called = index.functionOf(subject.frame);
  if (called) {
    const name = escapeMarkdown(functionName(frame, t));
    const edges = [
      edgesText(index, called.callers, t('{0} is called from', name), t),
      edgesText(index, called.callees, t('{0} calls', name), t),
    ].filter((text) => text !== '');
    if (edges.length > 0) blocks.push(edges.join('\n\n'));
  }
  blocks.push(commandLink(t('Show in Flamegraph'), 'throughline.openFlamegraph', { frame: subject.frame }));
  return blocks.join('\n\n');
}

/** V8 leaves the names of anonymous functions empty; importers of profiles write this in their place. */
export function isAnonymous(frame: Frame | undefined): boolean {
  return !frame || frame.functionName === '' || frame.functionName === '(anonymous)';
}

export function functionName(frame: Frame | undefined, t: Localize): string {
  if (frame && !isAnonymous(frame)) return frame.functionName;
  return frame?.source?.line === 1 && frame.source.column === 1 ? t('(module)') : t('(anonymous)');
}

/** Names come from profiles and run files: nothing in them may become a link, an image, HTML or a new block. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '')
    .replace(/[\\`*_{}[\]()#+\-.!|~$:@/]/g, '\\$&');
}

export function commandLink(
  label: string,
  command: (typeof HOVER_COMMANDS)[number],
  argument: unknown,
): string {
  // Parentheses end a Markdown link's target and are left alone by encodeURIComponent.
  const query = encodeURIComponent(JSON.stringify([argument])).replace(
    /[()'!*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `[${escapeMarkdown(label)}](command:${command}?${query})`;
}

function edgesText(index: CostIndex, edges: readonly CallEdge[], title: string, t: Localize): string {
  if (edges.length === 0) return '';
  const shown = edges.slice(0, EDGES_SHOWN).map((edge) => {
    const frame = index.frame(edge.frame);
    const name = functionName(frame, t);
    const link = frame?.source
      ? commandLink(name, 'throughline.openHotSpot', frame.source)
      : escapeMarkdown(name);
    const share = index.basis.activeMicros > 0 ? edge.totalMicros / index.basis.activeMicros : 0;
    return `${link} ${formatShare(share)}`;
  });
  return `${title}: ${shown.join(', ')}`;
}

function kindText(frame: Frame, t: Localize): string {
  switch (frame.kind) {
    case 'app':
      return t('own code');
    case 'dependency':
      return escapeMarkdown(frame.packageName ?? t('dependency'));
    case 'node':
      return 'Node\\.js';
    default:
      return KIND_NAMES[frame.kind];
  }
}
