import { KIND_NAMES, MIN_CERTAIN_SAMPLES } from '../../engine/model/profile';
import type { CostBasis } from '../../engine/model/units';
import { costFigures, formatMs, formatShare } from '../../engine/model/units';
import type { FlameFrames } from '../../protocol/flamegraph';
import { FRAME_KINDS } from '../../protocol/flamegraph';
import { button, h } from '../ui/dom';
import { formatCount, plural } from '../ui/text';
import { nameOf, packageOf, placeOf } from './figures';
import type { FunctionTotals, TableColumn, TableOrder } from './functions';
import { costOfFunction, tableRows } from './functions';

/** A longer table would be read by nobody; the search finds the rest. */
const MAX_ROWS = 200;

const COLUMNS: readonly { readonly id: TableColumn; readonly title: string; readonly isNumber: boolean }[] = [
  { id: 'name', title: 'Function', isNumber: false },
  { id: 'place', title: 'Place', isNumber: false },
  { id: 'self', title: 'Self', isNumber: true },
  { id: 'total', title: 'Total', isNumber: true },
  { id: 'samples', title: 'Samples', isNumber: true },
];

export interface TableData {
  readonly frames: FlameFrames;
  readonly totals: FunctionTotals;
  readonly basis: CostBasis;
  readonly order: TableOrder;
  /** By frame, 1 where it matches; absent without a search. */
  readonly matches?: Uint8Array;
  readonly dimmed: Uint8Array;
  readonly selectedFrame: number;
}

export interface TableEvents {
  sort(order: TableOrder): void;
  select(frame: number): void;
  showInGraph(frame: number): void;
}

/** All functions with what they cost, as a table: for screen readers, and for everybody who prefers figures. */
export class FunctionTable {
  readonly element = h('div', {
    class: 'table-scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Functions',
  });

  constructor(private readonly events: TableEvents) {}

  show(data: TableData): void {
    const { frames, totals, order, matches, dimmed } = data;
    const rows = tableRows(
      totals,
      order,
      (frame) => dimmed[frames.kinds[frame]!] !== 1 && (!matches || matches[frame] === 1),
      (frame, column) => (column === 'name' ? nameOf(frames, frame) : placeOf(frames, frame)),
    );
    const shown = rows.subarray(0, MAX_ROWS);
    const focused = (document.activeElement as HTMLElement | null)?.dataset['key'];
    this.element.replaceChildren(
      h(
        'table',
        {},
        h('caption', { class: 'dim' }, caption(rows.length, shown.length)),
        h('thead', {}, h('tr', {}, ...COLUMNS.map((column) => this.header(column, order)), h('th', {}, ''))),
        h('tbody', {}, ...Array.from(shown, (frame) => this.row(frame, data))),
      ),
    );
    // Sorting makes the header anew; the keyboard stays on it.
    if (focused) this.element.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  }

  private header(column: (typeof COLUMNS)[number], order: TableOrder): HTMLElement {
    const isSorted = order.by === column.id;
    const arrow = isSorted ? (order.descending ? ' ↓' : ' ↑') : '';
    const flip = () =>
      this.events.sort({ by: column.id, descending: isSorted ? !order.descending : column.isNumber });
    return h(
      'th',
      {
        scope: 'col',
        'aria-sort': isSorted ? (order.descending ? 'descending' : 'ascending') : 'none',
        class: column.isNumber ? 'number' : undefined,
      },
      button(`${column.title}${arrow}`, flip, { class: 'quiet', 'data-key': `sort-${column.id}` }),
    );
  }

  private row(frame: number, data: TableData): HTMLElement {
    const { frames, totals, basis } = data;
    const figures = costFigures(costOfFunction(totals, frame), basis);
    const kind = FRAME_KINDS[frames.kinds[frame]!]!;
    const cost = (share: number, ms: number, perRequest: number | undefined) =>
      h(
        'td',
        { class: 'number figure' },
        h('span', { class: 'bar', style: undefined }),
        h('span', { class: 'share' }, formatShare(share)),
        h(
          'span',
          { class: 'dim' },
          formatMs(ms),
          perRequest === undefined ? '' : ` · ${formatMs(perRequest)}/req`,
        ),
      );
    const self = cost(figures.selfShare, figures.selfMs, figures.selfMsPerRequest);
    const total = cost(figures.totalShare, figures.totalMs, figures.totalMsPerRequest);
    for (const [cell, share] of [
      [self, figures.selfShare],
      [total, figures.totalShare],
    ] as const) {
      (cell.firstChild as HTMLElement).style.width = `${Math.min(share, 1) * 100}%`;
    }
    const place = [placeOf(frames, frame), packageOf(frames, frame)].filter(Boolean).join(' · ');
    return h(
      'tr',
      { 'aria-selected': frame === data.selectedFrame ? 'true' : undefined },
      h(
        'th',
        { scope: 'row' },
        h('span', {
          class: `swatch kind-${kind}`,
          title: KIND_NAMES[kind],
          role: 'img',
          'aria-label': KIND_NAMES[kind],
        }),
        button(nameOf(frames, frame), () => this.events.select(frame), {
          class: 'link name',
          'data-key': `frame-${frame}`,
          title: frames.openable[frame] === 1 ? 'Show the source' : undefined,
        }),
      ),
      h('td', { class: 'name place', title: place }, place),
      self,
      total,
      h(
        'td',
        { class: 'number figure' },
        formatCount(figures.samples),
        figures.uncertain &&
          h('span', { class: 'uncertain', title: `Fewer than ${MIN_CERTAIN_SAMPLES} samples` }, ' uncertain'),
      ),
      h(
        'td',
        {},
        button('Graph', () => this.events.showInGraph(frame), {
          class: 'link',
          'aria-label': `Show ${nameOf(frames, frame)} in the graph`,
        }),
      ),
    );
  }
}

function caption(all: number, shown: number): string {
  if (all === 0) return 'No function matches.';
  if (all === shown) return plural(all, 'function');
  return `The first ${shown} of ${plural(all, 'function')}. Search to see others.`;
}
