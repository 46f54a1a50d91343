import { hourlyDemand, type Product } from '../data/catalogue.js';

/** From so many pieces on, that part of the price is taken off; the largest quantity first. */
const QUANTITY_DISCOUNTS = [
  { from: 50, part: 0.15 },
  { from: 10, part: 0.08 },
  { from: 3, part: 0.03 },
] as const;

const FREE_SHIPPING_FROM = 250;
const SHIPPING_FEE = 12.5;

export interface PriceRange {
  readonly lowest: number;
  readonly highest: number;
}

/** What several pieces of a product cost, before shipping. */
export function quantityPrice(product: Product, quantity: number): number {
  const discount = QUANTITY_DISCOUNTS.find(({ from }) => quantity >= from);
  return product.price * quantity * (1 - (discount?.part ?? 0));
}

export function shippingFee(total: number): number {
  return total >= FREE_SHIPPING_FROM ? 0 : SHIPPING_FEE;
}

/** The range that the price filter of a list offers; zeros for an empty list. */
export function priceRange(products: readonly Product[]): PriceRange {
  let lowest = products[0]?.price ?? 0;
  let highest = lowest;
  for (const { price } of products) {
    if (price < lowest) lowest = price;
    if (price > highest) highest = price;
  }
  return { lowest, highest };
}

const HOURS_SIMULATED = 400_000;

/**
 * What a product should cost now: the list price moved hour by hour by the demand of the past weeks.
 * A pure function of its arguments, so its result could be kept; that is the lesson planted here.
 */
export function demandPrice(listPrice: number, elasticity: number): number {
  const drift = listPrice * elasticity;
  // At least a cent; and a number to V8 beyond doubt, else each step of the loop would allocate one.
  let price = Math.max(listPrice, 0.01);
  // On one line, since the processor lets part of what a tight loop costs fall on the loop's header.
  // prettier-ignore
  for (let hour = 0; hour < HOURS_SIMULATED; hour++) price = Math.sqrt(price * price * 0.97 + drift * hourlyDemand[hour & 1023]!) + 1 / price; // planted: hot-line
  return price;
}
