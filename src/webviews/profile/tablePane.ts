import { KIND_NAMES, MIN_CERTAIN_SAMPLES } from '../../engine/model/profile';
import { FRAME_KINDS } from '../../engine/model/stackProfile';
import type { TableColumn, TablePage, ViewSpec } from '../../engine/model/view';
import { button, h } from '../ui/dom';
import { formatCount, plural } from '../ui/text';
import { Latest, type Asker } from './asker';
import { changeCategory, SAME } from './colouring';
import { changeText, nameOf, packageOf, perRequestText, placeOf, shareText, valueText } from './figures';
import { specKey } from './history';
import type { Look, SelectHow } from './look';

export const TABLE_ROW_PX = 26;
/** Rows fetched at once. */
const PAGE_ROWS = 200;
/** Rows made beyond what is seen, so that a small scroll shows no gap. */
const OVERSCAN = 6;
/** Pages kept; the rest is fetched again. */
const MAX_PAGES = 50;

export interface TableOrder {
  readonly by: TableColumn;
  readonly descending: boolean;
}

/** The selected frame's figures, from its row. */
export interface TableRow {
  readonly frame: number;
  readonly self: number;
  readonly total: number;
  readonly selfSamples: number;
  readonly totalSamples: number;
  readonly selfBefore?: number;
  readonly totalBefore?: number;
}

export interface TableEvents {
  sort(order: TableOrder): void;
  select(row: TableRow, how: SelectHow): void;
  showInGraph(row: TableRow): void;
  menu(row: TableRow, x: number, y: number): void;
}

interface Column {
  readonly id: TableColumn;
  readonly title: string;
  readonly isNumber: boolean;
}

/** All functions with what they cost, by page: as long as the profile has functions, and as cheap as what is seen. */
export class TablePane {
  readonly element: HTMLElement;
  private readonly head = h('thead');
  private readonly body = h('tbody');
  private readonly caption = h('caption', { class: 'dim' });
  private readonly table: HTMLTableElement;
  private readonly columns: readonly Column[];
  private readonly latest: Latest;
  private readonly pages = new Map<number, TablePage>();
  private key = '';
  private question:
    { readonly spec: ViewSpec; readonly query: string; readonly order: TableOrder } | undefined;
  private count: number | undefined;
  private look: Look | undefined;
  /** The row that the keyboard is on. */
  private current = 0;
  private awaitsSelection = false;
  private request = 0;

  constructor(
    asker: Asker,
    private readonly events: TableEvents,
    private readonly isDifference: boolean,
  ) {
    this.latest = new Latest(asker);
    this.columns = [
      { id: 'name', title: 'Function', isNumber: false },
      { id: 'file', title: 'Place', isNumber: false },
      { id: 'self', title: 'Self', isNumber: true },
      { id: 'total', title: 'Total', isNumber: true },
      { id: 'samples', title: 'Samples', isNumber: true },
      ...(isDifference ? [{ id: 'change', title: 'Change of self', isNumber: true } as const] : []),
    ];
    this.table = h(
      'table',
      { class: isDifference ? 'difference' : undefined },
      this.caption,
      this.head,
      this.body,
    );
    this.element = h('div', { class: 'table-scroll', role: 'region', 'aria-label': 'Functions' }, this.table);
    this.element.addEventListener('scroll', () => this.schedule());
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.schedule()).observe(this.element);
  }

  open(spec: ViewSpec, query: string, order: TableOrder): void {
    const key = `${specKey(spec)} ${query} ${order.by} ${order.descending}`;
    if (key === this.key) return;
    this.key = key;
    this.question = { spec, query, order };
    this.pages.clear();
    this.count = undefined;
    this.current = 0;
    this.awaitsSelection = false;
    this.element.scrollTop = 0;
    this.showHead(order);
    this.fetch(0);
  }

  show(look: Look): void {
    this.look = look;
    this.draw();
  }

  focus(): void {
    this.focusRow(this.current);
  }

  openMenu(): void {
    const row = this.rowAt(this.current);
    const element = this.rowElement(this.current);
    if (!row || !element) return;
    const { left, bottom } = element.getBoundingClientRect();
    this.events.menu(row, left + 24, bottom);
  }

  dispose(): void {
    this.latest.cancel();
    cancelAnimationFrame(this.request);
  }

  private showHead(order: TableOrder): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset['sort'];
    this.head.replaceChildren(h('tr', {}, ...this.columns.map((column) => this.header(column, order))));
    if (focused) this.head.querySelector<HTMLElement>(`[data-sort="${focused}"]`)?.focus();
  }

  private header(column: Column, order: TableOrder): HTMLElement {
    const isSorted = order.by === column.id;
    const arrow = isSorted ? (order.descending ? ' ↓' : ' ↑') : '';
    return h(
      'th',
      {
        scope: 'col',
        'aria-sort': isSorted ? (order.descending ? 'descending' : 'ascending') : 'none',
        class: `column-${column.id}${column.isNumber ? ' number' : ''}`,
      },
      button(
        `${column.title}${arrow}`,
        () =>
          this.events.sort({
            by: column.id,
            descending: isSorted ? !order.descending : column.isNumber,
          }),
        { class: 'quiet', 'data-sort': column.id },
      ),
    );
  }

  private fetch(page: number): void {
    const { question } = this;
    if (!question || this.latest.isWaiting) return;
    const { spec, query, order } = question;
    const { key } = this;
    const request = {
      spec,
      query,
      sortBy: order.by,
      descending: order.descending,
      offset: page * PAGE_ROWS,
      limit: PAGE_ROWS,
    };
    this.latest.ask({ type: 'table', request }, ({ table }) => {
      if (key !== this.key) return this.fetch(0);
      if (this.pages.size >= MAX_PAGES) this.pages.delete(this.pages.keys().next().value!);
      this.pages.set(page, table);
      this.count = table.count;
      this.draw();
      if (this.awaitsSelection) this.rowElement(this.current)?.focus({ preventScroll: true });
      this.selectCurrent();
    });
  }

  private schedule(): void {
    if (this.request !== 0) return;
    this.request = requestAnimationFrame(() => {
      this.request = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { look, count } = this;
    if (!look || count === undefined || this.element.hidden) return;
    this.table.setAttribute('aria-rowcount', String(count + 1));
    this.caption.textContent = count === 0 ? 'No function matches.' : plural(count, 'function');
    const seen = Math.ceil(this.element.clientHeight / TABLE_ROW_PX);
    const first = Math.max(0, Math.floor(this.element.scrollTop / TABLE_ROW_PX) - OVERSCAN);
    const last = Math.min(count, first + seen + 2 * OVERSCAN);
    const hadFocus = this.body.contains(document.activeElement);
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) {
      const row = this.rowAt(index);
      if (row) rows.push(this.row(row, index, look));
      else rows.push(h('tr', { class: 'pending' }, h('td', { colspan: this.columns.length }, '…')));
    }
    this.body.replaceChildren(spacer(first), ...rows, spacer(Math.max(count - last, 0)));
    if (hadFocus) this.rowElement(this.current)?.focus();
    const missing = [first, Math.max(first, last - 1)]
      .map((index) => Math.floor(index / PAGE_ROWS))
      .find((page) => !this.pages.has(page));
    if (missing !== undefined && count > 0) this.fetch(missing);
  }

  private rowAt(index: number): TableRow | undefined {
    const page = this.pages.get(Math.floor(index / PAGE_ROWS));
    const at = index % PAGE_ROWS;
    if (!page || at >= page.frame.length) return undefined;
    const { selfBefore, totalBefore } = page;
    return {
      frame: page.frame[at]!,
      self: page.self[at]!,
      total: page.total[at]!,
      selfSamples: page.selfSamples[at]!,
      totalSamples: page.totalSamples[at]!,
      ...(selfBefore && { selfBefore: selfBefore[at]! }),
      ...(totalBefore && { totalBefore: totalBefore[at]! }),
    };
  }

  private row(row: TableRow, index: number, look: Look): HTMLElement {
    const { frames, basis, colouring, palette, marked } = look;
    const { frame } = row;
    const isCertain = row.totalSamples === 0 || row.totalSamples >= MIN_CERTAIN_SAMPLES;
    const swatch = h('span', { class: 'swatch', role: 'img' });
    const kind = KIND_NAMES[FRAME_KINDS[frames.kinds[frame]!]!];
    swatch.title = kind;
    swatch.setAttribute('aria-label', kind);
    const category = colouring.byFrame?.[frame];
    const shown =
      category ?? (colouring.mode === 'change' ? changeCategory(row.total, row.totalBefore ?? 0) : undefined);
    swatch.style.background = shown === undefined ? palette.dim : palette.categories[shown]!;
    const isSelected = look.selection?.frame === frame;
    const place = [placeOf(frames, frame), packageOf(frames, frame)].filter(Boolean).join(' · ');
    const element = h(
      'tr',
      {
        'aria-rowindex': index + 2,
        'aria-selected': isSelected ? 'true' : undefined,
        'data-index': index,
        tabindex: index === this.current ? 0 : -1,
        class: [
          colouring.byFrame && look.dimmed[category!] === 1 ? 'set-back' : '',
          marked?.[frame] === 1 ? 'cursor' : '',
        ].join(' '),
      },
      h(
        'th',
        { scope: 'row' },
        swatch,
        h('span', { class: 'name', title: nameOf(frames, frame) }, nameOf(frames, frame)),
      ),
      h('td', { class: 'name place', title: place }, place),
      cost(row.self, isCertain, look),
      cost(row.total, isCertain, look),
      h(
        'td',
        {
          class: 'number figure',
          title: isCertain ? undefined : `Uncertain: fewer than ${MIN_CERTAIN_SAMPLES} samples`,
        },
        isCertain ? '' : h('span', { class: 'uncertain' }, '~'),
        row.totalSamples > 0 ? formatCount(row.totalSamples) : '–',
      ),
      this.isDifference ? changeCell(row, look) : undefined,
    );
    element.addEventListener('click', (event) => {
      this.current = index;
      const focus = event.ctrlKey || event.metaKey;
      this.events.select(row, { open: true, focus });
      element.focus();
    });
    element.addEventListener('dblclick', () => this.events.showInGraph(row));
    element.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      this.current = index;
      this.events.select(row, { open: false, focus: false });
      this.events.menu(row, event.clientX, event.clientY);
    });
    return element;

    function cost(value: number, certain: boolean, { basis: of }: Look): HTMLElement {
      const about = certain ? '' : '~';
      const bar = h('span', { class: 'bar' });
      const part = basis.total > 0 ? Math.min(Math.max(value / basis.total, 0), 1) : 0;
      bar.style.width = `${part * 100}%`;
      const perRequest = perRequestText(value, of).replace('/request', '/req');
      return h(
        'td',
        { class: 'number figure' },
        bar,
        h('span', { class: 'share' }, about + shareText(value, of)),
        h('span', { class: 'dim' }, about + valueText(value, of)),
        perRequest === '' ? undefined : h('span', { class: 'dim per' }, ` · ${about}${perRequest}`),
      );
    }
  }

  private onKey(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLTableRowElement) || event.altKey) return;
    const row = this.rowAt(this.current);
    const page = Math.max(1, Math.floor(this.element.clientHeight / TABLE_ROW_PX) - 2);
    if (event.key === 'ArrowDown') this.focusRow(this.current + 1);
    else if (event.key === 'ArrowUp') this.focusRow(this.current - 1);
    else if (event.key === 'PageDown') this.focusRow(this.current + page);
    else if (event.key === 'PageUp') this.focusRow(this.current - page);
    else if (event.key === 'Home') this.focusRow(0);
    else if (event.key === 'End') this.focusRow((this.count ?? 1) - 1);
    else if (event.key === ' ' && row) this.events.select(row, { open: true, focus: false });
    else if (event.key === 'Enter' && row) this.events.showInGraph(row);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) this.openMenu();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private focusRow(wanted: number): void {
    const index = Math.min(Math.max(wanted, 0), Math.max((this.count ?? 1) - 1, 0));
    this.current = index;
    const top = index * TABLE_ROW_PX;
    const { scrollTop, clientHeight } = this.element;
    const room = clientHeight - 2 * TABLE_ROW_PX;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top > scrollTop + room) this.element.scrollTop = top - room;
    this.draw();
    this.rowElement(index)?.focus({ preventScroll: true });
    this.awaitsSelection = true;
    this.selectCurrent();
  }

  /** Selects the row that the keyboard is on, once it is there. */
  private selectCurrent(): void {
    const row = this.rowAt(this.current);
    if (!this.awaitsSelection || !row) return;
    this.awaitsSelection = false;
    this.events.select(row, { open: false, focus: false });
  }

  private rowElement(index: number): HTMLElement | null {
    return this.body.querySelector<HTMLElement>(`[data-index="${index}"]`);
  }
}

function changeCell(row: TableRow, { basis }: Look): HTMLElement {
  const before = row.selfBefore ?? 0;
  const category = changeCategory(row.self, before);
  const direction = category > SAME ? 'grew' : category < SAME ? 'shrank' : '';
  const text = changeText(row.self, before, basis, true);
  return h(
    'td',
    { class: `number figure change ${direction}`, title: changeText(row.self, before, basis) },
    text,
  );
}

/** Stands for rows that are not made. */
function spacer(rows: number): HTMLElement {
  const element = h('tr', { class: 'spacer', 'aria-hidden': 'true' });
  element.style.height = `${rows * TABLE_ROW_PX}px`;
  return element;
}
