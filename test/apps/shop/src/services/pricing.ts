import { hourlyDemand } from '../data/catalogue.js';

const HOURS_SIMULATED = 230_000;

/**
 * What a product should cost now: the list price moved hour by hour by the demand of the past weeks.
 * A pure function of its arguments, so its result could be kept; that is the lesson planted here.
 */
export function demandPrice(listPrice: number, elasticity: number): number {
  let price = listPrice;
  for (let hour = 0; hour < HOURS_SIMULATED; hour++) {
    price = Math.sqrt(price * price * 0.97 + listPrice * hourlyDemand[hour & 1023]! * elasticity) + 1 / price; // planted: hot-line
  }
  return price;
}
