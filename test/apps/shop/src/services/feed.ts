import { catalogue } from '../data/catalogue.js';

export interface FeedItem {
  readonly title: string;
  readonly price: number;
  readonly tags: readonly string[];
}

const ROUNDS = 2;

/** The cheapest products of each round. Copies far more than it keeps: the churn planted here. */
export function buildFeed(): FeedItem[] {
  let items: FeedItem[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const copies = catalogue.map((product) => ({ ...product, tags: [product.category, `round-${round}`] })); // planted: churn
    items = items.concat(copies.map((copy) => ({ title: copy.name, price: copy.price, tags: copy.tags })));
  }
  return items.filter((item) => item.price < 30).slice(0, 20);
}
