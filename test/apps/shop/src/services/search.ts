import { catalogue, type Product } from '../data/catalogue.js';

/** Products in stock whose description holds all words of the query, in their order. */
export function searchProducts(words: readonly string[]): Product[] {
  const pattern = new RegExp(words.map((word) => `(\\w+\\W+)*?${escapeRegExp(word)}`).join('.*'), 'i');
  return catalogue.filter((product) => product.stock > 25 && matchesQuery(pattern, product));
}

function matchesQuery(pattern: RegExp, product: Product): boolean {
  return pattern.test(product.description); // planted: regexp
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
