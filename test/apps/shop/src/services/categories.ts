export interface Category {
  readonly name: string;
  readonly stock: number;
  readonly children: readonly Category[];
}

const DEPTH = 8;
const CHILDREN = 4;

/** About 22,000 categories, eight levels deep. */
export const rootCategory: Category = buildCategory('all', DEPTH);

/** Stock of a category and of everything below it. */
export function stockBelow(category: Category): number {
  let stock = category.stock;
  for (const child of category.children) stock += stockBelow(child); // planted: recursion
  return stock;
}

function buildCategory(name: string, depth: number): Category {
  const children =
    depth === 1
      ? []
      : Array.from({ length: CHILDREN }, (_, index) => buildCategory(`${name}.${index}`, depth - 1));
  return { name, stock: (depth * 7) % 5, children };
}
