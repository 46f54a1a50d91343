/** Stands for the rest of a long list; opening it lists the next part. */
export interface More<T> {
  readonly type: 'more';
  readonly id: string;
  readonly rest: readonly T[];
}

export const PAGE = 100;

/** The first `page` items and, where there are more, one node for the rest. */
export function bounded<T>(items: readonly T[], id: string, page = PAGE): (T | More<T>)[] {
  // A rest of one would take the row that it saves.
  if (items.length <= page + 1) return [...items];
  return [...items.slice(0, page), { type: 'more', id: `${id}+${page}`, rest: items.slice(page) }];
}
