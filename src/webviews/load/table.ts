import { button, h } from '../ui/dom';
import { displayName } from '../ui/text';

export interface TableData {
  /** Read before the table; not shown where the heading above says the same. */
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
  /** Headings sort; rows need `order`. */
  readonly sortable?: boolean;
  /** Columns that hold texts; the others are figures. */
  readonly texts?: readonly number[];
}

export interface Row {
  readonly cells: readonly (string | Node)[];
  /** What each cell is sorted by. */
  readonly order?: readonly (number | string)[];
}

export function dataTable(data: TableData): HTMLElement {
  const body = h('tbody', {}, ...data.rows.map((row) => rowOf(row, data)));
  const headings = data.head.map((name, column) => {
    const heading = h('th', { scope: 'col', class: cellClass(data, column) });
    heading.append(data.sortable ? sorter(name, () => sortBy(column)) : name);
    return heading;
  });
  let sorted: { readonly column: number; readonly isDown: boolean } | undefined;
  const sortBy = (column: number) => {
    // Figures begin with the largest, names with the first.
    const isFirstDown = typeof data.rows[0]?.order?.[column] === 'number';
    const isDown: boolean = sorted?.column === column ? !sorted.isDown : isFirstDown;
    sorted = { column, isDown };
    const rows = [...data.rows].sort((a, b) => {
      const order = compare(a.order?.[column], b.order?.[column]);
      return isDown ? -order : order;
    });
    body.replaceChildren(...rows.map((row) => rowOf(row, data)));
    headings.forEach((heading, index) => {
      if (index === column) heading.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
      else heading.removeAttribute('aria-sort');
    });
  };
  return h(
    'div',
    { class: 'table-scroll', role: 'region', tabindex: 0, 'aria-label': data.caption },
    h(
      'table',
      { class: 'data' },
      h('caption', { class: 'visually-hidden' }, data.caption),
      h('thead', {}, h('tr', {}, ...headings)),
      body,
    ),
  );
}

function sorter(name: string, onClick: () => void): HTMLElement {
  return button(name, onClick, { class: 'sorter', title: `Sort by ${name}` });
}

function rowOf({ cells }: Row, data: TableData): HTMLElement {
  return h(
    'tr',
    {},
    ...cells.map((cell, column) => {
      const content = typeof cell === 'string' ? displayName(cell, 600) : cell;
      return column === 0
        ? h('th', { scope: 'row', class: cellClass(data, column) }, content)
        : h('td', { class: cellClass(data, column) }, content);
    }),
  );
}

function cellClass({ texts }: TableData, column: number): string {
  return texts?.includes(column) ? 'text' : 'figure';
}

function compare(a: number | string | undefined, b: number | string | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}
