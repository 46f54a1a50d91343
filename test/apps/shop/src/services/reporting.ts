import { catalogue } from '../data/catalogue.js';

export interface SalesReport {
  readonly year: number;
  readonly rows: readonly SalesRow[];
}

export interface SalesRow {
  readonly product: string;
  readonly category: string;
  readonly month: number;
  readonly sold: number;
  readonly revenue: number;
}

/** A year of sales, one row a product and month. Made once: the report's cost is in sending it. */
export const salesOfTheYear: SalesReport = {
  year: 2026,
  rows: catalogue.slice(0, 320).flatMap((product) =>
    Array.from({ length: 12 }, (_, month) => ({
      product: product.name,
      category: product.category,
      month: month + 1,
      sold: (product.id * (month + 3)) % 97,
      revenue: Math.round(product.price * ((product.id * (month + 3)) % 97) * 100) / 100,
    })),
  ),
};
