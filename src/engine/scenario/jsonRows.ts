import type { Node } from 'jsonc-parser';
import type { Rows } from './rows';
import { MAX_ROWS } from './rows';
import type { Span } from './sourceText';

export type TreeRows =
  | { readonly state: 'ok'; readonly rows: Rows }
  | { readonly state: 'bad'; readonly message: string; readonly at: Span };

/** Rows of a list of flat objects that all have the same names; `null` is an empty text. */
export function rowsOfTree(node: Node): TreeRows {
  const bad = (at: Node, message: string): TreeRows => ({ state: 'bad', message, at });
  const items = node.type === 'array' ? (node.children ?? []) : undefined;
  if (!items) return bad(node, 'Rows are a list of objects "[{ … }]".');
  if (items.length === 0) return bad(node, 'There is not one row.');
  if (items.length > MAX_ROWS) return bad(node, `There are more than ${MAX_ROWS} rows.`);
  let columns: readonly string[] | undefined;
  const rows: string[][] = [];
  for (const item of items) {
    if (item.type !== 'object') return bad(item, 'A row is an object "{ … }".');
    const values = new Map<string, string>();
    for (const { children } of item.children ?? []) {
      const [key, value] = children ?? [];
      if (!key || !value) continue;
      if (value.type === 'object' || value.type === 'array')
        return bad(value, `"${key.value}" takes a text, a number, true, false or null.`);
      values.set(key.value as string, value.value === null ? '' : String(value.value));
    }
    columns ??= [...values.keys()];
    if (columns.length === 0) return bad(item, 'A row needs at least one value.');
    const missing = columns.find((column) => !values.has(column));
    if (missing !== undefined) return bad(item, `The row has no "${missing}", which the first row has.`);
    if (values.size > columns.length) {
      const added = [...values.keys()].find((name) => !columns?.includes(name));
      return bad(item, `The row has "${added}", which the first row has not.`);
    }
    rows.push(columns.map((column) => values.get(column)!));
  }
  return { state: 'ok', rows: { columns: columns!, rows } };
}
